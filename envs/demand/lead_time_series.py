"""Lead times that are known period by period: a list, or a column of a file.

Letters: T periods, B episodes.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import array_api_compat
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ..foundation.errors import InputError
from ..numerics.arrays import Array, namespace
from ..numerics.draws import Draw
from .lead_time import LONGEST, LeadTime, Periods, lead_times
from .table_file import as_numbers, read_table, refuse


class _Series(LeadTime):
    """One lead time after the other, the same in every episode. Chances are how often each is there."""

    then: Literal["repeat", "hold"] = Field("repeat", description="Whether they start again after the last, or it stays")

    def series(self) -> tuple[int | None, ...]:
        """The lead time of what is ordered in each period, until they start again or the last one stays; None: lost."""
        raise NotImplementedError

    def chances(self) -> dict[int, float]:
        arriving = [periods for periods in self.series() if periods is not None]
        return {periods: count / len(arriving) for periods, count in sorted(Counter(arriving).items())}

    @property
    def loses(self) -> bool:
        return None in self.series()

    def arrives(self, periods: int) -> NDArray[np.bool_]:
        return self._at(np.array([periods is not None for periods in self.series()]), periods)

    def _at(self, series: NDArray[Any], periods: int) -> NDArray[Any]:
        """The entry of each period (T,)."""
        period = np.arange(periods)
        return series[period % len(series) if self.then == "repeat" else np.minimum(period, len(series) - 1)]

    def sample(self, draw: Draw) -> Array:
        longest = self.longest
        series = np.array([longest if periods is None else periods for periods in self.series()])
        xp, device = namespace(draw.episodes), array_api_compat.device(draw.episodes)
        times = xp.asarray(self._at(series, draw.periods), dtype=xp.int64, device=device)
        return times[:, None] + 0 * draw.episodes[None]


@lead_times.register("replay")
class ReplayedLeadTime(_Series):
    """These `values`, period by period and the same in every episode [periods].

    After the last they start again, or with `then: hold` the last one stays. A null stands for an order that is lost. Chances
    are those of the others.
    """

    values: list[Periods | None] = Field(min_length=1)

    @field_validator("values")
    @classmethod
    def _some_arrive(cls, values: list[Any]) -> list[Any]:
        if all(value is None for value in values):
            raise InputError("", values, "at least one that is no null: orders that all get lost have no lead time")
        return values

    def series(self) -> tuple[int | None, ...]:
        return tuple(self.values)


@lead_times.register("file")
class FileLeadTime(_Series):
    """Those of a CSV or Parquet file, a row for each period, in their order and the same in every episode [periods].

    After the last they start again, or with `then: hold` the last one stays. `inf` stands for an order that is lost.
    Chances are those of the whole file's others.
    """

    path: str = Field(description="The file")
    column: str = Field("lead_time", description="Its column of lead times")

    def series(self) -> tuple[int | None, ...]:
        return _column(self.path, self.column)


@lru_cache(maxsize=64)
def _column(path: str, column: str) -> tuple[int | None, ...]:
    """A file's lead times. Raises InputError for what are none."""
    where = Path(path)
    try:
        frame = read_table(where, (), (column,))
    except InputError as error:
        raise error.moved("demand", "lead_time") from error
    times = as_numbers(frame, where, column)
    with np.errstate(invalid="ignore"):
        wrong = ~((times >= 0) & (times <= LONGEST) & (times % 1 == 0) | (times == np.inf))
    refuse(frame, where, column, wrong, f"a whole number of periods from 0 to {LONGEST}, or inf")
    lost = times == np.inf
    refuse(frame, where, column, np.full(len(lost), lost.all()), "some that are finite")
    return tuple(None if never else int(periods) for periods, never in zip(times, lost, strict=True))
