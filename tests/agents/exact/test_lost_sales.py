from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact import Lattice, best_lost_sales_base_stock, lost_sales_base_stock_cost, lost_sales_optimum, newsvendor
from orderup.envs.foundation.errors import InputError

PENALTIES = (4, 9, 19, 39)
OPTIMAL = {1: (4.041, 5.438, 6.676, 7.836), 2: (4.395, 6.094, 7.664, 9.106), 3: (4.599, 6.531, 8.363, 10.038)}
BASE_STOCK = {1: (4.16, 5.55, 6.73, 7.86), 2: (4.64, 6.32, 7.84, 9.19), 3: (4.98, 6.86, 8.60, 10.22)}
"""Zipkin 2008, Poisson(5), h = 1: by lead time, one for each penalty."""

CASES = [(lead_time, number) for lead_time in (1, 2, 3) for number in range(4)]
DEMAND = stats.poisson(5)


def simulated_cost(
    order: Callable[[NDArray[np.int64]], NDArray[np.int64]], shortage: float, lead_time: int, rows: int, periods: int
) -> NDArray[np.float64]:
    """Mean cost (R,) per period of R sites: see stock and pipeline, order, receive what is due, serve, count."""
    rng = np.random.default_rng(0)
    on_hand, pipeline, costs = np.zeros(rows, np.int64), np.full((rows, lead_time), 5), []
    for t in range(periods + 100):
        seen = np.concatenate([on_hand[:, None] + pipeline[:, :1], pipeline[:, 1:]], axis=1)
        pipeline = np.concatenate([pipeline, order(seen)[:, None]], axis=1)
        on_hand = on_hand + pipeline[:, 0]
        pipeline = pipeline[:, 1:]
        wanted = rng.poisson(5, rows)
        if t >= 100:
            costs.append(np.maximum(on_hand - wanted, 0) + shortage * np.maximum(wanted - on_hand, 0))
        on_hand = np.maximum(on_hand - wanted, 0)
    return np.asarray(np.mean(costs, axis=0))


@pytest.mark.parametrize(("lead_time", "number"), CASES)
def test_the_optimum_is_zipkins(lead_time: int, number: int) -> None:
    best = lost_sales_optimum(1, PENALTIES[number], lead_time, DEMAND)
    assert best.cost == pytest.approx(OPTIMAL[lead_time][number], abs=5.1e-4)


@pytest.mark.parametrize(("lead_time", "number"), CASES)
def test_the_best_base_stock_cost_is_zipkins(lead_time: int, number: int) -> None:
    assert best_lost_sales_base_stock(1, PENALTIES[number], lead_time, DEMAND)[1] == pytest.approx(
        BASE_STOCK[lead_time][number], abs=5.1e-3
    )


def test_at_lead_time_four_the_best_base_stock_level_is_ten_percent_dear() -> None:
    best, (level, cost) = lost_sales_optimum(1, 4, 4, DEMAND), best_lost_sales_base_stock(1, 4, 4, DEMAND)
    assert level == 25
    assert cost / best.cost - 1 == pytest.approx(0.099, abs=5e-4)


def test_no_level_is_cheaper_than_the_best() -> None:
    level, cost = best_lost_sales_base_stock(1, 9, 2, DEMAND)
    others = {other: lost_sales_base_stock_cost(1, 9, 2, DEMAND, other) for other in range(30)}
    assert min(others, key=others.__getitem__) == level
    assert cost == others[level]


@pytest.mark.parametrize("shortage", [4, 39])
def test_looser_bounds_on_orders_find_nothing_cheaper(shortage: float) -> None:
    tight = lost_sales_optimum(1, shortage, 2, DEMAND)
    loose = lost_sales_optimum(1, shortage, 2, DEMAND, max_order=16, max_position=40)
    assert loose.cost == pytest.approx(tight.cost, abs=1e-7)
    overlap = loose.order[: tight.order.shape[0], : tight.order.shape[1]]
    reached = np.indices(overlap.shape).sum(axis=0) < tight.order.shape[0]
    np.testing.assert_array_equal(overlap[reached], tight.order[reached])


@pytest.mark.parametrize("lead_time", [1, 2, 3])
def test_a_simulation_of_the_clock_costs_the_optimum(lead_time: int) -> None:
    best = lost_sales_optimum(1, 9, lead_time, DEMAND)
    each = simulated_cost(best, 9, lead_time, rows=4000, periods=400)
    assert abs(each.mean() - best.cost) < stats.norm.ppf(0.9995) * each.std() / np.sqrt(each.size)


def test_a_simulated_base_stock_level_costs_its_stationary_cost() -> None:
    each = simulated_cost(lambda seen: np.maximum(19 - seen.sum(axis=1), 0), 9, lead_time=2, rows=4000, periods=400)
    exact = lost_sales_base_stock_cost(1, 9, 2, DEMAND, level=19)
    assert abs(each.mean() - exact) < stats.norm.ppf(0.9995) * each.std() / np.sqrt(each.size)


def test_one_unit_of_stock_by_hand() -> None:
    q = 0.3  # on the shelf in 1 of every 1 + q periods on average; otherwise on its way for one
    by_hand = (2 * (1 - q) + 7 * q * q) / (1 + q)
    assert lost_sales_base_stock_cost(2, 7, 1, stats.bernoulli(q), level=1) == pytest.approx(by_hand, rel=1e-10)


def test_orders_fall_with_stock_by_at_most_as_much_and_most_with_the_newest() -> None:
    order = lost_sales_optimum(1, 19, 3, DEMAND, max_order=14, max_position=40).order
    usual = np.indices(order.shape).sum(axis=0) < 25
    fall = [-np.diff(order, axis=axis, append=order.take([-1], axis=axis))[usual & _inner(order, axis)] for axis in range(3)]
    assert all(one.min() >= 0 and one.max() <= 1 for one in fall)
    assert fall[0].mean() < fall[1].mean() < fall[2].mean()


def test_demand_that_never_varies_costs_nothing() -> None:
    best = lost_sales_optimum(1, 9, 2, Lattice(np.ones(1), first=5))
    assert best.cost == pytest.approx(0, abs=1e-7)
    assert best([5, 5]) == 5


def test_lost_sales_cost_less_than_the_same_penalty_for_every_period_of_waiting() -> None:
    for lead_time in (1, 2, 3):
        assert lost_sales_optimum(1, 9, lead_time, DEMAND).cost < newsvendor(1, 9, stats.poisson(5 * (lead_time + 1)))[1]


def test_a_policy_answers_many_states_at_once_and_beyond_its_table() -> None:
    best = lost_sales_optimum(1, 9, 2, DEMAND)
    np.testing.assert_array_equal(best([[3, 4], [5, 2]]), [best.order[3, 4], best.order[5, 2]])
    assert best([500, 0]) == 0


@pytest.mark.parametrize(("lead_time", "demand"), [(0, DEMAND), (1, stats.norm(5, 1)), (1, stats.poisson(5, loc=-3))])
def test_what_the_model_does_not_cover_is_refused(lead_time: int, demand: Any) -> None:
    with pytest.raises(InputError):
        lost_sales_optimum(1, 9, lead_time, demand)


def _inner(order: NDArray[np.int64], axis: int) -> NDArray[np.bool_]:
    """Where a step along `axis` stays inside the table."""
    return np.asarray(np.indices(order.shape)[axis] < order.shape[axis] - 1)
