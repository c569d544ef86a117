"""Who is evaluated: a policy at a level of autonomy, and what it is called there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orderup.agents import Agent, agents, make_agent
from orderup.agents.make import in_seats
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy

from .result import Training

TRAINED = "trained"
"""The agent that a run of training is."""


@dataclass(frozen=True)
class Contestant:
    """A policy at a level of autonomy, and what it is called there."""

    autonomy: Autonomy
    agent: Agent
    name: str
    training: Training | None = None
    """Where it comes from; None for a rule."""


def contestants(autonomy: Iterable[Any], policies: Iterable[Any]) -> list[Contestant]:
    """Every policy at every autonomy level, from their names, mappings, paths or objects. Raises InputError."""
    made = list(policies)
    return distinct(contestant_of(autonomy, agent) for autonomy in autonomy for agent in made)


def contestant_of(autonomy: Any, policy: Any) -> Contestant:
    """A policy at an autonomy level, by its agent's name or its run's; or one for each of some seats. Raises InputError."""
    agent, autonomy = _agent_of(policy), load_autonomy(autonomy)
    if agents.name_of(type(agent)) != TRAINED:
        return Contestant(autonomy, agent, agent.called)
    folder, allow = str(agent.model_dump()["run"]), tuple(getattr(agent, "allow", ()))
    return Contestant(autonomy, agent, Path(folder).name, training_of(folder, allow))


def _agent_of(policy: Any) -> Agent:
    """From a name, keys, an object, a policy from elsewhere, a run of training, or any of these by seat."""
    if isinstance(policy, Mapping) and "type" not in policy:
        return in_seats(policy)
    learnt = getattr(policy, "agent", None)  # that of a run
    return learnt if isinstance(learnt, Agent) else make_agent(policy)


def training_of(folder: str, allow: Iterable[str] = ()) -> Training:
    """What the run in a folder was trained for, and from which seed; `allow` as for orderup.agents.runs.run.load_run.

    Raises InputError for a folder that holds none.
    """
    from orderup.agents.runs.run import load_config  # PyTorch with it, which takes its time

    config = load_config(folder, allow=allow)
    return Training(str(config.agent["type"]), config.agent, config.seed, config.autonomy, config.scenario)


def distinct(found: Iterable[Contestant]) -> list[Contestant]:
    """The same, a second one of the same name at the same autonomy level being called `name (2)`."""
    kept: dict[tuple[str, str], Contestant] = {}
    for contestant in found:
        autonomy, name, number = contestant.autonomy.name, contestant.name, 1
        while (autonomy, name) in kept:
            number += 1
            name = f"{contestant.name} ({number})"
        kept[autonomy, name] = replace(contestant, name=name)
    return list(kept.values())
