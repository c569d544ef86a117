"""Levels of a main lane and of a faster one beside it cost little more than the best; in the limits they are one lane's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact.dual_index import best_dual_index, dual_index_cost
from orderup.agents.levels.base_stock_levels import installation_levels
from orderup.agents.levels.faster_lanes import LaneCosts, apart
from orderup.envs.catalogue import load_scenario
from orderup.envs.demand.distribution import NormalDistribution
from orderup.envs.simulator import Simulator

DEMANDS: dict[str, Any] = {
    "uniform": ({"type": "uniform_integer", "low": 0, "high": 4}, stats.randint(0, 5)),
    "poisson": ({"type": "poisson", "mean": 5}, stats.poisson(5)),
    "negative binomial": ({"type": "negative_binomial", "mean": 5, "variance_to_mean": 3.5}, stats.nbinom(2, 2 / 7)),
}


def store(premium: float, shortage: float, longer: int, demand: Any, **lane: Any) -> Any:
    """A store with a regular lane and one that is faster by so many periods; holding costs 1."""
    keys = load_scenario("dual_source").model_dump(mode="json", by_alias=True, exclude_none=True)
    keys["name"] = "a_store"
    keys["sites"]["store_1"]["holding"] = 1.0
    keys["customers"][0] |= {"demand": demand, "shortage": shortage}
    regular, express = keys["lanes"]
    regular |= {"lead_time": longer, "unit_cost": 0.0}
    express |= {"lead_time": 0, "unit_cost": premium, **lane}
    return keys


def levels(given: Any) -> list[float]:
    """Of the regular and of the express lane."""
    regular, express = installation_levels(Simulator(given).numpy_network)[:, 0].tolist()
    return [regular, express]


@pytest.mark.parametrize("name", DEMANDS)
def test_they_cost_little_more_than_the_best_dual_index(name: str) -> None:
    demand, drawn = DEMANDS[name]
    above = []
    for longer, shortage, premium in ((1, 5, 1), (1, 99, 4), (2, 20, 0.5), (2, 20, 2), (2, 99, 8), (2, 99, 2)):
        regular, express = levels(store(premium, shortage, longer, demand))
        best = best_dual_index(1.0, shortage, premium, 0, longer, drawn)
        above.append(dual_index_cost(1.0, shortage, premium, 0, longer, drawn, express, regular) / best.cost - 1.0)
    assert min(above) >= -1e-9
    assert max(above) < 0.06
    assert np.mean(above) < 0.025


@pytest.mark.parametrize(("longer", "premium", "best"), [(2, 5, [7, 4]), (2, 10, [8, 4]), (3, 5, [8, 4]), (3, 10, [9, 4])])
def test_on_published_instances_they_are_the_best_ones(longer: int, premium: float, best: list[float]) -> None:
    """Of the literature's four stores (Gijsbrechts et al., MSOM 24, 2022, figure 9): shortage 99 times holding."""
    assert levels(store(premium / 5, 99.0, longer, DEMANDS["uniform"][0])) == best


def test_what_is_too_dear_leaves_the_main_level_and_what_costs_nothing_is_all_there_is() -> None:
    fast, more = NormalDistribution([10.0], [3.0]), NormalDistribution([20.0], [4.0])
    shortage, holding = np.array([9.0]), np.ones(1)
    dear = apart(fast, more, LaneCosts(shortage, holding, np.array([1e6])))
    assert dear.lower == pytest.approx(0.0, abs=1e-9)
    assert dear.gap > more.ppf(0.99)
    free = apart(fast, more, LaneCosts(shortage, holding, np.zeros(1)))
    assert free.gap <= more.ppf(0.02)


def test_products_do_not_count_in_each_others_levels() -> None:
    mean, spread, premium = np.array([5.0, 80.0, 0.0]), np.array([2.0, 30.0, 0.0]), np.array([0.5, 6.0, 1.0])
    together = apart(
        NormalDistribution(mean, spread),
        NormalDistribution(2 * mean, 1.4 * spread),
        LaneCosts(9 + 0 * mean, 1 + 0 * mean, premium),
    )
    for at in range(len(mean)):
        one = slice(at, at + 1)
        costs = LaneCosts(np.array([9.0]), np.ones(1), premium[one])
        alone = apart(NormalDistribution(mean[one], spread[one]), NormalDistribution(2 * mean[one], 1.4 * spread[one]), costs)
        assert alone.lower == pytest.approx(together.lower[one])
        assert alone.gap == pytest.approx(together.gap[one])


def test_a_faster_lane_that_cannot_carry_what_is_asked_for_helps_nobody_to_lower_levels() -> None:
    demand = DEMANDS["poisson"][0]
    alone = stats.poisson(15).ppf(20 / 21)
    assert levels(store(2.0, 20.0, 2, demand))[0] < alone
    assert levels(store(2.0, 20.0, 2, demand, capacity=4.0))[0] == alone


def test_no_level_stands_above_the_main_lanes_wherever_a_centre_knows_all() -> None:
    """A faster lane whose level did would bring everything."""
    network = Simulator("network_family-small", "central_ideal").numpy_network
    found, topology = installation_levels(network, all_known=True), network.topology
    for lane in np.flatnonzero(~topology.is_lateral):
        main = topology.main_lanes[topology.destination[lane]]
        assert (found[lane] <= found[main, np.arange(len(main))] + 1e-9).all()
