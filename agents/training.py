"""Training: from what a user asks for to a run in its folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.errors import InputError, UnknownName
from orderup.envs.simulator import Simulator
from orderup.envs.trace import FIRST_HELD_OUT_SEED

from .base import Agent, agents, make_agent
from .journal import RunJournal
from .learner import Learner, Task
from .progress import display
from .runs import Config, Run, check_free, checked_name, load_run, open_run


@dataclass(frozen=True)
class Plan:
    """A training that could be done: everything is checked, and nothing is on disk."""

    task: Task
    learner: Learner
    folder: Path
    """Where the run goes."""
    overwrite: bool

    @property
    def title(self) -> str:
        """What is trained, in a few words."""
        return f"{self.task.scenario.name} / {self.task.autonomy.name} / {agents.name_of(type(self.learner))}"


def train(
    scenario: Any,
    autonomy: Any = "autonomous_silo",
    agent: Any = "ppo",
    seed: int = 0,
    name: str | None = None,
    folder: str | Path = "runs",
    progress: bool = True,
    overwrite: bool = False,
    **overrides: Any,
) -> Run:
    """Train an agent on a scenario under a level of autonomy; the run is in `folder`/`name`.

    `agent` is a learner's name, or its keys with `type`; `overrides` are further keys of it (`steps=100_000`). `name` is left
    out for <scenario>-<autonomy>-<agent>-<seed>. `progress` is shown on standard error. The same arguments give the same
    policy bit for bit on the same machine. Raises InputError for what cannot be, and for a name that is taken unless
    `overwrite`; KeyboardInterrupt after saving the policy so far.
    """
    return carry_out(plan(scenario, autonomy, agent, seed, name, folder, overwrite, overrides), progress)


def plan(
    scenario: Any,
    autonomy: Any,
    agent: Any,
    seed: int,
    name: str | None,
    folder: str | Path,
    overwrite: bool,
    overrides: Mapping[str, Any],
) -> Plan:
    """What `train` would do. Raises InputError when it would."""
    task = Task(load_scenario(scenario), load_autonomy(autonomy), _checked_seed(seed))
    learner = _learner(agent, overrides)
    Simulator(task.scenario, task.autonomy)
    learner.check(task)
    level = re.sub(r"[^a-z0-9_.]+", "_", task.autonomy.name).strip("_")
    parts = (task.scenario.name, level, agents.name_of(type(learner)).rpartition(":")[2], str(seed))
    target = Path(folder) / checked_name(name or "-".join(parts))
    check_free(target, overwrite)
    return Plan(task, learner, target, overwrite)


def carry_out(planned: Plan, progress: bool) -> Run:
    """Train as planned. Raises as `train` does."""
    task, learner = planned.task, planned.learner
    keys = {"type": agents.name_of(type(learner)), **learner.model_dump(mode="json")}
    config = Config(scenario=task.scenario, autonomy=task.autonomy, agent=keys, seed=task.seed)
    open_run(planned.folder, config, planned.overwrite)
    shown = display(planned.title, learner.steps, progress)
    with RunJournal(task, planned.folder, learner.steps, shown) as journal:
        try:
            learner.learn(task, journal)
        except KeyboardInterrupt:
            journal.save()
            done = f"interrupted after {journal.periods:,} of {learner.steps:,} periods"
            raise KeyboardInterrupt(f"{done}; the policy as it was then is in {planned.folder}") from None
    return load_run(planned.folder)


def _learner(given: Any, overrides: Mapping[str, Any]) -> Learner:
    if isinstance(given, Agent):
        given = {"type": agents.name_of(type(given)), **given.model_dump()}
    if isinstance(given, str):
        given = {"type": given}
    if isinstance(given, Mapping):
        given = {**given, **overrides}
    learner = make_agent(given)
    if not isinstance(learner, Learner):
        learners = [name for name in agents if issubclass(agents[name], Learner)]
        raise UnknownName("agent", agents.name_of(type(learner)), learners)
    return learner


def _checked_seed(seed: Any) -> int:
    first = FIRST_HELD_OUT_SEED
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < first:
        raise InputError("seed", seed, f"a whole number from 0 to {first - 1}: those from {first} on are evaluation's")
    return seed
