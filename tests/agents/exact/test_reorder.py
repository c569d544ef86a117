from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import DecisionProcess, best_lots, newsvendor, newsvendor_cost, s_s_cost, zheng_federgruen
from orderup.envs.foundation.errors import InputError

TABLE = {
    10: (6, 40, 35.022),
    15: (10, 49, 42.698),
    20: (14, 62, 49.173),
    25: (19, 56, 54.262),
    30: (23, 66, 57.819),
    50: (42, 108, 70.975),
    70: (62, 81, 79.037),
}
"""Poisson(mean), h = 1, b = 9, K = 64, no lead time."""


def by_value_iteration(fixed: float, lead_time: int, demand: Any, low: int, high: int) -> tuple[float, Any]:
    """The optimum over all policies on positions from `low` to `high`, and what it orders up to from each (M,)."""
    levels = np.arange(low, high + 1)
    paid = newsvendor_cost(1, 9, stats.poisson(demand.mean() * (lead_time + 1)), levels)
    allowed = levels[None] >= levels[:, None]
    cost = np.where(allowed, fixed * (levels[None] > levels[:, None]) + paid[None], np.inf)
    chance = demand.pmf(np.arange(60))
    following = np.clip(levels[:, None] - np.arange(60) - low, 0, None)
    best = DecisionProcess.of(cost, np.broadcast_to(following, (len(levels), *following.shape)), chance).optimum(1e-7)
    return best.cost, levels[best.action]


@pytest.mark.parametrize("mean", TABLE)
def test_reorder_points_and_levels_are_those_of_zheng_and_federgruen(mean: int) -> None:
    best = zheng_federgruen(1, 9, 64, 0, stats.poisson(mean))
    assert (best.reorder, best.up_to) == TABLE[mean][:2]
    assert best.cost == pytest.approx(TABLE[mean][2], abs=6e-4)


@pytest.mark.parametrize(("mean", "fixed", "lead_time"), [(10, 64, 0), (4, 10, 2), (10, 5, 1), (2, 100, 0)])
def test_no_policy_at_all_is_cheaper_than_the_best_reorder_policy(mean: int, fixed: float, lead_time: int) -> None:
    demand = stats.poisson(mean)
    best = zheng_federgruen(1, 9, fixed, lead_time, demand)
    cost, up_to = by_value_iteration(fixed, lead_time, demand, -20, 75)
    assert best.cost == pytest.approx(cost, abs=1e-5)
    positions = np.arange(-20, 75 + 1)
    due = positions <= best.reorder
    np.testing.assert_array_equal(up_to[due & (positions > -15)], best.up_to)


@pytest.mark.parametrize(("fixed", "lead_time"), [(64, 0), (10, 2)])
def test_no_other_pair_is_cheaper(fixed: float, lead_time: int) -> None:
    demand = stats.poisson(6)
    best = zheng_federgruen(1, 9, fixed, lead_time, demand)
    pairs = [(low, high) for low in range(-1, 20, 3) for high in range(low + 1, 45, 2)]
    assert min(s_s_cost(1, 9, fixed, lead_time, demand, *pair) for pair in pairs) >= best.cost - 1e-10
    assert s_s_cost(1, 9, fixed, lead_time, demand, best.reorder, best.up_to) == pytest.approx(best.cost)


@pytest.mark.parametrize("lead_time", [0, 3])
def test_orders_that_cost_nothing_are_placed_in_every_period_up_to_the_newsvendors_level(lead_time: int) -> None:
    level, cost = (float(number) for number in newsvendor(1, 9, stats.poisson(10 * (lead_time + 1))))
    best = zheng_federgruen(1, 9, 0, lead_time, stats.poisson(10))
    assert (best.reorder, best.up_to, best.cost) == pytest.approx((level - 1, level, cost))
    lots = best_lots(1, 9, 0, lead_time, stats.poisson(10))
    assert (lots.reorder, lots.lot, lots.cost) == pytest.approx((level - 1, 1, cost))


def test_demand_in_parts_of_units_is_put_on_a_grid() -> None:
    coarse = zheng_federgruen(1, 9, 640, 1, stats.norm(100, 10), step=5)
    fine = zheng_federgruen(1, 9, 640, 1, stats.norm(100, 10), step=1)
    assert coarse.cost == pytest.approx(fine.cost, rel=2e-3)
    assert coarse.up_to == pytest.approx(fine.up_to, abs=10)


def test_the_cost_of_lots_is_what_a_long_simulation_pays() -> None:
    rng, rows, periods, lots = np.random.default_rng(0), 400, 1200, best_lots(1, 9, 64, 0, stats.poisson(10))
    position, paid = np.full(rows, lots.reorder + 1), []
    for period in range(periods):
        count = np.maximum(np.floor((lots.reorder - position) / lots.lot) + 1, 0)
        position = position + count * lots.lot - rng.poisson(10, rows)
        cost = 64.0 * (count > 0) + np.maximum(position, 0) + 9 * np.maximum(-position, 0)
        if period >= 200:
            paid.append(cost)
    means = np.mean(paid, axis=0)
    assert lots.cost == pytest.approx(means.mean(), abs=3 * means.std() / np.sqrt(rows))


def test_a_given_lot_has_its_own_reorder_point() -> None:
    free = best_lots(1, 9, 64, 0, stats.poisson(10))
    assert best_lots(1, 9, 64, 0, stats.poisson(10), lot=free.lot).cost == pytest.approx(free.cost)
    assert best_lots(1, 9, 64, 0, stats.poisson(10), lot=12).cost > free.cost


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"fixed": -1}, "fixed"),
        ({"lead_time": -1}, "lead_time"),
        ({"holding": 0}, "holding"),
        ({"demand": stats.randint(-2, 5)}, "demand"),
        ({"demand": stats.poisson(0)}, "demand"),
    ],
)
def test_what_the_theory_does_not_cover_is_refused_by_its_name(change: dict[str, Any], key: str) -> None:
    given: dict[str, Any] = {"holding": 1, "shortage": 9, "fixed": 64, "lead_time": 0, "demand": stats.poisson(10)}
    with pytest.raises(InputError) as caught:
        zheng_federgruen(**{**given, **change})
    assert caught.value.key == key
