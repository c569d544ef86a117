"""Differences between any two of several methods, told all at once: they hold for whomever the same traces then pick.

Letters: M methods, S training seeds, E traces, R arrangements.

Whoever takes the cheapest of many and compares it with the rest compares with a lucky one. So every difference, in units of its
own spread, is held against what the largest of all M (M − 1) / 2 comes to by chance alone: the costs of each whole trace are
turned about their mean over the methods, or left, so that what methods have in common stays so. Where nobody differs that is
exact for any number of traces, and no chance is smaller than one arrangement of all there are. The same is done about every
method's own mean, so that it holds too where some differ. Sources: Hsu, Multiple Comparisons: Theory and Methods (1996),
chapters 4 and 5; Romano and Wolf, Econometrica 73 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from numpy.typing import NDArray

from .statistics import CONFIDENCE, Floats, Interval, smallest_chance
from .two_level import freedom

Places: TypeAlias = NDArray[np.int64]

ARRANGEMENTS = 4999
"""Drawn where there are more than can be gone through."""
EXACT = 12
"""Traces up to which all are gone through."""
ROUNDING = 1e-9
"""Share of a cost below which a difference comes from the order of additions."""
LARGEST = 2**22
"""Numbers that are held at once."""


@dataclass(frozen=True, eq=False)
class Family:
    """Costs of several methods, (S, E) each with its own S, on the same independent traces."""

    costs: tuple[Floats, ...]

    def p_value(self, one: int, other: int) -> float:
        """How likely so large a difference between any two is by chance; NaN on one trace, 1 where there is none."""
        if self._count < 2:
            return math.nan
        return self._chance(float(self._observed[one, other]), self._largest(self._everybody))

    @cached_property
    def beaten(self) -> Floats:
        """For each method how likely it looks dearer than another by chance, so that it may be the best (M,); NaN on one trace.

        Who is found dearer than somebody leaves, and the others are compared anew among themselves: whoever is as good as the
        best is called dearer, ever, in one table of twenty. Source: Hansen, Lunde and Nason, Econometrica 79 (2011).
        """
        if self._count < 2:
            return np.full(len(self.costs), math.nan)
        found, left, before = np.ones(len(self.costs)), self._everybody, 0.0
        while True:
            largest = self._largest(left)
            chances = np.array([self._chance(self._dearest(one, left), largest) for one in left])
            found[left] = np.maximum(chances, before)
            gone = chances < 1 - CONFIDENCE
            if not gone.any():
                return found
            before = float(found[left][gone].max())
            left = left[~gone]

    def widened(self, found: Interval) -> Interval:
        """The interval of a difference, or of what moves with it, so wide that those of all pairs hold at once."""
        if not math.isfinite(found.half_width):
            return found
        if not math.isfinite(self._reach):
            return replace(found, low=math.nan, high=math.nan)
        chance = 2 * scipy.stats.t.sf(self._reach, self._count - 1)
        wide, usual = (scipy.stats.t.isf(tail, found.freedom) for tail in (chance / 2, (1 - CONFIDENCE) / 2))
        stretch = max(float(wide / usual), 1.0)
        low, high = (found.estimate + stretch * (bound - found.estimate) for bound in (found.low, found.high))
        return replace(found, low=low, high=high)

    @cached_property
    def _reach(self) -> float:
        """Standard errors beyond which a difference between any two is more than chance; inf where no number of them is."""
        if self._count < 2 or smallest_chance(self._count) >= 1 - CONFIDENCE:
            return math.inf
        largest = self._largest(self._everybody)
        size = largest[0].size
        place = math.ceil((1 - CONFIDENCE) * size) if self._exact else math.ceil((1 - CONFIDENCE) * (size + 1)) - 1
        worst = max(float(np.sort(values)[-place]) for values in largest)
        if worst**2 >= self._count * (1 - ROUNDING):
            return math.inf
        return worst * math.sqrt((self._count - 1) / (self._count - worst**2))

    @cached_property
    def _settled(self) -> Floats:
        """Each method's mean over its seeds on each trace, less what all have in common (E, M)."""
        table = np.stack([rows.mean(axis=0) for rows in self.costs], axis=1)
        settled: Floats = table - table.mean(axis=1, keepdims=True)
        return settled

    @cached_property
    def _by_seeds(self) -> Floats:
        """Variance of each method's mean that its seeds make (M,); nothing is known of it from one."""
        means = [rows.mean(axis=1) for rows in self.costs]
        return np.array([found.var(ddof=1) / found.size if found.size > 1 else 0.0 for found in means])

    @property
    def _count(self) -> int:
        return len(self._settled)

    @property
    def _exact(self) -> bool:
        """Whether every arrangement is gone through."""
        return self._count <= EXACT and not self._by_seeds.any()

    @cached_property
    def _observed(self) -> Floats:
        """Each pair's difference in units of its root mean square (M, M)."""
        sums = self._settled.sum(axis=0)
        found: Floats = abs(sums[:, None] - sums) * self._arranged[0][1]
        for one, other in np.argwhere(np.triu(self._by_seeds[:, None] + self._by_seeds > 0, 1)):
            found[one, other] = found[other, one] = self._with_seeds(one, other) if found[one, other] else 0.0
        return found

    def _with_seeds(self, one: int, other: int) -> float:
        """That of a difference between as many traces alone that would be as unlikely as this one, with seeds in it."""
        apart, count = self._settled[:, one] - self._settled[:, other], self._count
        variances = [float(apart.var(ddof=1)) / count, *self._by_seeds[[one, other]]]
        degrees = freedom(variances, [count, *(len(self.costs[at]) for at in (one, other))])
        chance = scipy.stats.t.sf(abs(float(apart.mean())) / math.sqrt(sum(variances)), degrees)
        errors = float(scipy.stats.t.isf(chance, count - 1))
        return errors * math.sqrt(count / (count - 1 + errors**2)) if math.isfinite(errors) else math.sqrt(count)

    @property
    def _nothing(self) -> float:
        """Sum of squares that rounding comes to."""
        largest = max(float(abs(rows).max()) for rows in self.costs)
        return self._count * (ROUNDING * largest) ** 2

    def _chance(self, observed: float, largest: Sequence[Floats]) -> float:
        """In how many arrangements the largest difference is as large as an observed one."""
        reached = max(int((values >= observed * (1 - ROUNDING)).sum()) for values in largest)
        found = reached / largest[0].size if self._exact else (1 + reached) / (1 + largest[0].size)
        return max(found, smallest_chance(self._count))

    def _dearest(self, one: int, left: Places) -> float:
        """By how much a method looks dearer than any of those who are left."""
        means = self._settled.mean(axis=0)
        return float(np.where(means[left] < means[one], self._observed[one, left], 0.0).max())

    @property
    def _everybody(self) -> Places:
        return np.arange(len(self.costs))

    def _largest(self, left: Places) -> list[Floats]:
        """The largest difference between those who are left in every arrangement (R,): as it is, and about their means."""
        found = []
        for sums, units in self._arranged:
            largest = np.zeros(len(sums))
            for place, one in enumerate(left[:-1]):
                others = left[place + 1 :]
                largest = np.maximum(largest, (abs(sums[:, one, None] - sums[:, others]) * units[one, others]).max(axis=1))
            found.append(largest)
        return found

    @cached_property
    def _arranged(self) -> list[tuple[Floats, Floats]]:
        """The sums of every arrangement (R, M), and what one unit of a difference is worth (M, M)."""
        tables = self._settled, self._settled - self._settled.mean(axis=0)
        generator = np.random.default_rng(self._count)
        rows: list[list[Floats]] = [[], []]
        for signs in self._arrangements(generator):
            seeds = self._count * np.sqrt(self._by_seeds) * generator.standard_normal((len(signs), len(self.costs)))
            for table, found in zip(tables, rows, strict=True):
                found.append(signs @ table + seeds)
        return [(np.concatenate(found), self._units(table)) for table, found in zip(tables, rows, strict=True)]

    def _units(self, table: Floats) -> Floats:
        """One over the root of the sum of squares of each pair's differences (M, M), 0 where they do not differ."""
        squares = np.stack([((table[:, one, None] - table) ** 2).sum(axis=0) for one in self._everybody])
        squares = squares + self._count**2 * (self._by_seeds[:, None] + self._by_seeds)
        known = squares > self._nothing
        return np.where(known, 1 / np.sqrt(np.where(known, squares, 1.0)), 0.0)

    def _arrangements(self, generator: np.random.Generator) -> Iterator[Floats]:
        """Which traces are turned (r, E), −1 or 1, some of all arrangements at a time; turning all of them changes nothing."""
        count = self._count
        if self._exact:
            numbers = np.arange(2 ** (count - 1))
            yield np.where(numbers[:, None] >> np.arange(count) & 1, -1.0, 1.0)
            return
        most = max(LARGEST // max(count, len(self.costs)), 1)
        for done in range(0, ARRANGEMENTS, most):
            yield generator.choice([-1.0, 1.0], size=(min(most, ARRANGEMENTS - done), count))
