"""Copies of a network to train on: what Stable-Baselines3 takes for environments, with a reward for each of their seats.

Letters: C copies, S seats, D length of an observation, W of the state, A of an action.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnvWrapper

from orderup.envs.api.vector import VectorNetwork

from ..learning.stopwatch import Stopwatch
from .actor_critic import Shape


class TrainingCopies(VecEnvWrapper):
    """One row for each copy: its seats' observations, then its state, (C, S·D + W); actions (C, S·A), rewards (C, S).

    All episodes end together. `step` gives their last observations and leaves it to `reset` to begin the next ones, so that a
    critic can say first what would have come. Rewards are of the order of one.
    """

    venv: VectorNetwork

    def __init__(self, venv: VectorNetwork, shape: Shape, clock: Stopwatch) -> None:
        super().__init__(venv, shape.observation_space, shape.action_space)
        self.shape, self.clock = shape, clock
        self.num_envs = venv.copies
        self.mean, self.scale = 0.0, 1.0
        self.actions: list[NDArray[np.float32]] = []
        """What was done since the episodes under way began: their traces and this are where they are."""
        self._sites = len(venv.seats.simulator.numpy_network.sites)
        self._paid: list[float] = []

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
        return int(self.venv.seats.simulator.episodes[0])

    def reset(self) -> NDArray[np.float32]:
        """Begin the next episodes."""
        with self.clock.phase("simulate"):
            self.venv.reset()
            self.actions.clear()
            return self._rows()

    def replay(self, seed: int, episode: int, actions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring the episodes from number `episode` on to where these actions (T, C, S·A) left them; what is seen there."""
        self.venv.seed(seed)
        self.venv.set_options({"episode": episode})
        rows = self.reset()
        for done in actions:
            self.step_async(done)
            rows, *_ = self.step_wait()
        self._paid.clear()
        return rows

    def step_async(self, actions: NDArray[np.float32]) -> None:
        """Keep the actions (C, S·A)."""
        self.actions.append(actions)
        self.venv.step_async(actions.reshape(-1, self.shape.action))

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """One period of all copies."""
        with self.clock.phase("simulate"):
            ledger, done = self.venv.advance()
            self._paid.append(float(ledger.cost.mean()))
            rewards = (self.venv.rewards(ledger) * self._sites + self.mean) / self.scale
            return self._rows(), rewards, np.full(self.num_envs, done), []

    def _rows(self) -> NDArray[np.float32]:
        seen = self.venv.view.observations().reshape(self.num_envs, -1)
        return np.concatenate([seen, self.venv.state()], axis=1) if self.shape.state else seen
