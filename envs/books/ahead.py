"""What is forecast of demand on a day on record: forecasts name periods as the file of demand does, and so may the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..forecasts.known_forecasts import KnownForecasts
from ..forecasts.source import ForecastSource
from .periods import Periods, Undated


@dataclass(eq=False)
class ForecastsAhead:
    """Looks up what forecasts say when a period of the books begins."""

    source: ForecastSource
    periods: Periods
    _unnamed: bool = False
    """Whether there was a period of which nobody can know which one of the file of demand it is."""
    _after: str | None = None
    """What today is taken for, where the books have no dates."""
    _usual: list[str] = field(default_factory=list)
    """The periods of which nothing is forecast, in the order of the days on record."""

    def on(self, period: int) -> KnownForecasts | None:
        """None where nobody can know which period of the file of demand it is."""
        number = self._number(period)
        if number is None:
            self._unnamed = True
            return None
        if np.isnan(self.source.given(self.source.coming(number))[0]).all():
            self._usual.append(self.source.record.calendar.name(number))
        return replace(self.source.on_day(number), first=period)

    @property
    def notes(self) -> Sequence[str]:
        """What has been taken for granted of the days that were looked at, a sentence each."""
        found = list(self.source.notes)
        if self._unnamed:
            accepted = self.source.record.calendar.accepted
            found.append(f"Forecasts are not looked at: the books' periods are not named as their demand's are ({accepted}).")
        if self._after is not None:
            found.append(f"The books have no dates: today is taken for {self._after}, which demand is known until.")
        if self._usual:
            first, last, days = self._usual[0], self._usual[-1], len(self._usual)
            told = first if days == 1 else f"{days} periods, {first} to {last}"
            found.append(f"Nothing is forecast of {told}: usual demand stands for it.")
        return found

    def _number(self, period: int) -> int | None:
        """The number of a period in the file of demand; where the books have no dates, today comes after its last."""
        import pandas as pd

        record = self.source.record
        if isinstance(self.periods.calendar, Undated):
            number = record.last + 1 + period
            self._after = record.calendar.name(number)
            return number
        found = record.calendar.numbers(pd.Series([self.periods.name(period)]))[0]
        return None if np.isnan(found) or found % 1 else int(found)
