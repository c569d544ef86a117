"""Learners for tests: one that learns nothing, and one that wanders and has all the state that a real one has."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.agents.learning.learner import Journal, Learner, Task, TrainingState
from orderup.agents.learning.learnt import Learnt
from orderup.agents.networks.network_policy import NetworkPolicy, observation_layout
from orderup.agents.networks.network_spec import NetworkSpec
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.view import ObservationView
from orderup.envs.simulator import Party, Simulator

LINE: dict[str, Any] = {
    "name": "two_stages",
    "horizon": 20,
    "sites": {"store_1": {"holding": 1.0}, "warehouse_1": {"holding": 0.5}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
    ],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
}


def policy_for(
    scenario: Any,
    autonomy: str | Autonomy = "autonomous_silo",
    seed: int = 0,
    activation: Any = "relu",
    party: Party | None = None,
) -> NetworkPolicy:
    """A network of random numbers that fits."""
    sim = Simulator(scenario, autonomy)
    context = sim.context(party=party)
    action = len(sim.numpy_network.lanes) if context.seats == ("planner_0",) else 1
    layout = observation_layout(ObservationView(context).observer)
    spec = NetworkSpec(observation=layout, action=action, form="level", hidden=[8, 5], activation=activation)
    generator = np.random.default_rng(seed)
    tensors = {name: generator.normal(0, 0.3, shape).astype(np.float32) for name, shape in spec.shapes.items()}
    return NetworkPolicy(spec, tensors)


def both_for(scenario: Any, autonomy: str | Autonomy, seed: int = 0) -> Learnt:
    """Networks for every party of a level."""
    sim = Simulator(scenario, autonomy)
    present = {"sites": sim.autonomy.has_sites, "planner": sim.autonomy.has_planner}
    members: Any = {name: policy_for(scenario, autonomy, seed, party=name) for name in present if present[name]}  # type: ignore[arg-type] # its keys are parties
    return Learnt(**members)


class Guess(Learner):
    """Learns nothing: keeps the numbers that its seed gives, and says how many updates it made."""

    steps: int = 100
    interrupted_after: int = 1000

    def learn(self, task: Task, journal: Journal) -> None:
        learnt = both_for(task.scenario, task.autonomy, task.seed)
        journal.begin(lambda: learnt, TrainingState)
        for periods in range(10, self.steps + 1, 10):
            if periods > self.interrupted_after:
                raise KeyboardInterrupt
            if not journal.update(periods, {"surprise": 1.0 / periods}):
                return


class Drift(Learner):
    """A random walk of the weights, with momentum: generator, moments and counters are its state."""

    steps: int = 200
    stride: float = 0.02
    pause: float = 0.0
    device: str = "cpu"

    def check(self, task: Task) -> None:
        if self.device != "cpu":
            raise InputError("agent.device", self.device, "cpu: this machine has no other device")

    def learn(self, task: Task, journal: Journal) -> None:
        learnt = both_for(task.scenario, task.autonomy, task.seed)
        tensors: dict[str, NDArray[np.float32]] = {
            f"{party}.{name}": values
            for party, member in learnt.parties.items()
            if isinstance(member, NetworkPolicy)
            for name, values in member.tensors.items()
        }
        generator, done = np.random.default_rng(task.seed), 0
        moments: dict[str, NDArray[np.float64]] = {name: np.zeros(values.shape) for name, values in tensors.items()}
        if journal.state is not None:
            kept = journal.state
            tensors = {name: kept.tensors[f"weights.{name}"].copy() for name in tensors}
            moments = {name: kept.tensors[f"moments.{name}"].copy() for name in moments}
            generator.bit_generator.state, done = kept.rest["generator"], kept.rest["done"]

        def current() -> Learnt:
            members: Any = {
                party: NetworkPolicy(member.spec, {name: tensors[f"{party}.{name}"].copy() for name in member.tensors})
                for party, member in learnt.parties.items()
                if isinstance(member, NetworkPolicy)
            }
            return Learnt(**members)

        def state() -> TrainingState:
            kept: dict[str, NDArray[Any]] = {f"weights.{name}": values for name, values in tensors.items()}
            kept |= {f"moments.{name}": values for name, values in moments.items()}
            return TrainingState(kept, {"generator": dict(generator.bit_generator.state), "done": done})

        journal.begin(current, state)
        while done < self.steps:
            with journal.clock.phase("learn"):
                for name in tensors:
                    moments[name] = 0.9 * moments[name] + generator.normal(0, self.stride, tensors[name].shape)
                    tensors[name] = np.asarray(tensors[name] + moments[name], np.float32)
                time.sleep(self.pause)
            done += 10
            if not journal.update(done, {"length": float(sum(np.abs(values).sum() for values in tensors.values()))}):
                return
