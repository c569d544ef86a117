"""What all forms of the environment share: one simulator with the observations, actions and rewards of its open seats.

Letters: B batch, S seats of a party, D length of an observation, A length of an action, k choices of each number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ..authority.choices import ActionsLike
from ..authority.reward_scale import ScaleLike, scale_of
from ..authority.rewards import PeriodOutcome, RewardLike, reward_of
from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError, UnknownName, one_word
from ..information.information import Information
from ..information.observation import Observer
from ..information.policy import Decision, Policy
from ..numerics.arrays import Array, is_numpy, take
from ..outcome import outcome_of
from ..physics.decision import Decisions
from ..recorded_steps import RecordedSteps
from ..recording.machine import can_compile, is_compiled
from ..seating import Dropout, Seating
from ..simulator import Ledger, Party, Simulator
from .open_seats import OpenSeats, Seen, Showing, observation_box

PAYS_AFTER, PAYS_ONCE_COMPILED, SIDE_BY_SIDE = 20_000, 1_000, 500
"""Steps after which recorded programs are worth the seconds that their loop takes to be compiled, once for an installation, and
those after which they are worth recording where it has been; and how many episodes side by side take as long as one more."""


class Seats:
    """A simulator seen through the observations and actions of its open seats; `seats` holds the others' policies."""

    def __init__(
        self,
        scenario: Any,
        autonomy: Any,
        *,
        batch: int,
        reward: RewardLike = "team",
        reward_scale: ScaleLike = 1.0,
        horizon: int | None = None,
        max_cycles: int | None = None,
        split: str = "train",
        actions: ActionsLike = "level",
        observations: str = "vector",
        bounds: float | bool | None = None,
        action_mask: str = "info",
        uniform: bool = False,
        dtype: str = "float64",
        backend: str = "numpy",
        device: str | None = None,
        seats: Mapping[str, Policy] | None = None,
        dropout: Dropout | None = None,
        residual_of: Policy | None = None,
        compiled: bool | None = None,
    ) -> None:
        """`compiled`: whether steps are recorded programs; None: as soon as that pays, where it can be."""
        self.simulator = Simulator(
            scenario,
            autonomy,
            batch=batch,
            horizon=one_word("horizon", horizon, "max_cycles", max_cycles),
            split=split,
            dtype=dtype,
            backend=backend,
            device=device,
        )
        self.reward = reward_of(reward)
        self.reward.check(self.simulator.autonomy)
        self.reward_scale = scale_of(reward_scale, self.reward, self.simulator.numpy_network)
        """What rewards are multiplied by."""
        self.seating = Seating(self.simulator, seats, dropout)
        self.simple = not seats and dropout is None
        """Whether all decisions come from outside."""
        self.names = self.seating.open
        self.agents = {agent: seat for agent, seat in self.simulator.names.items() if seat in self.names}
        """The seat of each agent."""
        self.views = self._views(actions, residual_of, Showing.of(observations, bounds, action_mask))
        if uniform:
            make_uniform(self.views)
        everything = Observer(self.simulator.numpy_network, self.simulator.autonomy, (PLANNER,))
        self._state = self._known().compiled(everything, self.simulator.backend)
        self.state_space = observation_box(everything)
        self.recorded: RecordedSteps | None = None
        by_itself = compiled is None and self._can_record and self.reward.is_ours
        pays = PAYS_ONCE_COMPILED if is_compiled() else PAYS_AFTER
        self._played_until_recorded = pays if by_itself else None
        """Periods of episodes after which recording pays; None where it does not, or has been done."""
        if compiled:
            if not self._can_record:
                found = "policies in seats" if can_compile() else "Numba is not installed"
                raise InputError("compiled", found, "seats that are all open, and the extra orderup[compiled]")
            if self.simulator.autonomy.feed_latency or self.simulator.autonomy.feed_noise:
                raise InputError("compiled", "true, with a feed that is late or noisy", "false, or a level without it")
            self.record(required=True)

    def _views(self, actions: ActionsLike, residual_of: Policy | None, showing: Showing) -> list[OpenSeats]:
        """One for each party with open seats."""
        sites, found = tuple(name for name in self.names if name != PLANNER), list[OpenSeats]()
        if sites:
            found.append(OpenSeats(self.simulator, "sites", sites, actions, residual_of, showing))
        if PLANNER in self.names:
            found.append(OpenSeats(self.simulator, "planner", (PLANNER,), actions, deepcopy(residual_of), showing))
        return found

    @property
    def has_masks(self) -> bool:
        """Whether `info` has masks of choices."""
        return any(view.masks is not None and view.showing.masks == "info" for view in self.views)

    @property
    def _can_record(self) -> bool:
        plain = self.simple and self.simulator.backend.name == "numpy"
        return plain and all(view.residual_of is None for view in self.views) and can_compile()

    def record(self, required: bool = False) -> None:
        """Let programs play the periods from now on, as far as they can be recorded, or else refuse what cannot be."""
        self._played_until_recorded = None
        self.recorded = RecordedSteps(self.simulator, self.views, self.rewards_of, self.decided, required)
        for number, view in enumerate(self.views):
            view.seen_last = partial(self.recorded.seen, number)

    def reset(self, seed: int | None = None, episodes: NDArray[np.int64] | None = None) -> None:
        """Begin the next episodes, or those numbered `episodes` (B,)."""
        if self.simple:
            self.simulator.reset(seed, episodes)
        else:
            self.seating.reset(seed, episodes)
        for view in self.views:
            view.begin()

    def view_of(self, agent: str) -> OpenSeats:
        """The view that an agent has. Raises UnknownName for one that is not there."""
        for view in self.views:
            if agent in view.agents:
                return view
        raise UnknownName("agent", agent, self.agents)

    def state(self) -> NDArray[np.float32]:
        """Every site's block as it is, without age or error (B, N·G), for a centralised critic in training.

        It is made of the fields that decision makers see: of demand, sales where those are all that is seen.
        """
        return _single(self._known().observations(self._state))[:, 0]  # type: ignore[no-any-return] # Array stands for both

    def _known(self) -> Information:
        """What a planner would know whose feed shows the present."""
        now = self.simulator.now
        return Information(now, now, self.simulator.autonomy, (PLANNER,))

    def observations(self, view: OpenSeats) -> Seen:
        """What a view's seats see now (B, S, …), fresh, with the masks of choices where these are part of it."""
        seen = view.observations()
        return view.with_mask(seen, self.mask(view)) if view.showing.masked else seen

    def mask(self, view: OpenSeats) -> NDArray[np.int8]:
        """1 for each choice of a view's seats that is worth making now (B, S, A·k)."""
        return view.mask(view.active(self.seating.down))

    def step(self, actions: Mapping[Party, Array]) -> tuple[Ledger, bool]:
        """One period under the numbers (B, S, A) of each party with open seats."""
        if self._played_until_recorded is not None:
            self._played_until_recorded -= 1 + self.simulator.batch // SIDE_BY_SIDE
            if self._played_until_recorded <= 0:
                self.record()
        ledger = None if self.recorded is None else self.recorded(actions)
        if ledger is None:
            ledger = self.simulator.advance(self.decided(actions))
        return ledger, self.simulator.done

    def decided(self, actions: Mapping[Party, Array]) -> Decision | Decisions:
        """What actions (B, S, A) of each party come to, with what the policies in other seats decide."""
        outside = {view.party: view.decision(actions[view.party]) for view in self.views}
        if self.simple and len(outside) == 1:
            return next(iter(outside.values()))
        return self.seating.decisions(outside)

    def rewards(self, view: OpenSeats, ledger: Ledger) -> Array:
        """Reward of every seat of a view (S, B), or (1, B) where all get the same, as it is scaled."""
        if self.recorded is not None and self.simulator.is_behind:
            found = self.recorded.rewards[self.views.index(view)]
        else:
            found = self.rewards_of(view, outcome_of(self.simulator, ledger))
        return found if self.reward_scale == 1.0 else found * self.reward_scale

    def rewards_of(self, view: OpenSeats, outcome: PeriodOutcome) -> Array:
        """The same of a period's outcome, unscaled."""
        if view.party == "planner":
            return self.reward.of_planner(outcome)
        found = self.reward.reward(outcome)
        return found if view.rows is None or found.shape[0] == 1 else take(found, view.rows)

    def cost_of(self, view: OpenSeats, amounts: Array) -> Array:
        """What each of a view's seats pays of amounts by site (N, B): its site's (S, B); a planner, all of it (1, B)."""
        if view.party == "planner":
            return amounts.sum(axis=0)[None]
        return amounts if view.rows is None else take(amounts, view.rows)


def make_uniform(views: Sequence[OpenSeats]) -> None:
    """Let all seats have one format, that of the larger. Raises InputError for tokens, which have none in common."""
    if any(view.tokens is not None for view in views) and len(views) > 1:
        raise InputError("uniform", "observations=tokens", "observations=vector: a planner's sets are others than a site's")
    if len(views) > 1:
        length, width = (max(getattr(view, name) for view in views) for name in ("length", "width"))
        for view in views:
            view.shape_like(length, width)
        space = joint_space([view.observation_space for view in views])
        for view in views:
            view.observation_space, view.action_space = space, views[0].action_space


def joint_space(every: Sequence[spaces.Space[Any]]) -> spaces.Space[Any]:
    """One that holds what lies in any of some boxes of one shape, or in dictionaries of such."""
    first = every[0]
    if isinstance(first, spaces.Dict):
        return spaces.Dict({name: joint_space([each[name] for each in every]) for name in first})  # type: ignore[index] # all are
    lows, highs = zip(*((each.low, each.high) for each in every if isinstance(each, spaces.Box)), strict=True)
    return spaces.Box(np.min(lows, axis=0), np.max(highs, axis=0), dtype=first.dtype)  # type: ignore[arg-type] # a Box has one


def _single(values: Array) -> Array:
    return values.astype(np.float32, order="C") if is_numpy(values) else values.float()
