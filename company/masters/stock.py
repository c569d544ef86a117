"""The file of today's stock: what each site has, and what it owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.measures import BOXES, PIECES
from ..tables.date_forms import NONE
from ..tables.options import ReadingOptions
from .keys import MasterKeys
from .known import KnownNames, matched
from .master import Master, read_master

ROLES = ("site", "product", "on_hand", "backlog", "date", "unit")
Amounts = dict[tuple[str, str], float]
"""By site and product [units]."""


@dataclass(frozen=True)
class Stock:
    """What there is, and what is owed."""

    on_hand: Amounts
    backlog: Amounts


def read_stock(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    sites: KnownNames,
    products: KnownNames,
    last_day: int | None,
    today: int,
    decisions: ImportDecisions,
) -> Stock:
    """The stock of a file; `last_day` is that of the last sale. Raises InputError for what the keys refuse."""
    master = read_master(source, "stock", ROLES, ("product", "on_hand"), given, reading, decisions)
    if last_day is not None and (later := master.days("date") > today).any():
        master.table.refuse_any(later, master.columns["date"], "no day after today")
    master = _latest(master, decisions)
    _refuse_old(master, keys, last_day, decisions)
    _refuse_several_units(master)
    master, named = matched(master, "product", products, keys, decisions)
    if "site" in master:
        kept = master
        master, standing = matched(master, "site", sites, keys, decisions)
        left = np.isin(kept.table.rows, master.table.rows)
        named = [name for name, keep in zip(named, left, strict=True) if keep]
    elif len(sites.names) == 1:
        standing = [sites.names[0]] * len(master)
    else:
        raise InputError(f"{master.name}, columns", "none that is known as site", "columns.stock.site=<name>")
    amount, owed = master.numbers("on_hand", least=None), np.nan_to_num(master.numbers("backlog"))
    amount = _not_negative(master, amount, owed, keys, decisions)
    return _added_up(master, standing, named, amount, owed, decisions)


def _latest(master: Master, decisions: ImportDecisions) -> Master:
    """Of a product at a site that has rows of several days, those of the last: the others are stock that there was once."""
    days = master.days("date")
    if not (days != NONE).any():
        return master
    place: dict[tuple[str | None, str | None], int] = {}
    ends = list(zip(master.names("site"), master.names("product"), strict=True))
    for one, day in zip(ends, days.tolist(), strict=True):
        place[one] = max(place.get(one, day), day)
    old = days < np.array([place[one] for one in ends])
    found = "rows of stock of an earlier day than the last of their site and product"
    decisions.add(ImportDecision(master.name, found, int(old.sum()), "", "left out", "", True))
    return master.keep(~old)


def _refuse_several_units(master: Master) -> None:
    names = master.names("unit")
    kinds = {name: None if name is None or name.casefold().rstrip(".") in PIECES else name for name in names}
    if len(set(kinds.values())) > 1 or any(name is not None and name.casefold().rstrip(".") in BOXES for name in names):
        row = next(row for row, name in enumerate(names) if kinds[name] is not None)
        raise master.refuse(row, "unit", names[row], f"one unit, that of demand, and not {' and '.join(map(str, kinds))}")


def _refuse_old(master: Master, keys: MasterKeys, last_day: int | None, decisions: ImportDecisions) -> None:
    days = master.days("date")
    known = days[(days != NONE) & (days < (np.inf if last_day is None else last_day))]
    if last_day is None or not len(known):
        return
    row = int((days == known.max()).argmax())
    found = str(np.datetime64(int(known.max()), "D"))
    if keys.stale == "refuse":
        last = np.datetime64(last_day, "D")
        raise master.refuse(row, "date", found, f"a day not before the last sale, {last}, or stale=keep")
    decisions.add(ImportDecision(master.name, "rows of stock before the last sale", len(known), "stale", "keep", found, True))


def _not_negative(master: Master, amount: Any, owed: Any, keys: MasterKeys, decisions: ImportDecisions) -> Any:
    below = amount < 0
    if below.any() and keys.negative_stock == "refuse":
        accepted = "stock ≥ 0, negative_stock=backlog if it is owed to customers, or negative_stock=zero"
        master.table.refuse_any(below, master.columns["on_hand"], accepted)
    if keys.negative_stock == "backlog":
        owed += np.where(below, -amount, 0.0)
    example = master.place(int(below.argmax()), "on_hand").partition(", ")[2] if below.any() else ""
    count, units = int(below.sum()), f"{-float(amount[below].sum()):,.10g} units"
    found = "rows of stock of less than nothing"
    decisions.add(ImportDecision(master.name, found, count, "negative_stock", keys.negative_stock, units, True, example))
    blank = np.isnan(amount)
    decisions.add(ImportDecision(master.name, "rows without an amount", int(blank.sum()), "", "taken for none", "", True))
    return np.where(below | blank, 0.0, amount)


def _added_up(
    master: Master, standing: list[str], named: list[str], amount: Any, owed: Any, decisions: ImportDecisions
) -> Stock:
    on_hand: Amounts = {}
    backlog: Amounts = {}
    for place, there, late in zip(zip(standing, named, strict=True), amount.tolist(), owed.tolist(), strict=True):
        on_hand[place] = on_hand.get(place, 0.0) + there
        if late:
            backlog[place] = backlog.get(place, 0.0) + late
    again = len(named) - len(on_hand)
    decisions.add(
        ImportDecision(master.name, "rows of a site and product that has one already", again, "", "added up", "", False)
    )
    return Stock(on_hand, backlog)
