from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.rules.fitted import Numbers, _fit
from orderup.agents.rules.rule import Rule
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...simulation import simulated


def store(**lane: Any) -> Scenario:
    given = load_scenario("newsvendor")
    return changed(given, name="a_store", lanes=[{"from": "supplier", "to": "store_1", "lead_time": 1, "initial": 10, **lane}])


REVIEWED = {"type": "periodic", "fitted": True, "review": 1}


def numbers(scenario: Any, agent: Any, autonomy: Any = "autonomous_silo") -> Numbers:
    rule = make_agent(agent)
    assert isinstance(rule, Rule)
    return rule.numbers(Simulator(scenario, autonomy).context())


def test_a_fit_leaves_what_theory_has_found() -> None:
    paying = store(fixed_cost=64)
    closed, fitted = (numbers(paying, {"type": "s_s", "fitted": value}) for value in (False, True))
    for name, values in closed.items():
        assert fitted[name].item() == pytest.approx(values.item(), abs=3)


def test_a_fit_finds_what_theory_does_not_know_of() -> None:
    """Lots of 25 and no reorder rule for them: with the multiple on the lane the best reorder point is elsewhere."""
    bound = store(fixed_cost=64, multiple=25)
    closed, fitted = (simulated(bound, {"type": "s_s", "fitted": value}, episodes=1500).cost.mean() for value in (False, True))
    assert fitted < closed


def test_what_is_given_stays_and_the_rest_is_fitted_to_it() -> None:
    found = numbers(store(fixed_cost=64), {"type": "s_s", "fitted": True, "up_to": 45.0})
    assert found["up_to"].item() == 45
    assert 12 <= found["reorder"].item() <= 20


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_cap_fitted_in_a_network_beats_its_start() -> None:
    cap = {"type": "capped_base_stock"}
    before, after = (simulated("owmr", cap | {"fitted": value}, episodes=300).cost.mean() for value in (False, True))
    assert after < before


def test_a_fit_is_done_once_for_a_scenario_a_level_and_a_rules_keys() -> None:
    _fit.cache_clear()
    given = store(fixed_cost=64)
    for _ in range(2):
        for agent in ({"type": "s_s", "fitted": True}, {"type": "s_s", "fitted": True, "up_to": 45.0}):
            numbers(given, agent)
    assert (_fit.cache_info().misses, _fit.cache_info().hits) == (2, 2)


def test_an_agent_that_is_reset_again_is_not_fitted_again() -> None:
    _fit.cache_clear()
    rule, simulator = make_agent({"type": "r_q", "fitted": True}), Simulator(store(fixed_cost=20), "autonomous_silo")
    for _ in range(2):
        rule.reset(simulator.context())
    assert _fit.cache_info().misses == 1


def test_a_fit_is_the_same_every_time() -> None:
    found = []
    for _ in range(2):
        _fit.cache_clear()
        found.append(numbers(store(fixed_cost=20), {"type": "r_q", "fitted": True}))
    for name, values in found[0].items():
        np.testing.assert_array_equal(values, found[1][name])


def test_a_centre_is_fitted_to_its_own_delay() -> None:
    late = {"name": "central_two_late", "authority": "central", "visibility": "shared", "feed_latency": 2}
    levels = [numbers("newsvendor", REVIEWED, level)["up_to"].item() for level in ("autonomous_silo", late)]
    assert levels == [37, 59]
