"""Policies from elsewhere in the seats: a model of Stable-Baselines3, a network of PyTorch, any function of an observation.

They see what `orderup.parallel_env` shows a seat and say what it takes, so that evaluating one costs what running it there
does. Letters: B batch, S seats, D length of an observation, A length of an action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field, PrivateAttr, field_serializer

from orderup.envs.authority.choices import ActionsLike
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

from .asking import ASKED_BY, Ask, Briefing, asking
from .base import Agent
from .seat_format import SeatFormat


@dataclass(frozen=True)
class SeatAssignment:
    """Which seats a policy from elsewhere is asked for, and which are open beside it, as parallel_env would leave them.

    What a seat sees and says has one format for all that are open: it depends on who else is there.
    """

    seat: str | None = None
    """Its only one; None for all that are not `named`."""
    named: frozenset[str] = frozenset()
    """Those that have somebody of their own."""
    elsewhere: frozenset[str] = frozenset()
    """Those of them that have a policy from elsewhere."""
    sites: bool = True
    """Whether those that are not named have one."""

    def own(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """Whom it is asked for."""
        return tuple(name for name in seats if (name == self.seat if self.seat else name not in self.named))

    def open(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """All that have a policy from elsewhere."""
        return tuple(name for name in seats if name in self.elsewhere or (self.sites and name not in self.named))


class Own(Agent):
    """A policy with `reset` and `act` as orderup.Policy has them, that is no agent of the project."""

    policy: Any = Field(description="The policy")

    @field_serializer("policy")
    def _named(self, policy: Any) -> str:
        return name_of(policy)

    @property
    def called(self) -> str:
        """Its class."""
        return name_of(self.policy).rpartition(".")[2]

    def reset(self, context: Context) -> None:
        """As the policy does."""
        self.policy.reset(context)

    def act(self, information: Information) -> Decision:
        """As the policy does."""
        decision: Decision = self.policy.act(information)
        return decision


class Adapted(Agent):
    """A policy from elsewhere, by the observations and actions of `orderup.parallel_env`, every seat by itself.

    What has `predict` is asked as a model of Stable-Baselines3, its memory kept through the episode and its normalisation
    applied; modules of RLlib, policies of TorchRL and BenchMARL, algorithms of AgileRL and a `torch.nn.Module` in their own
    ways: all for all episodes and seats at once. Any other callable is asked for one observation (D,) after another, with the
    seat's name as a second argument if it takes two; `batched` ones get rows (n, D).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    policy: Any = Field(description="The model, the network or the function")
    batched: bool = Field(False, description="Whether a function takes rows of observations in place of one")
    actions: Any = Field("level", description="What its numbers mean, as in parallel_env(actions=…)")
    bounds: float | None = Field(None, description="What its observations were clipped to, as in parallel_env(bounds=…)")
    _table: SeatAssignment = PrivateAttr(SeatAssignment())
    _format: SeatFormat = PrivateAttr()
    _ask: Ask = PrivateAttr()
    _places: list[int] = PrivateAttr()
    _begins: bool = PrivateAttr(True)

    @field_serializer("policy")
    def _named(self, policy: Any) -> str:
        return name_of(policy)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Adapted:
        """The same policy, which is not copied, in other seats."""
        return self.model_copy()

    def at(self, table: SeatAssignment) -> Adapted:
        """The same at a table that others sit at too."""
        found = self.model_copy()
        found._table = table
        return found

    @property
    def called(self) -> str:
        """The function's name, or the model's class."""
        return name_of(self.policy).rpartition(".")[2]

    def reset(self, context: Context) -> None:
        """Begin with whatever memory a model begins with."""
        table_seats, own = self._table.open(context.seats), self._table.own(context.seats)
        self._places = [table_seats.index(name) for name in own]
        reads = getattr(getattr(self.policy, "observation_space", None), "shape", None) or (None,)
        self._format = SeatFormat(context, table_seats, self.actions, self.bounds, reads[0] if len(reads) == 1 else None)
        named = {seat: agent for agent, seat in context.network.scenario.agents.items()}
        agents = tuple(named.get(name, name) for name in own)
        self._ask, self._begins = asking(self.policy, self.batched, own, agents), True

    def act(self, information: Information) -> Decision:
        """What the policy says, seat by seat. Raises InputError for what parallel_env would not take."""
        form, places = self._format, self._places
        seen, masks = form.seen(information), form.masks(information)
        told = Briefing(seen[:, places], None if masks is None else masks[:, places], self._begins)
        own = form.checked(self._ask(told), self.called, len(places))
        said = np.zeros((*seen.shape[:2], form.map.size), dtype=own.dtype)
        said[:, places] = own
        self._begins = False
        return form.decision(said)


def adapted(policy: Any, *, batched: bool = False, actions: ActionsLike = "level", bounds: float | None = None) -> Agent:
    """A policy from elsewhere as an agent: see `Adapted`. Raises InputError for what is neither a model nor a function."""
    if callable(getattr(policy, "reset", None)) and callable(getattr(policy, "act", None)):
        return Own(policy=policy)
    if not is_policy(policy):
        raise InputError("agent", policy, "a model with `predict`, a torch.nn.Module, or a function of an observation")
    return Adapted(policy=policy, batched=batched, actions=actions, bounds=bounds)


def is_policy(given: Any) -> bool:
    """Whether this can be asked for actions."""
    return not isinstance(given, type) and (callable(given) or any(callable(getattr(given, name, None)) for name in ASKED_BY))


def name_of(policy: Any) -> str:
    """Where a function, or the class of a model, is defined."""
    named = policy if hasattr(policy, "__qualname__") else type(policy)
    return f"{named.__module__}.{named.__qualname__}".replace("<", "").replace(">", "")
