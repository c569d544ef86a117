"""Policies from elsewhere in the seats: a model of Stable-Baselines3, a network of PyTorch, any function of an observation.

They see what `orderup.parallel_env` shows a seat and say what it takes, so that evaluating one costs what running it there
does. Letters: B batch, S seats, D length of an observation, A length of an action.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, PrivateAttr, field_serializer

from orderup.envs.authority.actions import ActionMap, Form
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.observation import Compiled, Observer
from orderup.envs.information.policy import Context, Decision

from .base import Agent

Numbers: TypeAlias = NDArray[np.float32]
ASKED = ("predict", "act")
"""How one who is no function is asked for actions."""
Ask: TypeAlias = Callable[[Numbers, bool], Any]
"""From observations (B, S, D) and whether episodes begin to actions of B·S·A numbers."""


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

    What has `predict` is asked as a model of Stable-Baselines3, its memory kept through the episode, and a `torch.nn.Module`
    for a tensor of rows: both for all episodes and seats at once. Any other callable is asked for one observation (D,) after
    another, with the seat's name as a second argument if it takes two; `batched` ones get rows (n, D).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    policy: Any = Field(description="The model, the network or the function")
    batched: bool = Field(False, description="Whether a function takes rows of observations in place of one")
    actions: Form = Field("level", description="What its numbers mean, as in parallel_env(actions=…)")
    _table: SeatAssignment = PrivateAttr(SeatAssignment())
    _context: Context = PrivateAttr()
    _observer: Observer = PrivateAttr()
    _compiled: Compiled | None = PrivateAttr(None)
    _map: ActionMap = PrivateAttr()
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
        table_seats = self._table.open(context.seats)
        self._places = [table_seats.index(name) for name in self._table.own(context.seats)]
        self._context, self._compiled = context, None
        self._observer = Observer(context.network, context.autonomy, table_seats)
        band = None if context.seats == (PLANNER,) else context.autonomy.band
        self._map = ActionMap(context.network, table_seats, self.actions, band)
        self._ask, self._begins = _asked(self.policy, self.batched, self._table.own(context.seats)), True

    def act(self, information: Information) -> Decision:
        """What the policy says, seat by seat. Raises InputError for what parallel_env would not take."""
        backend, places = self._context.backend, self._places
        if self._compiled is None:
            self._compiled = information.compiled(self._observer, backend)
        seen = information.observations(self._compiled)
        observations: Numbers = np.asarray(seen.cpu() if hasattr(seen, "cpu") else seen, dtype=np.float32)
        actions = np.zeros((*observations.shape[:2], self._map.size), dtype=np.float32)
        actions[:, places] = self._checked(self._ask(observations[:, places], self._begins), len(places))
        self._begins = False
        return self._map(actions if isinstance(seen, np.ndarray) else backend.asarray(actions), backend)

    def _checked(self, said: Any, seats: int) -> Numbers:
        wanted = f"{self._map.size} numbers from −1 to 1 for each seat and episode"
        shape = (self._context.batch, seats, self._map.size)
        try:
            found = np.asarray(said, dtype=np.float32)
        except (ValueError, TypeError):
            raise InputError("action", f"{self.called}: no numbers", wanted) from None
        if found.size != math.prod(shape) or found.shape[-1:] != shape[-1:]:
            raise InputError("action", f"{self.called}: {found.size} numbers, {found.shape[-1:]} for a seat", wanted)
        if not (abs(found) <= 1).all():
            worst = np.where(np.isnan(found), np.inf, abs(found)).argmax()
            raise InputError("action", f"{self.called}: {found.ravel()[worst]}", wanted)
        return found.reshape(shape)


def adapted(policy: Any, *, batched: bool = False, actions: Form = "level") -> Agent:
    """A policy from elsewhere as an agent: see `Adapted`. Raises InputError for what is neither a model nor a function."""
    if callable(getattr(policy, "reset", None)) and callable(getattr(policy, "act", None)):
        return Own(policy=policy)
    if not is_policy(policy):
        raise InputError("agent", policy, "a model with `predict`, a torch.nn.Module, or a function of an observation")
    return Adapted(policy=policy, batched=batched, actions=actions)


def is_policy(given: Any) -> bool:
    """Whether this can be asked for actions."""
    return not isinstance(given, type) and (callable(given) or any(callable(getattr(given, name, None)) for name in ASKED))


def name_of(policy: Any) -> str:
    """Where a function, or the class of a model, is defined."""
    named = policy if hasattr(policy, "__qualname__") else type(policy)
    return f"{named.__module__}.{named.__qualname__}".replace("<", "").replace(">", "")


def _asked(policy: Any, batched: bool, seats: tuple[str, ...]) -> Ask:
    if callable(getattr(policy, "predict", None)):
        return _Model(policy)
    if _is_module(policy):
        return lambda observations, begins: _of_module(policy, observations)
    if batched:
        return lambda observations, begins: policy(observations.reshape((-1, observations.shape[-1])))
    return _one_by_one(policy, seats)


class _Model:
    """One with `predict`, as Stable-Baselines3 has it, and its memory."""

    def __init__(self, model: Any) -> None:
        self._model, self._memory = model, None

    def __call__(self, observations: Numbers, begins: bool) -> Any:
        rows = observations.reshape((-1, observations.shape[-1]))
        start = np.full(len(rows), begins)
        said, self._memory = self._model.predict(rows, state=self._memory, episode_start=start, deterministic=True)
        return said


def _is_module(policy: Any) -> bool:
    return any(f"{kind.__module__}.{kind.__name__}" == "torch.nn.modules.module.Module" for kind in type(policy).__mro__)


def _of_module(module: Any, observations: Numbers) -> Any:
    import torch  # which is there, as the module is

    with torch.no_grad():
        place = next(iter(module.parameters()), torch.empty(0))
        said = module(torch.as_tensor(observations.reshape((-1, observations.shape[-1])), device=place.device))
    said = said[0] if isinstance(said, tuple) else said
    return said.cpu().numpy() if isinstance(said, torch.Tensor) else said


def _one_by_one(policy: Callable[..., Any], seats: tuple[str, ...]) -> Ask:
    try:
        kinds = [entry for entry in inspect.signature(policy).parameters.values() if entry.default is entry.empty]
    except (TypeError, ValueError):
        kinds = []
    by_name = len([entry for entry in kinds if entry.kind in (entry.POSITIONAL_ONLY, entry.POSITIONAL_OR_KEYWORD)]) > 1

    def ask(observations: Numbers, begins: bool) -> Any:
        return [
            [policy(row, seat) if by_name else policy(row) for row, seat in zip(rows, seats, strict=True)]
            for rows in observations
        ]

    return ask
