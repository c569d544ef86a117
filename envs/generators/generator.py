"""Networks that are drawn at random: a scenario's `generator` in place of its sites, lanes and customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..foundation.errors import InputError
from ..foundation.registry import Registry
from ..foundation.validation import Keys, validated

MADE = ("sites", "lanes", "customers")
"""The keys of a scenario that a generator makes."""


class Generator(Keys):
    """Makes a network.

    A subclass is registered with `@generators.register("name")`; its fields are the keys beside `type: name`. The same fields
    make the same network.
    """

    def build(self) -> dict[str, Any]:
        """The keys `sites`, `lanes` and `customers` of a scenario; `products` and `disruptions` where it makes them."""
        raise NotImplementedError  # every generator's own


generators: Registry[Generator] = Registry("generator", Generator)


def expanded(keys: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A scenario's keys with the network that its `generator` makes; as they are where it has none.

    Raises InputError for keys that it cannot have, and where the network is given as well.
    """
    if "generator" not in keys:
        return dict(keys)
    given, rest = keys["generator"], {key: value for key, value in keys.items() if key != "generator"}
    _check_apart(rest, MADE, where)
    if not isinstance(given, Mapping) or not isinstance(given.get("type"), str):
        accepted = f"a mapping with `type`: one of {', '.join(generators)}, or package.module:Class"
        raise InputError(f"{where}.generator", given, accepted)
    kind = generators.find(given["type"], f"{where}.generator.type")
    fields = {key: value for key, value in given.items() if key != "type"}
    made = validated(kind, fields, f"{where}.generator").build()
    _check_apart(rest, made, where)
    return {**rest, **made}


def _check_apart(given: Mapping[str, Any], made: Iterable[str], where: str) -> None:
    """Raises InputError for a key that is given and made."""
    for key in made:
        if key in given:
            raise InputError(f"{where}.{key}", given[key], "nothing beside `generator`, which makes it")
