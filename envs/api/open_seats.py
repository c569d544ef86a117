"""The open seats of one party as clients know them: spaces, what is seen, what numbers or choices mean, and masks of these.

Letters: B batch, S seats, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ..authority.actions import ActionMap
from ..authority.choices import ActionsLike, Choices, DiscreteActions, actions_of, checked_choices, form_of
from ..authority.masks import ChoiceMasks
from ..foundation.errors import InputError, UnknownName
from ..information.observation import Observer
from ..information.policy import Decision, Policy
from ..numerics.arrays import Array, is_numpy
from ..simulator import Party, Simulator
from .token_observations import TokenObservations

OBSERVATIONS, MASKS = ("vector", "tokens"), ("info", "observation", "none")
SEEN, MASK = "observation", "action_mask"
"""What is seen and which choices are worth making, where both are one observation."""
Space: TypeAlias = Any
"""A space of Gymnasium's: a Box, where neither choices nor sets were asked for."""
Seen: TypeAlias = Any
"""An array (B, S, …), or a mapping of such arrays."""
NO_MASK = "actions=discrete: numbers of a range have no mask"
USUAL_BOUND = 1000.0
"""What `bounds=True` stands for: a thousand times a usual amount."""


@dataclass(frozen=True)
class Showing:
    """How seats are shown what they see: as one `vector` or as `tokens`, and with which bounds."""

    observations: Literal["vector", "tokens"] = "vector"
    bounds: float | None = None
    """The largest number that is shown, larger ones being clipped; None: no bound."""
    masks: Literal["info", "observation", "none"] = "info"
    """Where the masks of choices are."""

    @property
    def masked(self) -> bool:
        """Whether the masks of choices are part of what is seen."""
        return self.masks == "observation"

    @classmethod
    def of(cls, observations: Any, bounds: Any, action_mask: Any = "info") -> Showing:
        """Raises InputError for what is no way of showing anything."""
        if observations not in OBSERVATIONS:
            raise UnknownName("observations", observations, OBSERVATIONS)
        if action_mask not in MASKS:
            raise UnknownName("action_mask", action_mask, MASKS)
        if bounds is None or bounds is False:
            return cls(observations, masks=action_mask)
        is_number = isinstance(bounds, (int, float, np.number)) and np.isfinite(bounds) and bounds > 0
        if not is_number:
            raise InputError("bounds", bounds, "a number above 0, true for a usual one, or nothing for no bounds")
        return cls(observations, USUAL_BOUND if bounds is True else float(bounds), action_mask)


class OpenSeats:
    """The open seats of one party: what they see, and what their actions mean.

    With `residual_of`, another policy, actions are added to what that policy decides.
    """

    def __init__(
        self,
        simulator: Simulator,
        party: Party,
        names: tuple[str, ...],
        form: ActionsLike,
        residual_of: Policy | None = None,
        showing: Showing | None = None,
    ) -> None:
        self.simulator, self.party, self.names, self.residual_of = simulator, party, names, residual_of
        self.agents = tuple(agent for agent, seat in simulator.names.items() if seat in names)
        """What each seat is called as an agent."""
        network, autonomy = simulator.numpy_network, simulator.autonomy
        self.showing = showing or Showing()
        self.observer = Observer(network, autonomy, names)
        self.form = actions_of(form)
        self.actions = ActionMap(network, names, form_of(self.form), autonomy.band if party == "sites" else None)
        self.choices: Choices | None = None
        self.masks: ChoiceMasks | None = None
        if isinstance(self.form, DiscreteActions):
            self.choices = Choices(self.form, self.actions, network, autonomy, residual_of is not None)
            within = np.ones_like(simulator.within) if party == "planner" else simulator.within
            self.masks = ChoiceMasks(self.choices, network, within, autonomy)
        elif self.showing.masked:
            raise InputError("action_mask", f"observation, with actions={self.form}", NO_MASK)
        self.compiled = simulator.information_of(party).compiled(self.observer, simulator.backend)
        self.tokens = TokenObservations(simulator, party, names) if self.showing.observations == "tokens" else None
        takes_all = party == "planner" or names == network.sites
        self.rows = None if takes_all else np.array([network.sites.index(name) for name in names])
        """Rows of these seats among all sites', or None where they are all sites or the planner."""
        self.seen_last: Callable[[], NDArray[np.float32]] | None = None
        """What a recorded step has shown, where steps are recorded."""
        self.shape_like(self.observer.length, self.actions.size)

    def shape_like(self, length: int, width: int) -> None:
        """Have this format from now on, which is no smaller than one's own: more numbers are 0, and mean nothing."""
        self.length, self.width = length, width
        """D and A, as clients have them."""
        self.observation_space = self._observation_space()
        self.action_space = self._action_space()

    def _observation_space(self) -> Space:
        bound = self.showing.bounds
        seen = observation_box(self.observer, self.length, bound) if self.tokens is None else self.tokens.space(bound)
        if not self.showing.masked or self.choices is None:
            return seen
        mask = spaces.Box(0, 1, (self.width * self.choices.k,), np.int8)
        return (
            spaces.Dict({**seen.spaces, MASK: mask}) if isinstance(seen, spaces.Dict) else spaces.Dict({SEEN: seen, MASK: mask})
        )

    def as_sampled(self, mask: NDArray[np.int8]) -> Any:
        """A seat's mask (A·k,) as the `sample` of its action space takes it: of MultiDiscrete a tuple, number by number."""
        if self.width == 1 or self.choices is None:
            return mask.copy()
        return tuple(row.copy() for row in mask.reshape((self.width, -1)))

    def with_mask(self, seen: Seen, mask: NDArray[np.int8]) -> Seen:
        """Both as one observation, where that is wanted."""
        if not self.showing.masked:
            return seen
        return {**(seen if self.tokens is not None else {SEEN: seen}), MASK: mask}

    @property
    def shows_arrays(self) -> bool:
        """Whether an observation is one array, and not a mapping."""
        return self.tokens is None and not self.showing.masked

    def _action_space(self) -> Space:
        if self.choices is None:
            return spaces.Box(-1.0, 1.0, (self.width,), np.float32)
        return spaces.Discrete(self.choices.k) if self.width == 1 else spaces.MultiDiscrete([self.choices.k] * self.width)

    def begin(self) -> None:
        """Episodes have begun."""
        if self.residual_of is not None:
            self.residual_of.reset(self.simulator.context(party=self.party))

    def observations(self) -> Seen:
        """What every seat sees now (B, S, D), fresh; of tokens a mapping of such arrays."""
        if self.tokens is not None:
            return self.tokens(self.showing.bounds)
        seen = self._seen()
        if self.showing.bounds is not None:
            seen = seen.clip(-self.showing.bounds, self.showing.bounds)
        return seen if self.length == seen.shape[-1] else padded(seen, self.length)

    def _seen(self) -> Array:
        if self.seen_last is not None and self.simulator.is_behind:
            return self.seen_last()
        information, backend = self.simulator.information_of(self.party), self.simulator.backend
        if backend.name == "numpy":
            return information.observations(self.compiled, np.float32)
        return information.observations(self.compiled).float()

    def active(self, down: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        """Whose decision would count in the coming period (B, S); `down` are the sites whose controllers are not up (B, N)."""
        simulator = self.simulator
        found = np.ones((simulator.batch, len(self.names)), dtype=bool)
        if self.party == "planner":
            found[...] = simulator.centre_decides
        elif down is not None:
            found = ~(down if self.rows is None else down[:, self.rows])
        return found

    def mask(self, active: NDArray[np.bool_]) -> NDArray[np.int8]:
        """1 for each choice worth making (B, S, A·k), number by number. Raises InputError where nothing is chosen."""
        if self.masks is None or self.choices is None:
            raise InputError("action_mask", f"actions={form_of(self.form)}", NO_MASK)
        found = self.masks(self.simulator.now, active)
        if self.width > self.actions.size:
            more = np.zeros((*found.shape[:2], self.width - self.actions.size, self.choices.k), dtype=np.int8)
            more[..., self.choices.rest] = 1
            found = np.concatenate([found, more], axis=2)
        return found.reshape((*found.shape[:2], -1))

    def numbers(self, given: Any, key: str = "actions") -> Array:
        """The ActionMap's numbers (B, S, A) of a client's actions of that many numbers, in whatever shape they come.

        Those of a range are clipped to it. Raises InputError for NaN, for too few or too many, and for choices that are none.
        """
        shape = (self.simulator.batch, len(self.names), self.width)
        if self.choices is not None:
            return self.choices(checked_choices(given, self.choices.k, shape, key)[..., : self.actions.size])
        return clipped(given, shape, key)[..., : self.actions.size]

    def of_one(self, given: Any, key: str) -> Array:
        """One seat's action in one copy (1, 1, A) as it is given, checked. Raises InputError."""
        shape = (1, 1, self.width)
        if self.choices is not None:
            return checked_choices(given, self.choices.k, shape, key)
        return clipped(given, shape, key)

    def of_seat(self, given: Any, key: str) -> Array:
        """One seat's actions in all copies (B, A) as they are given, checked. Raises InputError."""
        shape = (self.simulator.batch, self.width)
        if self.choices is not None:
            return checked_choices(given, self.choices.k, shape, key)
        return clipped(given, shape, key)

    @property
    def nothing(self) -> Array:
        """What stands for an action that does not count (1, 1, A)."""
        return np.zeros((1, 1, self.width), dtype=np.float32 if self.choices is None else np.int64)

    def decision(self, actions: Array) -> Decision:
        """What numbers (B, S, A) mean; asked once in a period."""
        backend = self.simulator.backend
        actions = actions.astype(backend.dtype, copy=False) if is_numpy(actions) else backend.asarray(actions)
        return self.actions(actions if backend.name == "numpy" else backend.asarray(actions), backend, self._around())

    def _around(self) -> Decision | None:
        """What the other policy decides, which is asked only when it counts, as one that fills a seat."""
        simulator = self.simulator
        if self.residual_of is None or not (self.party == "sites" or simulator.centre.decides(simulator.now.period)):
            return None
        return self.residual_of.act(simulator.information_of(self.party))


def clipped(given: Any, shape: tuple[int, ...], key: str) -> Array:
    """Numbers in [−1, 1] of a shape, from as many, of NumPy or PyTorch; what is beyond is clipped. Raises InputError."""
    each = "" if math.prod(shape[:-1]) == 1 else " for each seat and copy"
    accepted = f"{shape[-1]} number{'s' * (shape[-1] != 1)} from −1 to 1{each}, without NaN"
    if hasattr(given, "detach"):
        if given.numel() != math.prod(shape) or bool(given.isnan().any()):
            raise InputError(key, given.tolist(), accepted)
        return given.detach().reshape(shape).clamp(-1.0, 1.0)
    try:
        found = np.asarray(given, dtype=np.float32)
    except (ValueError, TypeError):
        raise InputError(key, given, accepted) from None
    if found.size != math.prod(shape) or np.isnan(found).any():
        raise InputError(key, given, accepted)
    return np.minimum(np.maximum(found.reshape(shape), np.float32(-1.0)), np.float32(1.0))


def padded(values: Array, length: int) -> Array:
    """The same with zeros behind, so that the last axis has this length."""
    missing = length - values.shape[-1]
    if is_numpy(values):
        return np.concatenate([values, np.zeros((*values.shape[:-1], missing), values.dtype)], axis=-1)
    import torch

    return torch.constant_pad_nd(values, (0, missing))


def seat_of(seen: Seen, seat: int) -> Seen:
    """One seat's part of what seats see (B, S, …): (B, …)."""
    return {name: values[:, seat] for name, values in seen.items()} if isinstance(seen, Mapping) else seen[:, seat]


def copy_of(seen: Seen, copy: int) -> Seen:
    """One copy's part of something with the batch first."""
    return {name: values[copy] for name, values in seen.items()} if isinstance(seen, Mapping) else seen[copy]


def observation_box(observer: Observer, length: int | None = None, bound: float | None = None) -> spaces.Box:
    """Every number is at least 0, except where a season's sine and cosine stand, or a centre's level."""
    most = float(np.inf if bound is None else bound)
    low = np.zeros(observer.length if length is None else length, dtype=np.float32)
    for entry in observer.table(observer.seats[0]):
        if entry.field == "season":
            low[entry.position] = max(-1.0, -most)
        elif entry.field == "target":
            low[entry.position] = -most
    return spaces.Box(low, np.full(low.shape, most, dtype=np.float32), dtype=np.float32)
