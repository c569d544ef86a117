"""Differences between any two of several methods, told all at once: they hold for whomever the same traces then pick.

Letters: M methods, S training seeds, E traces, R arrangements.

Whoever takes the cheapest of many and compares it with the rest compares with a lucky one. So every difference, in units of its
own spread, is held against what the largest of all M (M − 1) / 2 comes to by chance alone: each trace's costs are turned about
their mean over the methods, or left, the whole trace at once, so that what methods have in common stays so. Where nobody differs
that is exact for any number of traces, and no chance is smaller than one arrangement of all there are. The same is done about
every method's own mean, so that it holds too where some differ. Sources: Hsu, Multiple Comparisons: Theory and Methods (1996),
chapters 4 and 5; Romano and Wolf, Econometrica 73 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.stats

from .statistics import LEVEL, Floats, Interval, smallest_chance
from .two_level import freedom

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
        observed = self._observed(one, other) * (1 - ROUNDING)
        reached = max(int((worst >= observed).sum()) for worst in self._worst)
        found = reached / self._worst[0].size if self._exact else (1 + reached) / (1 + self._worst[0].size)
        return max(found, smallest_chance(self._count))

    def widened(self, found: Interval) -> Interval:
        """The interval of a difference, or of what moves with it, so wide that those of all pairs hold at once."""
        if not math.isfinite(found.half_width):
            return found
        if not math.isfinite(self._reach):
            return replace(found, low=math.nan, high=math.nan)
        chance = 2 * scipy.stats.t.sf(self._reach, self._count - 1)
        wide, usual = (scipy.stats.t.isf(tail, found.freedom) for tail in (chance / 2, (1 - LEVEL) / 2))
        stretch = max(float(wide / usual), 1.0)
        low, high = (found.estimate + stretch * (bound - found.estimate) for bound in (found.low, found.high))
        return replace(found, low=low, high=high)

    @cached_property
    def _reach(self) -> float:
        """Standard errors beyond which a difference between any two is more than chance; inf where no number of them is."""
        if self._count < 2 or smallest_chance(self._count) >= 1 - LEVEL:
            return math.inf
        size = self._worst[0].size
        place = math.ceil((1 - LEVEL) * size) if self._exact else math.ceil((1 - LEVEL) * (size + 1)) - 1
        worst = max(float(np.sort(values)[-place]) for values in self._worst)
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

    def _observed(self, one: int, other: int) -> float:
        """A difference in units of its root mean square; with seeds in it, that which is as unlikely for so many traces."""
        apart, count = self._settled[:, one] - self._settled[:, other], self._count
        squares, seeds = float((apart**2).sum()), self._by_seeds[[one, other]]
        if squares + count**2 * seeds.sum() <= self._nothing:
            return 0.0
        if not seeds.any():
            return abs(float(apart.sum())) / math.sqrt(squares)
        variances = [float(apart.var(ddof=1)) / count, *seeds]
        degrees = freedom(variances, [count, *(len(self.costs[at]) for at in (one, other))])
        chance = scipy.stats.t.sf(abs(float(apart.mean())) / math.sqrt(sum(variances)), degrees)
        errors = float(scipy.stats.t.isf(chance, count - 1))
        return errors * math.sqrt(count / (count - 1 + errors**2)) if math.isfinite(errors) else math.sqrt(count)

    @property
    def _nothing(self) -> float:
        """Sum of squares that rounding comes to."""
        largest = max(float(abs(rows).max()) for rows in self.costs)
        return self._count * (ROUNDING * largest) ** 2

    @cached_property
    def _worst(self) -> tuple[Floats, Floats]:
        """The largest of all differences in every arrangement (R,): of the costs, and of what they are about their means."""
        return self._largest(self._settled), self._largest(self._settled - self._settled.mean(axis=0))

    def _largest(self, table: Floats) -> Floats:
        count, methods = table.shape
        generator, spread = np.random.default_rng(count), count * np.sqrt(self._by_seeds)
        units = []
        for one in range(methods - 1):
            squares = ((table[:, one, None] - table[:, one + 1 :]) ** 2).sum(axis=0)
            squares = squares + count**2 * (self._by_seeds[one] + self._by_seeds[one + 1 :])
            known = squares > self._nothing
            units.append(np.where(known, 1 / np.sqrt(np.where(known, squares, 1.0)), 0.0))
        found = []
        for signs in self._arrangements(generator):
            sums = signs @ table + spread * generator.standard_normal((len(signs), methods))
            largest = np.zeros(len(signs))
            for one, unit in enumerate(units):
                largest = np.maximum(largest, (abs(sums[:, one, None] - sums[:, one + 1 :]) * unit).max(axis=1))
            found.append(largest)
        return np.concatenate(found)

    def _arrangements(self, generator: np.random.Generator) -> Iterator[Floats]:
        """Which traces are turned (r, E), −1 or 1, some of all arrangements at a time; turning all of them changes nothing."""
        count = self._count
        if self._exact:
            numbers = np.arange(2 ** (count - 1))
            yield 1.0 - 2.0 * (numbers[:, None] >> np.arange(count) & 1)
            return
        most = max(LARGEST // max(count, len(self.costs)), 1)
        for done in range(0, ARRANGEMENTS, most):
            yield 1.0 - 2.0 * generator.integers(2, size=(min(most, ARRANGEMENTS - done), count))
