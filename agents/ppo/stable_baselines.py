"""Stable-Baselines3 at work: its PPO on copies of a network with several seats each.

Letters: T periods between updates, C copies, S seats of all parties, R length of a row, A of an action.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import stable_baselines3
import torch
from numpy.typing import NDArray
from stable_baselines3.common.logger import Logger

from orderup.envs.simulator import Party

from ..learning.iterate_average import IterateAverage
from ..learning.learner import Diverged, Journal, TrainingState
from .actor_critic import SeatsPolicy
from .party_networks import Build, Memories
from .ppo_keys import PPOKeys
from .rollout_buffer import SeatsRolloutBuffer
from .training_copies import TrainingCopies

METRICS = ("approx_kl", "clip_fraction", "entropy_loss", "explained_variance", "policy_gradient_loss", "std", "value_loss")
RAN_AWAY = "a number of the policy, or the spread of its actions, is no finite one"


class SeatsPPO(stable_baselines3.PPO):
    """SB3's PPO where an environment has several seats, all end together, and a journal is told how it goes."""

    policy: SeatsPolicy
    env: TrainingCopies
    rollout_buffer: SeatsRolloutBuffer
    _last_obs: NDArray[np.float32]
    _last_episode_starts: NDArray[np.bool_]

    def __init__(
        self, settings: PPOKeys, env: TrainingCopies, journal: Journal, start: Mapping[Party, NDArray[np.float32]]
    ) -> None:
        self.journal, self.going = journal, True
        self.updates = math.ceil(settings.total / (settings.copies * settings.n_steps))
        super().__init__(
            SeatsPolicy,
            env,
            # SB3 sets the rate after it has counted the update's data: the last would get nothing, so count one later
            learning_rate=lambda remaining: settings.learning_rate * (remaining + 1 / self.updates),
            n_steps=settings.n_steps,
            batch_size=settings.n_steps * settings.copies // settings.minibatches,
            n_epochs=settings.epochs,
            gamma=settings.gamma * env.seats.simulator.scenario.discount,
            gae_lambda=settings.gae_lambda,
            clip_range=settings.clip,
            ent_coef=settings.entropy,
            rollout_buffer_class=SeatsRolloutBuffer,
            rollout_buffer_kwargs={"seats": env.shape.seats},
            policy_kwargs={
                "shape": env.shape,
                "build": Build(settings.hidden, settings.activation, settings.initial_std, settings.normalise, settings.memory),
                "start": start,
            },
            device="cpu",
        )
        self.average = IterateAverage(self.policy.tensors(), settings.average, self.updates)
        """Of the actor's numbers."""
        self.generator = torch.get_rng_state()
        """PyTorch's, as the last update left it: when training is over the process has its own again."""
        self.set_logger(Logger(None, []))  # the journal writes; SB3's own would make a folder in /tmp

    def run(self) -> None:
        """Train from where it is until all updates are made or the journal says stop."""
        left = self.updates * self.n_steps * self.n_envs - self.num_timesteps
        self.learn(left, log_interval=2**31, reset_num_timesteps=False)

    def collect_rollouts(self, env: Any, callback: Any, rollout_buffer: Any, n_rollout_steps: int) -> bool:
        """Fill the buffer, with what a time limit cuts off added to the last reward of every seat; False to stop.

        SB3 would ask its critic for that value one row at a time; all episodes end together, so it is asked once.
        """
        if not self.going:
            return False
        forward, seen = self.journal.clock.phase("forward"), self._last_obs
        rollout_buffer.reset()
        rollout_buffer.memories = dict(self.policy.memories) if self.policy.build.memory else None
        for _ in range(n_rollout_steps):
            with forward, torch.no_grad():
                actions, values, log_probs = self.policy(torch.from_numpy(seen))
            after, rewards, ended, _ = env.step(actions.numpy())
            if ended[0]:
                rewards += self.gamma * self._expected(after).numpy()
                after = env.reset()
                self.policy.reset_memories(env.num_envs)
            start = self._last_episode_starts[:1]
            rollout_buffer.add(seen, actions.numpy(), rewards.reshape(-1), start, values, log_probs.flatten())
            seen, self._last_episode_starts = after, ended
            self.num_timesteps += env.num_envs
        self._last_obs = seen
        rollout_buffer.compute_returns_and_advantage(self._expected(seen), self._last_episode_starts[:1])
        return True

    def train(self) -> None:
        """Learn from the buffer, and report."""
        with self.journal.clock.phase("learn"):
            self._update()
            self.policy.show(self.rollout_buffer.observations)
            self.average.add(self.policy.tensors(), self.num_timesteps // (self.n_steps * self.n_envs))
        self.generator = torch.get_rng_state()
        found = self.logger.name_to_value
        found["train/std"] = float(self.policy.log_stds.detach().exp().mean())
        metrics = {name: float(found[f"train/{name}"]) for name in METRICS}
        self.going = self.journal.update(self.num_timesteps, {"training_cost": self.env.mean_cost(), **metrics})

    def _update(self) -> None:
        """SB3's own. Raises Diverged where it has run away, as its distributions are first to notice."""
        try:
            super().train()
        except ValueError as error:
            if self._is_finite:
                raise
            raise Diverged(RAN_AWAY) from error
        if not self._is_finite:
            raise Diverged(RAN_AWAY)

    @property
    def _is_finite(self) -> bool:
        """Whether the policy is still one: finite numbers, and actions that spread."""
        numbers = all(bool(torch.isfinite(values).all()) for values in self.policy.parameters())
        stds = self.policy.log_stds.detach().exp()
        return numbers and bool((torch.isfinite(stds) & (stds > 0)).all())

    def state(self) -> TrainingState:
        """All that decides what comes next. SB3's other generators, Python's and NumPy's, are asked for nothing here."""
        copies, adam = self.env, self.policy.optimizer.state_dict()["state"]
        numbers = {f"policy.{name}": values for name, values in self.policy.state_dict().items()}
        numbers |= {f"optimiser.{at}.{name}": values for at, found in adam.items() for name, values in found.items()}
        tensors = {name: values.numpy().copy() for name, values in numbers.items()}
        tensors |= self.average.tensors()
        tensors["generator"] = self.generator.numpy()
        tensors["actions"] = np.array(copies.actions, np.float32).reshape(-1, *self._done_shape)
        for party, both in self.policy.memories.items():
            tensors |= {f"memory.{party}.{number}": values.numpy().copy() for number, values in enumerate(both)}
        rest = {"periods": self.num_timesteps, "updates": self._n_updates, "episode": copies.episode}
        return TrainingState(tensors, {**rest, "mean": copies.mean, "scale": copies.scale})

    def restore(self, state: TrainingState, seed: int) -> None:
        """Be as when `state` was asked for, the training's seed being the same: the episodes under way are played again."""
        tensors, rest = {name: torch.tensor(values) for name, values in state.tensors.items()}, state.rest
        self.policy.load_state_dict(_below("policy", tensors))
        adam: dict[int, dict[str, torch.Tensor]] = {}
        for name, values in _below("optimiser", tensors).items():
            at, _, what = name.partition(".")
            adam.setdefault(int(at), {})[what] = values
        self.policy.optimizer.load_state_dict({**self.policy.optimizer.state_dict(), "state": adam})
        self.average.restore(state.tensors)
        self.num_timesteps, self._n_updates = rest["periods"], rest["updates"]
        self.env.mean, self.env.scale = rest["mean"], rest["scale"]
        actions = state.tensors["actions"].reshape(-1, *self._done_shape)
        self._last_obs = self.env.replay(seed, rest["episode"], actions)
        self._last_episode_starts = np.full(self.n_envs, not len(actions))
        for party in self.policy.memories:
            self.policy.memories[party] = Memories(tensors[f"memory.{party}.0"], tensors[f"memory.{party}.1"])
        self.generator = tensors["generator"]
        torch.set_rng_state(self.generator)

    def begin(self, seed: int, costs: NDArray[np.float64]) -> None:
        """Begin the first episodes of a seed, rewards being savings against these costs."""
        self.env.normalise(costs)
        self.env.begin(seed)
        self.policy.reset_memories(self.n_envs)

    @property
    def _done_shape(self) -> tuple[int, int]:
        return self.n_envs, sum(party.sets for party in self.env.shape.parties.values())

    def _expected(self, seen: NDArray[np.float32]) -> torch.Tensor:
        """By the critic (C, S)."""
        with self.journal.clock.phase("forward"), torch.no_grad():
            return self.policy.predict_values(torch.from_numpy(seen))


def _below(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name[len(prefix) + 1 :]: values for name, values in tensors.items() if name.startswith(f"{prefix}.")}
