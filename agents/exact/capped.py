"""Capped base-stock where sales are lost: order up to a level, but never more than a cap. Exact cost, and the best of both.

The base-stock level answers long lead times badly, as it orders too unevenly; the cap keeps the pipeline even. With a level out
of reach the policy is a constant order, with a cap out of reach base-stock.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..fitting_progress import tell
from .dynamic_programming import check_size, stationary
from .lattice import Lattice, whole_units
from .newsvendor import critical_ratio

WIDEST = 2_000_000
"""Combinations of stock and pipeline that are numbered at most."""


@dataclass(frozen=True)
class CappedOptimum:
    """The best capped base-stock policy: order up to `level`, at most `cap` [units], at `cost` per period."""

    level: int
    cap: int
    cost: float


def capped_base_stock_cost(
    holding: float, shortage: float, lead_time: int, demand: Distribution, level: int, cap: int
) -> float:
    """Long-run cost per period of ordering min(level − position, cap) where unmet demand is lost, by the stationary chain.

    `holding` and `shortage` per unit left over and per unit lost, `lead_time` ℓ ≥ 1 [periods], `demand` of one period in whole
    units. A state is the stock that this period begins with and ℓ − 1 orders on their way, each up to the cap.

    >>> from scipy import stats
    >>> round(capped_base_stock_cost(1, 4, 4, stats.poisson(5), level=25, cap=25), 3)
    5.198
    """
    one = _checked(lead_time, demand)
    level, cap = int(level), min(int(cap), int(level))
    states = _states(lead_time, level, cap)
    number = np.zeros((level + 1, *(cap + 1,) * (lead_time - 1)), dtype=np.int64)
    number[tuple(states.T)] = np.arange(len(states))
    left = _left_over(one, level)
    source, remaining = np.nonzero(left[states[:, 0]])
    order = np.minimum(level - states.sum(axis=1), cap)
    coming = np.column_stack([states[:, 1:], order])[source]
    following = number[(remaining + coming[:, 0], *coming[:, 1:].T)]
    chance = left[states[source, 0], remaining]
    step = sparse.csr_array((chance, (source, following)), shape=(len(states), len(states)))
    share = stationary(step, start=int(number[(level, *(0,) * (lead_time - 1))]))
    stock = np.arange(level + 1)
    left_mean = left @ stock
    paid = holding * left_mean + shortage * (one.mean() - stock + left_mean)
    return float(share @ paid[states[:, 0]])


def best_capped_base_stock(holding: float, shortage: float, lead_time: int, demand: Distribution) -> CappedOptimum:
    """The best level and cap, from base-stock's region downhill over neighbours. Arguments as in capped_base_stock_cost.

    Zipkin's instances of Poisson(5) demand and lead times up to three come within 1 % of the optimum so. Source: Xin 2021,
    Operations Research 69, for the policy's nearness to the optimum.

    >>> from scipy import stats
    >>> best = best_capped_base_stock(1, 4, 2, stats.poisson(5))
    >>> best.level, best.cap, round(best.cost, 3)
    (17, 5, 4.406)
    """
    ratio, one = critical_ratio(holding, shortage), _checked(lead_time, demand)

    @cache
    def cost(level: int, cap: int) -> float:
        if not 0 < cap <= level:
            return np.inf
        return capped_base_stock_cost(holding, shortage, lead_time, one, level, cap)

    place = int(one.sum(lead_time + 1).ppf(ratio)), int(one.ppf(ratio))
    while True:
        tell("the best capped base-stock", 0.0)  # nobody knows how far it is
        near = [(place[0] + up, place[1] + wide) for up, wide in itertools.product((0, -1, 1), repeat=2)]
        best = min(near, key=lambda at: cost(*at))
        if best == place:
            return CappedOptimum(*place, cost(*place))
        place = best


def _checked(lead_time: int, demand: Distribution) -> Lattice:
    if lead_time < 1:
        raise InputError("lead_time", lead_time, "at least 1 (with 0 nothing is on its way, and a cap of no use)")
    return whole_units(demand)


def _states(lead_time: int, level: int, cap: int) -> NDArray[np.int64]:
    sizes = (level + 1, *(cap + 1,) * (lead_time - 1))
    check_size("lead_time", {"stocks": sizes[0], "pipelines": math.prod(sizes[1:])}, "or a shorter lead time", WIDEST)
    check_size("demand", {"stocks": sizes[0], "rests": sizes[0]}, "or a smaller demand, a shorter lead time", WIDEST)
    return np.argwhere(np.indices(sizes).sum(axis=0) <= level)


def _left_over(demand: Lattice, top: int) -> Floats:
    """Chances (top+1, top+1) that stock x leaves u = (x − D)⁺ behind."""
    x, u = np.ogrid[: top + 1, : top + 1]
    chance = np.asarray(demand.pmf(x - u))
    chance[:, 0] = 1.0 - chance[:, 1:].sum(axis=1)
    return np.asarray(np.maximum(chance, 0.0))
