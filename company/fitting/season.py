"""Seasons: what mean demand is multiplied by over a week or a year, where the past shows that it is.

Letters: S series, T periods, L periods in a cycle.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Floats

from ..record.periods import CalendarPeriods
from .family import means

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
    outer: Floats | None = None
    """Of whole cycles, one after the other: of days, (52,) for the weeks of a year; None where all are alike."""

    @property
    def length(self) -> int:
        """Periods until it begins again."""
        return len(self.factors) * (1 if self.outer is None else len(self.outer))

    def over(self, phases: Integers) -> Floats:
        """The factor of each period (T,)."""
        found = self.factors[phases % len(self.factors)]
        return np.asarray(found if self.outer is None else found * self.outer[phases // len(self.factors)])


def phases_of(periods: CalendarPeriods, first: int, length: int) -> Integers | None:
    """The place of each period (T,) in its year, of a day among 52 weeks of seven; None where there is no calendar."""
    numbers = np.arange(first, first + length)
    if periods.unit == "day":
        return np.array([(_week(periods.date(int(number))) * 7 + (int(number) + 3) % 7) for number in numbers])
    if periods.unit == "month":
        return np.asarray(numbers % 12)
    if periods.unit == "week":
        return np.array([_week(periods.date(int(number))) for number in numbers])
    return None


def _week(day: dt.date) -> int:
    """The place of a day's week among the 52 of a year: a 53rd is the last."""
    return min(day.isocalendar().week, 52) - 1


def season_of(demand: Floats, phases: Integers, periods: CalendarPeriods) -> Season | None:
    """The common season of some series' demand (S, T), NaN where it is not known; None where none shows."""
    length = periods.season()
    if length is None or demand.shape[1] < CYCLES[periods.unit] * length:
        return None
    phases = phases % length
    ratio, weight = ratios_of(demand, np.ones(demand.shape))
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


def ratios_of(demand: Floats, factors: Floats) -> tuple[Floats, Floats]:
    """What was asked for in each period over what is usual for those that are known in it, and how much that is (T,).

    Usual is each series' mean, times what is known of a period: `factors` (S, T).
    """
    known = np.where(np.isnan(demand), 0.0, factors)
    expected = known.T @ means(demand, factors)
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
