"""What the three adapters share: one simulator with the observations, actions and rewards of its open seats.

Letters: B batch, S seats of a party, D length of an observation, A length of an action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ..authority.actions import ActionMap, Form
from ..authority.rewards import PeriodOutcome, RewardLike, reward_of
from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError, UnknownName
from ..information.information import Information
from ..information.observation import Observer
from ..information.policy import Decision, Policy
from ..numerics.arrays import Array, take
from ..outcome import outcome_of
from ..physics.decision import Decisions
from ..recorded_steps import RecordedSteps
from ..recording.machine import can_compile, is_compiled
from ..seating import Dropout, Seating
from ..simulator import Ledger, Party, Simulator

PAYS_AFTER, PAYS_ONCE_COMPILED, SIDE_BY_SIDE = 20_000, 1_000, 500
"""Steps after which recorded programs are worth the seconds that their loop takes to be compiled, once for an installation, and
those after which they are worth recording where it has been; and how many episodes side by side take as long as one more."""


class OpenSeats:
    """The open seats of one party: what they see, and what their actions mean.

    With `residual_of`, another policy, actions are added to what that policy decides.
    """

    def __init__(
        self, simulator: Simulator, party: Party, names: tuple[str, ...], form: Form, residual_of: Policy | None = None
    ) -> None:
        self.simulator, self.party, self.names, self.residual_of = simulator, party, names, residual_of
        autonomy = simulator.autonomy
        self.observer = Observer(simulator.numpy_network, autonomy, names)
        self.actions = ActionMap(simulator.numpy_network, names, form, autonomy.band if party == "sites" else None)
        self.compiled = simulator.information_of(party).compiled(self.observer, simulator.backend)
        self.observation_space = observation_box(self.observer)
        self.action_space = spaces.Box(-1.0, 1.0, (self.actions.size,), np.float32)
        takes_all = party == "planner" or names == simulator.numpy_network.sites
        self.rows = None if takes_all else np.array([simulator.numpy_network.sites.index(name) for name in names])
        """Rows of these seats among all sites', or None where they are all sites or the planner."""
        self.seen_last: Callable[[], NDArray[np.float32]] | None = None
        """What a recorded step has shown, where steps are recorded."""

    def begin(self) -> None:
        """Episodes have begun."""
        if self.residual_of is not None:
            self.residual_of.reset(self.simulator.context(party=self.party))

    def observations(self) -> NDArray[np.float32]:
        """What every seat sees now (B, S, D), fresh."""
        if self.seen_last is not None and self.simulator.is_behind:
            return self.seen_last()
        seen: NDArray[np.float32] = self.simulator.information_of(self.party).observations(self.compiled, np.float32)
        return seen

    def decision(self, actions: NDArray[Any]) -> Decision:
        """What actions (B, S, A) mean; asked once in a period."""
        actions = actions.astype(self.simulator.backend.dtype, copy=False)
        return self.actions(actions, self.simulator.backend, self._around())

    def _around(self) -> Decision | None:
        """What the other policy decides, which is asked only when it counts, as one that fills a seat."""
        simulator = self.simulator
        if self.residual_of is None or not (self.party == "sites" or simulator.centre.decides(simulator.now.period)):
            return None
        return self.residual_of.act(simulator.information_of(self.party))


class Seats:
    """A NumPy simulator seen through the observations and actions of its open seats; `seats` holds the others' policies."""

    def __init__(
        self,
        scenario: Any,
        autonomy: Any,
        *,
        batch: int,
        reward: RewardLike = "team",
        horizon: int | None = None,
        split: str = "train",
        actions: Form = "level",
        dtype: str = "float64",
        seats: Mapping[str, Policy] | None = None,
        dropout: Dropout | None = None,
        residual_of: Policy | None = None,
        compiled: bool | None = None,
    ) -> None:
        """`compiled`: whether steps are recorded programs; None: as soon as that pays, where it can be."""
        self.simulator = Simulator(scenario, autonomy, batch=batch, horizon=horizon, split=split, dtype=dtype)
        self.reward = reward_of(reward)
        self.reward.check(self.simulator.autonomy)
        self.seating = Seating(self.simulator, seats, dropout)
        self.simple = not seats and dropout is None
        """Whether all decisions come from outside."""
        self.names = self.seating.open
        sites = tuple(name for name in self.names if name != PLANNER)
        self.views: list[OpenSeats] = []
        if sites:
            self.views.append(OpenSeats(self.simulator, "sites", sites, actions, residual_of))
        if PLANNER in self.names:
            self.views.append(OpenSeats(self.simulator, "planner", (PLANNER,), actions, deepcopy(residual_of)))
        everything = Observer(self.simulator.numpy_network, self.simulator.autonomy, (PLANNER,))
        self._state = self._known().compiled(everything, self.simulator.backend)
        self.state_space = observation_box(everything)
        self.recorded: RecordedSteps | None = None
        by_itself = compiled is None and self._can_record and type(self.reward).__module__.startswith("orderup.")
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

    @property
    def _can_record(self) -> bool:
        return self.simple and all(view.residual_of is None for view in self.views) and can_compile()

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

    def view_of(self, seat: str) -> OpenSeats:
        """The view that a seat has. Raises UnknownName for a seat that is not open."""
        for view in self.views:
            if seat in view.names:
                return view
        raise UnknownName("agent", seat, self.names)

    def state(self) -> NDArray[np.float32]:
        """Every site's block as it is, without age or error (B, N·G), for a centralised critic in training.

        It is made of the fields that decision makers see: of demand, sales where those are all that is seen.
        """
        return _single(self._known().observations(self._state))[:, 0]

    def _known(self) -> Information:
        """What a planner would know whose feed shows the present."""
        now = self.simulator.now
        return Information(now, now, self.simulator.autonomy, (PLANNER,))

    def step(self, actions: Mapping[Party, NDArray[Any]]) -> tuple[Ledger, bool]:
        """One period under actions (B, S, A) of each party with open seats."""
        if self._played_until_recorded is not None:
            self._played_until_recorded -= 1 + self.simulator.batch // SIDE_BY_SIDE
            if self._played_until_recorded <= 0:
                self.record()
        ledger = None if self.recorded is None else self.recorded(actions)
        if ledger is None:
            ledger = self.simulator.advance(self.decided(actions))
        return ledger, self.simulator.done

    def decided(self, actions: Mapping[Party, NDArray[Any]]) -> Decision | Decisions:
        """What actions (B, S, A) of each party come to, with what the policies in other seats decide."""
        outside = {view.party: view.decision(actions[view.party]) for view in self.views}
        if self.simple and len(outside) == 1:
            return next(iter(outside.values()))
        return self.seating.decisions(outside)

    def rewards(self, view: OpenSeats, ledger: Ledger) -> Array:
        """Reward of every seat of a view (S, B), or (1, B) where all get the same."""
        if self.recorded is not None and self.simulator.is_behind:
            return self.recorded.rewards[self.views.index(view)]
        return self.rewards_of(view, outcome_of(self.simulator, ledger))

    def rewards_of(self, view: OpenSeats, outcome: PeriodOutcome) -> Array:
        """The same of a period's outcome."""
        if view.party == "planner":
            return self.reward.of_planner(outcome)
        found = self.reward.reward(outcome)
        return found if view.rows is None or found.shape[0] == 1 else take(found, view.rows)


def _single(values: Array) -> NDArray[np.float32]:
    found: NDArray[np.float32] = values.astype(np.float32, order="C")
    return found


def observation_box(observer: Observer) -> spaces.Box:
    """Every number is at least 0, except where a season's sine and cosine stand, or a centre's level."""
    low = np.zeros(observer.length, dtype=np.float32)
    for entry in observer.table(observer.seats[0]):
        if entry.field == "season":
            low[entry.position] = -1.0
        elif entry.field == "target":
            low[entry.position] = -np.inf
    return spaces.Box(low, np.full(observer.length, np.inf, dtype=np.float32), dtype=np.float32)
