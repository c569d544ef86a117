"""Centring and scaling of what is seen, by the moments of all that has been."""

from __future__ import annotations

import torch
from torch import Tensor, nn

STEADY = 0.01
"""A number that deviates less than this from its mean is left as large as it is: it says nothing, or is a parameter."""


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
