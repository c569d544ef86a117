"""Orders that never reach their source, where whoever placed them does not know: he counts on them until they would have come.

Letters: L lanes, K products, B batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..flows.pipelines import Load
from ..numerics.arrays import Array


@dataclass(frozen=True)
class CountedOn:
    """For how long lost orders stay in the records of who placed them."""

    by_age: tuple[Array, ...]
    """For each number of periods since it was placed, 1 on lanes where a lost order is counted on after that (L, 1, 1)."""

    @classmethod
    def of(cls, unknown: Sequence[bool], periods: NDArray[np.int64]) -> CountedOn | None:
        """For lanes where nobody is told, and the most periods from an order to its goods (L,); None where all are told."""
        last = np.where(unknown, periods, 0)[:, None, None]
        return cls(tuple((last > age).astype(float) for age in range(int(last.max())))) if last.any() else None

    def start(self, like: Array) -> Load:
        """Nothing is lost at the start; `like` is of lanes (L, K, B)."""
        return tuple(0.0 * like for _ in self.by_age)

    def after(self, lost: Array, missing: Load) -> Load:
        """What is counted on after a period in which these orders were lost, the latest first, each (L, K, B)."""
        return tuple(weight * orders for weight, orders in zip(self.by_age, (lost, *missing), strict=False))
