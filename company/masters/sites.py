"""The file of sites: what kind of place each is, what it can hold, and who supplies it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..record.decisions import ImportDecisions
from ..record.headings import plain
from ..tables.options import ReadingOptions
from .master import read_master

ROLES = ("site", "role", "supplied_by", "storage", "throughput", "holding", "holding_rate")
WORDS = {
    "store": "store shop filiale laden markt outlet tienda magasin branch retail pos verkaufsstelle",
    "warehouse": "warehouse lager depot dc distribution_center distribution_centre zentrallager regionallager entrepot almacen "
    "hub central logistikzentrum fulfillment_center",
    "plant": "plant werk factory fabrik produktion usine fabrica",
}
"""What roles are called in files."""


@dataclass(frozen=True)
class SiteRow:
    """What a row tells of a site; None for nothing."""

    name: str
    role: str | None
    supplied_by: str | None
    storage: float | None
    throughput: float | None
    holding: float | None
    holding_rate: float | None


def read_sites(
    source: Any, given: Mapping[str, str], reading: ReadingOptions, decisions: ImportDecisions
) -> dict[str, SiteRow]:
    """The sites of a file. Raises InputError for one that is there twice, or has no name."""
    master = read_master(source, "sites", ROLES, ("site",), given, reading, decisions)
    numbers = {role: master.numbers(role) for role in ("storage", "throughput", "holding", "holding_rate")}
    texts = {role: master.names(role) for role in ("site", "role", "supplied_by")}
    found: dict[str, SiteRow] = {}
    for row, name in enumerate(texts["site"]):
        if name is None:
            raise master.refuse(row, "site", None, "a site's name")
        if name in found:
            raise master.refuse(row, "site", f"{name} again", "each site once")
        role = texts["role"][row]
        amounts = {key: _or_none(values[row]) for key, values in numbers.items()}
        found[name] = SiteRow(name, None if role is None else role_of(role), texts["supplied_by"][row], **amounts)
    return found


def role_of(text: str) -> str:
    """A kind of place in a scenario's words: store, warehouse, plant, or the file's own in small letters."""
    word = plain(text)
    for role, words in WORDS.items():
        if word in words.split():
            return role
    role = re.sub(r"[^a-z_]", "", word).strip("_")
    if not role:
        raise InputError("sites, role", text, "store, warehouse, plant, or another word")
    return role


def _or_none(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
