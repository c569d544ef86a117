"""Long simulations, and how sure one can be of what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from orderup.agents import make_agent
from orderup.envs.information.policy import Policy
from orderup.envs.numerics.arrays import Floats
from orderup.envs.simulator import Simulator


@dataclass(frozen=True)
class Interval:
    """Where the mean lies with 99 % confidence, by the means of independent episodes."""

    mean: float
    half_width: float

    @classmethod
    def of(cls, episodes: Floats) -> Interval:
        """From one number for each episode (B,)."""
        error = episodes.std(ddof=1) / np.sqrt(episodes.size)
        return cls(float(episodes.mean()), float(stats.norm.ppf(0.995) * error))

    def __contains__(self, value: float) -> bool:
        return abs(value - self.mean) <= self.half_width


@dataclass(frozen=True)
class Simulated:
    """Means over the periods after warm-up, of each episode (B,), and the network's spread of orders about a given mean."""

    cost: Floats
    demand: Floats
    """Of all customers [units/period]."""
    orders: Floats
    """Mean square of each lane's orders less the network's mean demand behind it (L, B) [units²]."""


def simulated(
    scenario: Any,
    policy: Any,
    autonomy: str = "autonomous_silo",
    *,
    episodes: int = 8000,
    periods: int = 250,
    warmup: int = 50,
    seed: int = 0,
    dtype: str = "float32",
    numbers: NDArray[np.int64] | None = None,
) -> Simulated:
    """Let a policy run; two million periods after warm-up unless told otherwise. `numbers` (B,) are the episodes' own."""
    sim = Simulator(scenario, autonomy, batch=episodes, horizon=warmup + periods, dtype=dtype)
    agent: Policy = policy if hasattr(policy, "act") else make_agent(policy)
    information = sim.reset(seed=seed, episodes=numbers)
    agent.reset(sim.context())
    usual = sim.numpy_network.loads.mean[sim.numpy_network.topology.destination, 0]
    cost, demand, orders = np.zeros(episodes), np.zeros(episodes), np.zeros((len(sim.numpy_network.lanes), episodes))
    for period in range(warmup + periods):
        information, ledger, _ = sim.step(agent.act(information))
        if period >= warmup and sim.now.flows is not None:
            cost += ledger.cost
            demand += sim.now.flows.demand[:, 0].sum(axis=0)
            orders += (sim.now.flows.orders[:, 0] - usual) ** 2
    return Simulated(cost / periods, demand / periods, orders / periods)
