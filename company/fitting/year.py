"""A year that days show beside their weekdays: a factor for each of its weeks, believed where it tells what was kept back.

Letters: S series, T periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Floats

from .family import means
from .season import ratios_of, shows, solved, waves_of
from .windows import Spans

Integers = NDArray[np.int64]
WEEK, WEEKS, WAVES = 7, 52, 3
STEP = 0.05
"""Factors are whole multiples of it: a distribution for every day of a year and product would be too many to draw from."""


@dataclass(frozen=True)
class YearOfDays:
    """What the past shows of a year, and whether it is believed."""

    factors: Floats
    """Of the weeks of a year (52,)."""
    periods: int
    """Of the window that was kept back."""
    missed: float
    """What days of that window were missed by, with a year that is fitted to what was before (root of the mean square, as a
    share of the mean)."""
    missed_without: float
    """The same by weekdays alone."""

    @property
    def is_believed(self) -> bool:
        """Whether it tells more than weekdays alone do."""
        return self.missed < self.missed_without

    @property
    def sentence(self) -> str:
        """Why it is believed or not, in words."""
        low, high = 100 * (self.factors.min() - 1), 100 * (self.factors.max() - 1)
        return (
            f"over a year the mean is {low:+.0f} % to {high:+.0f} %; the last {self.periods} days, kept back, are missed by "
            f"{100 * self.missed:.1f} % with it, {100 * self.missed_without:.1f} % without"
        )


def year_of_days(demand: Floats, weekdays: Floats, phases: Integers, spans: Spans) -> YearOfDays | None:
    """What all days' demand (S, T) shows of a year beside weekdays' factors (S, T).

    None where a year has not been seen twice, or shows no more than chance would.
    """
    before, length = spans.test[0], demand.shape[1]
    if length < 2 * WEEK * WEEKS or before < WEEK * WEEKS:
        return None
    weeks = phases // WEEK
    factors = _fitted(demand, weekdays, weeks)
    if factors is None:
        return None
    learnt = _fitted(demand[:, :before], weekdays[:, :before], weeks[:before], surely=False)
    assert learnt is not None  # as it is asked for in any case
    missed = [_missed(demand, weekdays * year[weeks], before) for year in (learnt, np.ones(WEEKS))]
    return YearOfDays(factors, length - before, *missed)


def _fitted(demand: Floats, weekdays: Floats, weeks: Integers, surely: bool = True) -> Floats | None:
    """Factors of the weeks of a year (52,), smooth, beside a trend; None for what may be chance, unless it need not be sure."""
    ratio, weight = ratios_of(demand, weekdays)
    trend = np.stack([np.ones(len(weeks)), np.arange(len(weeks)) / len(weeks)], axis=1)
    basis = waves_of(weeks + 0.5, WEEKS, WAVES)
    if surely and not shows(ratio, weight, trend, basis):
        return None
    found = solved(ratio, weight, np.concatenate([trend, basis], axis=1))
    level = float((trend @ found[:2]).mean())
    wave = waves_of(np.arange(WEEKS) + 0.5, WEEKS, WAVES) @ found[2:]
    return np.asarray(np.maximum(np.rint((1.0 + wave / max(level, 1e-9)) / STEP), 1.0) * STEP)


def _missed(demand: Floats, factors: Floats, before: int) -> float:
    """How far all days after a first part are from what that part and factors (S, T) lead to expect."""
    known = ~np.isnan(demand[:, before:])
    expected = np.where(known, means(demand[:, :before], factors[:, :before])[:, None] * factors[:, before:], 0.0).sum(axis=0)
    there = np.where(known, demand[:, before:], 0.0).sum(axis=0)
    return float(np.sqrt(((there - expected) ** 2).mean()) / max(float(there.mean()), 1e-12))
