"""What sites are called: by their own names wherever a person looks, and as agents `word_<n>`, as clients expect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..foundation.errors import InputError
from .blocks import Site

NAME = r"[a-z]+(_[a-z]+)*_[0-9]+"
"""What an agent is called; a site that is called so is the agent of that name."""
TAKEN = r"planner(_.*)?|supplier(_\w+)?|sites|common"
"""What seats, outside sources and what all sites have in common go by."""


def check_site_name(name: str) -> None:
    """Raise InputError for a site that is called like something else."""
    if re.fullmatch(TAKEN, name):
        accepted = "a site's name in any words, such as Berlin or store_1; planner, planner_…, supplier, supplier_…, sites and "
        raise InputError(name, name, f"{accepted}common are taken")


def agent_names(sites: Mapping[str, Site]) -> dict[str, str]:
    """The name of the site that each agent is, in the sites' order; the agent has it too, or is called by role and number.

    Numbers are given role by role in the sites' order, from 1 on, and none twice.
    """
    taken = {name for name in sites if re.fullmatch(NAME, name)}
    numbers: dict[str, Iterator[str]] = {}
    return {name if name in taken else _next(numbers, site.role, taken): name for name, site in sites.items()}


def _next(numbers: dict[str, Iterator[str]], role: str, taken: set[str]) -> str:
    word = re.sub("_+", "_", role).strip("_")
    word = "site" if not word or re.fullmatch(TAKEN, word) else word
    return next(numbers.setdefault(word, _free(word, taken)))


def _free(word: str, taken: set[str]) -> Iterator[str]:
    number = 1
    while True:
        if f"{word}_{number}" not in taken:
            yield f"{word}_{number}"
        number += 1
