from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import DecisionProcess, Lattice, StateGrid, disruption_cost, disruption_optimum, newsvendor
from orderup.envs.foundation.errors import InputError

STEADY = Lattice(np.array([1.0]), first=1, step=10.0)
FAILURE, RECOVERY = 0.04, 0.25


def by_value_iteration(lowest: int, highest: int) -> tuple[float, int]:
    """Optimum over all policies for a demand of one ten at a time, and what is ordered up to from nothing [tens]."""
    stock = np.arange(lowest, highest + 1)
    grid = StateGrid((len(stock), 2))
    number, down = grid.points().T
    level = np.arange(len(stock))
    allowed = (level >= number[:, None]) & ((down[:, None] == 0) | (level == number[:, None]))
    left = 10 * (stock - 1)
    cost = np.where(allowed, np.maximum(left, 0) + 20 * np.maximum(-left, 0), np.inf)
    after = np.broadcast_to(np.maximum(level - 1, 0)[:, None], (grid.count, len(level), 2))
    following = grid.number(after, np.broadcast_to(np.arange(2), after.shape))
    fails = np.where(down == 0, FAILURE, 1 - RECOVERY)
    chance = np.stack([1 - fails, fails], axis=1)[:, None]
    best = DecisionProcess.of(cost, following, chance).optimum()
    return best.cost, int(stock[best.action[grid.number(np.array([-lowest]), np.array([0]))[0]]])


def test_the_example_of_snyder_and_shen() -> None:
    best = disruption_optimum(1, 20, FAILURE, RECOVERY, STEADY)
    assert (best.level, best.cost) == pytest.approx((50, 71.142), abs=5e-4)
    for level, cost in ((40, 73.362), (60, 71.977)):
        assert disruption_cost(1, 20, FAILURE, RECOVERY, STEADY, level) == pytest.approx(cost, abs=5e-4)


def test_no_policy_at_all_is_cheaper() -> None:
    cost, level = by_value_iteration(-90, 15)
    assert level == 5
    assert cost == pytest.approx(disruption_optimum(1, 20, FAILURE, RECOVERY, STEADY).cost, abs=1e-5)


def test_a_supplier_that_hardly_fails_leaves_the_newsvendor() -> None:
    level, cost = newsvendor(1, 9, stats.poisson(30))
    best = disruption_optimum(1, 9, 1e-9, 1, stats.poisson(10), lead_time=2)
    assert (best.level, best.cost) == pytest.approx((float(level), float(cost)), abs=1e-5)


def test_the_cost_with_a_lead_time_is_what_a_long_simulation_pays() -> None:
    rng, rows, level = np.random.default_rng(0), 2000, 45
    net, coming, down, paid = np.full(rows, 15.0), [np.full(rows, 15.0)] * 2, np.zeros(rows, bool), []
    for period in range(500):
        order = np.where(down, 0.0, np.maximum(level - net - sum(coming), 0))
        coming.append(order)
        net = net + coming.pop(0) - rng.poisson(10, rows)
        down = np.where(down, rng.random(rows) >= 0.5, rng.random(rows) < 0.1)
        if period >= 100:
            paid.append(np.maximum(net, 0) + 9 * np.maximum(-net, 0))
    means = np.mean(paid, axis=0)
    expected = disruption_cost(1, 9, 0.1, 0.5, stats.poisson(10), level, lead_time=2)
    assert expected == pytest.approx(means.mean(), abs=3 * means.std() / np.sqrt(rows))


@pytest.mark.parametrize(("chances", "key"), [((0, 0.5), "failure"), ((0.1, 0), "recovery"), ((0.1, 1e-4), "recovery")])
def test_chances_that_make_no_sense_are_refused(chances: tuple[float, float], key: str) -> None:
    with pytest.raises(InputError) as caught:
        disruption_optimum(1, 9, *chances, stats.poisson(10))
    assert caught.value.key == key
