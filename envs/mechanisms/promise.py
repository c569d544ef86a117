"""Customers who were promised to wait no longer than some periods, and cost nothing until then.

Letters: C customers, K products, B batch. The oldest demand is served first, so what is owed is what was asked for last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..flows.pipelines import Load
from ..numerics.arrays import Array, positive


@dataclass(frozen=True)
class Promise:
    """How long customers wait without a shortage cost."""

    patient: tuple[Array, ...]
    """For each number of periods since it was asked for, 1 for customers whose demand is not late yet (C, 1, 1)."""

    @classmethod
    def of(cls, periods: Sequence[int]) -> Promise | None:
        """For customers who wait so many periods; None where none waits."""
        waits = np.array(periods)[:, None, None]
        return cls(tuple((waits > age).astype(float) for age in range(waits.max()))) if waits.any() else None

    def start(self, backlog: Array) -> Load:
        """What is remembered at the start."""
        return tuple(0.0 * backlog for _ in self.patient[1:])

    def late(self, unmet: Array, demand: Array, asked: Load) -> tuple[Array, Load]:
        """What is owed for longer than was promised (C, K, B), and what to remember."""
        recent = (demand, *asked)
        waiting = 0.0 * unmet
        for weight, amount in zip(self.patient, recent, strict=True):
            waiting = waiting + weight * amount
        return positive(unmet - waiting), recent[: len(asked)]
