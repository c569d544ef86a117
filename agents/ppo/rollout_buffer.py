"""What was seen, done and paid between two updates, and its minibatches.

Letters: T periods between updates, C copies, S seats of all parties, R length of a row.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.type_aliases import RolloutBufferSamples

from orderup.envs.simulator import Party

from .actor_critic import Segment
from .party_networks import Memories

COLUMNS = ("observations", "actions", "values", "log_probs", "advantages", "returns")


class SeatsRolloutBuffer(RolloutBuffer):
    """Rewards, values, log probabilities and advantages have a column for every seat: (T, C·S) in place of (T, C).

    A minibatch is made of rows, each a copy in one period; where policies have a memory, of whole copies, from what they
    remembered when the rollout began.
    """

    def __init__(self, *args: Any, seats: int, **kwargs: Any) -> None:
        self.seats = seats
        self.memories: dict[Party, Memories] | None = None
        """When the rollout began; None where nothing is remembered."""
        super().__init__(*args, **kwargs)

    def reset(self) -> None:
        """Make room for the next."""
        super().reset()
        for name in ("rewards", "values", "log_probs", "advantages", "returns"):
            setattr(self, name, np.zeros((self.buffer_size, self.n_envs * self.seats), np.float32))
        self.episode_starts = np.zeros((self.buffer_size, 1), np.float32)

    def get(self, batch_size: int | None = None) -> Generator[RolloutBufferSamples, None, None]:
        """Minibatches of `batch_size` rows, in an order that PyTorch's generator draws."""
        kept = [torch.from_numpy(getattr(self, name)).view(self.buffer_size, self.n_envs, -1) for name in COLUMNS]
        size = batch_size or self.buffer_size * self.n_envs
        if self.memories is not None:
            yield from self._copies(kept, self.memories, max(size // self.buffer_size, 1))
            return
        columns = [column.flatten(0, 1) for column in kept]
        for chosen in torch.split(torch.randperm(self.buffer_size * self.n_envs), size):
            seen, done, *numbers = (column[chosen] for column in columns)
            yield RolloutBufferSamples(seen, done, *(values.flatten() for values in numbers))

    def _copies(
        self, kept: list[torch.Tensor], memories: dict[Party, Memories], size: int
    ) -> Generator[RolloutBufferSamples, None, None]:
        starts = torch.from_numpy(self.episode_starts[:, 0] > 0)
        for chosen in torch.split(torch.randperm(self.n_envs), size):
            seen, done, *numbers = (column[:, chosen] for column in kept)
            remembered = {party: Memories(*(memory[chosen] for memory in both)) for party, both in memories.items()}
            segment: Any = Segment(seen, starts, remembered)
            yield RolloutBufferSamples(segment, done.flatten(0, 1), *(values.flatten() for values in numbers))
