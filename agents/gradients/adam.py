"""Adam, to the bit as PyTorch has it for one tensor at a time.

PyTorch's own optimisers import its compiler, which takes seconds of processor time and has nothing to compile here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

Tensor = torch.Tensor
FIRST, SECOND = 0.9, 0.999
"""How much of the mean gradient, and of the mean of its squares, is kept from step to step."""
EPSILON = 1e-8


@dataclass(frozen=True)
class Moments:
    """What is remembered of a tensor's gradients, under the names that PyTorch's checkpoints have."""

    step: Tensor
    """How many there have been, a number; all three change in place."""
    exp_avg: Tensor
    exp_avg_sq: Tensor


class Adam:
    """Steps along a mean of gradients over the root of the mean of their squares. Source: Kingma and Ba, ICLR 2015."""

    def __init__(self, numbers: Mapping[str, Tensor]) -> None:
        self._numbers = numbers
        self.moments: dict[str, Moments] = {}
        """By name, of those that have been moved."""

    def forget_gradients(self) -> None:
        """Before those of the next step are worked out, which add up."""
        for values in self._numbers.values():
            values.grad = None

    def step(self, rates: Mapping[str, float]) -> None:
        """Move all numbers that have a gradient against it, by their rates."""
        with torch.no_grad():
            for name, values in self._numbers.items():
                if values.grad is not None:
                    self._move(name, values, values.grad, rates[name])

    def _move(self, name: str, values: Tensor, gradient: Tensor, rate: float) -> None:
        if name not in self.moments:
            self.moments[name] = Moments(torch.tensor(0.0), torch.zeros_like(values), torch.zeros_like(values))
        now = self.moments[name]
        now.step.add_(1)
        now.exp_avg.lerp_(gradient, 1 - FIRST)
        now.exp_avg_sq.mul_(SECOND).addcmul_(gradient, gradient, value=1 - SECOND)
        steps = float(now.step)
        spread = (now.exp_avg_sq.sqrt() / (1 - SECOND**steps) ** 0.5).add_(EPSILON)
        values.addcdiv_(now.exp_avg, spread, value=-rate / (1 - FIRST**steps))
