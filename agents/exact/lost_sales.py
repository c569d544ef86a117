"""The optimum of one site whose unmet demand is lost: dynamic programming on the stock and everything on its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from ..fitting_progress import Narrowing
from .dynamic_programming import DAMPING, check_size, settled
from .lattice import Lattice, whole_units
from .newsvendor import critical_ratio

MAX_SWEEPS = 20_000
MOST = 3_000_000
"""States and orders at most: a sweep over so many takes about a second, and there are some hundreds."""
MOST_SPLITS = 10_000_000
"""Ways to spread a level over shelf and pipeline that are numbered at most: some hundreds of megabytes."""
SHORTER = "or a shorter lead time"


@dataclass(frozen=True, eq=False)
class LostSalesOptimum:
    """An optimal policy and its long-run cost per period.

    `order[x_0, …, x_{ℓ−1}]` is how much to order: x_0 is the stock on hand including what arrives in this period, x_i what
    arrives i periods later [units]. Of several optimal orders it is the smallest.
    """

    cost: float
    order: NDArray[np.int64]

    def __call__(self, state: ArrayLike) -> NDArray[np.int64]:
        """Order (…) in each state (…, ℓ); stock beyond the table counts as the table's last entry."""
        whole = np.asarray(state).astype(np.int64)
        inside = np.clip(whole, 0, np.array(self.order.shape) - 1)
        return np.asarray(self.order[tuple(np.moveaxis(inside, -1, 0))])


def lost_sales_optimum(
    holding: float,
    shortage: float,
    lead_time: int,
    demand: Distribution,
    max_order: int | None = None,
    max_position: int | None = None,
    tolerance: float = 1e-8,
) -> LostSalesOptimum:
    """The best policy of one site with lost sales, by relative value iteration; exact to `tolerance` [money per period].

    `holding` h and `shortage` p [money per unit left over, per unit lost], `lead_time` ℓ ≥ 1 periods, `demand` that of one
    period, on the integers and independent from period to period. With x as in LostSalesOptimum and order z,

        x_0 ← (x_0 − D)⁺ + x_1,  x_i ← x_{i+1},  x_{ℓ−1} ← z,  cost h·(x_0 − D)⁺ + p·(D − x_0)⁺.

    Orders stay within `max_order` and bring the position no higher than `max_position`: by default the newsvendor levels of
    one and of ℓ+1 periods' demand, which optimal orders never exceed. Raises InputError for more than MOST states and orders,
    and where ℓ is 0 or demand not in whole units. Source: Zipkin 2008, "Old and new methods for lost-sales inventory systems"
    and, for the bounds, "On the structure of lost-sales inventory models", both Operations Research 56.

    >>> from scipy import stats
    >>> best = lost_sales_optimum(1, 4, lead_time=1, demand=stats.poisson(5))
    >>> round(best.cost, 3), best.order[:10].tolist()
    (4.041, [6, 6, 6, 6, 6, 6, 5, 5, 4, 3])
    """
    one_period = _one_period(lead_time, demand)
    ratio = critical_ratio(holding, shortage)
    top = max_position if max_position is not None else int(one_period.sum(lead_time + 1).ppf(ratio))
    most = max_order if max_order is not None else int(one_period.ppf(ratio))
    sizes = {"stocks": top + 1, "pipelines": (most + 1) ** (lead_time - 1), "orders": most + 1}
    check_size("lead_time", sizes, SHORTER, MOST)
    left = _left_over(one_period, top)
    now = _period_cost(holding, shortage, one_period, left)
    tells = Narrowing("the optimum where sales are lost", tolerance)
    for values, sweep in _sweeps(left, now, lead_time, most):
        best = sweep.min(axis=-1)
        gain = best - values
        if np.ptp(gain) < tolerance:
            order = np.argmax(sweep <= best[..., None] + tolerance, axis=-1)
            return LostSalesOptimum(float(gain.min() + gain.max()) / 2, order)
        tells(float(np.ptp(gain)))
    raise RuntimeError(f"value iteration did not reach {tolerance} in {MAX_SWEEPS} sweeps")


def lost_sales_base_stock_cost(holding: float, shortage: float, lead_time: int, demand: Distribution, level: int) -> float:
    """Long-run cost per period of ordering up to `level` where unmet demand is lost, from the stationary distribution.

    Arguments as in lost_sales_optimum. Once the position has come down to the level it stays there and every order is the
    last period's sales, so the states are the ways to split `level` units over the shelf and ℓ periods of pipeline.

    >>> from scipy import stats
    >>> round(lost_sales_base_stock_cost(1, 4, lead_time=4, demand=stats.poisson(5), level=25), 3)
    5.198
    """
    one_period = _one_period(lead_time, demand)
    check_size("lead_time", {"stocks": level + 1, "pipelines": (level + 1) ** (lead_time - 1)}, SHORTER, MOST_SPLITS)
    left = _left_over(one_period, level)
    states = np.argwhere(np.indices((level + 1,) * lead_time).sum(axis=0) <= level)
    share = settled(_base_stock_chain(states, left, level), np.full(len(states), 1.0 / len(states)), 1e-13)
    return float(share @ _period_cost(holding, shortage, one_period, left)[states[:, 0]])


def best_lost_sales_base_stock(holding: float, shortage: float, lead_time: int, demand: Distribution) -> tuple[int, float]:
    """The best constant order-up-to level where unmet demand is lost, and its cost per period.

    The cost is convex in the level (Janakiraman & Roundy 2004, Operations Research 52) and its minimum no higher than with
    backlogging, where the search starts.
    """
    cover = _one_period(lead_time, demand).sum(lead_time + 1)
    level = int(cover.ppf(critical_ratio(holding, shortage)))
    cost = lost_sales_base_stock_cost(holding, shortage, lead_time, demand, level)
    while level > 0:
        lower = lost_sales_base_stock_cost(holding, shortage, lead_time, demand, level - 1)
        if lower >= cost:
            break
        level, cost = level - 1, lower
    return level, cost


def _one_period(lead_time: int, demand: Distribution) -> Lattice:
    if lead_time < 1:
        raise InputError("lead_time", lead_time, "at least 1 (with 0 nothing is on its way: that is a newsvendor)")
    return whole_units(demand)


def _left_over(demand: Lattice, top: int) -> NDArray[np.float64]:
    """Probability (top+1, top+1) that stock x leaves u = (x − D)⁺ behind, D one period's demand."""
    x, u = np.ogrid[: top + 1, : top + 1]
    chance = demand.pmf(x - u)
    chance[:, 0] = 1.0 - chance[:, 1:].sum(axis=1)
    return np.asarray(chance)


def _period_cost(holding: float, shortage: float, demand: Lattice, left: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected cost (top+1,) of the period that is entered with stock x."""
    stock = np.arange(len(left))
    remaining = left @ stock
    return holding * remaining + shortage * (demand.mean() - stock + remaining)


def _sweeps(
    left: NDArray[np.float64], now: NDArray[np.float64], lead_time: int, most: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Value iteration: relative values (x_0, …, x_{ℓ−1}), and what each order z costs from there, one more axis at the end."""
    shape = (len(left), *(most + 1,) * lead_time)
    place = np.indices(shape, sparse=True)
    allowed = (sum(place) < len(left)) | (place[-1] == 0)
    after = np.minimum(np.arange(len(left))[:, None] + np.arange(most + 1), len(left) - 1)
    values = np.zeros(shape[:-1])
    for _ in range(MAX_SWEEPS):
        ahead = (left @ values[after].reshape(len(left), -1)).reshape(shape)
        sweep = np.where(allowed, ahead, np.inf) + now.reshape(-1, *(1,) * lead_time)
        yield values, sweep
        values = DAMPING * values + (1 - DAMPING) * sweep.min(axis=-1)
        values -= values.flat[0]


def _base_stock_chain(states: NDArray[np.int64], left: NDArray[np.float64], level: int) -> sparse.csr_array:
    """Transition probabilities (M, M) between the M `states` (M, ℓ), the state it leads to first."""
    shape = (level + 1,) * states.shape[1]
    number = np.zeros(shape, dtype=np.int64)
    number[tuple(states.T)] = np.arange(len(states))
    source, remaining = np.nonzero(left[states[:, 0]])
    pipeline = np.column_stack([states[:, 1:], level - states.sum(axis=1)])[source]
    following = np.column_stack([remaining + pipeline[:, 0], pipeline[:, 1:]])
    chance = left[states[source, 0], remaining]
    return sparse.csr_array((chance, (number[tuple(following.T)], source)), shape=(len(states), len(states)))
