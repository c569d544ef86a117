from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import (
    DecisionProcess,
    StateGrid,
    dual_sourcing_optimum,
    lost_sales_base_stock_cost,
    lost_sales_optimum,
)
from orderup.agents.exact.dynamic_programming import check_size, stationary
from orderup.envs.foundation.errors import InputError


def lost_sales(shortage: float, lead_time: int, most: int, order: int) -> tuple[DecisionProcess, StateGrid]:
    """A store that loses sales of Poisson(5), as one process: stock with what arrives now, then the pipeline."""
    grid = StateGrid((most + 1, *(order + 1,) * (lead_time - 1)))
    points, demand, orders = grid.points(), np.arange(25), np.arange(order + 1)
    chance = stats.poisson(5).pmf(demand)
    chance /= chance.sum()
    left = np.maximum(points[:, :1] - demand, 0)
    short = np.maximum(demand - points[:, :1], 0)
    paid = (left + shortage * short) @ chance
    shape = (grid.count, len(orders), len(demand))
    coming = [np.broadcast_to(part[:, None, None], shape) for part in points.T[1:]] + [np.broadcast_to(orders[:, None], shape)]
    following = grid.number(left[:, None] + coming[0], *coming[1:])
    return DecisionProcess.of(np.repeat(paid[:, None], len(orders), axis=1), following, chance), grid


@pytest.mark.parametrize(("shortage", "lead_time"), [(4, 1), (19, 1), (9, 2)])
def test_a_store_that_loses_sales_costs_what_its_own_solver_says(shortage: float, lead_time: int) -> None:
    process, _ = lost_sales(shortage, lead_time, 24, 9)
    optimum = process.optimum()
    assert optimum.cost == pytest.approx(lost_sales_optimum(1, shortage, lead_time, stats.poisson(5)).cost, abs=2e-6)
    assert process.cost_of(optimum.action) == pytest.approx(optimum.cost, abs=1e-6)


def test_a_policy_of_ones_own_costs_what_its_chain_says() -> None:
    process, grid = lost_sales(4, 1, 24, 15)
    base_stock = np.clip(11 - grid.points()[:, 0], 0, 15)
    expected = lost_sales_base_stock_cost(1, 4, 1, stats.poisson(5), 11)
    assert process.cost_of(base_stock) == pytest.approx(expected, abs=1e-6)


def test_two_lanes_cost_what_their_own_solver_says() -> None:
    low, high, most = -4, 12, 5
    net, fast, slow = np.arange(low, high + 1), np.arange(most + 1), np.arange(most + 1)
    grid, demand = StateGrid((len(net), most + 1)), np.arange(5)
    stock, coming = (part[:, None, None, None] for part in (grid.points() + np.array([low, 0])).T)
    left = stock + fast[:, None, None] - demand
    paid = 5 * np.maximum(left, 0) + 495 * np.maximum(-left, 0) + 105 * fast[:, None, None] + 100 * slow[:, None]
    left = np.broadcast_to(left + coming - low, paid.shape)
    following = grid.number(left, np.broadcast_to(slow[:, None], paid.shape))
    short = (stock + fast[:, None, None])[..., 0] < 0
    cost = np.where(short, 1e6, 0.0) + paid.mean(axis=-1)
    actions = (grid.count, -1)
    process = DecisionProcess.of(cost.reshape(actions), following.reshape(*actions, 5), np.full(5, 0.2))
    expected = dual_sourcing_optimum(5, 495, 2, 100, 105, stats.randint(0, 5)).cost
    assert process.optimum().cost == pytest.approx(expected, abs=1e-5)


def test_a_chain_that_goes_round_settles_too() -> None:
    process = DecisionProcess.of(np.array([[1.0], [2.0], [6.0]]), np.array([[[1]], [[2]], [[0]]]), np.ones(1))
    assert process.optimum().cost == pytest.approx(3)
    assert process.cost_of([0, 0, 0]) == pytest.approx(3)
    np.testing.assert_allclose(stationary(process.step), 1 / 3)


def test_what_is_too_large_is_told_how_large_it_is_and_what_would_fit() -> None:
    with pytest.raises(InputError) as caught:
        check_size("states", {"states": 100_000, "orders": 20, "demands": 30})
    assert caught.value.found == "100000 states × 20 orders × 30 demands = 60,000,000"
    assert "states up to 50000" in caught.value.accepted
