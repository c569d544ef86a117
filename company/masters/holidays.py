"""The file of days on which sites are closed: what is not sold on them was not asked for in vain.

Letters: R rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError, UnknownName

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.periods import CalendarPeriods
from ..tables.date_forms import NONE
from ..tables.options import ReadingOptions
from .master import Master, read_master

ROLES = ("date", "site")


@dataclass(frozen=True)
class Holidays:
    """Days, each of one site or of all."""

    name: str
    """What the file is called."""
    site: NDArray[np.int64]
    """The number of each (R,), −1 for all."""
    day: NDArray[np.int64]
    """(R,) since 1970."""

    def at(self, site: NDArray[np.int64], first: int, length: int) -> NDArray[np.bool_]:
        """Where series, each at its site (S,), are closed, over so many days from a first one on (S, T)."""
        day = self.day - first
        inside, everywhere = (day >= 0) & (day < length), self.site < 0
        closed = np.zeros((int(site.max(initial=-1)) + 1, length), dtype=bool)
        there = inside & ~everywhere & (self.site < len(closed))
        closed[self.site[there], day[there]] = True
        closed[:, day[inside & everywhere]] = True
        found: NDArray[np.bool_] = closed[site]
        return found


def read_holidays(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    sites: tuple[str, ...],
    periods: CalendarPeriods,
    decisions: ImportDecisions,
) -> Holidays | None:
    """The days of a file; None where there is none.

    Raises InputError for a network that is not by days, and for a site that is none of the demand file's `sites`.
    """
    if source is None:
        return None
    if periods.unit != "day":
        raise InputError("holidays", f"{source}, of a network by {periods.word}s", "period=day, or no file of holidays")
    master = read_master(source, "holidays", ROLES, ("date",), given, reading, decisions)
    day = master.days("date")
    master.table.refuse_any(day == NONE, master.columns["date"], "a date in every row")
    decisions.add(ImportDecision(master.name, "days", len(master), "holidays", "closed where nothing was sold", "", False))
    return Holidays(master.name, _sites(master, sites), day)


def _sites(master: Master, sites: tuple[str, ...]) -> NDArray[np.int64]:
    """The number of each row's site (R,), −1 where it names none. Raises UnknownName."""
    place: dict[str | None, int] = {None: -1, **{name: number for number, name in enumerate(sites)}}
    names = master.names("site")
    for row, name in enumerate(names):
        if name is not None and name not in place:
            raise UnknownName(master.place(row, "site"), name, sites, ", or nothing for all")
    return np.array([place[name] for name in names], dtype=np.int64)
