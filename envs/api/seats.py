"""What the three adapters share: one simulator with the observations, actions and rewards of its seats.

Letters: B batch, S seats, D length of an observation, A length of an action.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ..actions import ActionMap, Form
from ..arrays import Array, batch_first
from ..autonomy import PLANNER
from ..observation import Observer
from ..rewards import rewards, share_of_team
from ..simulator import Ledger, Simulator


class Seats:
    """A NumPy simulator seen through the observations and actions of its seats."""

    def __init__(
        self,
        scenario: Any,
        autonomy: Any,
        *,
        batch: int,
        reward: str | float = "team",
        horizon: int | None = None,
        split: str = "train",
        actions: Form = "level",
        dtype: str = "float64",
    ) -> None:
        self.simulator = Simulator(scenario, autonomy, batch=batch, horizon=horizon, split=split, dtype=dtype)
        self.names = self.simulator.seats
        self.share = share_of_team(reward)
        self.observer = Observer(self.simulator.plan, self.simulator.autonomy, self.names)
        self.actions = ActionMap(self.simulator.plan, self.names, actions)
        start = self.simulator.now
        self._observe = self.observer.compile(self.simulator.backend, start)
        everything = Observer(self.simulator.plan, self.simulator.autonomy, (PLANNER,))
        self._state = everything.compile(self.simulator.backend, start)
        self.observation_space = _box(0.0, np.inf, self.observer.length, low_of=self.observer)
        self.action_space = spaces.Box(-1.0, 1.0, (self.actions.size,), np.float32)
        self.state_space = _box(0.0, np.inf, everything.length, low_of=everything)

    def observations(self) -> NDArray[np.float32]:
        """What every seat sees now (B, S, D), fresh."""
        return _batch_first(self._observe.observe(self.simulator.now))

    def state(self) -> NDArray[np.float32]:
        """Every site's block (B, N·G), for a centralised critic in training."""
        return _batch_first(self._state.observe(self.simulator.now))[:, 0]

    def step(self, actions: NDArray[Any]) -> tuple[Ledger, bool]:
        """One period under actions (B, S, A)."""
        ledger = self.simulator.advance(self.actions(actions, self.simulator.backend))
        return ledger, self.simulator.done

    def rewards(self, ledger: Ledger) -> Array:
        """Reward of every seat (S, B), or (1, B) where all get the same."""
        return rewards(ledger.by_site, self.share, len(self.names))


def _batch_first(values: Array) -> NDArray[np.float32]:
    found: NDArray[np.float32] = batch_first(values).astype(np.float32, order="C")
    return found


def _box(low: float, high: float, length: int, low_of: Observer) -> spaces.Box:
    """Every number is at least 0, except where a season's sine and cosine stand."""
    bounds = np.full(length, low, dtype=np.float32)
    for entry in low_of.table(low_of.seats[0]):
        if entry.field == "season":
            bounds[entry.position] = -1.0
    return spaces.Box(bounds, np.full(length, high, dtype=np.float32), dtype=np.float32)
