"""Actor and critic of PPO: networks for all seats of many copies at once, in the form that Stable-Baselines3 trains.

One row of what Stable-Baselines3 calls an environment is a copy of the network: the observations of its S seats one after the
other and, for a centralised critic, its state. Letters: C copies, S seats, D length of an observation, W of the state, A of an
action, F inputs and H units of a layer, R rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor, nn
from torch.nn import functional as F

from ..networks.network_spec import Activation

ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {"relu": F.relu, "tanh": torch.tanh, "silu": F.silu}
STEADY = 0.01
"""A number that deviates less than this from its mean is left as large as it is: it says nothing, or is a parameter."""


@dataclass(frozen=True)
class Shape:
    """What is read and set in one copy."""

    seats: int
    observed: int
    """D."""
    action: int
    """A."""
    state: int = 0
    """W: 0 where the critic reads what the actor reads."""
    groups: tuple[int, ...] = ()
    """Which network each seat has (S,); empty: all the same one."""

    @property
    def local(self) -> int:
        """How many numbers of a row are the seats' observations."""
        return self.seats * self.observed

    @property
    def observation_space(self) -> spaces.Box:
        """Of a copy (S·D + W,)."""
        return spaces.Box(-np.inf, np.inf, (self.local + self.state,), np.float32)

    @property
    def action_space(self) -> spaces.Box:
        """Of a copy (S·A,)."""
        return spaces.Box(-1.0, 1.0, (self.seats * self.action,), np.float32)


class Perceptron(nn.Module):
    """Layers from (C, S, F) to (C, S, H): of one network, or of the network that each seat has."""

    group: Tensor | None

    def __init__(self, widths: Sequence[int], activation: Activation, groups: Sequence[int], last: float) -> None:
        super().__init__()
        self.activated, self.networks = ACTIVATIONS[activation], 1 + max(groups, default=0)
        each = groups if 0 < len(groups) != self.networks else None
        self.register_buffer("group", None if each is None else torch.tensor(each), persistent=False)
        self.several = bool(groups)
        gains = [math.sqrt(2.0)] * (len(widths) - 2) + [last]
        shapes = [(after, before) for before, after in pairwise(widths)]
        self.weights = nn.ParameterList([self._drawn(shape, gain) for shape, gain in zip(shapes, gains, strict=True)])
        self.biases = nn.ParameterList([self._per_network(torch.zeros(after)) for after, _ in shapes])

    def forward(self, values: Tensor) -> Tensor:
        """What the last layer says."""
        copies, seats, _ = values.shape
        rows = values.transpose(0, 1) if self.several else values.flatten(0, 1)
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            rows = self._layer(self.activated(rows) if number else rows, weight, bias)
        return rows.transpose(0, 1) if self.several else rows.view(copies, seats, -1)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """A copy of its numbers, by the names that `NetworkSpec.shapes` has."""
        both = {"weight": self.weights, "bias": self.biases}
        return {f"{layer}.{kind}": _copied(one) for kind, found in both.items() for layer, one in enumerate(found)}

    def _layer(self, rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        if not self.several:
            return F.linear(rows, weight, bias)
        if self.group is not None:
            weight, bias = weight[self.group], bias[self.group]
        return torch.baddbmm(bias[:, None], rows, weight.transpose(1, 2))

    def _drawn(self, shape: tuple[int, int], gain: float) -> Tensor:
        return self._per_network(nn.init.orthogonal_(torch.empty(shape), gain))

    def _per_network(self, values: Tensor) -> Tensor:
        return values.expand(self.networks, *values.shape).clone() if self.several else values


class Normaliser(nn.Module):
    """(values − centre) · scale, by the moments of all values that it has been shown; at first it changes nothing."""

    centre: Tensor
    scale: Tensor
    squares: Tensor
    count: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        start = {"centre": torch.zeros(size), "scale": torch.ones(size)}
        for name, values in start.items():
            self.register_buffer(name, values)
        self.register_buffer("squares", torch.zeros(size, dtype=torch.float64))
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))

    def forward(self, values: Tensor) -> Tensor:
        """Values (…, F), of the order of one."""
        return (values - self.centre) * self.scale

    def show(self, values: Tensor) -> None:
        """Take values (R, F) into account (Chan, Golub and LeVeque 1979)."""
        values = values.double()
        count, mean, before = float(values.shape[0]), values.mean(0), self.centre.double()
        total = self.count + count
        self.squares += values.var(0, correction=0) * count + (mean - before) ** 2 * self.count * count / total
        self.centre.copy_(before + (mean - before) * count / total)
        self.count.copy_(total)
        deviation = (self.squares / total).sqrt()
        self.scale.copy_(torch.where(deviation > STEADY, 1.0 / deviation, 1.0))


class SeatsPolicy(ActorCriticPolicy):
    """An actor for every seat by its own observation, and a critic that says what every seat can expect.

    The critic reads the seat's observation too, or the state of the whole copy. `start` (S, A) is what the seats do at first.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        lr_schedule: Callable[[float], float],
        *,
        shape: Shape,
        hidden: Sequence[int],
        activation: Activation,
        initial_std: float,
        normalise: bool,
        start: NDArray[np.float32],
        use_sde: bool = False,  # SB3 always says it
    ) -> None:
        self.shape, self.hidden, self.activation, self.normalise = shape, list(hidden), activation, normalise
        self.initial_std, self.start = initial_std, start
        super().__init__(observation_space, action_space, lr_schedule, use_sde=use_sde)

    def _build(self, lr_schedule: Callable[[float], float]) -> None:
        shape = self.shape
        self.actor = Perceptron([shape.observed, *self.hidden, shape.action], self.activation, shape.groups, last=0.01)
        valued, values = (shape.state, shape.seats) if shape.state else (shape.observed, 1)
        self.critic = Perceptron([valued, *self.hidden, values], self.activation, () if shape.state else shape.groups, last=1.0)
        self.constant = nn.Parameter(torch.from_numpy(self.start.copy()))
        logarithm = torch.full((self.actor.networks, shape.action), math.log(self.initial_std))
        self.log_std = nn.Parameter(logarithm if shape.groups else logarithm[0])
        self.local = Normaliser(shape.observed) if self.normalise else nn.Identity()
        self.whole = Normaliser(shape.state) if self.normalise and shape.state else nn.Identity()
        self.optimizer = torch.optim.Adam(self.parameters(), lr=lr_schedule(1), eps=1e-5)  # SB3's own epsilon

    def forward(self, obs: Tensor, deterministic: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Actions (C, S·A), what the seats can expect (C, S), and the actions' log probabilities (C, S)."""
        means, values = self._means_and_values(obs)
        distribution = self._around(means)
        actions = distribution.get_actions(deterministic=deterministic)
        return actions.view(len(obs), -1), values, distribution.log_prob(actions).view(values.shape)

    def evaluate_actions(self, obs: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:  # type: ignore[override] # never a dictionary
        """What is expected (C, S), log probabilities and entropies (C·S,) of actions (C, S·A)."""
        means, values = self._means_and_values(obs)
        distribution = self._around(means)
        return values, distribution.log_prob(actions.view(-1, self.shape.action)), distribution.entropy()

    def predict_values(self, obs: Tensor) -> Tensor:  # type: ignore[override] # never a dictionary
        """What the seats can expect (C, S)."""
        return self._values(obs, self._seen(obs))

    def get_distribution(self, obs: Tensor) -> Distribution:  # type: ignore[override] # never a dictionary
        """Of the actions of all seats (C·S, A)."""
        return self._around(self._means(self._seen(obs)))

    def show(self, observations: NDArray[np.float32]) -> None:
        """Let what was observed (…, S·D + W) count in the normalisation."""
        if isinstance(self.local, Normaliser):
            rows = torch.from_numpy(observations).flatten(0, -2)
            self.local.show(rows[:, : self.shape.local].reshape(-1, self.shape.observed))
            if isinstance(self.whole, Normaliser):
                self.whole.show(rows[:, self.shape.local :])

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """A copy of the actor's numbers, by the names that `NetworkSpec.shapes` has."""
        found = {**self.actor.tensors(), "constant": _copied(self.constant)}
        if isinstance(self.local, Normaliser):
            found |= {"centre": _copied(self.local.centre), "scale": _copied(self.local.scale)}
        return found

    def _means_and_values(self, obs: Tensor) -> tuple[Tensor, Tensor]:
        seen = self._seen(obs)
        return self._means(seen), self._values(obs, seen)

    def _seen(self, obs: Tensor) -> Tensor:
        seen: Tensor = self.local(obs[:, : self.shape.local].reshape(-1, self.shape.seats, self.shape.observed))
        return seen

    def _means(self, seen: Tensor) -> Tensor:
        means: Tensor = self.actor(seen) + self.constant
        return means

    def _values(self, obs: Tensor, seen: Tensor) -> Tensor:
        if not self.shape.state:
            return self.critic(seen)[..., 0]  # type: ignore[no-any-return] # a module's call has no type
        return self.critic(self.whole(obs[:, None, self.shape.local :]))[:, 0]  # type: ignore[no-any-return] # as above

    def _around(self, means: Tensor) -> Distribution:
        spread: Tensor = self.log_std
        if self.shape.groups:
            spread = spread[list(self.shape.groups)].expand(means.shape).flatten(0, 1)
        return self.action_dist.proba_distribution(means.flatten(0, 1), spread)


def _copied(values: Tensor) -> NDArray[np.float32]:
    return values.detach().numpy().copy()
