"""Seasons: what mean demand is multiplied by over a week or a year, where the past shows that it is.

Letters: S series, T periods, L periods in a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Floats

from ..record.periods import CalendarPeriods

Integers = NDArray[np.int64]
CYCLES = {"day": 4, "week": 2, "month": 2}
"""How often a season must have been seen."""
SMOOTH = {"week": 3}
"""Waves by which a year of weeks is described: 52 numbers of their own would be noise."""
CHANCE = 1e-4
"""That a season as strong shows where there is none, above which it is not believed."""
LOWEST = 0.02


@dataclass(frozen=True)
class Season:
    """Factors of a cycle, with mean 1."""

    factors: Floats
    """(L,), from the cycle's first phase on: Monday, the year's first week, January."""

    def over(self, phases: Integers) -> Floats:
        """The factor of each period (T,)."""
        return np.asarray(self.factors[phases])


def phases_of(periods: CalendarPeriods, first: int, length: int) -> Integers | None:
    """The place of each period (T,) in its week or year; None where there is no calendar."""
    numbers = np.arange(first, first + length)
    if periods.unit == "day":
        return np.asarray((numbers + 3) % 7)
    if periods.unit == "month":
        return np.asarray(numbers % 12)
    if periods.unit == "week":
        return np.array([min(periods.date(int(number)).isocalendar().week, 52) - 1 for number in numbers])
    return None


def season_of(demand: Floats, phases: Integers, periods: CalendarPeriods) -> Season | None:
    """The common season of some series' demand (S, T), NaN where it is not known; None where none shows."""
    length = periods.season()
    if length is None or demand.shape[1] < CYCLES[periods.unit] * length:
        return None
    ratio, weight = ratios_of(demand)
    basis = _basis(phases, length, SMOOTH.get(periods.unit))
    trend = np.stack([np.ones(len(phases)), np.arange(len(phases)) / len(phases)], axis=1)
    if periods.unit == "day":
        trend = trend[:, :1]
    if not shows(ratio, weight, trend, basis):
        return None
    found = solved(ratio, weight, np.concatenate([trend, basis], axis=1))
    wave = _basis(np.arange(length), length, SMOOTH.get(periods.unit)) @ found[trend.shape[1] :]
    level = float((trend @ found[: trend.shape[1]]).mean())
    factors = np.maximum(1.0 + wave / max(level, 1e-9), LOWEST)
    factors[np.isin(np.arange(length), _never(demand, phases, length))] = 0.0
    return Season(factors / factors.mean())


def _never(demand: Floats, phases: Integers, length: int) -> Integers:
    """Phases in which nobody ever sells anything."""
    sold = np.nansum(demand, axis=0)
    return np.flatnonzero([(sold[phases == phase] == 0).all() and (phases == phase).sum() > 2 for phase in range(length)])


def ratios_of(demand: Floats) -> tuple[Floats, Floats]:
    """What was asked for in each period over what is usual for those that are known in it, and how much that is (T,)."""
    known = ~np.isnan(demand)
    usual = np.where(known, demand, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    expected = known.T @ usual
    return np.nansum(demand, axis=0) / np.maximum(expected, 1e-12), np.where(expected > 0, expected, 0.0)


def _basis(phases: Integers, length: int, waves: int | None) -> Floats:
    """What a season is put together of (T, …): smooth waves, or each phase less the last."""
    if waves is not None:
        return waves_of(phases + 0.5, length, waves)
    each = np.equal.outer(phases, np.arange(length)).astype(float)
    return np.asarray(each[:, :-1] - each[:, -1:])


def waves_of(place: NDArray[Any], length: float, waves: int) -> Floats:
    """Sines and cosines (T, 2 · waves) of a place in a cycle (T,)."""
    angle = 2 * np.pi * np.outer(place, np.arange(1, waves + 1)) / length
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def solved(ratio: Floats, weight: Floats, basis: Floats) -> Floats:
    """How much of each column of a basis (T, …) there is in a ratio (T,), by weighted least squares."""
    root = np.sqrt(weight)
    found, *_ = np.linalg.lstsq(basis * root[:, None], ratio * root, rcond=None)
    return np.asarray(found)


def shows(ratio: Floats, weight: Floats, trend: Floats, basis: Floats) -> bool:
    """Whether a season explains more than chance would (an F test)."""
    whole = np.concatenate([trend, basis], axis=1)
    left = [float((weight * (ratio - x @ solved(ratio, weight, x)) ** 2).sum()) for x in (trend, whole)]
    degrees = basis.shape[1], int((weight > 0).sum()) - whole.shape[1]
    if degrees[1] < 1 or left[1] <= 0:
        return left[0] > 1e-9 and degrees[1] >= 1
    value = (left[0] - left[1]) / degrees[0] / (left[1] / degrees[1])
    return bool(scipy.stats.f.sf(value, *degrees) < CHANCE)
