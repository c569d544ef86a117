"""Methods across scenarios: one number, or one curve, from scores of many seeds on many tasks.

Letters: S seeds, T tasks (a scenario, or a scenario at an autonomy level). Scores are such that more is better and tasks are
alike, as `normalised` makes them. Source: Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice
(2021).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .statistics import CONFIDENCE, RESAMPLES, Floats, Interval


def normalised(costs: ArrayLike, simple: ArrayLike, best: ArrayLike) -> Floats:
    """Costs as scores: 0 for that of a simple rule, 1 for the best that is known; NaN where these do not differ.

    >>> normalised([10.0, 8.5, 7.0], 10.0, 7.0)
    array([0. , 0.5, 1. ])
    """
    costs, simple, best = np.broadcast_arrays(*(np.asarray(given, dtype=np.float64) for given in (costs, simple, best)))
    gap = simple - best
    scores: Floats = np.divide(simple - costs, gap, out=np.full(gap.shape, np.nan), where=gap > 0)
    return scores


def interquartile_mean(scores: ArrayLike) -> float:
    """Mean without the ⌊n / 4⌋ lowest and highest of all n scores: outliers do not move it, and more than the middle counts.

    >>> interquartile_mean([100.0, 2.0, 4.0, -50.0])
    3.0
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64), axis=None)
    cut = ordered.size // 4
    return float(ordered[cut : ordered.size - cut].mean())


def performance_profile(scores: ArrayLike, thresholds: ArrayLike) -> Floats:
    """Share of runs (S, T) that score more than each threshold (Q,), every task counting alike.

    >>> performance_profile([[0.2, 0.8], [0.6, 1.0]], [0.0, 0.5, 1.0])
    array([1.  , 0.75, 0.  ])
    """
    runs = np.asarray(scores, dtype=np.float64)
    above: Floats = (runs[..., None] > np.asarray(thresholds)).mean(axis=tuple(range(runs.ndim)))
    return above


def probability_of_improvement(scores: ArrayLike, others: ArrayLike) -> float:
    """How likely a run of one method (S, T) scores more than one of another (S', T), a tie being half, as a mean over tasks.

    >>> probability_of_improvement([[3.0], [1.0]], [[1.0], [0.0]])
    0.875
    """
    mine, theirs = np.asarray(scores, dtype=np.float64)[:, None], np.asarray(others, dtype=np.float64)[None]
    return float(((mine > theirs) + 0.5 * (mine == theirs)).mean())


def across_interval(
    scores: ArrayLike,
    statistic: Callable[[Floats], float] = interquartile_mean,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """A number over all runs (S, T) with its bootstrap interval, seeds drawn within each task; NaN bounds for one seed."""
    runs = np.asarray(scores, dtype=np.float64)
    estimate, seeds = statistic(runs), len(runs)
    if seeds < 2:
        return Interval(estimate, math.nan, math.nan)
    picked = np.random.default_rng(seed).integers(seeds, size=(resamples, *runs.shape))
    drawn = [statistic(np.take_along_axis(runs, rows, axis=0)) for rows in picked]
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high))
