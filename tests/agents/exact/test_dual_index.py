from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import best_dual_index, best_single_index, dual_sourcing_optimum
from orderup.envs.foundation.errors import InputError

DEMAND = stats.randint(0, 5)
GAPS = {(2, 5): 0.00117, (2, 10): 0.00179, (3, 5): 0.00269, (3, 10): 0.00361}
"""How far the best dual index is above the optimum, by regular lead time and premium, purchases at 100 included."""


def simulated(express: float, regular: float, lead_time: int, premium: float, single: bool) -> Any:
    """Cost (R,) of R stores with an express lane that delivers at once: see, order, receive, serve, count."""
    rng, rows = np.random.default_rng(0), 1500
    net, coming, paid = np.zeros(rows), [np.full(rows, 2.0)] * lead_time, []
    for period in range(500):
        net = net + coming.pop(0)
        seen = net + sum(coming) if single else net
        fast = np.maximum(express - seen, 0)
        slow = np.maximum(regular - net - sum(coming) - fast, 0)
        coming.append(slow)
        net = net + fast - rng.integers(0, 5, rows)
        if period >= 100:
            paid.append(premium * fast + 5 * np.maximum(net, 0) + 495 * np.maximum(-net, 0))
    return np.mean(paid, axis=0)


@pytest.mark.parametrize(("lead_time", "premium"), list(GAPS))
def test_the_best_dual_index_is_within_four_thousandths_of_the_optimum(lead_time: int, premium: int) -> None:
    best = best_dual_index(5, 495, premium, 0, lead_time, DEMAND)
    optimum = dual_sourcing_optimum(5, 495, lead_time, 100, 100 + premium, DEMAND).cost
    assert (200 + best.cost) / optimum - 1 == pytest.approx(GAPS[lead_time, premium], abs=2e-5)


@pytest.mark.parametrize("find", [best_dual_index, best_single_index])
@pytest.mark.parametrize(("lead_time", "premium"), [(2, 5), (3, 10)])
def test_the_cost_is_what_a_long_simulation_pays(find: Any, lead_time: int, premium: float) -> None:
    best = find(5, 495, premium, 0, lead_time, DEMAND)
    means = simulated(best.express, best.regular, lead_time, premium, find is best_single_index)
    assert best.cost == pytest.approx(means.mean(), abs=3 * means.std() / np.sqrt(len(means)))


def test_an_express_lane_that_costs_no_more_makes_the_regular_one_superfluous() -> None:
    best = best_dual_index(5, 495, 0, 0, 2, DEMAND)
    assert best.cost == pytest.approx(5 * (4 - 2))


def test_dual_index_is_no_dearer_than_single_index() -> None:
    for premium in (1, 5, 20):
        keys = (1, 19, premium, 1, 4, stats.poisson(3))
        assert best_dual_index(*keys).cost <= best_single_index(*keys).cost + 1e-9


def test_a_regular_lane_too_far_away_is_told_how_many_states_that_makes() -> None:
    with pytest.raises(InputError, match="regular orders on their way") as caught:
        best_dual_index(1, 19, 5, 0, 12, stats.poisson(5))
    assert caught.value.key == "regular_time"


@pytest.mark.parametrize(("keys", "key"), [((2, 2, DEMAND), "express_time"), ((0, 2, stats.norm(5, 1)), "demand")])
def test_what_the_theory_does_not_cover_is_refused_by_its_name(keys: Any, key: str) -> None:
    with pytest.raises(InputError) as caught:
        best_dual_index(5, 495, 5, *keys)
    assert caught.value.key == key
