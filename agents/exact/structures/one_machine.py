"""Products that share a machine and need no set-ups: the optimum of one by formula, of a few by dynamic programming, a bound.

A period's machine hours make units of any product; what is started in t is there before the demand of t+ℓ. Letters: K products,
C hours of the machine in a period, x and y a product's position (stock and in process, less backlog) before and after making.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ...fitting_progress import Narrowing
from ..constant_order import left_over
from ..dynamic_programming import DAMPING, Whole, check_size
from ..lattice import Lattice
from ..newsvendor import newsvendor
from .making import Made, cheapest, cheapest_units, moved, needed, with_costs

MAX_SWEEPS = 50_000
MOST = 3_000_000
"""States at most: a sweep over so many takes about a second."""
RARE = 1e-8
"""Chance of a shortfall, and of demand, that is left out, so that tables end."""


def shortfall(products: Sequence[Made], capacity: int) -> Lattice:
    """What a machine that makes all it can is behind, in hours: V ← (V + Σ a·D − C)⁺, whichever product it is that waits.

    Raises InputError unless the hours of a period are a whole number above what mean demand takes.
    """
    if capacity < 1 or capacity != int(capacity):
        raise InputError("capacity", capacity, "a whole number of hours, from 1")
    work = needed(products)
    if work.mean() >= capacity:
        raise InputError("capacity", capacity, f"more hours than mean demand takes, {work.mean():g}")
    if work.last <= capacity:
        return Lattice(np.ones(1), 0)
    try:
        return left_over(Lattice(work.probability[::-1], 0), work.last - capacity)
    except InputError:
        raise InputError("capacity", capacity, f"hours further above what mean demand takes, {work.mean():g}") from None


def modified_base_stock(product: Made, capacity: int) -> tuple[int, float]:
    """The best level of one product and its cost per period, over all policies: make what lacks, or all that the machine can.

    `capacity` is hours of a period. Positions stand the machine's shortfall V below the level, so that the cost is that of a
    newsvendor whose demand is V, in whole units, and that of ℓ+1 periods. Source: Federgruen and Zipkin 1986
    (Mathematics of Operations Research 11); Tayur 1993 (Stochastic Models 9) for the shortfall.

    >>> from scipy import stats
    >>> level, cost = modified_base_stock(Made(1, 9, stats.poisson(5)), 6)
    >>> level, round(cost, 3)
    (11, 7.163)
    """
    if capacity % product.takes:
        raise InputError("capacity", capacity, f"a multiple of the {product.takes} hours that a unit takes")
    behind = shortfall([Made(product.holding, product.shortage, product.demand)], capacity // product.takes)
    level, cost = newsvendor(product.holding, product.shortage, behind.plus(product.cover))
    return int(level), float(cost)


@dataclass(frozen=True, eq=False)
class MachineOptimum:
    """An optimal policy of K products on one machine, and its long-run cost per period."""

    cost: float
    levels: tuple[int, ...]
    """What each product is made up to where the machine has time for all."""
    lowest: Whole
    """Positions of the table's first entries (K,)."""
    made: Whole
    """Units made of each product (K, …) from every combination of positions (…)."""

    def __call__(self, positions: ArrayLike) -> Whole:
        """Units to make (B, K) from positions (B, K); positions beyond the table count as its ends."""
        place = np.asarray(positions).astype(np.int64) - self.lowest
        inside = np.clip(place, 0, np.array(self.made.shape[1:]) - 1)
        return np.asarray(self.made[(slice(None), *inside.T)].T)


def machine_optimum(products: Sequence[Made], capacity: int, tolerance: float = 1e-7) -> MachineOptimum:
    """The best policy of a few products on one machine of `capacity` hours a period, by relative value iteration.

        V(x) = min { Σ L(y) + E V(y − D) : y ≥ x, Σ a·(y − x) ≤ C },

    L the products' expected cost by position after making, a their hours. Where products are alike the optimum makes them up
    to one level (to a unit), and those furthest behind first where there is no time for all (DeCroix and Arreola-Risa 1998,
    Management Science 44). Tables end where a product would be all that the machine is ever behind. Raises
    InputError where there is too little time, or there are too many states.

    >>> from scipy import stats
    >>> alike = machine_optimum([Made(1, 9, stats.poisson(2)), Made(1, 9, stats.poisson(2))], 5)
    >>> alike.levels, round(alike.cost, 3), alike([[4, 1], [2, 3]]).tolist()
    ((5, 5), 7.127, [[1, 4], [3, 2]])
    """
    behind = shortfall(products, capacity)
    reserve = 1.0
    while True:
        table = _PositionTable.around(products, behind, reserve)
        sizes = {f"positions of product {number}": len(cost) for number, cost in enumerate(table.costs)}
        check_size("demand", sizes, "or fewer products", MOST)
        values, cost = _settled(table, capacity, tolerance)
        ahead = table.ahead(values)
        top = np.array(np.unravel_index(int(ahead.argmin()), ahead.shape))
        if (top < np.array(ahead.shape) - 1).all():
            levels = tuple((top + table.lowest).tolist())
            return MachineOptimum(cost, levels, table.lowest, cheapest_units([ahead] * (capacity + 1), table.takes)[-1])
        reserve *= 1.5


def machine_bound(products: Sequence[Made], capacity: int) -> float:
    """What no policy of any number of products on one machine costs less than per period.

    Stock of one product may become stock of another that takes as many hours: then the total, which stands the shortfall below
    its level, is all that matters, and is shared out by the steepest slopes of the products' costs. Source: Federgruen and
    Zipkin 1984 (Operations Research 32), for allocation.

    >>> from scipy import stats
    >>> round(machine_bound([Made(1, 9, stats.poisson(2))] * 2, 5), 3)
    7.121
    """
    behind = shortfall(products, capacity)
    table = _PositionTable.around(products, behind, 1.5)
    slopes = [np.repeat(np.diff(cost) / hours, hours) for cost, hours in zip(table.costs, table.takes, strict=True)]
    least = sum(float(cost[0]) for cost in table.costs)
    together = least + np.concatenate([[0.0], np.cumsum(np.sort(np.concatenate(slopes)))])
    return float(np.convolve(together, behind.probability, mode="valid").min())


@dataclass(frozen=True, eq=False)
class _PositionTable:
    """The positions looked at of each product, what they cost, and how demand moves them."""

    takes: tuple[int, ...]
    lowest: Whole
    costs: list[Floats]
    steps: list[Floats]
    """Chances (n, n) of the position before making, from that after it."""

    @classmethod
    def around(cls, products: Sequence[Made], behind: Lattice, reserve: float) -> _PositionTable:
        """From the highest level, with all that the machine is behind waiting for one product, down to all of that waiting."""
        far = int(behind.ppf(1.0 - RARE))
        lowest, costs, steps = [], [], []
        for product in products:
            whole = np.bincount(np.arange(len(behind.probability)) // product.takes, behind.probability)
            waiting = Lattice(np.asarray(whole, dtype=np.float64), 0)
            level, _ = newsvendor(product.holding, product.shortage, waiting.plus(product.cover))
            least = -(far // product.takes) - int(product.cover.ppf(1.0 - RARE))
            positions = np.arange(least, int(np.ceil(reserve * max(float(level), 1.0))) + 2)
            lowest.append(least)
            costs.append(product.cost(positions))
            steps.append(product.step(len(positions)))
        return cls(tuple(product.takes for product in products), np.array(lowest), costs, steps)

    def ahead(self, values: Floats) -> Floats:
        """What it costs to be at each combination of positions after making, the future included."""
        return with_costs(moved(values, self.steps), self.costs)


def _settled(table: _PositionTable, capacity: int, tolerance: float) -> tuple[Floats, float]:
    """Relative values of positions before making, and the cost per period."""
    values = np.zeros([len(cost) for cost in table.costs])
    tells = Narrowing("the optimum of products on one machine", tolerance)
    for _ in range(MAX_SWEEPS):
        best = cheapest([table.ahead(values)] * (capacity + 1), table.takes)[-1]
        gain = best - values
        if np.ptp(gain) < tolerance:
            return values, float(gain.min() + gain.max()) / 2
        tells(float(np.ptp(gain)))
        values = DAMPING * values + (1 - DAMPING) * best
        values -= values.flat[-1]
    raise RuntimeError(f"value iteration did not reach {tolerance} in {MAX_SWEEPS} sweeps")
