"""Layers for all seats of many copies at once, of one network or of several side by side, with a memory or without.

Letters: T periods, C copies, S seats, F inputs and H units of a layer, M units of memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..networks.layers import Linear, Recurrent, activated
from ..networks.network_spec import Activation


class Perceptron(nn.Module):
    """Layers from (…, S, F) to (…, S, H): of one network, or of the network that each seat has."""

    group: Tensor | None

    def __init__(
        self, widths: Sequence[int], activation: Activation, groups: Sequence[int], last: float, memory: int = 0
    ) -> None:
        super().__init__()
        self.activation, self.networks = activation, 1 + max(groups, default=0)
        each = groups if 0 < len(groups) != self.networks else None
        self.register_buffer("group", None if each is None else torch.tensor(each), persistent=False)
        self.several = bool(groups)
        read, *others = widths
        gains = [math.sqrt(2.0)] * (len(others) - 1) + [last]
        shapes = [(after, before) for before, after in pairwise([memory or read, *others])]
        self.weights = nn.ParameterList([self._drawn(shape, gain) for shape, gain in zip(shapes, gains, strict=True)])
        self.biases = nn.ParameterList([self._per_network(torch.zeros(after)) for after, _ in shapes])
        self.memory = memory
        gates = [(3 * memory, read), (3 * memory, memory)] if memory else []
        self.gates = nn.ParameterList([self._drawn(shape, 1.0) for shape in gates])
        self.offsets = nn.ParameterList([self._per_network(torch.zeros(3 * memory)) for _ in gates])

    def forward(self, values: Tensor) -> Tensor:
        """What the last layer says (…, S, H) of what the first reads (…, S, F), which is the memory where there is one."""
        *before, seats, _ = values.shape
        rows = values.flatten(0, -3).transpose(0, 1) if self.several else values.flatten(0, -2)
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            rows = self._linear(weight, bias)(activated(rows, self.activation) if number else rows)
        return (rows.transpose(0, 1) if self.several else rows).reshape(*before, seats, -1)

    def recalled(self, seen: Tensor, memory: Tensor, starts: Tensor, reads: Tensor) -> Tensor:
        """What is remembered (T, C, S, M) after each period, in which this was seen (T, C, S, F); `memory` (C, S, M) is before.

        Episodes begin in the periods of `starts` (T,); `reads` (T, C) is 1 where something is read, and 0 where memory stands
        still. PyTorch's own GRU knows neither, nor networks side by side; `Recurrent` is what plays in NumPy, too.
        """
        recurrent, found = Recurrent(*map(self._linear, self.gates, self.offsets)), []
        for now, is_start, is_read in zip(seen, starts, reads, strict=True):
            before = torch.where(is_start, 0.0, memory)
            memory = torch.where(is_read[:, None, None] > 0, self._read(recurrent, now, before), before)
            found.append(memory)
        return torch.stack(found)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """A copy of its numbers, by the names that `NetworkSpec.shapes` has."""
        both = {"weight": self.weights, "bias": self.biases}
        found = {f"{layer}.{kind}": each for kind, every in both.items() for layer, each in enumerate(every)}
        names = ("memory.weight", "memory.recurrent"), ("memory.bias", "memory.recurrent_bias")
        for kinds, every in zip(names, (self.gates, self.offsets), strict=True):
            found |= dict(zip(kinds, every, strict=False))
        return {name: copied(values) for name, values in found.items()}

    def _read(self, recurrent: Recurrent, seen: Tensor, memory: Tensor) -> Tensor:
        """One period: (C, S, F) and (C, S, M) to (C, S, M)."""
        if self.several:
            return recurrent(seen.transpose(0, 1), memory.transpose(0, 1)).transpose(0, 1)  # type: ignore[no-any-return] # Array
        return recurrent(seen.flatten(0, 1), memory.flatten(0, 1)).view(memory.shape)  # type: ignore[no-any-return] # Array

    def _linear(self, weight: Tensor, bias: Tensor) -> Linear:
        """Of the one network, or of each seat's."""
        return Linear.of(*((weight, bias) if self.group is None else (weight[self.group], bias[self.group])))

    def _drawn(self, shape: tuple[int, int], gain: float) -> Tensor:
        return self._per_network(nn.init.orthogonal_(torch.empty(shape), gain))

    def _per_network(self, values: Tensor) -> Tensor:
        return values.expand(self.networks, *values.shape).clone() if self.several else values


def copied(values: Tensor) -> NDArray[np.float32]:
    """Of a parameter or a buffer."""
    return values.detach().numpy().copy()
