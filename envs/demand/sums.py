"""What several periods come to when each of them is drawn from the same distribution: one product's, on a grid.

Letters: M points of a grid, K products.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from ..foundation.errors import InputError
from ..numerics.arrays import Floats
from .distribution import NormalDistribution, described

TAIL = 1e-12
"""Probability on either side that a grid puts on its outermost point."""
MOST_POINTS = 2**21
FINENESS = 1000
"""Points to a standard deviation, where demand is not in steps of its own."""
COARSEST = 10
"""Fewer points to a period's standard deviation than this, and a sum is taken for normal, as it nearly is by then."""
LOOKS = np.linspace(1 / 256, 255 / 256, 255)
"""Where it is looked at whether demand comes in whole numbers."""


class OneProduct(Protocol):
    """A distribution of one product's demand, as scipy.stats freezes them: this much is needed of it."""

    def ppf(self, q: Any) -> Any:
        """The smallest demand whose cumulative probability reaches q."""

    def cdf(self, x: Any) -> Any:
        """The probability that the demand is at most x."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Probabilities (M,) of multiples of a step, from number `first` on; where it is smooth they stand for all between."""

    probability: Floats
    first: int
    step: float
    smooth: bool

    def ppf(self, q: ArrayLike) -> Floats:
        """The smallest demand whose cumulative probability reaches q."""
        reached, wanted = np.cumsum(self.probability), np.asarray(q, float)
        if self.smooth:
            edges = self.step * (self.first + np.arange(len(reached) + 1) - 0.5)
            return np.asarray(np.maximum(np.interp(wanted, np.append(0.0, reached), edges), 0.0))
        found: Floats = self.step * (self.first + np.minimum(np.searchsorted(reached, wanted - TAIL), len(reached) - 1))
        return found

    def cdf(self, x: ArrayLike) -> Floats:
        """The probability that the demand is at most x."""
        reached, place = np.append(0.0, np.cumsum(self.probability)), np.asarray(x, float) / self.step - self.first
        if self.smooth:
            least = self.probability[0] if self.first == 0 else 0.0  # what is cut at 0 lies there, and not around it
            return np.where(np.asarray(x) < 0, 0.0, np.maximum(np.interp(place + 0.5, np.arange(len(reached)), reached), least))
        found: Floats = reached[np.clip(np.floor(place + 1e-9) + 1, 0, len(reached) - 1).astype(np.int64)]
        return found

    def mean(self) -> float:
        """The expected demand."""
        return float(self.step * (self.first + self.probability @ np.arange(len(self.probability))))

    def std(self) -> float:
        """The standard deviation of the demand."""
        points = self.step * (self.first + np.arange(len(self.probability)))
        return float(np.sqrt(self.probability @ (points - self.mean()) ** 2))

    def sum(self, periods: int) -> Grid:
        """Of so many independent draws."""
        size = periods * (len(self.probability) - 1) + 1
        length = fft.next_fast_len(size, real=True)
        total = np.maximum(fft.irfft(fft.rfft(self.probability, length) ** periods, length)[:size], 0.0)
        return Grid(total / total.sum(), periods * self.first, self.step, self.smooth)


@dataclass(frozen=True, eq=False)
class Steps:
    """Some values in ascending order (M,) with their probabilities (M,)."""

    values: Floats
    probability: Floats

    def ppf(self, q: ArrayLike) -> Floats:
        """The smallest value whose cumulative probability reaches q."""
        at = np.searchsorted(np.cumsum(self.probability), np.asarray(q, float) - TAIL)
        found: Floats = self.values[np.minimum(at, len(self.values) - 1)]
        return found

    def cdf(self, x: ArrayLike) -> Floats:
        """The probability that the value is at most x."""
        reached = np.append(0.0, np.cumsum(self.probability))
        found: Floats = reached[np.searchsorted(self.values, np.asarray(x, float), side="right")]
        return found

    def grid(self) -> Grid | None:
        """The same as multiples of one step; None where they have none that is of any use."""
        step = common_step(self.values.tolist())
        if step is None:
            return None
        place = np.rint(self.values / step).astype(np.int64)
        return Grid(np.bincount(place - place[0], self.probability).astype(float), int(place[0]), step, smooth=False)


@dataclass(frozen=True, eq=False)
class Cut:
    """A distribution with what lies below nothing counted as nothing, as it is when it is drawn."""

    inner: OneProduct

    def ppf(self, q: ArrayLike) -> Floats:
        """The smallest demand whose cumulative probability reaches q."""
        found: Floats = np.maximum(np.asarray(self.inner.ppf(np.asarray(q, float)), float), 0.0)
        return found

    def cdf(self, x: ArrayLike) -> Floats:
        """The probability that the demand is at most x."""
        return np.where(np.asarray(x, float) < 0, 0.0, np.asarray(self.inner.cdf(np.asarray(x, float)), float))

    def ends(self, tail: float = TAIL) -> tuple[float, float]:
        """The demands between which all but two tails lies. Raises InputError where they are no numbers."""
        low, high = (float(end) for end in self.ppf(np.array([tail, 1 - tail])))
        if not math.isfinite(low) or not math.isfinite(high):
            raise InputError("demand", f"a ppf from {low:g} to {high:g}", "finite amounts for all 0 < q < 1")
        return low, high

    @property
    def whole(self) -> bool:
        """Whether demand comes in whole numbers, as far as one can see."""
        seen = self.ppf(LOOKS)
        return bool((seen == np.rint(seen)).all())

    def grid(self, step: float | None = None) -> Grid:
        """The distribution on a grid: of its whole numbers, or of multiples of a `step`."""
        smooth, step = step is not None, 1.0 if step is None else step
        first, last = (round(end / step) for end in self.ends())
        reached = np.concatenate([[0.0], self.cdf((np.arange(first, last) + 0.5) * step), [1.0]])
        if not (np.diff(reached) >= 0).all():
            raise InputError("demand", "a cdf that falls", "a cumulative probability, which rises from 0 to 1")
        return Grid(np.diff(reached), first, step, smooth)

    def finest(self) -> Grid:
        """The distribution on the grid that its moments are read off: a fine one, but of a size that fits."""
        low, high = self.ends()
        if self.whole and high - low < MOST_POINTS:
            return self.grid()
        near, far = self.ppf(np.array([0.16, 0.84]))
        usual = float(far - near) / 2 or (high - low) / 20 or 1.0
        return self.grid(max(usual / FINENESS, (high - low) / MOST_POINTS))


def summed(one: OneProduct, periods: int, mean: float, deviation: float) -> Any:
    """What `periods` independent draws of a distribution with these moments come to in sum.

    Whole numbers are counted exactly; anything else is on a grid of a thousandth of the sum's deviation; and where so many
    periods do not fit on a grid that still shows a single one, their sum is normal, as the central limit theorem has it.
    """
    cut = Cut(one)
    if periods == 1:
        return cut
    low, high = cut.ends()
    points = periods * (high - low)
    if cut.whole and points < MOST_POINTS:
        return cut.grid().sum(periods)
    step = max(math.sqrt(periods) * deviation / FINENESS, points / MOST_POINTS)
    if 0 < step <= deviation / COARSEST:
        return cut.grid(step).sum(periods)
    return NormalDistribution(periods * mean, math.sqrt(periods) * deviation)


def common_step(values: Sequence[float]) -> float | None:
    """The largest number that all of these are multiples of; None where too many steps lie between 0 and the largest."""
    parts = [Fraction(repr(value)) for value in values if value]
    if not parts:
        return 1.0
    whole = math.lcm(*(part.denominator for part in parts))
    step = Fraction(math.gcd(*(int(part * whole) for part in parts)), whole)
    return float(step) if max(parts) / step < MOST_POINTS else None


class SideBySide:
    """Distributions of one product each (K of them) as one of all, with the moments that belong to them."""

    def __init__(self, ones: Sequence[Any], mean: Floats, deviation: Floats) -> None:
        self._ones, self._mean, self._deviation = list(ones), mean, deviation

    def __repr__(self) -> str:
        return f"demand of {described(self)}"

    @property
    def step(self) -> float | None:
        """What all demand comes in multiples of, where that is known."""
        steps = {one.step for one in self._ones if isinstance(one, Grid) and not one.smooth}
        return steps.pop() if len(steps) == 1 and len(self._ones) == 1 else None

    def ppf(self, q: ArrayLike) -> Floats:
        """The smallest demands whose cumulative probability reaches q."""
        return self._each("ppf", q)

    def cdf(self, x: ArrayLike) -> Floats:
        """The probability that each product's demand is at most x."""
        return self._each("cdf", x)

    def mean(self) -> Floats:
        """The expected demand (K,)."""
        return self._mean

    def std(self) -> Floats:
        """The standard deviation of the demand (K,)."""
        return self._deviation

    def _each(self, name: str, given: ArrayLike) -> Floats:
        values = np.asarray(given, float)
        values = np.broadcast_to(values, (*values.shape[:-1], len(self._ones)))
        parts = [np.asarray(getattr(one, name)(values[..., k])) for k, one in enumerate(self._ones)]
        return np.stack(parts, axis=-1)
