"""How sure one can be of a learner: intervals over its training seeds and over the traces they were all evaluated on.

Letters: S training seeds, E episodes (traces), M quantities, Q numbers worked out from their means, R resamples.

Seeds and traces are crossed: every seed meets every trace. So both are drawn with replacement, seeds for each method by itself,
traces once for all seeds and methods, which keeps pairs pairs. Source: Owen, The pigeonhole bootstrap, Annals of Applied
Statistics 1 (2007), which shows that the spread so found is never too small by more than the usual (n − 1) / n. With five seeds
that is a fifth, so seeds' deviations are stretched by √(S / (S − 1)), and bounds by Student's t over the normal quantile, as
Hesterberg advises (The American Statistician 69, 2015), with the degrees of freedom of Welch and Satterthwaite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s

from .statistics import CONFIDENCE, RESAMPLES, Floats, Groups, Interval, cvar, resampling_weights, traces_of, weighted_cvar

Statistic: TypeAlias = Callable[[Any], Any]
"""From means (…, M of all methods, one after another) to numbers (…, Q)."""


def two_level_intervals(
    methods: Sequence[Floats],
    statistic: Statistic,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
    groups: Groups = None,
) -> list[Interval]:
    """Bootstrap over training seeds, then traces, of something worked out from the methods' means.

    Each of `methods` is (S, E, M), with its own S and the same E. One with a single seed is taken as it is: what its seed owes
    to chance cannot be told. Bounds are NaN with fewer than two traces. Raises ValueError for methods that met other traces.
    """
    if len({rows.shape[1] for rows in methods}) != 1:
        raise ValueError("methods on different traces cannot be compared")
    drawn = [_on_drawn_traces(rows, lambda weights, one: weights @ one, resamples, seed, groups) for rows in methods]
    traces = traces_of(methods[0].shape[1], groups)
    return _intervals([rows.mean(axis=1) for rows in methods], drawn, traces, statistic, confidence, seed)


def two_level_cvar(
    costs: Floats, share: float = 0.95, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, groups: Groups = None
) -> Interval:
    """The same for the mean over seeds of each one's CVaR, `costs` being (S, E)."""
    whole = np.array([[cvar(row, share)] for row in costs])
    drawn = _on_drawn_traces(costs, lambda weights, row: weighted_cvar(row, weights, share)[:, None], resamples, 0, groups)
    return _intervals([whole], [drawn], traces_of(costs.shape[1], groups), lambda means: means, confidence, 0)[0]


def two_level_difference(
    one: Floats,
    other: Floats,
    worked_out: Callable[[Floats, Floats], Floats],
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    groups: Groups = None,
) -> Interval:
    """The same for what is worked out from the costs (S, E) of one method, less that of another on the same traces.

    `worked_out` turns costs (E,) and weights (R, E), which sum to one in every row, into numbers (R,). Raises ValueError for
    methods that met other traces.
    """
    if one.shape[1] != other.shape[1]:
        raise ValueError("methods on different traces cannot be compared")
    alike = np.full((1, one.shape[1]), 1 / one.shape[1])
    whole = [np.array([worked_out(row, alike) for row in costs]) for costs in (one, other)]
    drawn = [
        _on_drawn_traces(costs, lambda weights, row: worked_out(row, weights)[:, None], resamples, 0, groups)
        for costs in (one, other)
    ]
    return _intervals(
        whole, drawn, traces_of(one.shape[1], groups), lambda means: means[..., :1] - means[..., 1:], confidence, 0
    )[0]


def _on_drawn_traces(
    rows: Floats, worked_out: Callable[[Floats, Floats], Floats], resamples: int, seed: int, groups: Groups
) -> Floats:
    """What each seed comes to on each draw of the traces (R, S, M), the same draws for everybody with so many traces."""
    portions = resampling_weights(rows.shape[1], resamples, seed, groups)
    return np.concatenate([np.stack([worked_out(weights, one) for one in rows], axis=1) for weights in portions])


def _intervals(
    whole: Sequence[Floats], drawn: Sequence[Floats], traces: int, statistic: Statistic, confidence: float, seed: int
) -> list[Interval]:
    """From what each seed of each method comes to on all traces (S, M), and on each draw of them (R, S, M)."""
    settled = [found.mean(axis=0) for found in whole]
    estimates = np.atleast_1d(statistic(np.concatenate(settled)))
    if traces < 2:
        return [Interval(float(value), math.nan, math.nan) for value in estimates]
    weights = [_seeds(len(found), len(drawn[0]), seed + 1 + place) for place, found in enumerate(whole)]
    together = [np.einsum("rs,rsm->rm", ours, found) for ours, found in zip(weights, drawn, strict=True)]
    values = statistic(np.concatenate(together, axis=1))
    alone = [_variance(statistic(np.concatenate([found.mean(axis=1) for found in drawn], axis=1)))]
    for place, ours in enumerate(weights):
        fixed = [np.broadcast_to(found, (len(ours), found.size)) for found in settled]
        fixed[place] = ours @ whole[place]
        alone.append(_variance(statistic(np.concatenate(fixed, axis=1))))
    sizes = [traces, *(len(found) for found in whole)]
    degrees = [freedom([spread[at] for spread in alone], sizes) for at in range(estimates.size)]
    return [_bounds(float(value), values[:, at], degrees[at], confidence, traces) for at, value in enumerate(estimates)]


def _seeds(size: int, resamples: int, seed: int) -> Floats:
    """Weights of a method's seeds (R, S), their deviations from 1/S stretched for there being few."""
    if size == 1:
        return np.ones((resamples, 1))
    weights = np.concatenate(list(resampling_weights(size, resamples, seed)))
    return 1 / size + (weights - 1 / size) * math.sqrt(size / (size - 1))


def _variance(drawn: Any) -> Floats:
    """Of each column (Q,), unknown values left out."""
    known = np.isfinite(drawn)
    count = np.maximum(known.sum(axis=0), 1)
    values = np.where(known, drawn, 0.0)
    mean = values.sum(axis=0) / count
    found: Floats = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count
    return found


def freedom(variances: Sequence[float], sizes: Sequence[int]) -> float:
    """Degrees of freedom of a sum of independent errors, each told from so many things: Welch and Satterthwaite's.

    >>> freedom([1.0, 1.0], [6, 6]), freedom([1.0, 0.0], [6, 1])
    (10.0, 5.0)
    """
    below = sum(variance**2 / (size - 1) for variance, size in zip(variances, sizes, strict=True) if variance > 0 and size > 1)
    return float(sum(variances) ** 2 / below) if below > 0 else math.inf


def _bounds(estimate: float, drawn: Floats, degrees: float, confidence: float, traces: int) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not (known.size and math.isfinite(estimate)):
        return Interval(estimate, math.nan, math.nan)
    upper = (1 + confidence) / 2
    low, high = np.quantile(known, [1 - upper, upper])
    stretch = float(scipy.stats.t.ppf(upper, degrees) / scipy.stats.norm.ppf(upper))
    reach = stretch * np.array([low - estimate, high - estimate])
    return Interval(estimate, float(estimate + reach[0]), float(estimate + reach[1]), degrees, traces)
