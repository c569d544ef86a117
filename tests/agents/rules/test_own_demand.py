"""Every agent on a demand process of somebody's own: what it makes of it is what it makes of the project's twin of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import list_agents, make_agent
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "newsvendor": ({"type": "poisson", "mean": 10}, {"type": "tests.own_demand:OwnPoisson", "mean": 10}),
    "lost_sales": ({"type": "poisson", "mean": 5}, {"type": "tests.own_demand:OwnPoisson", "mean": 5}),
    "dual_source": ({"type": "uniform_integer", "low": 0, "high": 4}, {"type": "tests.own_demand:OwnFour"}),
    "serial_poisson": ({"type": "poisson", "mean": 8}, {"type": "tests.own_demand:OwnPoisson", "mean": 8}),
}
"""Scenarios, and their demand as the project and as somebody else has written it."""
KEYS: dict[str, dict[str, Any]] = {
    "optimised_base_stock": {"iterations": 1, "episodes": 4, "neighbours": False},
    "mpc": {"scenarios": 2},
    "skill": {"policy": "base_stock", "noise": 0.1},
    "team": {"sites": "base_stock"},
}
LEARNT = {"trained", "pathwise", "ppo"}
"""What there is nothing of without a training."""


def with_demand(name: str, demand: dict[str, Any]) -> Scenario:
    (entry,) = load_scenario(name).model_dump(by_alias=True)["customers"]
    return changed(load_scenario(name), customers=[{**entry, "demand": demand}])


def decided(scenario: Scenario, name: str, periods: int = 5) -> Any:
    """Orders of the first periods (T, L, K, B), or the key of what refuses the agent."""
    for level in ("autonomous_silo", "central_ideal"):
        simulator, found = Simulator(scenario, level, batch=2), []
        try:
            agent = make_agent({"type": name, **KEYS.get(name, {})})
            information = simulator.reset(seed=1)
            agent.reset(simulator.context(party="planner" if simulator.seats == (PLANNER,) else None))
            for _ in range(periods):
                information, _, _ = simulator.step(agent.act(information))
                assert simulator.now.flows is not None
                found.append(simulator.now.flows.orders)
        except InputError as error:
            refused = str(error)
            continue
        return np.array(found)
    return refused


@pytest.mark.parametrize("scenario", TWINS)
@pytest.mark.parametrize("name", sorted(set(list_agents()) - LEARNT))
def test_every_agent_does_with_own_demand_what_it_does_with_ours(scenario: str, name: str) -> None:
    ours, theirs = (decided(with_demand(scenario, demand), name) for demand in TWINS[scenario])
    if isinstance(ours, str):
        assert theirs == ours
    else:
        np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9)


def test_whoever_acts_on_poisson_demand_acts_on_ones_own() -> None:
    acting = {
        name
        for name in set(list_agents()) - LEARNT
        if not isinstance(decided(with_demand("newsvendor", TWINS["newsvendor"][1]), name), str)
    }
    assert {
        "base_stock",
        "s_s",
        "optimal",
        "clark_scarf",
        "forecast_newsvendor",
        "mpc",
        "optimised_base_stock",
        "periodic",
    } <= acting


def test_the_optimum_of_own_demand_is_the_textbooks() -> None:
    """Poisson(10) over 3 periods, 1 to hold and 9 to owe: 37 and 9.9532."""
    result = orderup.evaluate(with_demand("newsvendor", TWINS["newsvendor"][1]), agents="base_stock", episodes=400, seed=10_000)
    assert result.cost == pytest.approx(9.9532, abs=0.1)
