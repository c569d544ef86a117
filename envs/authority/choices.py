"""Numbers from a list in place of numbers in [−1, 1]: order-up-to levels, or quantities, that can be counted.

For learners that choose, as DQN, QMIX and masked PPO do. Letters: B batch, S seats, A numbers of a seat, k choices, L lanes,
K products.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ..autonomy.autonomy import Autonomy
from ..foundation.errors import InputError, UnknownName
from ..foundation.validation import Keys, validated
from ..network.limits import UNLIMITED
from ..network.loads import NEGLIGIBLE
from ..network.network import Network
from ..physics.execution import allowed
from .actions import ActionMap, Form

FORMS = ("level", "quantity", "discrete")


class DiscreteActions(Keys):
    """The keys of `actions="discrete"`: each number is one of so many multiples of what is usual, from nothing on."""

    of: Literal["level", "quantity"] = Field("level", description="What is chosen: order-up-to levels, or what is ordered")
    choices: int = Field(21, ge=2, le=10_001, description="k: how many there are of each number, nothing included")
    most: float = Field(2.0, gt=0, le=1e6, description="The largest, as a multiple of what is usual")

    @field_validator("of", mode="before")
    @classmethod
    def _countable(cls, of: Any) -> Any:
        if of == "allocation":
            raise InputError("", of, "level or quantity: shares of what there is cannot be counted")
        return of


ActionsLike: TypeAlias = Form | Literal["discrete"] | Mapping[str, Any] | DiscreteActions
"""level, quantity or discrete, or a mapping with `type: discrete` and its keys."""


def actions_of(given: Any) -> Form | DiscreteActions:
    """The form of actions that is asked for. Raises InputError for what is none."""
    if isinstance(given, DiscreteActions):
        return given
    keys = {"type": given} if isinstance(given, str) else given
    kind = keys.get("type") if isinstance(keys, Mapping) else None
    if not isinstance(keys, Mapping) or not isinstance(kind, str):
        raise InputError("actions", given, f"{', '.join(FORMS)}, or a mapping with such a `type`")
    if kind not in FORMS:
        note = "; an allocation is what a network puts out, and no environment takes" if kind == "allocation" else ""
        raise UnknownName("actions", kind, FORMS, note)
    rest = {name: value for name, value in keys.items() if name != "type"}
    if kind == "discrete":
        return validated(DiscreteActions, rest, "actions")
    if rest:
        raise InputError(f"actions.{next(iter(rest))}", next(iter(rest.values())), f"nothing beside `type: {kind}`")
    return "level" if kind == "level" else "quantity"


def form_of(actions: Form | DiscreteActions) -> Form:
    """What is set: levels or quantities."""
    return actions.of if isinstance(actions, DiscreteActions) else actions


class Choices:
    """What each choice of a party's seats means, in the numbers that an `ActionMap` takes (S, A, k).

    Levels are multiples of the usual one, 0 … `most` in even steps; within a band they are distances from the centre's, and
    where something is corrected, from that: −1 … 1, in units of what an action of 1 is. Quantities rise in even steps too, in
    whole packs where a lane takes packs, up to what a lane can ship in a period, or what it takes at least.
    """

    def __init__(
        self, keys: DiscreteActions, actions: ActionMap, network: Network, autonomy: Autonomy, relative: bool = False
    ) -> None:
        self.keys, self.actions, self.network = keys, actions, network
        self.k, self.size, self.seats = keys.choices, actions.size, actions.seats
        self.relative = relative or (keys.of == "level" and actions.width is not None)
        """Whether choices are distances from what somebody else decides."""
        self.at_once = not actions.is_planners or (autonomy.cadence == 1 and not autonomy.approval_latency)
        """Whether what is chosen is ordered in the same period, and no more is until the next choice."""
        self.owned = np.flatnonzero(actions.owned)
        """The lanes that these seats decide (l,)."""
        self.at = actions.flat[self.owned]
        """Where each one's block of K numbers stands among all seats' (l,)."""
        self.rest = int(np.abs(self._even()).argmin()) if self.relative else 0
        """The choice that orders nothing, or leaves everything as it is."""
        self.values = np.broadcast_to(self._even(), (self.seats, self.size, self.k)).copy()
        """(S, A, k)."""
        if self.are_amounts:
            self.values.reshape((-1, actions.products, self.k))[self.at] = self.amounts / self._usual[..., None] - 1.0

    @property
    def are_amounts(self) -> bool:
        """Whether it is quantities that are chosen, and not what is added to somebody's."""
        return self.keys.of == "quantity" and not self.relative

    @cached_property
    def amounts(self) -> NDArray[np.float64]:
        """The quantities of the lanes (l, K, k) [units]."""
        step = self.keys.most * self._usual / (self.k - 1)
        pack = self._pack
        step = np.where(pack > 0, np.maximum(np.round(step / np.where(pack > 0, pack, 1.0)), 1.0) * pack, step)
        found = step[..., None] * np.arange(self.k)
        least, most = self._least, self.most
        found = np.minimum(found, np.where(most >= least, most, np.inf)[..., None])
        found[..., -1] = np.maximum(found[..., -1], least)
        return found

    @cached_property
    def most(self) -> NDArray[np.float64]:
        """What can be shipped in a period at most, in whole packs (l, K) [units]; ∞ where ordering more can be better.

        It never is on a lane that takes orders in every period and at the same price whatever their size: what cannot leave
        waits, and may as well be ordered later.
        """
        limits, found = self.network.limits, np.full((len(self.network.lanes), self.actions.products), np.inf)
        if self.at_once and not self._size_matters:
            for capacity, size in ((limits.capacity, limits.volume), (limits.capacity_weight, limits.weight)):
                if capacity is not None:
                    found = np.minimum(found, (capacity / (1.0 if size is None else size))[:, :, 0])
            for members, most in limits.shared_limits:
                found[members] = np.minimum(found[members], most / (1.0 if limits.volume is None else limits.volume[:, :, 0]))
            found[found >= UNLIMITED] = np.inf
        found, pack = found[self.owned], self._pack
        whole = (pack > 0) & np.isfinite(found)
        size = np.where(whole, pack, 1.0)
        return np.where(whole, np.floor(np.where(whole, found, 0.0) / size) * size, found)

    def __call__(self, chosen: NDArray[Any]) -> NDArray[np.float64]:
        """The numbers (B, S, A) of choices (B, S, A)."""
        flat = self.values.reshape((-1, self.k))
        found: NDArray[np.float64] = flat[np.arange(len(flat)), chosen.reshape((len(chosen), -1))]
        return found.reshape(chosen.shape)

    def nearest(self, numbers: NDArray[Any]) -> NDArray[np.int64]:
        """The choices (S, A) that come closest to numbers (S, A)."""
        found: NDArray[np.int64] = np.abs(self.values - numbers[..., None]).argmin(axis=-1)
        return found

    @property
    def _usual(self) -> NDArray[np.float64]:
        """Usual quantities of the lanes (l, K), none of them 0 [units]."""
        usual = self.actions.usual_quantity[self.owned]
        return np.where(usual > 0, usual, 1.0)

    @property
    def _pack(self) -> NDArray[np.float64]:
        """Packs of the lanes (l, K) [units], 0 for any amount."""
        multiple, shape = self.network.limits.multiple, (len(self.owned), self.actions.products)
        return np.zeros(shape) if multiple is None else np.broadcast_to(multiple[self.owned, :, 0], shape)

    @property
    def _least(self) -> NDArray[np.float64]:
        """The smallest order of each product by itself (l, K) [units]."""
        little = np.full((len(self.network.lanes), self.actions.products, 1), NEGLIGIBLE)
        found: NDArray[np.float64] = allowed(
            self.network, little * 2.0 * self.actions.usual_quantity.max(initial=1.0), slice(None)
        )
        return found[self.owned, :, 0]

    @property
    def _size_matters(self) -> bool:
        """Whether an order costs or becomes something by its size, or may have to be placed ahead of time."""
        limits, channels = self.network.limits, self.network.events.channels
        pauses = channels is not None and channels.accepting is not None
        return limits.negligible is not None or bool(self.network.costs.breaks) or pauses

    def _even(self) -> NDArray[np.float64]:
        share = np.linspace(0.0, 1.0, self.k)
        return 2.0 * share - 1.0 if self.relative else self.keys.most * share - 1.0


def checked_choices(given: Any, k: int, shape: tuple[int, ...], key: str) -> NDArray[np.int64]:
    """Whole numbers from 0 to k − 1, as many as a shape has, in that shape. Raises InputError for anything else."""
    accepted = f"{shape[-1]} whole number{'s' * (shape[-1] != 1)} from 0 to {k - 1}"
    try:
        found = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
        whole = found.astype(np.int64)
    except (ValueError, TypeError):
        raise InputError(key, given, accepted) from None
    if found.size != math.prod(shape) or not np.array_equal(whole, found) or ((whole < 0) | (whole >= k)).any():
        raise InputError(key, given, accepted)
    return whole.reshape(shape)
