"""What is made of something scarce, as tables over positions: for programs in which products share a part, or a machine.

Letters: K products; x and y a product's position (stock and in process, less backlog) before and after making.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..dynamic_programming import Whole
from ..lattice import Lattice, whole_units
from ..newsvendor import critical_ratio


@dataclass(frozen=True, eq=False)
class Made:
    """One product: what it costs to hold and to owe [money/unit/period], demand of a period in whole units, how it is made."""

    holding: float
    shortage: float
    demand: Distribution
    lead_time: int = 0
    """ℓ ≥ 0: what is started in t is there before the demand of t+ℓ [periods]."""
    takes: int = 1
    """Units of the part, or hours of the machine (in whole numbers of whatever they are counted in), for one unit."""

    def __post_init__(self) -> None:
        critical_ratio(self.holding, self.shortage)
        if self.lead_time < 0:
            raise InputError("lead_time", self.lead_time, "whole periods from 0")
        if self.takes < 1 or self.takes != int(self.takes):
            raise InputError("takes", self.takes, "a whole number from 1")

    @cached_property
    def one_period(self) -> Lattice:
        """Demand of one period."""
        return whole_units(self.demand)

    @cached_property
    def cover(self) -> Lattice:
        """Demand from a start until the last one that it can serve."""
        return self.one_period.sum(self.lead_time + 1)

    def cost(self, positions: Whole) -> Floats:
        """Expected cost (M,) of the period in which what is started now can be sold, by position y (M,)."""
        left = positions[:, None] - self.cover.values
        paid = self.holding * np.maximum(left, 0.0) + self.shortage * np.maximum(-left, 0.0)
        found: Floats = paid @ self.cover.probability
        return found

    def step(self, points: int) -> Floats:
        """Chances (n, n) of positions a period later, from positions after making; at the lowest it stays."""
        chance, rows = np.zeros((points, points)), np.arange(points)
        for taken, share in enumerate(self.one_period.probability, self.one_period.first):
            chance[rows, np.maximum(rows - taken, 0)] += share
        return chance


def needed(products: Sequence[Made], periods: int = 1) -> Lattice:
    """What all demand of some periods takes of the part, or the machine."""
    total = Lattice(np.ones(1), 0)
    for product in products:
        one = product.one_period.sum(periods)
        spread = np.zeros((len(one.probability) - 1) * product.takes + 1)
        spread[:: product.takes] = one.probability
        total = total.plus(Lattice(spread, one.first * product.takes))
    return total


def moved(values: Floats, steps: Sequence[Floats]) -> Floats:
    """Expected values a period later, the first axes being positions that move by chances (n, n) each."""
    found = values
    for axis, step in enumerate(steps):
        found = np.moveaxis(np.tensordot(step, found, axes=(1, axis)), 0, axis)
    return found


def with_costs(values: Floats, costs: Sequence[Floats]) -> Floats:
    """Values plus what each product costs by its position: those along the first axes."""
    for axis, cost in enumerate(costs):
        values = values + cost.reshape([-1 if other == axis else 1 for other in range(values.ndim)])
    return values


def cheapest(ahead: Sequence[Floats], takes: Sequence[int]) -> list[Floats]:
    """The least that making can lead to with 0, 1, … units of what is scarce, from every combination of positions.

    These are the first axes; `ahead[n]` is what comes of positions after making, n units being left.
    """
    found: list[Floats] = []
    for there, left in enumerate(ahead):
        best = left.copy()
        for axis, needs in enumerate(takes):
            if needs <= there:
                here, further = _neighbours(axis, left.ndim)
                best[here] = np.minimum(best[here], found[there - needs][further])
        found.append(best)
    return found


def cheapest_units(ahead: Sequence[Floats], takes: Sequence[int]) -> list[Whole]:
    """Units of each product (K, …) to make for it, of several ways the one that makes least."""
    reached = cheapest(ahead, takes)
    made: list[Whole] = []
    for there, left in enumerate(ahead):
        units, best = np.zeros((len(takes), *left.shape), dtype=np.int64), left.copy()
        for axis, needs in enumerate(takes):
            if needs <= there:
                here, further = _neighbours(axis, left.ndim)
                better = reached[there - needs][further] < best[here]
                best[here] = np.where(better, reached[there - needs][further], best[here])
                another = made[there - needs][(slice(None), *further)].copy()
                another[axis] += 1
                units[(slice(None), *here)] = np.where(better, another, units[(slice(None), *here)])
        made.append(units)
    return made


def _neighbours(axis: int, axes: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """All positions but a product's highest, and the same with one unit more of it."""
    here, further = [slice(None)] * axes, [slice(None)] * axes
    here[axis], further[axis] = slice(None, -1), slice(1, None)
    return tuple(here), tuple(further)
