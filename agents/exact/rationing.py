"""The optimum of one site that keeps stock from one kind of customers for the sake of another: a threshold.

Letters: ℓ lead time [periods], M states, A orders, D demands of both kinds together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from .dynamic_programming import DecisionProcess, StateGrid, Whole, check_size
from .lattice import on_lattice
from .newsvendor import critical_ratio

RARE = 1e-6
"""Chance of more demand that is left out, so that tables end."""


@dataclass(frozen=True, eq=False)
class RationingOptimum:
    """The best threshold, the best orders with it, and their long-run cost per period.

    `order[y, q_2, …, q_ℓ]` is how much to order with y units on the shelf once what is due has arrived, and q_i arriving in i−1
    periods; `costs` (R,) are those of the thresholds 0, 1, …, each with its own best orders.
    """

    reserve: int
    cost: float
    order: NDArray[np.int64]
    costs: Floats

    def __call__(self, state: ArrayLike) -> NDArray[np.int64]:
        """Order (…) in each state (…, ℓ); beyond the table its last entry counts."""
        inside = np.clip(np.asarray(state).astype(np.int64), 0, np.array(self.order.shape) - 1)
        return np.asarray(self.order[tuple(np.moveaxis(inside, -1, 0))])


def rationing_optimum(
    holding: float,
    lost: tuple[float, float],
    demand: tuple[Distribution, Distribution],
    lead_time: int = 1,
    reserves: int | None = None,
    tolerance: float = 1e-8,
) -> RationingOptimum:
    """The best critical level of one site with two kinds of customers, neither of whom waits, and the best orders with it.

    In a period the first kind is served, then the second as far as more than the `reserve` is left; `lost` is what a unit not
    sold costs, of the first kind and of the second, `holding` of one left over. Each kind has an independent `demand` in whole
    units; an order arrives `lead_time` ℓ ≥ 1 periods later. Every threshold below `reserves` (by default up to a large demand
    of the first kind) is tried by dynamic programming over the orders. Raises InputError where there are too many states, and
    says what would fit. Source of the model: Topkis 1968 (Management Science 15); that a critical level is optimal: Ha 1997
    (Management Science 43).

    >>> from scipy import stats
    >>> best = rationing_optimum(0.5, (100, 1), (stats.poisson(1), stats.poisson(1.5)), lead_time=2)
    >>> best.reserve, best.costs[:3].round(3).tolist()
    (1, [2.542, 2.339, 2.366])
    """
    first, second, most = _checked(holding, lost, demand, lead_time)
    sizes = (most + 1,) * lead_time
    outcomes = len(first) * len(second)
    check_size("lead_time", {"states": StateGrid(sizes).count, "orders": most + 1, "demands": outcomes})
    tried = range(reserves or len(first) // 2)
    found = [_process(holding, lost, first, second, sizes, reserve).optimum(tolerance) for reserve in tried]
    costs = np.array([one.cost for one in found])
    best = int(np.argmax(costs <= costs.min() + tolerance))
    return RationingOptimum(best, float(costs[best]), found[best].action.reshape(sizes), costs)


def _process(
    holding: float, lost: tuple[float, float], first: Floats, second: Floats, sizes: tuple[int, ...], reserve: int
) -> DecisionProcess:
    grid = StateGrid(sizes)
    points, orders = grid.points(), np.arange(sizes[0])
    there = points[:, :1]
    gold, basic = (part.reshape(-1) for part in np.meshgrid(np.arange(len(first)), np.arange(len(second)), indexing="ij"))
    chance = np.outer(first, second).reshape(-1)
    to_gold = np.minimum(gold, there)
    to_basic = np.minimum(basic, np.maximum(there - to_gold - reserve, 0))
    left = there - to_gold - to_basic
    paid = holding * left + lost[0] * (gold - to_gold) + lost[1] * (basic - to_basic)
    cost = np.broadcast_to((paid @ chance)[:, None], (grid.count, len(orders)))
    return DecisionProcess.of(cost, _following(grid, points, orders, left), chance)


def _following(grid: StateGrid, points: Whole, orders: Whole, left: Whole) -> Whole:
    """Next states (M, A, D): what is left and what comes next, and behind it what comes later, the order last."""
    queue = [*(part[:, None, None] for part in points.T[1:]), orders[None, :, None]]
    return grid.number(left[:, None, :] + queue[0], *queue[1:])


def _checked(
    holding: float, lost: tuple[float, float], demand: tuple[Distribution, Distribution], lead_time: int
) -> tuple[Floats, Floats, int]:
    """Chances of each kind's demands, and the most stock worth looking at."""
    if lead_time < 1:
        raise InputError("lead_time", lead_time, "at least 1 period: without, what was kept could as well be ordered")
    if not lost[0] >= lost[1] > 0:
        raise InputError("lost", lost, "a cost for the first kind that is at least that for the second, both above 0")
    kinds = [on_lattice(one) for one in demand]
    if any(kind.step != 1.0 or kind.first < 0 for kind in kinds):
        raise InputError("demand", demand, "whole units, none negative")
    chances = []
    for kind in kinds:
        chance = np.append(kind.pmf(np.arange(int(kind.ppf(1 - RARE)) + 1)), 0.0)
        chance[-1] = max(1.0 - chance.sum(), 0.0)
        chances.append(chance)
    ratio = max(critical_ratio(holding, lost[0]), 0.5)
    return chances[0], chances[1], int(sum(kind.sum(lead_time + 1).ppf(ratio) for kind in kinds)) + 1
