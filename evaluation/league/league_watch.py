"""An agent under observation: how long it takes to be ready and to decide, and what it looks at."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import PrivateAttr

from orderup.agents import Agent
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.numerics.arrays import Array

OBSERVATION = "observation"
"""What is noted of one who looks through a learner's eyes."""


@dataclass
class AgentWatch:
    """What was seen of an agent while it was evaluated, in all its seats together."""

    fit: float = 0.0
    """In getting ready: closed forms, optima, searches [s]."""
    deciding: float = 0.0
    """In decisions [s]."""
    decisions: int = 0
    """One for each episode and period in which a party decided."""
    own: set[str] = field(default_factory=set)
    """Fields that it read of its own site, or a planner of the feed."""
    all_sites: set[str] = field(default_factory=set)
    """Fields that it read of all sites."""
    decides: set[str] = field(default_factory=set)
    """Levels, quantities, or both."""

    def __deepcopy__(self, memo: dict[int, Any]) -> AgentWatch:
        """A copy of an agent in the seats of the other party is watched by the same."""
        return self

    @property
    def decision_ms(self) -> float:
        """One decision for one episode, worked out with others of its batch [ms]."""
        return 1000 * self.deciding / self.decisions if self.decisions else 0.0

    @property
    def information(self) -> str:
        """What it read, in words; a planner has no site of its own."""
        found = [
            f"{whose}: {', '.join(sorted(names))}" for whose, names in (("own", self.own), ("all", self.all_sites)) if names
        ]
        return " · ".join(found) or "nothing"


class WatchedAgent(Agent):
    """Decides as the agent it holds, which is not touched."""

    _agent: Agent = PrivateAttr()
    _watch: AgentWatch = PrivateAttr()
    _batch: int = PrivateAttr()

    @classmethod
    def of(cls, agent: Agent, watch: AgentWatch) -> WatchedAgent:
        """A copy of the agent, watched."""
        made = cls()
        made._agent, made._watch = deepcopy(agent), watch
        return made

    def reset(self, context: Context) -> None:
        """As the agent does."""
        begun, self._batch = time.perf_counter(), context.batch
        self._agent.reset(context)
        self._watch.fit += time.perf_counter() - begun

    def act(self, information: Information) -> Decision:
        """As the agent does."""
        begun = time.perf_counter()
        decision = self._agent.act(_Noting(information, self._watch))
        self._watch.deciding += time.perf_counter() - begun
        self._watch.decisions += self._batch
        given = {"levels": decision.level, "quantities": decision.quantity}
        self._watch.decides |= {name for name, value in given.items() if value is not None}
        return decision

    def caveats(self, context: Context) -> tuple[str, ...]:
        """The agent's."""
        return self._agent.caveats(context)


class _Noting(Information):
    """The same information, and a note of every field that is read of it."""

    def __init__(self, information: Information, watch: AgentWatch) -> None:
        self.__dict__.update(information.__dict__)
        self._watch = watch

    def own(self, name: str, summed: bool = False) -> Array:
        """A field of the seat's own site."""
        (self._watch.all_sites if self.seats == (PLANNER,) else self._watch.own).add(name)
        return super().own(name, summed)

    def everywhere(self, name: str, summed: bool = False) -> Array:
        """A field of all sites."""
        self._watch.all_sites.add(name)
        return super().everywhere(name, summed)

    def observations(self, compiled: Any, kind: Any = None) -> Array:
        """A learner's view."""
        (self._watch.all_sites if self.seats == (PLANNER,) else self._watch.own).add(OBSERVATION)
        return super().observations(compiled, kind)
