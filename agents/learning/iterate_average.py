"""The mean of the numbers that a training passes through: better than the last of them alone, whose steps are noisy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

PREFIX = "averaged."
"""Of a mean's names among the tensors of a training's state."""


class IterateAverage:
    """A mean that forgets, after Polyak and Juditsky (SIAM Journal on Control and Optimization 30, 1992).

    Every update counts as much as any before it, until there have been more than `share` of all updates; from then on the
    oldest fade. A share of 0 is the latest alone.
    """

    def __init__(self, start: Mapping[str, NDArray[Any]], share: float, updates: int) -> None:
        self.values: dict[str, NDArray[Any]] = dict(start)
        self.remembered = max(1.0, share * updates)

    def add(self, now: Mapping[str, NDArray[Any]], done: int) -> None:
        """Let the numbers after so many updates count, of which there is one at least."""
        weight = np.float32(1.0 / min(done, self.remembered))
        self.values = {name: before + (now[name] - before) * weight for name, before in self.values.items()}

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The mean, by names of its own, for a training's state."""
        return {PREFIX + name: values for name, values in self.values.items()}

    def restore(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a training's state."""
        self.values = {name: tensors[PREFIX + name] for name in self.values}
