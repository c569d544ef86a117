"""Two lanes with a level each, by the stock that arrives within its lead time (dual index) or by one position. Exact cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # its signal is loaded when first used: it takes a second
from scipy import sparse

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..fitting_progress import going_through
from .dynamic_programming import StateGrid, check_size, stationary
from .lattice import Lattice, whole_units
from .newsvendor import newsvendor

WIDEST = 8_000_000
"""Combinations of regular orders and demands that are numbered at most: some seconds for the largest."""
LONGEST = 100_000_000
"""Of them for all differences of the levels together: a dozen seconds."""
MOST_GAPS = 2_000
"""Differences of the levels that a single index is worked out for."""


@dataclass(frozen=True)
class TwoLevels:
    """Levels of the express and of the regular lane [units], and their cost per period, less what all units cost by regular."""

    express: float
    regular: float
    cost: float


def best_dual_index(
    holding: float, shortage: float, premium: float, express_time: int, regular_time: int, demand: Distribution
) -> TwoLevels:
    """The best dual-index policy of one store with backlogging.

    `holding` and `shortage` per unit and period, `premium` what a unit costs more by express, lead times ℓ_e < ℓ_r [periods],
    `demand` of one period in whole units. What the express position stands above its level after ordering, the overshoot O,
    depends on the difference Δ of the levels alone, and is worked out from the chain of the last l = ℓ_r − ℓ_e regular orders;
    the express level is then a newsvendor's whose demand is that of ℓ_e+1 periods less O. Raises InputError where Δ makes too
    many states before the cost has passed its least. Source: Veeraraghavan & Scheller-Wolf 2008 (Operations Research 56).

    >>> from scipy import stats
    >>> best = best_dual_index(5, 495, 5, 0, 2, stats.randint(0, 5))
    >>> (best.express, best.regular, round(best.cost, 3))
    (4.0, 7.0, 17.022)
    """
    one, periods = _checked(express_time, regular_time, demand)
    cover = one.sum(express_time + 1)
    best, total = TwoLevels(0.0, 0.0, np.inf), 0
    for gap in going_through(range(int(one.sum(periods).ppf(0.999)) + 1), "the best dual index"):
        sizes = {"regular orders on their way": (gap + 1) ** periods, "demands": len(one.probability)}
        if math.prod(sizes.values()) > WIDEST and gap - 1 > best.regular - best.express:
            break  # the cost has passed its least
        check_size("regular_time", sizes, "or a shorter lead time", WIDEST)
        total += math.prod(sizes.values())
        check_size("demand", {"combinations": total}, "or a smaller demand", LONGEST)
        over, expedited = _overshoot(one, periods, gap)
        net = Lattice(scipy.signal.convolve(cover.probability, over[::-1]), cover.first - gap)
        level, cost = newsvendor(holding, shortage, net)
        paid = float(cost) + premium * expedited
        if paid < best.cost:
            best = TwoLevels(float(level), float(level) + gap, paid)
    return best


def dual_index_cost(
    holding: float,
    shortage: float,
    premium: float,
    express_time: int,
    regular_time: int,
    demand: Distribution,
    express: float,
    regular: float,
) -> float:
    """What a dual-index policy of two levels in whole units costs per period, less what all units cost by regular.

    Arguments as in best_dual_index, and the levels, the express one no higher. Raises InputError for levels so far apart that
    there are too many states.

    >>> from scipy import stats
    >>> round(dual_index_cost(5, 495, 5, 0, 2, stats.randint(0, 5), 4, 7), 3)
    17.022
    """
    one, periods = _checked(express_time, regular_time, demand)
    gap = min(int(regular - express), int(one.sum(periods).last))
    check_size("levels", {"regular orders on their way": (gap + 1) ** periods}, "or levels that are nearer", WIDEST)
    over, expedited = _overshoot(one, periods, gap)
    cover = one.sum(express_time + 1)
    net, first = scipy.signal.convolve(cover.probability, over[::-1]), cover.first - gap
    away = regular - gap - (first + np.arange(len(net)))
    return float(net @ (holding * np.maximum(away, 0.0) + shortage * np.maximum(-away, 0.0))) + premium * expedited


def best_single_index(
    holding: float, shortage: float, premium: float, express_time: int, regular_time: int, demand: Distribution
) -> TwoLevels:
    """The best single-index policy, both levels against the whole inventory position. Arguments as in best_dual_index.

    With Δ the difference of the levels, express brings what the last period's demand exceeds Δ by and regular the rest, so that
    the stock that counts is the regular level less the demand of ℓ_e+1 periods and less min(D, Δ) of l = ℓ_r − ℓ_e earlier
    ones, all independent. Source: Scheller-Wolf, Veeraraghavan & van Houtum 2007, "Effective dual sourcing with a single index
    policy".

    >>> from scipy import stats
    >>> best = best_single_index(5, 495, 5, 0, 2, stats.randint(0, 5))
    >>> (best.express, best.regular, round(best.cost, 3))
    (5.0, 6.0, 18.0)
    """
    one, periods = _checked(express_time, regular_time, demand)
    check_size("demand", {"differences of the levels": one.last + 1}, "or a smaller demand", MOST_GAPS)
    cover, values = one.sum(express_time + 1), one.first + np.arange(len(one.probability))
    best = TwoLevels(0.0, 0.0, np.inf)
    for gap in going_through(range(one.last + 1), "the best single index"):
        taken = np.bincount(np.minimum(values, gap), weights=one.probability).astype(float)
        by_regular = Lattice(taken, 0).sum(periods)
        both = Lattice(scipy.signal.convolve(cover.probability, by_regular.probability), cover.first + by_regular.first)
        level, cost = newsvendor(holding, shortage, both)
        paid = float(cost) + premium * float(one.probability @ np.maximum(values - gap, 0))
        if paid < best.cost:
            best = TwoLevels(float(level) - gap, float(level), paid)
    return best


def _overshoot(one: Lattice, periods: int, gap: int) -> tuple[Floats, float]:
    """Chances (Δ+1,) that O is 0 … Δ, and the mean expedited in a period.

    A state is the regular orders beyond the express lead time, the oldest first; O is what they leave of Δ.
    """
    grid = StateGrid((gap + 1,) * periods)
    orders = grid.points()
    orders = orders[orders.sum(axis=1) <= gap]
    number = np.zeros(grid.count, dtype=np.int64)
    number[grid.number(*orders.T)] = np.arange(len(orders))
    demand = one.first + np.arange(len(one.probability))
    above = (gap - orders.sum(axis=1) + orders[:, 0])[:, None] - demand
    expedited = np.maximum(-above, 0)
    placed = demand - expedited
    ahead = [np.broadcast_to(orders[:, [age]], placed.shape) for age in range(1, periods)]
    following = number[grid.number(*ahead, placed)]
    weight = np.broadcast_to(one.probability, placed.shape)
    pointer = np.arange(0, placed.size + 1, placed.shape[1])
    step = sparse.csr_array((weight.reshape(-1), following.reshape(-1), pointer), shape=(len(orders),) * 2)
    share = stationary(step)
    over = np.bincount(gap - orders.sum(axis=1), weights=share, minlength=gap + 1).astype(float)
    return over, float(share @ expedited @ one.probability)


def _checked(express_time: int, regular_time: int, demand: Distribution) -> tuple[Lattice, int]:
    if not 0 <= express_time < regular_time:
        raise InputError("express_time", express_time, f"whole periods from 0, fewer than the regular {regular_time}")
    one = whole_units(demand)
    return one, regular_time - express_time
