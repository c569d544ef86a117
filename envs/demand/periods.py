"""How a file of recorded demand names its periods: by numbers, by codes of weeks, months or days, or by dates.

A calendar gives every name its number, so that 202352 and 202401 are neighbours as two weeks of the same file are. Which one a
file has is recognised from all its names together, and a `frequency` settles it where they could be read in two ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError
from ..numerics.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

Frequency: TypeAlias = Literal["number", "day", "week", "month", "quarter"]

LONG_YEAR = 53
FORMS = "a whole number, 2024-01-31, 20240131, 2024-W05, 202405, 2024-01 or 2024-Q1, all of one form"


class Calendar(Protocol):
    """The periods of a file in their order."""

    @property
    def accepted(self) -> str:
        """What its names look like."""

    def numbers(self, names: pd.Series[str]) -> Floats:
        """The number of each period (n,), NaN for what is no name of one, and broken between two of them."""

    def name(self, number: int) -> str:
        """What the file calls a period."""


@dataclass(frozen=True)
class Numbered:
    """Periods by their numbers."""

    accepted: str = "a whole number"

    def numbers(self, names: pd.Series[str]) -> Floats:
        import pandas as pd

        found: Floats = pd.to_numeric(names, errors="coerce").to_numpy(float, na_value=np.nan)
        return np.where(np.isfinite(found) & (found % 1 == 0), found, np.nan)

    def name(self, number: int) -> str:
        return str(number)


@dataclass(frozen=True)
class PartsOfYears:
    """Weeks, months or quarters, by year and number."""

    pattern: str
    written: str
    """A name, with {0} for the year and {1} for the part."""
    parts: int
    """In a year; a long one has a week more."""
    accepted: str
    long_years: tuple[int, ...] = ()
    """Years of which the file has a 53rd week."""

    def numbers(self, names: pd.Series[str]) -> Floats:
        year, part = self.split(names)
        with np.errstate(invalid="ignore"):
            possible = (part >= 1) & (part <= self.parts + np.isin(year, self.long_years))
            found = self.parts * year + part - 1 + np.searchsorted(self.long_years, year)
        return np.where(possible, found, np.nan)

    def name(self, number: int) -> str:
        year = number // self.parts
        while self._first(year) > number:
            year -= 1
        return self.written.format(year, number - self._first(year) + 1)

    def split(self, names: pd.Series[str]) -> tuple[Floats, Floats]:
        """Year and part of each name (n,), NaN where it is none."""
        found = names.str.extract(self.pattern).to_numpy(float, na_value=np.nan)
        return found[:, 0], found[:, 1]

    def _first(self, year: int) -> int:
        return self.parts * year + int(np.searchsorted(self.long_years, year))


@dataclass(frozen=True)
class Dated:
    """Days, weeks that begin on the weekday of `start`, or months, by a date in each."""

    start: date
    frequency: Frequency
    compact: bool
    """Whether dates are written 20240131."""
    accepted: str

    def numbers(self, names: pd.Series[str]) -> Floats:
        days = _days(names, self.compact)
        if self.frequency == "month":
            months: Floats = days.astype("datetime64[M]").astype(float)
            return np.where(np.isnat(days), np.nan, months)
        since = (days - np.datetime64(self.start)) / np.timedelta64(1, "D")
        found: Floats = since / (7.0 if self.frequency == "week" else 1.0)
        return found

    def name(self, number: int) -> str:
        if self.frequency == "month":
            return str(np.datetime64(number, "M"))
        day = np.datetime64(self.start) + np.timedelta64(number * (7 if self.frequency == "week" else 1), "D")
        return str(day).replace("-", "") if self.compact else str(day)


def _weeks(pattern: str, written: str, accepted: str) -> PartsOfYears:
    return PartsOfYears(pattern, written, 52, accepted)


CODES = r"^((?:19|20)\d\d)(\d\d)$"
WEEK_CODES = _weeks(CODES, "{0}{1:02d}", "a week's code, such as 202405")
MONTH_CODES = PartsOfYears(CODES, "{0}{1:02d}", 12, "a month's code, such as 202401")
WEEKS = _weeks(r"^(\d{4})-?W(\d\d?)$", "{0}-W{1:02d}", "a week, such as 2024-W05")
MONTHS = PartsOfYears(r"^(\d{4})-(\d\d)$", "{0}-{1:02d}", 12, "a month, such as 2024-01")
QUARTERS = PartsOfYears(r"^(\d{4})-?Q(\d)$", "{0}-Q{1}", 4, "a quarter, such as 2024-Q1")


def calendar_of(names: pd.Series[str], frequency: Frequency | None) -> Calendar:
    """The calendar of a file that has these names of periods, each once. Raises InputError for an unfit frequency."""
    fitting = {key: calendar for key, calendar in _readings(names).items() if calendar is not None}
    if frequency is None:
        return next(iter(fitting.values()), Numbered())
    if frequency not in fitting:
        found = f"{frequency}, with periods such as {names.iloc[0]}"
        accepted = ", ".join(key for key in get_args(Frequency) if key in fitting)
        raise InputError("demand.frequency", found, accepted or f"periods by {FORMS}")
    return fitting[frequency]


def _readings(names: pd.Series[str]) -> dict[str, Calendar | None]:
    """By frequency, how all of the names can be read, the likeliest first: numbers last, unless nothing tells them from a code.

    Codes are taken for codes where they go from one year to another; within a year they are neighbours either way.
    """
    if not names.str.fullmatch(r"-?\d+(\.0+)?").all():
        texts = {"week": _long(WEEKS, names), "month": _all(MONTHS, names), "quarter": _all(QUARTERS, names)}
        fitting: dict[str, Calendar | None] = {key: calendar for key, calendar in texts.items() if calendar}
        return fitting or _dated(names, compact=False)
    number: dict[str, Calendar | None] = {"number": Numbered()}
    if names.str.fullmatch(r"(19|20)\d{6}").all() and (dated := _dated(names, compact=True)):
        return {**dated, **number}
    month, week = _all(MONTH_CODES, names), _long(WEEK_CODES, names)
    codes: dict[str, Calendar | None] = {"month": month, "week": week}
    return {**codes, **number} if names.str[:4].nunique() > 1 else {**number, **codes}


def _all(calendar: PartsOfYears, names: pd.Series[str]) -> PartsOfYears | None:
    return None if np.isnan(calendar.numbers(names)).any() else calendar


def _long(weeks: PartsOfYears, names: pd.Series[str]) -> PartsOfYears | None:
    """The calendar in which those years have a 53rd week of which the file has one."""
    year, week = weeks.split(names)
    long = np.unique(year[week == LONG_YEAR]).astype(int)
    return _all(PartsOfYears(weeks.pattern, weeks.written, weeks.parts, weeks.accepted, tuple(long.tolist())), names)


def _dated(names: pd.Series[str], compact: bool) -> dict[str, Calendar | None]:
    """Dates by the frequency that their distances have; days fit any."""
    days = np.unique(_days(names, compact))
    if np.isnat(days).any():
        return {}
    start: Any = days[0].astype("datetime64[D]").item()
    accepted = "a date, such as 20240131" if compact else "a date, such as 2024-01-31"
    found: dict[str, Calendar | None] = {key: Dated(start, key, compact, accepted) for key in ("day", "week", "month")}
    gaps = np.diff(days).astype(int)
    if len(days) < 3 or (gaps % 7).any():
        found.pop("week")
    if not _monthly(days):
        found.pop("month")
    return dict(sorted(found.items(), key=lambda entry: entry[0] == "day"))


def _monthly(days: NDArray[np.datetime64]) -> bool:
    """Whether there is at most one date in a month, always the first day or always the last."""
    months = days.astype("datetime64[M]")
    first, last = (days == months.astype(days.dtype)).all(), (days + 1 == (months + 1).astype(days.dtype)).all()
    return len(days) > 1 and bool(first or last) and len(np.unique(months)) == len(days)


def _days(names: pd.Series[str], compact: bool) -> NDArray[np.datetime64]:
    """Dates (n,), not a time where a name is none; a time of day must be midnight."""
    import pandas as pd

    texts = names if compact else names.str.replace(r"[T ]00:00(:00(\.0+)?)?$", "", regex=True)
    found = pd.to_datetime(texts, format="%Y%m%d" if compact else "%Y-%m-%d", errors="coerce", exact=True)
    days: NDArray[np.datetime64] = found.to_numpy().astype("datetime64[D]")
    return days
