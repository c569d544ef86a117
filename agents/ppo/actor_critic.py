"""Actors and critics of PPO for all seats of many copies at once, in the form that Stable-Baselines3 trains.

One row of what Stable-Baselines3 calls an environment is a copy of the network, as `Shape` has it. Letters: T periods, C
copies, S seats of all parties, R length of a row, A of an action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from orderup.envs.simulator import Party

from .party_networks import Build, Memories, Part, PartyNetworks
from .shape import Shape


class Segment(NamedTuple):
    """Periods of some copies, one after the other, and what was remembered before the first."""

    rows: Tensor
    """(T, C, R)."""
    starts: Tensor
    """Whether a period is an episode's first (T,)."""
    memories: Mapping[Party, Memories]


class SeatsPolicy(ActorCriticPolicy):
    """An actor for every seat by its own observation, and a critic that says what every seat can expect.

    What a seat decides in a period in which that does not count has probability 1, so that nothing is learnt from it.
    `start` is what the seats of each party do at first (S, A).
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        lr_schedule: Callable[[float], float],
        *,
        shape: Shape,
        build: Build,
        start: Mapping[Party, NDArray[np.float32]],
        use_sde: bool = False,  # SB3 always says it
    ) -> None:
        self.shape, self.build, self.start = shape, build, start
        super().__init__(observation_space, action_space, lr_schedule, use_sde=use_sde)

    def _build(self, lr_schedule: Callable[[float], float]) -> None:
        found = {
            party: PartyNetworks(shape, self.shape.state, self.build, self.start[party])
            for party, shape in self.shape.parties.items()
        }
        self.parties = nn.ModuleDict(cast(dict[str, nn.Module], found))
        self.optimizer = torch.optim.Adam(self.parameters(), lr=lr_schedule(1), eps=1e-5)  # SB3's own epsilon
        self.reset_memories(1)

    @property
    def log_stds(self) -> Tensor:
        """Logarithms of the standard deviations of all networks' actions, one after the other."""
        return torch.cat([self.networks(party).log_std.flatten() for party in self.shape.parties])

    def networks(self, party: Party) -> PartyNetworks:
        """Those of a party's seats."""
        return cast(PartyNetworks, self.parties[party])

    def reset_memories(self, copies: int) -> None:
        """Episodes begin: nothing is remembered of those before."""
        self.memories = self._first_memories(copies)

    def _first_memories(self, copies: int) -> dict[Party, Memories]:
        return {party: self.networks(party).first_memories(copies) for party in self.shape.parties}

    def forward(self, obs: Tensor, deterministic: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Actions (C, ΣS·A), what the seats can expect (C, S), and the actions' log probabilities (C, S).

        What the period leaves in memory is remembered in the next.
        """
        segment = self._now(obs)
        actions, values, log_probs = list[Tensor](), list[Tensor](), list[Tensor]()
        for party, part in self._parts(segment).items():
            networks, before = self.networks(party), segment.memories[party]
            means, actor = networks.means(part, before.actor)
            expected, critic = networks.values(part, before.critic)
            normal = _normal(means, networks.log_stds())
            done = means if deterministic else normal.sample()
            log_probs.append(_log_prob(normal, part, done)[0])
            actions.append(done[0].flatten(1))
            values.append(expected[0])
            self.memories[party] = Memories(actor, critic)
        return torch.cat(actions, 1), torch.cat(values, 1), torch.cat(log_probs, 1)

    def evaluate_actions(self, obs: Tensor | Segment, actions: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:  # type: ignore[override] # never a dictionary
        """What is expected, log probabilities and entropies (T·C·S,) of actions (T·C, ΣS·A)."""
        segment = obs if isinstance(obs, Segment) else self._alone(obs)
        before, found, start = segment.rows.shape[:2], list[tuple[Tensor, Tensor, Tensor]](), 0
        for party, part in self._parts(segment).items():
            networks, memories = self.networks(party), segment.memories[party]
            means = networks.means(part, memories.actor)[0]
            done = actions[:, start : start + networks.shape.sets].reshape(means.shape)
            start += networks.shape.sets
            normal, values = _normal(means, networks.log_stds()), networks.values(part, memories.critic)[0]
            found.append((values, _log_prob(normal, part, done), normal.entropy()))  # type: ignore[no-untyped-call] # as above
        values, log_probs, entropies = (torch.cat(each, -1).view(*before, -1).flatten() for each in zip(*found, strict=True))
        return values, log_probs, entropies

    def predict_values(self, obs: Tensor) -> Tensor:  # type: ignore[override] # never a dictionary
        """What the seats can expect (C, S); nothing is remembered of it."""
        segment = self._now(obs)
        parts = self._parts(segment).items()
        return torch.cat([self.networks(party).values(part, segment.memories[party].critic)[0][0] for party, part in parts], 1)

    def get_distribution(self, obs: Tensor) -> Distribution:  # type: ignore[override] # never a dictionary
        """Of the actions of all seats (C, ΣS·A); nothing is remembered of it."""
        segment, means, log_stds = self._now(obs), list[Tensor](), list[Tensor]()
        for party, part in self._parts(segment).items():
            networks = self.networks(party)
            mean = networks.means(part, segment.memories[party].actor)[0][0]
            means.append(mean.flatten(1))
            log_stds.append(networks.log_stds().expand_as(mean).flatten(1))
        return self.action_dist.proba_distribution(torch.cat(means, 1), torch.cat(log_stds, 1))

    def show(self, observations: NDArray[np.float32]) -> None:
        """Let what was observed (…, R) count in the normalisation."""
        if self.build.normalise:
            rows = torch.from_numpy(observations).flatten(0, -2)
            for party, part in self._parts(self._alone(rows)).items():
                self.networks(party).show(part.seen[0], part.state[0])

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """A copy of the actors' numbers, `party/tensor`."""
        both = {party: self.networks(party).tensors() for party in self.shape.parties}
        return {f"{party}/{name}": values for party, tensors in both.items() for name, values in tensors.items()}

    def _now(self, rows: Tensor) -> Segment:
        """This period (C, R), and what is remembered."""
        return Segment(rows[None], torch.zeros(1, dtype=torch.bool), self.memories)

    def _alone(self, rows: Tensor) -> Segment:
        """Periods (C, R) that have nothing to do with each other."""
        return Segment(rows[None], torch.zeros(1, dtype=torch.bool), self._first_memories(len(rows)))

    def _parts(self, segment: Segment) -> dict[Party, Part]:
        *seen, state, counts = torch.split(segment.rows, list(self.shape.parts), dim=-1)
        return {
            party: Part(seen[number], state, counts[..., number], segment.starts)
            for number, party in enumerate(self.shape.parties)
        }


def _normal(means: Tensor, log_stds: Tensor) -> Independent[Normal]:
    """Of the actions of every seat (T, C, S): A numbers, independent of each other. Raises ValueError where they are none."""
    return Independent(Normal(means, log_stds.exp()), 1)


def _log_prob(normal: Independent[Normal], part: Part, actions: Tensor) -> Tensor:
    """Log probabilities (T, C, S) of actions (T, C, S, A): 0 where these do not count."""
    return torch.where(part.counts[..., None] > 0, normal.log_prob(actions), 0.0)  # type: ignore[no-untyped-call] # as above
