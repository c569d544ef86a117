from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents import make_agent
from orderup.agents.exact import best_base_surge, best_dual_index, best_single_index
from orderup.agents.rules.rule import Rule
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ....simulation import Interval, simulated

DEMAND = stats.randint(0, 5)
INSTANCES = [(2, 105), (2, 110), (3, 105), (3, 110)]
DUAL_INDEX = {(2, 105): 0.12, (2, 110): 0.18, (3, 105): 0.27, (3, 110): 0.36}
"""Per cent above the optimum, exactly."""


def dual_source(lead_time: int, express: float) -> Scenario:
    given = load_scenario("dual_source")
    regular, fast = (lane.model_dump(by_alias=True) for lane in given.lanes)
    return changed(given, lanes=[{**regular, "lead_time": lead_time}, {**fast, "unit_cost": express}])


def cost(scenario: Any, policy: Any) -> Any:
    """Each episode's cost, with what it bought for more or less demand than the mean of 2 taken out at the regular price."""
    run = simulated(scenario, policy, episodes=1500)
    return run.cost - 100 * (run.demand - 2)


@pytest.mark.parametrize(("lead_time", "express"), INSTANCES)
def test_dual_index_stays_as_far_above_the_optimum_as_theory_says_on_the_same_episodes(lead_time: int, express: int) -> None:
    store = dual_source(lead_time, express)
    optimum = cost(store, "optimal")
    gap = Interval.of(100 * (cost(store, "dual_index") - optimum) / optimum.mean())
    assert gap.mean == pytest.approx(DUAL_INDEX[lead_time, express], abs=gap.half_width + 0.01)


@pytest.mark.parametrize(("lead_time", "express"), [(2, 105), (3, 110)])
def test_every_rule_for_two_lanes_costs_what_theory_says(lead_time: int, express: float) -> None:
    store, premium = dual_source(lead_time, express), express - 100
    expected = {
        "dual_index": best_dual_index(5, 495, premium, 0, lead_time, DEMAND).cost,
        "single_index": best_single_index(5, 495, premium, 0, lead_time, DEMAND).cost,
        "tailored_base_surge": best_base_surge(5, 495, premium, 0, DEMAND).cost,
    }
    for name, theory in expected.items():
        assert 200 + theory in Interval.of(cost(store, name)), name


def test_an_express_lane_that_takes_time_counts_what_arrives_within_it() -> None:
    keys = load_scenario("dual_source").model_dump(by_alias=True) | {"name": "both_late"}
    lanes = [lane | {"lead_time": time} for lane, time in zip(keys["lanes"], (4, 1), strict=True)]
    customer = {"site": "store_1", "shortage": 19, "demand": {"type": "poisson", "mean": 3}}
    store = changed(load_scenario("dual_source"), name="both_late", lanes=lanes, customers=[customer])
    for name, find in (("dual_index", best_dual_index), ("single_index", best_single_index)):
        theory = find(5, 19, 5, 1, 4, stats.poisson(3)).cost
        run = simulated(store, name, episodes=1500)
        assert 300 + theory in Interval.of(run.cost - 100 * (run.demand - 3))


def test_the_levels_of_all_other_lanes_stay_base_stocks() -> None:
    network = Simulator("reference", "autonomous_silo").numpy_network
    rule, plain = (make_agent(name) for name in ("dual_index", "base_stock"))
    assert isinstance(rule, Rule)
    context = Simulator("reference", "autonomous_silo").context()
    found = rule.numbers(context)["levels"]
    plain.reset(context)
    assert found.shape == (len(network.lanes), len(network.products))
    assert (np.isfinite(found) & (found >= 0)).all()
