"""A distribution held as probabilities on equally spaced points: sums of periods and cost recursions become convolutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from orderup.envs.demand.distribution import Distribution, described
from orderup.envs.foundation.errors import InputError

TAIL = 1e-12
"""Probability given up in each tail (put on the outermost point kept)."""
NEXT_TO_NOTHING = 1e-3
"""Chance of demand below nothing that is passed over, as where formulas take a normal for what is cut at 0."""
MOST_POINTS = 2**22
MOST_SUMMED = 2**23
"""Points of a sum that is worked out at once: some hundreds of megabytes."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """A distribution on the multiples of `step`: `probability[i]` (M,) is that of the value (first + i)·step [units].

    It answers what scipy.stats' frozen discrete distributions answer.

    >>> coin = Lattice(np.array([0.5, 0.5]), first=0)
    >>> coin.sum(2).probability.tolist(), coin.sum(2).ppf(0.6).item()
    ([0.25, 0.5, 0.25], 1.0)
    """

    probability: NDArray[np.float64]
    first: int
    step: float = 1.0

    def __repr__(self) -> str:
        return f"demand of {described(self)}, in steps of {self.step:.4g}"

    @property
    def last(self) -> int:
        """Index of the highest point: its value is last·step."""
        return self.first + len(self.probability) - 1

    @property
    def values(self) -> NDArray[np.float64]:
        """The points (M,) [units]."""
        return self.step * np.arange(self.first, self.last + 1, dtype=np.float64)

    def mean(self) -> float:
        return float(self.probability @ self.values)

    def std(self) -> float:
        return float(np.sqrt(self.probability @ (self.values - self.mean()) ** 2))

    def pmf(self, x: Any) -> Any:
        """Probability of the lattice point nearest to x, where x is one."""
        index = np.asarray(x) / self.step - self.first
        near = np.rint(index).astype(np.int64)
        held = (near >= 0) & (near < len(self.probability)) & (np.abs(index - near) < 1e-6)
        return np.where(held, self.probability[np.clip(near, 0, len(self.probability) - 1)], 0.0)

    def cdf(self, x: Any) -> Any:
        index = np.floor(np.asarray(x) / self.step + 1e-9).astype(np.int64) - self.first
        return np.where(index < 0, 0.0, np.cumsum(self.probability)[np.clip(index, 0, len(self.probability) - 1)])

    def ppf(self, q: Any) -> Any:
        """Smallest point whose distribution function reaches q, to within rounding."""
        index = np.searchsorted(np.cumsum(self.probability), np.asarray(q) - 1e-14)
        return self.step * (self.first + np.minimum(index, len(self.probability) - 1))

    def sum(self, periods: int) -> Lattice:
        """Distribution of the sum of `periods` independent draws."""
        size = periods * (len(self.probability) - 1) + 1
        if size > MOST_SUMMED:
            half = self.sum(periods // 2)
            return half.plus(half) if periods % 2 == 0 else half.plus(half).plus(self)
        length = fft.next_fast_len(size, real=True)
        total = np.clip(fft.irfft(fft.rfft(self.probability, length) ** periods, length)[:size], 0.0, None)
        return _trimmed(total / total.sum(), periods * self.first, self.step)

    def plus(self, other: Lattice) -> Lattice:
        """Distribution of the sum of an independent draw of each. Raises InputError where it takes too many points."""
        size = len(self.probability) + len(other.probability) - 1
        if size > MOST_SUMMED:
            found = f"{size:,} points of {other!r}"
            raise InputError("demand", found, f"at most {MOST_SUMMED:,}: a shorter lead time, or demand in larger units")
        length = fft.next_fast_len(size, real=True)
        total = np.clip(
            fft.irfft(fft.rfft(self.probability, length) * fft.rfft(other.probability, length), length)[:size], 0.0, None
        )
        return _trimmed(total / total.sum(), self.first + other.first, self.step)

    def minus(self, other: Lattice) -> Lattice:
        """Distribution of an independent draw of this less one of another, on the same lattice."""
        return self.plus(Lattice(other.probability[::-1], -other.last, other.step))

    def at_most(self, last: int) -> Lattice:
        """The same with what is above the point of the index `last` counted as that point."""
        if self.last <= last:
            return self
        kept = self.probability[: max(last - self.first, 0) + 1].copy()
        kept[-1] = self.probability[max(last - self.first, 0) :].sum()
        return Lattice(kept, min(self.first, last), self.step)

    @property
    def not_negative(self) -> Lattice:
        """The same with what is below nothing counted as nothing."""
        if self.first >= 0:
            return self
        probability = self.probability[-self.first :].copy()
        probability[0] += self.probability[: -self.first].sum()
        return Lattice(probability, 0, self.step)

    def rounded(self, step: float) -> Lattice:
        """The same on the nearest multiples of another `step` [units]."""
        place = np.rint(self.values / step).astype(np.int64)
        together = np.asarray(np.bincount(place - place[0], self.probability), dtype=np.float64)
        return Lattice(together, int(place[0]), step)

    def coarsened(self, step: float) -> Lattice:
        """The same with each point shared by its two neighbours on a coarser lattice, which leaves the mean as it is."""
        place = self.values / step
        low = np.floor(place).astype(np.int64)
        above = self.probability * (place - low)
        together = np.zeros(int(low[-1] - low[0]) + 2)
        np.add.at(together, low - low[0], self.probability - above)
        np.add.at(together, low - low[0] + 1, above)
        return Lattice(together, int(low[0]), step)


def on_lattice(demand: Distribution, step: float | None = None) -> Lattice:
    """`demand` rounded to the nearest multiples of `step`, its tails cut at TAIL.

    A demand for whole units keeps every probability (step 1), a certain amount is the lattice's step; any other gets a
    thousandth of its standard deviation unless `step` [units] is given, and the error of a cost worked out from it falls with
    step². Raises InputError for a step that is not positive, several products at once, or tails too heavy to cut (too many
    points, or a mean that the lattice misses).
    """
    if isinstance(demand, Lattice):
        return demand
    mean, spaced = _scalar(demand.mean()), spacing(demand)
    if spaced is None and _scalar(demand.std()) == 0:
        return Lattice(np.ones(1), 1, mean)
    step = spaced if spaced is not None else _scalar(demand.std()) / 1000 if step is None else step
    if not 0 < step < np.inf:
        raise InputError("step", step, "a positive number of units")
    ends = (_scalar(demand.ppf(q)) for q in (TAIL, 1 - TAIL))
    first, last = (int(np.rint(end / step)) for end in ends)
    if last - first >= MOST_POINTS:
        raise InputError("step", step, f"steps that reach from {first * step} to {last * step} within {MOST_POINTS} points")
    edges = (np.arange(first, last) + 0.5) * step
    reached = np.concatenate([[0.0], np.reshape(demand.cdf(edges[:, None]), -1), [1.0]])
    lattice = Lattice(np.diff(reached), first, step)
    if abs(lattice.mean() - mean) > (0.5 if spaced is None else 1e-6) * step + 1e-9 * abs(mean):
        raise InputError("demand", f"mean {mean}, {lattice.mean()} on a lattice", "tails that can be cut at a chance of 1e-12")
    return lattice


def whole_units(demand: Distribution) -> Lattice:
    """`demand` on the integers. Raises InputError where it is not in whole units, or sometimes negative."""
    one = on_lattice(demand)
    if one.step != 1.0 or one.first < 0:
        raise InputError("demand", demand, "whole units, none negative")
    return one


def never_negative(one: Lattice) -> Lattice:
    """The same with the next to nothing that is below nothing counted as nothing. Raises InputError where it is more."""
    if one.first < 0 and one.cdf(-one.step) > NEXT_TO_NOTHING:
        raise InputError("demand", one, "demand that is never negative")
    return one.not_negative


def spacing(demand: Distribution) -> float | None:
    """Distance between the points that carry all probability: the step it tells, 1 for whole units; None for anything else."""
    step: float | None = getattr(demand, "step", None)
    if step is not None:
        return step
    quantiles = np.asarray(demand.ppf(np.linspace(0.01, 0.99, 15)[:, None]))
    return 1.0 if np.array_equal(quantiles, np.rint(quantiles)) else None


def _trimmed(probability: NDArray[np.float64], first: int, step: float) -> Lattice:
    """The same distribution without its outermost points of less than TAIL in all, whose mass goes to the next."""
    below, above = np.cumsum(probability), np.cumsum(probability[::-1])
    low, high = int(np.argmax(below >= TAIL)), len(probability) - 1 - int(np.argmax(above >= TAIL))
    kept = probability[low : high + 1].copy()
    kept[0] += probability[:low].sum()
    kept[-1] += probability[high + 1 :].sum()
    return Lattice(kept, first + low, step)


def _scalar(value: Any) -> float:
    if np.size(value) != 1:
        raise InputError("demand", value, "the demand of one product at a time")
    return float(np.reshape(value, ())[()])
