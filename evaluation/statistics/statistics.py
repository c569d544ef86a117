"""How sure a mean is: intervals over episodes, paired where two policies met the same traces.

Letters: E episodes, M quantities, R resamples, G traces.

Episodes may share a trace, as where recorded demand has few windows to begin in. `groups` (E,) then numbers the G traces that
they are, from 0 on; None says that each has its own. Three traces tell what three can, however often they are played.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Groups: TypeAlias = NDArray[np.int64] | None

CONFIDENCE = 0.95
"""Share of intervals that hold the true value."""
RESAMPLES = 1000
LARGEST = 2**22
"""Draws that are held at once while resampling."""


@dataclass(frozen=True)
class Interval:
    """An estimate and the bounds of its confidence interval; the bounds are NaN where there is nothing to tell them from."""

    estimate: float
    low: float
    high: float
    freedom: float = field(default=math.inf, repr=False)
    """Degrees of freedom of its spread."""
    traces: float = field(default=math.inf, repr=False)
    """How many independent traces it was told from."""

    @property
    def p_value(self) -> float:
        """How likely an estimate so far from a true zero is, by Student's t; of intervals of `CONFIDENCE`.

        Never less than so many traces can tell.
        """
        if not (self.half_width > 0 and math.isfinite(self.half_width)):
            found = math.nan if math.isnan(self.half_width) else float(self.estimate == 0)
        else:
            reach = float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, self.freedom))
            found = float(2 * scipy.stats.t.sf(abs(self.estimate) * reach / self.half_width, self.freedom))
        return found if math.isnan(found) else max(found, smallest_chance(self.traces))

    @property
    def half_width(self) -> float:
        """What stands after the ±."""
        return (self.high - self.low) / 2

    def excludes(self, value: float) -> bool:
        """Whether `value` is outside; False where the bounds are not known."""
        return value < self.low or value > self.high


def mean_interval(values: ArrayLike, confidence: float = CONFIDENCE, groups: Groups = None) -> Interval:
    """Mean of episodes' values (E,) with Student's t interval over traces; of one trace the bounds are NaN.

    >>> mean_interval([1.0, 2.0, 3.0])
    Interval(estimate=2.0, low=-0.48..., high=4.48...)
    """
    sample = np.asarray(values, dtype=np.float64)
    mean, size = float(sample.mean()), traces_of(sample.size, groups)
    if size < 2:
        return Interval(mean, math.nan, math.nan)
    spread = by_trace(sample - mean, groups).std(ddof=1) if groups is not None else sample.std(ddof=1)
    reach = float(scipy.stats.t.ppf((1 + confidence) / 2, size - 1) * spread / math.sqrt(size))
    return Interval(mean, mean - reach, mean + reach, size - 1, size)


def traces_of(episodes: int, groups: Groups) -> int:
    """How many traces so many episodes are."""
    return episodes if groups is None else int(groups.max()) + 1


def first_groups(groups: Groups, episodes: int) -> Groups:
    """The same for the first so many episodes."""
    if groups is None:
        return None
    found: NDArray[np.int64] = np.unique(groups[:episodes], return_inverse=True)[1]
    return found


def by_trace(values: Floats, groups: Groups) -> Floats:
    """Sums over the episodes of each trace (G, …), so scaled that their mean is that of the episodes' values (E, …)."""
    if groups is None:
        return values
    count = traces_of(len(values), groups)
    found = np.zeros((count, *values.shape[1:]))
    np.add.at(found, groups, values)
    scaled: Floats = found * (count / len(values))
    return scaled


def paired_difference(
    values: ArrayLike, reference: ArrayLike, confidence: float = CONFIDENCE, groups: Groups = None
) -> Interval:
    """Mean of `values` − `reference`, episode by episode (E,): what both owe to their common trace cancels."""
    mine, theirs = np.asarray(values, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if mine.shape != theirs.shape:
        raise ValueError(f"{mine.shape} and {theirs.shape} episodes cannot be paired")
    return mean_interval(mine - theirs, confidence, groups)


def bootstrap_interval(
    columns: ArrayLike,
    statistic: Callable[[Any], Any],
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
    groups: Groups = None,
) -> list[Interval]:
    """Percentile bootstrap over episodes of something worked out from means: ratios, and differences of ratios.

    `columns` (E, M) are quantities of each episode; `statistic` turns their means (…, M) into numbers (…, Q), of which each
    gets its interval. Columns are resampled together, so that pairs stay pairs. Source: Efron & Tibshirani, An Introduction
    to the Bootstrap (1993), chapter 13.
    """
    table = np.asarray(columns, dtype=np.float64)
    estimates = np.atleast_1d(statistic(table.mean(axis=0)))
    traces = traces_of(len(table), groups)
    if traces < 2:
        return [Interval(float(value), math.nan, math.nan) for value in estimates]
    drawn = statistic(resampled_means(table, resamples, seed, groups))
    return [_percentiles(float(value), drawn[:, at], confidence, traces) for at, value in enumerate(estimates)]


def _percentiles(estimate: float, drawn: Floats, confidence: float, traces: int) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not (known.size and math.isfinite(estimate)):
        return Interval(estimate, math.nan, math.nan)
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), traces=traces)


def resampled_means(columns: Floats, resamples: int = RESAMPLES, seed: int = 0, groups: Groups = None) -> Floats:
    """Means (R, M) of the columns (E, M) over traces drawn with replacement; the same draws for the same E and seed."""
    return np.concatenate([weights @ columns for weights in resampling_weights(len(columns), resamples, seed, groups)])


def resampling_weights(size: int, resamples: int = RESAMPLES, seed: int = 0, groups: Groups = None) -> Iterator[Floats]:
    """Shares (r, E) that each of E things has in samples drawn with replacement, some r of all resamples at a time."""
    if groups is not None:
        for weights in resampling_weights(traces_of(size, groups), resamples, seed):
            shared = weights[:, groups]
            yield shared / shared.sum(axis=1, keepdims=True)
        return
    generator = np.random.default_rng(seed)
    for count in _portions(resamples, max(LARGEST // size, 1)):
        picked = generator.integers(size, size=(count, size)) + size * np.arange(count)[:, None]
        yield np.bincount(picked.ravel(), minlength=count * size).reshape(count, size) / size


def _portions(total: int, most: int) -> list[int]:
    return [min(most, total - done) for done in range(0, total, most)]


def smallest_chance(traces: float) -> float:
    """The least that chance can be told from so many independent traces: each may as well have come out the other way round.

    >>> smallest_chance(3), smallest_chance(6)
    (0.25, 0.03125)
    """
    return float(min(2.0 ** (1 - traces), 1.0))


def holm(p_values: ArrayLike) -> Floats:
    """P-values of several comparisons, each raised for there being others; unknown ones (NaN) do not count.

    Whoever finds a difference where the adjusted value is below α is wrong about any of them with a probability of at most α.
    Source: Holm, Scandinavian Journal of Statistics 6 (1979).

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given)  # NaN last
    known = int(np.isfinite(given).sum())
    adjusted = np.full(given.shape, np.nan)
    adjusted[order[:known]] = np.minimum(np.maximum.accumulate(given[order[:known]] * np.arange(known, 0, -1)), 1.0)
    return adjusted


def ratio(numerator: Any, denominator: Any) -> Any:
    """Numerator / denominator, NaN where there is nothing to divide by."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom != 0)


def cvar(costs: ArrayLike, share: float = 0.95) -> float:
    """Mean of the worst 1 − `share` of the costs (E,), the last one counted in part. Source: Rockafellar & Uryasev (2002).

    >>> cvar([1.0, 2.0, 3.0, 4.0], share=0.5)
    3.5
    """
    sample = np.asarray(costs, dtype=np.float64)
    return float(weighted_cvar(sample, np.full((1, sample.size), 1 / sample.size), share)[0])


def weighted_cvar(costs: Floats, weights: Floats, share: float = 0.95) -> Floats:
    """The same (R,) where the costs (E,) count with these weights (R, E), which sum to one in every row."""
    worst = np.argsort(-costs)
    reached = np.cumsum(weights[:, worst], axis=1)
    counted = np.diff(np.minimum(reached, 1 - share), axis=1, prepend=0.0)
    tails: Floats = counted @ costs[worst] / (1 - share)
    return tails
