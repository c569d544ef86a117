"""The optimum of one store with a slow and a fast lane: dynamic programming on net stock and regular orders on their way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from ..fitting_progress import Narrowing
from .dynamic_programming import check_size
from .lattice import whole_units

MAX_SWEEPS = 20_000
MOST = 6_000_000
"""States and demands at most: a sweep over so many takes about a tenth of a second, and there are some hundreds."""


@dataclass(frozen=True, eq=False)
class DualSourcingOptimum:
    """An optimal policy and its long-run cost per period, purchases included.

    From net stock x at a period's start, with the regular goods that arrive in it, and the regular orders q_1 … q_{ℓ−1} that
    arrive in the periods after, express lifts the stock to `level[x, q]`, and `order[level, q]` is ordered by the regular lane.
    """

    cost: float
    lowest: int
    """Net stock of the tables' first row."""
    level: NDArray[np.int64]
    order: NDArray[np.int64]

    def __call__(self, stock: NDArray[Any], coming: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Express and regular order (B,) for net stock (B,) and regular orders on their way (B, ℓ−1), the next one first."""
        whole = np.asarray(stock).astype(np.int64)
        pipeline = tuple(np.minimum(np.asarray(coming).astype(np.int64), self.order.shape[-1] - 1).T)
        row = np.clip(whole - self.lowest, 0, len(self.level) - 1)
        level = self.level[(row, *pipeline)]
        return np.maximum(level - whole, 0), self.order[(level - self.lowest, *pipeline)]


def dual_sourcing_optimum(
    holding: float,
    shortage: float,
    lead_time: int,
    regular: float,
    express: float,
    demand: Distribution,
    tolerance: float = 1e-9,
) -> DualSourcingOptimum:
    """The best policy of one store whose customers wait, with an express lane that delivers at once, by value iteration.

    `holding` and `shortage` per unit and period, the regular lane's `lead_time` ℓ ≥ 2, `regular` and `express` per unit
    [money]; `demand` of one period, in whole units. With y ≥ x the stock after express and r the regular order,

        V(x, q) = min_y c_e·(y − x) + G(y) + min_r c_r·r + E V(y − D + q_1, q_2, …, r),

    G the expected cost of holding and shortage. Stock is kept within what no optimal policy leaves: down to one largest demand
    short, up to ℓ + 1 largest demands. Raises InputError where ℓ is less than 2, demand is not in whole units, or there are too
    many states. Source: Veeraraghavan and Scheller-Wolf 2008, Operations Research 56, for the model.

    >>> from scipy import stats
    >>> round(dual_sourcing_optimum(5, 495, 2, 100, 105, stats.randint(0, 5)).cost, 3)
    216.77
    """
    chance, most = _chances(demand, lead_time)
    lowest, largest = -most, 2 * most
    stock = np.arange(lowest, (lead_time + 1) * most + 1)
    sizes = {"net stocks": len(stock), "pipelines": (largest + 1) ** (lead_time - 1), "demands": most + 1}
    check_size("lead_time", sizes, "or a shorter lead time", MOST)
    left = stock[:, None] - np.arange(most + 1)
    now = (holding * np.maximum(left, 0) + shortage * np.maximum(-left, 0)) @ chance
    arriving = np.arange(largest + 1)
    after = np.clip(left[:, :, None] + arriving - lowest, 0, len(stock) - 1)
    values = np.zeros((len(stock), *(largest + 1,) * (lead_time - 1)))
    tells = Narrowing("the optimum of two lanes", tolerance)
    for _ in range(MAX_SWEEPS):
        ahead = np.einsum("d,sd...->s...", chance, values[after]) + regular * arriving
        by_level = _along(now, lead_time) + ahead.min(axis=-1) + express * _along(stock, lead_time)
        best = np.minimum.accumulate(by_level[::-1])[::-1]
        gain = best - express * _along(stock, lead_time) - values
        values = values + gain - gain.flat[0]
        if np.ptp(gain) < tolerance:
            level = lowest + _first_at_or_above(by_level, best)
            return DualSourcingOptimum(float(gain.mean()), lowest, level, ahead.argmin(axis=-1))
        tells(float(np.ptp(gain)))
    raise RuntimeError(f"value iteration did not reach {tolerance} in {MAX_SWEEPS} sweeps")


def _chances(demand: Distribution, lead_time: int) -> tuple[NDArray[np.float64], int]:
    """Probabilities of 0, 1, … up to the largest demand (beyond which there is next to none), and that demand."""
    if lead_time < 2:
        raise InputError("lead_time", lead_time, "at least 2: with less, nothing is on its way when one decides")
    lattice = whole_units(demand)
    most = int(lattice.ppf(1 - 1e-9))
    chance = np.asarray(lattice.pmf(np.arange(most + 1)))
    return chance / chance.sum(), most


def _along(stock: NDArray[Any], lead_time: int) -> NDArray[Any]:
    return stock.reshape(-1, *(1,) * (lead_time - 1))


def _first_at_or_above(values: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where along the first axis, from each place on, `values` first come down to `best`."""
    place = np.where(values <= best, _along(np.arange(len(values)), values.ndim), len(values))
    return np.minimum.accumulate(place[::-1])[::-1]
