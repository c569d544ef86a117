"""Days as the periods of a network: days, weeks, months, or numbers that are no dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError

Period: TypeAlias = Literal["day", "week", "month"]
Grain: TypeAlias = Literal["day", "week", "month", "number"]
Integers: TypeAlias = NDArray[np.int64]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "number": 1.0}
PER_YEAR = {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "number": 1.0}
FINER = {"day": ("day",), "week": ("day", "week"), "month": ("day", "week", "month"), "number": ("number",)}
"""The grains of data that a period can be put together of."""


@dataclass(frozen=True)
class CalendarPeriods:
    """The periods of a calendar, by their numbers."""

    unit: Grain
    week_starts: str = "monday"

    def of_days(self, days: Integers) -> Integers:
        """The period that each day is in; days are counted from 1970 on."""
        if self.unit == "week":
            return np.asarray((days + 3 - WEEKDAYS.index(self.week_starts)) // 7, dtype=np.int64)
        if self.unit == "month":
            return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return days.astype(np.int64)

    def first_day(self, period: int) -> int:
        """The first day of a period."""
        if self.unit == "week":
            return 7 * period - 3 + WEEKDAYS.index(self.week_starts)
        if self.unit == "month":
            return int(np.datetime64(period, "M").astype("datetime64[D]").astype(np.int64))
        return period

    def name(self, period: int) -> int | str:
        """What a period is called in the record that an import writes."""
        if self.unit == "number":
            return period
        if self.unit == "month":
            return str(np.datetime64(period, "M"))
        day = self.date(period)
        if self.unit == "week" and self.week_starts == "monday":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02d}"
        return day.isoformat()

    def date(self, period: int) -> dt.date:
        """The day that a period begins with."""
        return dt.date(1970, 1, 1) + dt.timedelta(days=self.first_day(period))

    @property
    def word(self) -> str:
        """What one of them is called."""
        return "period" if self.unit == "number" else self.unit

    def season(self) -> int | None:
        """Periods that a calendar year or week has, after which demand may come again."""
        return {"day": 7, "week": 52, "month": 12}.get(self.unit)

    @property
    def a_year(self) -> float:
        """How many of them a year has; of numbers nobody knows, and it is 1."""
        return PER_YEAR[self.unit]


def periods_for(grain: Grain, asked: Period | None, week_starts: str, where: str) -> CalendarPeriods:
    """The periods that data of a grain are put together to. Raises InputError where they are too coarse for it."""
    if grain == "number":
        return CalendarPeriods("number")
    unit = asked or ("week" if grain == "day" else grain)
    if grain not in FINER[unit]:
        coarser = [period for period in FINER if grain in FINER[period]]
        raise InputError("period", f"{unit}, of {where} by {grain}s", f"{' or '.join(coarser)}")
    if grain == "week" and unit == "month":
        raise InputError("period", f"month, of {where} by weeks", "week: a week can be in two months")
    return CalendarPeriods(unit, week_starts)
