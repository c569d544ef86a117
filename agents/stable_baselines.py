"""Stable-Baselines3 at work: its PPO on the rows of the vectorised environment, and its policy taken out of it again."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import stable_baselines3
import torch
from numpy.typing import NDArray
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.vec_env import VecEnvWrapper
from torch import nn

from orderup.envs.api.vector import VectorNetwork

from .learner import Journal, Task
from .network_policy import NetworkPolicy, NetworkSpec, observation_layout
from .ppo import PPO

METRICS = ("approx_kl", "clip_fraction", "entropy_loss", "explained_variance", "policy_gradient_loss", "std", "value_loss")


def learn(settings: PPO, task: Task, journal: Journal) -> None:
    """Train a policy; the process's threads and global random numbers are afterwards as they were."""
    with _alone():
        environment = environment_of(settings, task, settings.copies)
        rows = TrainingRows(environment, settings.gamma)
        model = _model(settings, rows, task.seed)
        rows.critic = model.policy
        rows.normalise(task.costs(policy_of(model, settings, environment)))
        journal.begin(lambda: policy_of(model, settings, environment))
        updates = math.ceil(settings.steps / (settings.copies * settings.n_steps))
        model.learn(updates * settings.n_steps * rows.num_envs, _Reporter(journal, rows), log_interval=2**31)


def environment_of(settings: PPO, task: Task, copies: int) -> VectorNetwork:
    """Copies of the task's network, with the rewards and actions that the settings ask for."""
    return VectorNetwork(task.scenario, task.autonomy, copies, reward=settings.reward, actions=settings.actions)


class TrainingRows(VecEnvWrapper):
    """The environment's rows with what a time limit cuts off added to the last reward, and rewards of the order of one.

    Stable-Baselines3 would ask its critic for that value one row at a time; all rows end together, so it is asked once.
    """

    def __init__(self, venv: VectorNetwork, gamma: float) -> None:
        super().__init__(venv)
        self.gamma = gamma
        self.critic: ActorCriticPolicy | None = None
        """Known once the model is made, which needs this environment."""
        self.sites = len(venv.seats.simulator.plan.sites)
        self.mean, self.scale = 0.0, 1.0
        self._nothing: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
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

    def reset(self) -> Any:
        """Begin episodes."""
        return self.venv.reset()

    def step_wait(self) -> Any:
        """One period of all copies."""
        observations, rewards, dones, infos = self.venv.step_wait()
        self._paid.append(-float(rewards.mean()) * self.sites)
        rewards = (rewards * self.sites + self.mean) / self.scale
        if dones[0]:
            last = np.stack([info["terminal_observation"] for info in infos])
            rewards = rewards + self.gamma * self._value(last)
        return observations, rewards, dones, self._nothing

    def _value(self, observations: NDArray[np.float32]) -> NDArray[np.float32]:
        assert self.critic is not None
        with torch.no_grad():
            values = self.critic.predict_values(torch.as_tensor(observations))
        return values.numpy()[:, 0]


class _Reporter(BaseCallback):
    """Tells the journal about every update, which is known when the next one begins."""

    def __init__(self, journal: Journal, rows: TrainingRows) -> None:
        super().__init__()
        self.journal, self.rows = journal, rows
        self.seats = rows.num_envs // rows.get_attr("copies", 0)[0]

    def _on_rollout_start(self) -> None:
        if self.num_timesteps:
            self._report()

    def _on_training_end(self) -> None:
        self._report()

    def _on_step(self) -> bool:
        return True

    def _report(self) -> None:
        found = self.logger.name_to_value
        metrics = {name: float(found[f"train/{name}"]) for name in METRICS}
        self.journal.update(self.num_timesteps // self.seats, {"training_cost": self.rows.mean_cost(), **metrics})


def policy_of(model: stable_baselines3.PPO, settings: PPO, environment: VectorNetwork) -> NetworkPolicy:
    """The actor alone, a copy of it."""
    view = environment.view
    spec = NetworkSpec(
        observation=observation_layout(view.observer),
        action=view.actions.size,
        form=settings.actions,
        hidden=settings.hidden,
        activation=settings.activation,
    )
    layers = [*model.policy.mlp_extractor.policy_net, model.policy.action_net]
    tensors = {}
    for number, layer in enumerate(layer for layer in layers if isinstance(layer, nn.Linear)):
        tensors[f"{number}.weight"] = layer.weight.detach().numpy().copy()
        tensors[f"{number}.bias"] = layer.bias.detach().numpy().copy()
    return NetworkPolicy(spec, tensors)


def _model(settings: PPO, rows: TrainingRows, seed: int) -> stable_baselines3.PPO:
    updates = math.ceil(settings.steps / (settings.copies * settings.n_steps))
    model = stable_baselines3.PPO(
        "MlpPolicy",
        rows,
        # SB3 sets the rate after it has counted the update's data: the last would get nothing, so count one later
        learning_rate=lambda remaining: settings.learning_rate * (remaining + 1 / updates),
        n_steps=settings.n_steps,
        batch_size=settings.n_steps * rows.num_envs // settings.minibatches,
        n_epochs=settings.epochs,
        gamma=settings.gamma,
        gae_lambda=settings.gae_lambda,
        clip_range=settings.clip,
        ent_coef=settings.entropy,
        policy_kwargs={
            "net_arch": settings.hidden,
            "log_std_init": math.log(settings.initial_std),
            "activation_fn": nn.ReLU if settings.activation == "relu" else nn.Tanh,
        },
        seed=seed,
        device="cpu",
    )
    model.set_logger(Logger(None, []))  # the journal writes; SB3's own would make a folder in /tmp
    return model


@contextmanager
def _alone() -> Iterator[None]:
    """One thread, and the global generators that SB3 seeds given back as they were."""
    threads, python, numpy = torch.get_num_threads(), random.getstate(), np.random.get_state()  # noqa: NPY002 # SB3 uses it
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002 # as above
