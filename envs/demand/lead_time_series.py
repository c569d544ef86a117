"""Lead times that are known period by period: a list, or a column of a file.

Letters: T periods, B episodes.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Literal

import array_api_compat
import numpy as np
from pydantic import Field

from ..foundation.errors import InputError
from ..numerics.arrays import Array, namespace
from ..numerics.draws import Draw
from .lead_time import LONGEST, LeadTime, Periods, lead_times
from .table_file import as_numbers, read_table, refuse


class _Series(LeadTime):
    """One lead time after the other, the same in every episode. Chances are how often each is there."""

    then: Literal["repeat", "hold"] = Field("repeat", description="Whether they start again after the last, or it stays")

    def series(self) -> tuple[int, ...]:
        """The lead time of what is shipped in each period, until they start again or the last one stays."""
        raise NotImplementedError

    def chances(self) -> dict[int, float]:
        series = self.series()
        return {periods: count / len(series) for periods, count in sorted(Counter(series).items())}

    def sample(self, draw: Draw) -> Array:
        series, period = np.array(self.series()), np.arange(draw.periods)
        at = period % len(series) if self.then == "repeat" else np.minimum(period, len(series) - 1)
        xp, device = namespace(draw.episodes), array_api_compat.device(draw.episodes)
        times = xp.asarray(series[at], dtype=xp.int64, device=device)
        return times[:, None] + 0 * draw.episodes[None]


@lead_times.register("replay")
class ReplayedLeadTime(_Series):
    """These `values`, period by period and the same in every episode [periods].

    After the last they start again, or with `then: hold` the last one stays. Chances are those of the list.
    """

    values: list[Periods] = Field(min_length=1)

    def series(self) -> tuple[int, ...]:
        return tuple(self.values)


@lead_times.register("file")
class FileLeadTime(_Series):
    """Those of a CSV or Parquet file, a row for each period, in their order and the same in every episode [periods].

    After the last they start again, or with `then: hold` the last one stays. Chances are those of the whole file.
    """

    path: str = Field(description="The file")
    column: str = Field("lead_time", description="Its column of lead times")

    def series(self) -> tuple[int, ...]:
        return _column(self.path, self.column)


@lru_cache(maxsize=64)
def _column(path: str, column: str) -> tuple[int, ...]:
    """A file's lead times. Raises InputError for what are none."""
    where = Path(path)
    try:
        frame = read_table(where, (), (column,))
    except InputError as error:
        raise error.moved("demand", "lead_time") from error
    times = as_numbers(frame, where, column)
    with np.errstate(invalid="ignore"):
        wrong = ~((times >= 0) & (times <= LONGEST) & (times % 1 == 0))
    refuse(frame, where, column, wrong, f"a whole number of periods from 0 to {LONGEST}")
    return tuple(times.astype(int).tolist())
