"""Copies of a network to train on: what Stable-Baselines3 takes for environments, with a reward for each of their seats.

Letters: T periods, C copies, S seats of all parties that learn, R length of a row, A of an action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from orderup.envs.api.seats import Seats
from orderup.envs.simulator import Ledger, Party

from ..learning.stopwatch import Stopwatch
from .shape import Shape

Actions = Mapping[Party, NDArray[np.float32]]
"""Of each party (C, S, A)."""


class Twin:
    """The same episodes under what the seats do at first: what is paid there hangs on nothing that is learnt.

    What is saved against it is the same for learning as what is paid, and far less noisy: an input-driven baseline (Mao,
    Venkatakrishnan, Schwarzkopf and Alizadeh 2019).
    """

    def __init__(self, seats: Seats, start: Mapping[Party, NDArray[np.float32]]) -> None:
        self.seats, copies = seats, seats.simulator.batch
        self.actions: Actions = {party: np.broadcast_to(each, (copies, *each.shape)) for party, each in start.items()}

    def rewards(self) -> NDArray[np.float32]:
        """Of the next period (C, S)."""
        ledger, _ = self.seats.step(self.actions)
        return _rewards(self.seats, ledger)


class TrainingCopies(VecEnv):
    """One row for each copy (C, R), as `Shape` has it; actions (C, ΣS·A), rewards (C, S).

    All episodes end together. `step` gives their last observations and leaves it to `reset` to begin the next ones, so that a
    critic can say first what would have come. Rewards are of the order of one.
    """

    def __init__(self, seats: Seats, shape: Shape, clock: Stopwatch, twin: Twin | None = None) -> None:
        self.seats, self.shape, self.clock, self.twin = seats, shape, clock, twin
        self.mean, self.scale = 0.0, 1.0
        self.actions: list[NDArray[np.float32]] = []
        """What was done since the episodes under way began: their traces and this are where they are."""
        self._next: tuple[int | None, NDArray[np.int64] | None] = (None, None)
        self._paid: list[float] = []
        self.render_mode = None
        super().__init__(seats.simulator.batch, shape.observation_space, shape.action_space)

    def normalise(self, costs: NDArray[np.float64]) -> None:
        """Make a reward the saving against these costs of periods, in units of their spread."""
        self.mean = float(costs.mean())
        self.scale = max(float(costs.std()), 0.1 * abs(self.mean)) or 1.0

    def mean_cost(self) -> float:
        """What the network paid in a period, over all since last asked [money], the noise of exploration included."""
        mean = float(np.mean(self._paid))
        self._paid.clear()
        return mean

    @property
    def episode(self) -> int:
        """Number of the first of the episodes under way."""
        return int(self.seats.simulator.episodes[0])

    def begin(self, seed: int, episode: int = 0) -> None:
        """Let the next episodes be those of a seed from a number on."""
        self._next = seed, np.arange(episode, episode + self.num_envs)

    def reset(self) -> NDArray[np.float32]:
        """Begin the next episodes."""
        with self.clock.phase("simulate"):
            for seats in (self.seats, *([] if self.twin is None else [self.twin.seats])):
                seats.reset(*self._next)
            self._next = None, None
            self.actions.clear()
            return self._rows()

    def replay(self, seed: int, episode: int, actions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring the episodes from number `episode` on to where these actions (T, C, ΣS·A) left them; what is seen there."""
        self.begin(seed, episode)
        rows = self.reset()
        for done in actions:
            self.step_async(done)
            rows, *_ = self.step_wait()
        self._paid.clear()
        return rows

    def step_async(self, actions: NDArray[np.float32]) -> None:
        """Keep the actions (C, ΣS·A)."""
        self.actions.append(actions)

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """One period of all copies."""
        with self.clock.phase("simulate"):
            ledger, done = self.seats.step(self._by_party(self.actions[-1]))
            self._paid.append(float(ledger.cost.mean()))
            before = -self.mean if self.twin is None else self.twin.rewards()
            rewards = (_rewards(self.seats, ledger) - before) / np.float32(self.scale)
            return self._rows(), rewards, np.full(self.num_envs, done), []

    def _by_party(self, actions: NDArray[np.float32]) -> Actions:
        found: dict[Party, NDArray[np.float32]] = {}
        start = 0
        for view in self.seats.views:
            shape = self.shape.parties[view.party]
            found[view.party] = view.numbers(actions[:, start : start + shape.sets])
            start += shape.sets
        return found

    def _rows(self) -> NDArray[np.float32]:
        """(C, R)."""
        parts = [view.observations().reshape(self.num_envs, -1) for view in self.seats.views]
        state = [self.seats.state()] if self.shape.state else []
        decides = self.seats.simulator.centre_decides
        counts = [view.party == "sites" or decides for view in self.seats.views]
        return np.concatenate([*parts, *state, np.tile(np.array(counts, np.float32), (self.num_envs, 1))], axis=1)

    def close(self) -> None:
        """Nothing is open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The same of every copy."""
        return [getattr(self, attr_name)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Of all copies."""
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Called once for all copies."""
        return [getattr(self, method_name)(*args, **kwargs)] * self.num_envs

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> Sequence[bool]:  # type: ignore[override] # a list is one
        """No copy is by itself."""
        return [False] * self.num_envs


def _rewards(seats: Seats, ledger: Ledger) -> NDArray[np.float32]:
    """Of all seats (C, S), as money of the whole network."""
    copies, sites = seats.simulator.batch, len(seats.simulator.numpy_network.sites)
    found = [np.broadcast_to(seats.rewards(view, ledger), (len(view.names), copies)) for view in seats.views]
    return np.concatenate(found).T.astype(np.float32) * np.float32(sites)
