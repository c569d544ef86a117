"""The file of lanes: from where each site is supplied, with what, how soon, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.headings import plain
from ..record.periods import DAYS, CalendarPeriods
from ..tables.options import ReadingOptions
from .keys import MasterKeys
from .known import KnownNames, matched
from .master import Master, read_master

ROLES = (
    "from",
    "to",
    "product",
    "lead_time",
    "order_delay",
    "unit_cost",
    "fixed_cost",
    "minimum",
    "multiple",
    "capacity",
)
AMOUNTS = ("unit_cost", "minimum", "multiple")
"""What each product of a lane may have its own of."""
COMMON = ("lead_time", "order_delay", "fixed_cost", "capacity")
"""What a lane has for all its products together."""
SAID = {"days": "day tag tage jour dia giorni", "weeks": "week wochen woche semaine semana wk weeks"}


@dataclass(frozen=True)
class LaneRow:
    """What rows tell of a lane; None for nothing."""

    source: str
    destination: str
    products: tuple[str, ...] | None
    """None for all."""
    lead_time: int | None
    order_delay: int | None
    fixed_cost: float | None
    capacity: float | None
    amounts: Mapping[str, Mapping[str, float] | float]
    """By role: one for all products, or one for each."""


def read_lanes(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    products: KnownNames,
    periods: CalendarPeriods,
    decisions: ImportDecisions,
) -> list[LaneRow]:
    """The lanes of a file, products with the same terms together. Raises InputError."""
    master = read_master(source, "lanes", ROLES, ("from", "to"), given, reading, decisions)
    carried: list[str | None] = [None] * len(master)
    if "product" in master:
        blank = np.array([name is None for name in master.names("product")])
        if blank.all() or not blank.any():
            master, known = (master, carried) if blank.all() else matched(master, "product", products, keys, decisions)
            carried = list(known)
        else:
            raise master.refuse(int(blank.argmax()), "product", None, "a product in every row, or in none")
    ends = [_filled(master, role) for role in ("from", "to")]
    times = lead_times(master, "lead_time", keys, periods, decisions)
    numbers = {role: master.numbers(role) for role in (*AMOUNTS, "fixed_cost", "capacity")}
    numbers["order_delay"] = lead_times(master, "order_delay", keys, periods, decisions)
    return _grouped(master, ends, carried, times, numbers, decisions)


def _filled(master: Master, role: str) -> list[str]:
    names = master.names(role)
    for row, name in enumerate(names):
        if name is None:
            raise master.refuse(row, role, None, "a name in every row")
    return [str(name) for name in names]


def _grouped(
    master: Master,
    ends: list[list[str]],
    carried: list[str | None],
    times: np.ndarray[tuple[int], np.dtype[np.float64]],
    numbers: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]],
    decisions: ImportDecisions,
) -> list[LaneRow]:
    groups: dict[tuple[Any, ...], list[int]] = {}
    seen: dict[tuple[Any, ...], int] = {}
    twice = 0
    for row in range(len(master)):
        common = tuple(_said(values[row]) for values in (times, *(numbers[role] for role in COMMON[1:])))
        key = ends[0][row], ends[1][row], *common
        terms = tuple(_said(numbers[role][row]) for role in AMOUNTS)
        if (before := seen.get((*key, carried[row]))) is not None:
            if terms != tuple(_said(numbers[role][before]) for role in AMOUNTS):
                found = f"{ends[0][row]} to {ends[1][row]} again, with other terms than in row {master.table.rows[before]}"
                raise master.refuse(row, "to", found, "each lane once for each product")
            twice += 1
            continue
        seen[(*key, carried[row])] = row
        groups.setdefault(key, []).append(row)
    decisions.add(
        ImportDecision(master.name, "rows of a lane that is there already, in the same words", twice, "", "left out", "", True)
    )
    return [_lane(key, rows, carried, numbers) for key, rows in groups.items()]


def _lane(key: tuple[Any, ...], rows: list[int], carried: list[str | None], numbers: Mapping[str, Any]) -> LaneRow:
    source, destination, time, delay, fixed, capacity = key
    products = None if carried[rows[0]] is None else tuple(str(carried[row]) for row in rows)
    amounts: dict[str, Mapping[str, float] | float] = {}
    for role in AMOUNTS:
        values = [_said(numbers[role][row]) for row in rows]
        if any(value is not None for value in values):
            each = [0.0 if value is None else value for value in values]
            same = products is None or len(set(each)) == 1
            amounts[role] = each[0] if same else dict(zip(products or (), each, strict=True))
    whole = None if delay is None else int(delay)
    return LaneRow(source, destination, products, None if time is None else int(time), whole, fixed, capacity, amounts)


def lead_times(master: Master, role: str, keys: MasterKeys, periods: CalendarPeriods, decisions: ImportDecisions) -> Any:
    """A column's lead times in whole periods (R,), NaN for nothing. Raises InputError where it is not said what they count."""
    values = master.numbers(role)
    if role not in master or np.isnan(values).all():
        return values
    exact = values * _lengths(master, role, keys, periods) / DAYS[periods.unit]
    found = rounded(exact, keys.rounding)
    changed = int((np.abs(found - exact) > 1e-9).sum())
    told = f"{'order delays' if role == 'order_delay' else 'lead times'} that are no whole {periods.word}s"
    decisions.add(ImportDecision(master.name, told, changed, "rounding", keys.rounding, "", False))
    return found


def _lengths(master: Master, role: str, keys: MasterKeys, periods: CalendarPeriods) -> Any:
    """Days in what each row counts (R,): by the word beside its number, else by the column's name, or that of lead times."""
    days = {"days": 1.0, "weeks": 7.0, "periods": DAYS[periods.unit]}
    own = _counted(master.columns[role], periods)
    usual = keys.lead_times or own or _counted(master.columns.get("lead_time", ""), periods)
    found = np.full(len(master), np.nan if usual is None else days[usual])
    for row, word in enumerate(master.words(role)):
        if word is None:
            continue
        counted = next((name for name, said in SAID.items() if plain(word) in (name, *said.split())), None)
        if counted is None or (own is not None and counted != own):
            asked = "days or weeks" if own is None else f"{own}, as the column's name says"
            raise master.refuse(row, role, f"{master.table.cell(row, master.columns[role])}", f"a number of {asked}")
        found[row] = days[counted]
    if np.isnan(found[~np.isnan(master.numbers(role))]).any():
        accepted = f"lead_times=days, weeks or periods (of a {periods.word})"
        raise InputError(f"{master.name}, column {master.columns[role]}", "lead times in what is not said", accepted)
    return found


def _counted(heading: str, periods: CalendarPeriods) -> str | None:
    words = set(plain(heading.replace("(", " ").replace("[", " ").replace(")", " ").replace("]", " ")).split("_"))
    for counted, said in SAID.items():
        if words & (set(said.split()) | {counted}):
            return counted
    return "periods" if periods.unit in ("day", "number") or words & {"periods", "period", "perioden"} else None


def rounded(values: Any, how: str) -> Any:
    """Numbers of periods as whole ones."""
    shift = {"up": np.ceil(values - 1e-9), "down": np.floor(values + 1e-9), "nearest": np.floor(values + 0.5)}
    return shift[how]


def _said(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
