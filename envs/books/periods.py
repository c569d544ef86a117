"""Which period each row of a table is about: numbers as an episode counts them, or dates and codes as a company does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..demand.periods import Calendar, Frequency, Numbered, calendar_of
from ..foundation.errors import InputError
from ..scenario.scenario import Scenario
from .reading import BookTable


class Undated(Numbered):
    """Periods counted from today, where tables are of today alone."""

    def name(self, number: int) -> str:
        return f"today{number:+d}" if number else "today"


@dataclass(frozen=True)
class Periods:
    """How tables name periods, and which of them is an episode's first, number 0."""

    calendar: Calendar
    first: int

    @classmethod
    def of(cls, scenario: Scenario, sheets: Mapping[str, BookTable], first: str | None, frequency: Frequency | None) -> Periods:
        """For the names in these tables. `first` is the name of period 0, `frequency` what a period is where names do not tell.

        Left out, numbers are taken as they are; of others, period 0 is the first of a scenario's training data, or, where there
        is none and no season, the first in the tables. Raises InputError where nobody can know.
        """
        import pandas as pd

        texts = [sheet.frame["period"] for sheet in sheets.values() if "period" in sheet]
        if not texts:
            _refuse_of_no_use(first, frequency)
            return cls(Undated(), 0)
        _refuse_blank(sheets)
        names = pd.Series(pd.concat(texts).unique(), dtype=str)
        numbered = bool(names.str.fullmatch(r"-?\d{1,5}").all())
        begins = first if first is not None or numbered else _begins(scenario)
        given = names if begins is None else pd.concat([names, pd.Series([str(begins)])]).drop_duplicates()
        data = scenario.data.frequency if scenario.data is not None else None
        calendar = Numbered() if numbered else calendar_of(given.reset_index(drop=True), frequency or data)
        if begins is not None:
            start = calendar.numbers(pd.Series([str(begins)]))[0]
            if np.isnan(start) or start % 1:
                raise InputError("first", begins, f"a period written as the tables' are: {calendar.accepted}")
            return cls(calendar, int(start))
        periods = cls(calendar, 0)
        if isinstance(calendar, Numbered):
            return periods
        if scenario.calendar is not None:
            raise InputError("first", None, f"the period with which the season begins, as {names.iloc[0]} is written")
        earliest = [int(periods.numbers(sheet).min()) for sheet in sheets.values() if "period" in sheet and len(sheet)]
        return cls(calendar, min(earliest))

    def numbers(self, sheet: BookTable, column: str = "period") -> NDArray[np.int64]:
        """The number of each row's period (R,). Raises InputError for what is no name of one."""
        found = self.calendar.numbers(sheet.frame[column])
        sheet.refuse(column, np.isnan(found) | (found % 1 != 0), self.calendar.accepted)
        return found.astype(np.int64) - self.first

    def blank_or_number(self, sheet: BookTable, column: str) -> NDArray[np.float64]:
        """The same, NaN where the cell is blank."""
        found = self.calendar.numbers(sheet.frame[column])
        blank = (sheet.frame[column] == "").to_numpy()
        sheet.refuse(column, (np.isnan(found) | (found % 1 != 0)) & ~blank, self.calendar.accepted)
        return np.where(blank, np.nan, found - self.first)

    def name(self, number: int) -> str:
        """What the tables call a period."""
        return self.calendar.name(number + self.first)


def _refuse_of_no_use(first: str | None, frequency: Frequency | None) -> None:
    """Raises InputError where something is said about names of periods, of which there are none."""
    for key, value in (("first", first), ("frequency", frequency)):
        if value is not None:
            raise InputError(key, value, "nothing while no table has a column named period")


def _refuse_blank(sheets: Mapping[str, BookTable]) -> None:
    for sheet in sheets.values():
        if "period" in sheet:
            sheet.refuse("period", (sheet.frame["period"] == "").to_numpy(), "a period")


def _begins(scenario: Scenario) -> str | None:
    """The first period of a scenario's training data, where it has any."""
    windows = None if scenario.data is None else scenario.data.windows
    return None if windows is None else str(windows.train[0])
