"""The optimum of one site whose stock has a shelf life: dynamic programming on stock by age and the order on its way.

Letters: m shelf life [periods], M states, A orders, D demands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from .dynamic_programming import DecisionProcess, StateGrid, Whole, check_size
from .lattice import Lattice, whole_units
from .newsvendor import critical_ratio

MOST = 10_000_000
"""States, orders and demands at most: a gigabyte."""
RARE = 1e-9
"""Chance of more demand that is left out, so that tables end."""


@dataclass(frozen=True, eq=False)
class PerishableOptimum:
    """An optimal policy and its long-run cost per period.

    `order[x_1, …, x_{m−1}]` is how much to order with x_i units on hand that can be sold in i more periods, this one included;
    with a lead time the last axis is what arrives now. Where customers wait the first axis begins at `−owed`.
    """

    cost: float
    order: NDArray[np.int64]
    owed: int
    """Most units owed that the table looks at; 0 where sales are lost."""

    def __call__(self, state: ArrayLike) -> NDArray[np.int64]:
        """Order (…) in each state (…, m−1), or (…, m) with a lead time; beyond the table its last entry counts."""
        place = np.asarray(state).astype(np.int64)
        place[..., 0] += self.owed
        inside = np.clip(place, 0, np.array(self.order.shape) - 1)
        return np.asarray(self.order[tuple(np.moveaxis(inside, -1, 0))])


class PeriodRates(NamedTuple):
    """What a period costs [money per unit]."""

    holding: float
    """On the shelf at its end, after what perished is gone."""
    shortage: float
    """Owed at its end, or lost."""
    waste: float
    """Perished."""


def perishable_optimum(
    rates: PeriodRates,
    shelf_life: int,
    demand: Distribution,
    lead_time: int = 0,
    lost: bool = True,
    max_order: int | None = None,
    tolerance: float = 1e-8,
) -> PerishableOptimum:
    """The best policy of one site that sells the oldest first and throws away what is too old.

    In a period stock arrives fresh, with `shelf_life` m ≥ 2 periods to be sold in, this one included; `demand` of one period,
    in whole units, is served oldest first; what was in its last period perishes. Orders arrive at once or after one period
    (`lead_time` 0 or 1) and are at most `max_order`, by default the newsvendor's level over the m + ℓ periods that an order
    could serve, and a largest demand more where unmet demand waits rather than being `lost`. Raises InputError where there are
    too many states, and says what would fit. Source of the model: Nahmias 1975, Fries 1975 (both Operations Research 23).

    >>> from scipy import stats
    >>> best = perishable_optimum(PeriodRates(1, 5, 7), shelf_life=2, demand=stats.poisson(3))
    >>> round(best.cost, 3), best.order[:6].tolist()
    (3.937, [4, 3, 2, 1, 1, 0])
    """
    one, kept = _checked(rates, shelf_life, lead_time, demand)
    largest = int(one.ppf(1 - RARE))
    most = max_order if max_order is not None else kept + (0 if lost else largest)
    chance = np.append(one.pmf(np.arange(largest + 1)), 0.0)
    chance[-1] = max(1.0 - chance.sum(), 0.0)
    owed = 0 if lost else int(one.sum(lead_time + 2).ppf(1 - RARE))
    grid = StateGrid((owed + max(kept, most) + 1, *(max(kept, most) + 1,) * (shelf_life - 2), *(most + 1,) * lead_time))
    sizes = {"states": grid.count, "orders": most + 1, "demands": len(chance)}
    check_size("shelf_life", sizes, "or max_order lower", MOST)
    stock = grid.points() - np.array([owed, *(0,) * (len(grid.sizes) - 1)])
    cost, following = _periods(rates, stock, np.arange(most + 1), np.arange(len(chance)), lead_time, lost, owed, grid)
    process = DecisionProcess.of(cost @ chance, following, chance)
    best = process.optimum(tolerance)
    return PerishableOptimum(best.cost, best.action.reshape(grid.sizes), owed)


def _periods(
    rates: PeriodRates, stock: Whole, orders: Whole, demand: Whole, lead_time: int, lost: bool, owed: int, grid: StateGrid
) -> tuple[Floats, Whole]:
    """Cost and next state (M, A, D) of every state, order and demand."""
    shape = (len(stock), len(orders), len(demand))
    aged = [np.broadcast_to(part[:, None, None], shape) for part in stock.T]
    order = np.broadcast_to(orders[:, None], shape)
    fresh = aged.pop() if lead_time else order
    ages = [*(np.maximum(part, 0) for part in aged), fresh]
    wanted = demand + np.maximum(-aged[0], 0)
    for number, part in enumerate(ages):
        ages[number] = np.maximum(part - wanted, 0)
        wanted = np.maximum(wanted - part, 0)
    perished, *kept = ages
    left = sum(kept)
    paid = rates.holding * left + rates.shortage * wanted + rates.waste * perished
    first = kept[0] if lost else np.where(wanted > 0, -np.minimum(wanted, owed), kept[0])
    after = [first + owed, *kept[1:], *([order] if lead_time else [])]
    return np.asarray(paid, dtype=float), grid.number(*after)


def _checked(rates: PeriodRates, shelf_life: int, lead_time: int, demand: Distribution) -> tuple[Lattice, int]:
    """One period's demand, and the newsvendor's level over all periods that an order could serve."""
    if shelf_life < 2:
        raise InputError("shelf_life", shelf_life, "at least 2 periods (with 1 nothing is kept: that is a newsvendor)")
    if lead_time not in (0, 1):
        raise InputError("lead_time", lead_time, "0 or 1 period")
    if rates.waste < 0:
        raise InputError("waste", rates.waste, "a cost ≥ 0")
    one = whole_units(demand)
    return one, int(one.sum(shelf_life + lead_time).ppf(critical_ratio(rates.holding, rates.shortage)))
