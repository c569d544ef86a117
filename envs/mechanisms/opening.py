"""Goods under way at the start that arrive in known periods. Letters: L lanes, K products, B batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..flows.pipelines import Load, Pipeline
from ..numerics.arrays import Array
from ..scenario.blocks import Arriving


@dataclass(frozen=True)
class Opening:
    """What left before the start, beyond what lanes have in every period of their pipelines."""

    shipped: tuple[Array, ...]
    """By how many periods before the last one it left, each (L, K, 1) [units]."""
    ordered: tuple[Array, ...]
    """The same by when it was ordered."""

    @classmethod
    def of(
        cls,
        given: Sequence[Arriving],
        lanes: Sequence[str],
        carried: NDArray[np.bool_],
        products: Sequence[str],
        lead_time: NDArray[np.int64],
        order_delay: NDArray[np.int64],
    ) -> Opening | None:
        """For these keys, on lanes that carry these products (L, K) and take so long (L,); None where nothing is told."""
        if not given:
            return None
        longest = int((lead_time + order_delay).max())
        shipped, ordered = (np.zeros((longest, *carried.shape, 1)) for _ in range(2))
        for entry in given:
            lane = lanes.index(entry.lane)
            which = carried[lane] if entry.product is None else np.array([name == entry.product for name in products])
            since = int(lead_time[lane]) - 1 - entry.period
            shipped[since, lane, which] += entry.quantity
            ordered[since + int(order_delay[lane]), lane, which] += entry.quantity
        return cls(tuple(shipped), tuple(ordered))

    def join(self, pipelines: Sequence[Pipeline], loads: Sequence[Load]) -> tuple[Load, ...]:
        """The loads at the start with these goods among them."""
        return tuple(self._joined(pipeline, load) for pipeline, load in zip(pipelines, loads, strict=True))

    def _joined(self, pipeline: Pipeline, load: Load) -> Load:
        parts, apart = list(load), 2 if pipeline.random else 1
        for since, goods in enumerate(self.shipped[: pipeline.periods]):
            parts[since * apart] = parts[since * apart] + goods[pipeline.lanes]
        return tuple(parts)

    def ordered_before(self, age: int) -> Array:
        """What was ordered so many periods before the last one before the start (L, K, 1); an age beyond all is nothing."""
        return self.ordered[age] if 0 <= age < len(self.ordered) else 0.0 * self.ordered[0]

    def arriving(self, periods: int, lead_time: NDArray[np.int64]) -> Array:
        """What arrives in each of the first periods (T, L, K), of the network in NumPy."""
        found = np.zeros((periods, *self.shipped[0].shape[:2]))
        for since, goods in enumerate(self.shipped):
            due = lead_time - 1 - since
            there = np.flatnonzero((due >= 0) & (due < periods))
            found[due[there], there] += goods[there, :, 0]
        return found
