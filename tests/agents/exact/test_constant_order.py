from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import best_base_surge, best_constant_order, dual_sourcing_optimum, left_over, lost_sales_optimum
from orderup.envs.foundation.errors import InputError

DEMAND = stats.poisson(5)


@pytest.mark.parametrize("order", [0, 3, 4.2])
def test_what_is_left_over_settles_where_one_more_period_leaves_it(order: float) -> None:
    found = left_over(DEMAND, order)
    share, step = found.probability, found.step
    after = np.zeros_like(share)
    for demand, chance in enumerate(DEMAND.pmf(np.arange(40))):
        place = np.clip(np.arange(len(share)) + round((order - demand) / step), 0, len(share) - 1)
        after += chance * np.bincount(place, weights=share, minlength=len(share))
    np.testing.assert_allclose(after, share, atol=1e-9)


def test_the_cost_does_not_depend_on_the_lead_time_and_the_optimum_comes_down_to_it_from_below() -> None:
    cost = best_constant_order(1, 4, DEMAND).cost
    optima = [lost_sales_optimum(1, 4, lead_time, DEMAND).cost for lead_time in (1, 2, 3)]
    assert optima == sorted(optima)
    assert optima[-1] < cost < 1.11 * optima[-1]


def test_no_other_constant_order_is_cheaper() -> None:
    best = best_constant_order(1, 9, DEMAND)
    costs = {part: left_over(DEMAND, part / 10).mean() + 9 * (5 - part / 10) for part in range(30, 48)}
    assert best.cost == pytest.approx(min(costs.values()))
    assert best.order == pytest.approx(min(costs, key=costs.__getitem__) / 10)


@pytest.mark.parametrize("premium", [5, 10])
def test_base_surge_is_above_the_optimum_of_two_lanes_by_what_its_simulation_says(premium: float) -> None:
    demand, rng = stats.randint(0, 5), np.random.default_rng(1)
    best = best_base_surge(5, 495, premium, 0, demand)
    optimum = dual_sourcing_optimum(5, 495, 3, 0, premium, demand).cost
    assert optimum < best.cost < optimum * 1.06
    net, paid = np.full(2000, best.level), []
    for _ in range(400):
        express = np.maximum(best.level - net, 0)
        net = net + express - rng.integers(0, 5, 2000)
        paid.append(premium * express + 5 * np.maximum(net, 0) + 495 * np.maximum(-net, 0))
        net = net + best.order
    means = np.mean(paid[100:], axis=0)
    assert best.cost == pytest.approx(means.mean(), abs=3 * means.std() / np.sqrt(2000))


@pytest.mark.parametrize("order", [5, 6, -1, 4.999, 1 / 3 + 0.001])
def test_orders_for_which_stock_does_not_settle_are_refused(order: float) -> None:
    with pytest.raises(InputError) as caught:
        left_over(DEMAND, order)
    assert caught.value.key == "order"
