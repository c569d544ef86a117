"""The file of costs: what a product is worth, is sold for, and costs to keep or to be short of, at all sites or at each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..record.decisions import ImportDecision, ImportDecisions
from ..tables.options import ReadingOptions
from .keys import MasterKeys
from .known import KnownNames, matched
from .master import Master, read_master

ROLES = ("product", "site", "value", "price", "holding", "holding_rate", "shortage", "service", "group", "currency")
NUMBERS = ("value", "price", "holding", "holding_rate", "shortage", "service")
Given = dict[tuple[str | None, str], float]
"""By site, None for all of them, and product."""


@dataclass(frozen=True)
class RoleCosts:
    """What the file tells, by role."""

    given: Mapping[str, Given] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    """The group of each product."""

    def anywhere(self, role: str, product: str) -> float | None:
        """A number for a product, the mean of its sites' where it has one at each; None where nothing tells it."""
        found = [value for (_, name), value in self.given.get(role, {}).items() if name == product]
        return sum(found) / len(found) if found else None

    def of(self, role: str, site: str, product: str) -> float | None:
        """A number for a product at a site; None where nothing tells it."""
        known = self.given.get(role, {})
        return known.get((site, product), known.get((None, product)))


def read_costs(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    sites: KnownNames,
    products: KnownNames,
    currencies: Mapping[str, float],
    decisions: ImportDecisions,
) -> RoleCosts:
    """The costs of a file. Raises InputError for two numbers of one thing, and for two currencies."""
    master = read_master(source, "costs", ROLES, ("product",), given, reading, decisions)
    master, named = matched(master, "product", products, keys, decisions)
    standing: list[str | None] = [None] * len(master)
    if "site" in master and any(name is not None for name in master.names("site")):
        before = master
        master, found = matched(master, "site", sites, keys, decisions)
        left = np.isin(before.table.rows, master.table.rows)
        named, standing = [name for name, keep in zip(named, left, strict=True) if keep], list(found)
    rate = _rates(master, currencies, decisions)
    numbers = {role: master.numbers(role) * (1.0 if role in ("holding_rate", "service") else rate) for role in NUMBERS}
    _refuse_shares(master, numbers)
    places = list(zip(standing, named, strict=True))
    _refuse_twice(master, places)
    by_role = {
        role: {place: float(value) for place, value in zip(places, values, strict=True) if not np.isnan(value)}
        for role, values in numbers.items()
    }
    groups = {name: group for name, group in zip(named, master.names("group"), strict=True) if group is not None}
    decisions.add(ImportDecision(master.name, "products with costs", len(set(named)), "", "taken as they are", changes=False))
    return RoleCosts(by_role, groups)


def _refuse_twice(master: Master, places: list[tuple[str | None, str]]) -> None:
    seen: dict[tuple[str | None, str], int] = {}
    for row, place in enumerate(places):
        if place in seen:
            found = f"{place[1]} again, after row {master.table.rows[seen[place]]}"
            raise master.refuse(row, "product", found, "each product once, or once for each site")
        seen[place] = row


def _refuse_shares(master: Master, numbers: Mapping[str, Any]) -> None:
    for role, accepted in (
        ("service", "a share below 1, such as 0.95 or 95 %"),
        ("holding_rate", "a share of the value in a year, such as 0.2 or 20 %"),
    ):
        if (wrong := numbers[role] >= 1).any():
            master.table.refuse_any(wrong, master.columns[role], accepted)


def _rates(master: Master, currencies: Mapping[str, float], decisions: ImportDecisions) -> Any:
    """What money in each row counts (R,). Raises InputError for several currencies of which that is not said."""
    names = master.names("currency")
    found = list(dict.fromkeys(name for name in names if name is not None))
    if len(found) < 2 and not set(found) & set(currencies):
        return 1.0
    for row, name in enumerate(names):
        if name is not None and name not in currencies:
            odd = next(place for place, other in enumerate(names) if other is not None and other != names[0])
            example = ", ".join(f"{each}: …" for each in found)
            accepted = f"one currency, or currencies={{{example}}}"
            raise InputError(master.place(odd if name == names[0] else row, "currency"), names[odd], accepted)
    blank = sum(name is None for name in names)
    decisions.add(ImportDecision(master.name, "rows without a currency", blank, "", "each counts 1", "", True))
    return np.array([1.0 if name is None else currencies[name] for name in names])
