"""What it takes to be trained: an agent with a method `learn`, a task, and somebody to report to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from orderup.envs.autonomy import Autonomy
from orderup.envs.catalogue import config_folder
from orderup.envs.errors import InputError
from orderup.envs.policy import Context, Policy
from orderup.envs.schema import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.yaml_file import read_yaml

from .base import Agent, agents
from .network_policy import NetworkPolicy

VALIDATION_SEED = 2**63
"""Of the episodes that training is watched on: neither training's own nor evaluation's."""
VALIDATION_EPISODES = 64


@dataclass(frozen=True)
class Task:
    """What is to be learnt: to decide on a scenario under a level of autonomy."""

    scenario: Scenario
    autonomy: Autonomy
    seed: int

    def costs(self, policy: Policy, episodes: int = VALIDATION_EPISODES) -> NDArray[np.float64]:
        """What the network pays under a policy in each period after warm-up (T, B) [money], on validation's episodes."""
        sim = Simulator(self.scenario, self.autonomy, batch=episodes, split="validation")
        information, costs = sim.reset(VALIDATION_SEED), []
        policy.reset(sim.context())
        while not sim.done:
            information, ledger, _ = sim.step(policy.act(information))
            costs.append(ledger.cost)
        return np.stack(costs)[self.scenario.warmup :]


class Journal(Protocol):
    """Who is told how learning goes."""

    def begin(self, policy: Callable[[], NetworkPolicy]) -> None:
        """Before anything is learnt; `policy` gives the policy as it is whenever it is called."""
        ...

    def update(self, periods: int, metrics: Mapping[str, float]) -> None:
        """After an update, `periods` having been simulated over all copies. The names of the metrics never change."""
        ...


class Learner(Agent):
    """An agent that has to be trained before it can fill a seat. A key that is left out is as in configs/agents/<name>.yaml."""

    steps: int = Field(gt=0, strict=True, description="Periods to simulate, over all copies")

    @model_validator(mode="before")
    @classmethod
    def _from_defaults(cls, given: Any) -> Any:
        path = config_folder("agents") / f"{agents.name_of(cls)}.yaml"
        return {**read_yaml(path), **given} if isinstance(given, Mapping) and path.is_file() else given

    def check(self, task: Task) -> None:
        """Raises InputError when the task cannot be learnt, before anything is on disk."""

    def learn(self, task: Task, journal: Journal) -> None:
        """Train on the task from its seed; the journal's policy is the outcome."""
        raise NotImplementedError

    def reset(self, context: Context) -> None:
        """Raises InputError: what has not been trained cannot act."""
        raise InputError(
            "agent", f"{agents.name_of(type(self))}, untrained", "a trained run: train.py, then runs=[runs/<name>]"
        )
