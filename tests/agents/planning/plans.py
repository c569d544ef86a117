"""Networks to plan for, and what their plans cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.agents.planning.programs import Solution
from orderup.envs.simulator import Simulator

FEW: dict[str, Any] = {"type": "mpc", "scenarios": 8}
TWO_WAYS: dict[str, Any] = {
    "name": "two_ways",
    "horizon": 20,
    "sites": {
        "store_1": {"holding": 1, "initial": 9},
        "store_2": {"holding": 1, "initial": 9},
        "warehouse_1": {"holding": 0.5, "initial": 12},
    },
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 2},
        {"from": "supplier", "to": "store_1", "lead_time": 1, "unit_cost": 2},
        {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        {"from": "store_2", "to": "store_1", "lead_time": 1, "unit_cost": 0.5, "lateral": True},
    ],
    "customers": [
        {"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 4}},
        {"site": "store_2", "shortage": 9, "demand": {"type": "poisson", "mean": 3}},
    ],
}
"""A slow and a fast way into one store, and one from a peer."""
LATE: dict[str, Any] = {"name": "late", "visibility": "shared", "authority": "central", "feed_latency": 2}


def played(scenario: Any, level: Any, agent: Any, batch: int = 2, periods: int = 12) -> NDArray[np.float64]:
    """Cost of every period (T, B)."""
    sim = Simulator(scenario, level, batch=batch, horizon=periods)
    policy = make_agent(agent)
    sim.reset(seed=3)
    policy.reset(sim.context(seed=1))
    return np.array([_stepped(sim, policy) for _ in range(periods)])


def _stepped(sim: Simulator, policy: Any) -> NDArray[np.float64]:
    return np.array(sim.step(policy.act(sim.information))[1].cost)


class Failing:
    """A solver whose time is up before it has found anything."""

    def solve(self, limits: Any, series: int = 0) -> Solution:
        return Solution(None, float("nan"), "out of time")


def first_position(scenario: Any, level: Any, scenarios: int) -> NDArray[np.float64]:
    """What a store's inventory position is raised to in the first period (B,)."""
    sim = Simulator(scenario, level, batch=4)
    information, agent = sim.reset(seed=0), make_agent({"type": "mpc", "scenarios": scenarios})
    agent.reset(sim.context(seed=5))
    decision = agent.act(information)
    return np.array(decision.quantity[:, 0, 0] + sim.numpy_network.start.initial[0, 0, 0])
