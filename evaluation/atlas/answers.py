"""What each network of the design came to: one row each, its factors first, then what every level costs there.

Costs are compared in logarithms, so that a per cent more weighs as much as a per cent less.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .block_job import AMOUNTS, BlockJob

MORE = "more_"
"""Before a level's name: the logarithm of its cost over the first level's."""
NOISE = "noise_"
"""… half a 95 % interval of that, by the paired traces."""
BEATEN = "beaten_"
"""… whether another level costs less there, chance allowed for: the cheapest does, on the same traces."""
SERVED = "served_"
"""… share of what customers asked for that they were not left without at a period's end."""
STOCK = "stock_"
"""… units on all shelves, in periods of mean demand."""
Z = 1.96


def answers(jobs: Sequence[BlockJob]) -> pd.DataFrame:
    """The rows of all blocks that are there."""
    parts = [_of_block(job) for job in jobs if job.finished]
    return pd.concat(parts) if parts else pd.DataFrame()


def _of_block(job: BlockJob) -> pd.DataFrame:
    amounts = dict(zip(AMOUNTS, job.found.astype(float), strict=True))
    found, levels = job.points.copy(), job.atlas.levels
    cost, asked = amounts["cost"], amounts["asked"].mean(axis=-1)
    found["cost"] = cost[:, 0].mean(axis=-1)
    beaten = _beaten(cost)
    for place, level in enumerate(levels):
        if place:
            found[MORE + level], found[NOISE + level] = _compared(cost[:, place], cost[:, 0])
        found[BEATEN + level] = beaten[:, place]
        found[SERVED + level] = 1.0 - amounts["unmet"][:, place].mean(axis=-1) / asked[:, place]
        found[STOCK + level] = amounts["stock"][:, place].mean(axis=-1) / asked[:, place]
    return found


def _compared(cost: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The logarithm of the ratio of two means over traces (M, B), and half a 95 % interval of it, each (M,)."""
    one, two = cost.mean(axis=-1), other.mean(axis=-1)
    apart = cost / one[:, None] - other / two[:, None]
    return np.log(one / two), Z * apart.std(axis=-1, ddof=1) / np.sqrt(cost.shape[-1])


def _beaten(cost: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which levels cost more than a network's cheapest, beyond half a 95 % interval of the paired difference (M, A)."""
    cheapest = cost.mean(axis=-1).argmin(axis=1)
    apart = cost - np.take_along_axis(cost, cheapest[:, None, None], axis=1)
    found: NDArray[np.bool_] = apart.mean(axis=-1) > Z * apart.std(axis=-1, ddof=1) / np.sqrt(cost.shape[-1])
    return found


def logarithms(table: pd.DataFrame, levels: Sequence[str]) -> NDArray[np.float64]:
    """Of every level's cost over the first one's (M, A)."""
    more = table[[MORE + level for level in levels[1:]]].to_numpy(dtype=np.float64)
    return np.column_stack([np.zeros(len(table)), more])


def best(table: pd.DataFrame, levels: Sequence[str]) -> pd.Series:
    """The cheapest level of each network."""
    return pd.Series(np.array(levels)[logarithms(table, levels).argmin(axis=1)], index=table.index)
