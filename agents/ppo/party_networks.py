"""The networks of one party's seats: an actor by what each seat sees, and a critic by that too, or by the state.

Letters: T periods, C copies, S seats, D length of an observation, W of the state, A of an action, M units of memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..networks.network_spec import Activation
from .normaliser import Normaliser
from .perceptron import Perceptron, copied
from .shape import PartyShape


@dataclass(frozen=True)
class Build:
    """What the networks of every party have in common."""

    hidden: Sequence[int]
    activation: Activation
    initial_std: float
    normalise: bool
    memory: int = 0


class Part(NamedTuple):
    """A party's part of some periods of some copies."""

    seen: Tensor
    """By its seats (T, C, S·D)."""
    state: Tensor
    """(T, C, W)."""
    counts: Tensor
    """1 where its decision counts, else 0 (T, C)."""
    starts: Tensor
    """Whether a period is an episode's first (T,)."""


class Memories(NamedTuple):
    """Of a party's two networks, M being 0 where they have none."""

    actor: Tensor
    """(C, S, M)."""
    critic: Tensor
    """(C, S, M), or (C, 1, M) of one that reads the state."""


class PartyNetworks(nn.Module):
    """Actor, critic and spread of actions; `start` (S, A) is what the seats do at first."""

    def __init__(self, shape: PartyShape, state: int, build: Build, start: NDArray[np.float32]) -> None:
        super().__init__()
        self.shape, self.central, self.memory = shape, state > 0, build.memory
        widths, several = [shape.observed, *build.hidden], shape.groups
        self.actor = Perceptron([*widths, shape.action], build.activation, several, 0.01, build.memory)
        valued, values = ([state, *build.hidden], shape.seats) if state else (widths, 1)
        self.critic = Perceptron([*valued, values], build.activation, () if state else several, 1.0, build.memory)
        self.constant = nn.Parameter(torch.from_numpy(start.copy()))
        logarithm = torch.full((self.actor.networks, shape.action), math.log(build.initial_std))
        self.log_std = nn.Parameter(logarithm if several else logarithm[0])
        self.local = Normaliser(shape.observed) if build.normalise else nn.Identity()
        self.whole = Normaliser(state) if build.normalise and state else nn.Identity()

    def first_memories(self, copies: int) -> Memories:
        """What is remembered when episodes begin: nothing."""
        seats = self.shape.seats
        return Memories(*(torch.zeros(copies, each, self.memory) for each in (seats, 1 if self.central else seats)))

    def means(self, part: Part, memory: Tensor) -> tuple[Tensor, Tensor]:
        """What the seats do but for exploration (T, C, S, A), and what the actor remembers then."""
        read, after = self._read(self.actor, self._local(part), part, memory, part.counts)
        return self.actor(read) + self.constant, after

    def values(self, part: Part, memory: Tensor) -> tuple[Tensor, Tensor]:
        """What the seats can expect (T, C, S), and what the critic remembers then, which reads in every period."""
        seen = self.whole(part.state)[..., None, :] if self.central else self._local(part)
        read, after = self._read(self.critic, seen, part, memory, torch.ones_like(part.counts))
        said: Tensor = self.critic(read)
        return (said[..., 0, :] if self.central else said[..., 0]), after

    def log_stds(self) -> Tensor:
        """Logarithms of the actions' standard deviations (S, A), or (A,) where all seats have the same."""
        return self.log_std[list(self.shape.groups)] if self.shape.groups else self.log_std

    def show(self, seen: Tensor, state: Tensor) -> None:
        """Let what was seen (R, S·D), and the state (R, W), count in the normalisation."""
        if isinstance(self.local, Normaliser):
            self.local.show(seen.reshape(-1, self.shape.observed))
        if isinstance(self.whole, Normaliser):
            self.whole.show(state)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """A copy of the actor's numbers, by the names that `NetworkSpec.shapes` has."""
        found = {**self.actor.tensors(), "constant": copied(self.constant)}
        if isinstance(self.local, Normaliser):
            found |= {"centre": copied(self.local.centre), "scale": copied(self.local.scale)}
        return found

    def _local(self, part: Part) -> Tensor:
        seen: Tensor = self.local(part.seen.reshape(*part.seen.shape[:-1], self.shape.seats, self.shape.observed))
        return seen

    def _read(self, network: Perceptron, seen: Tensor, part: Part, memory: Tensor, reads: Tensor) -> tuple[Tensor, Tensor]:
        """What the layers read of what is seen: it itself, or what is then remembered."""
        if not self.memory:
            return seen, memory
        recalled = network.recalled(seen, memory, part.starts, reads)
        return recalled, recalled[-1]
