"""What was decided: all orders of the first episodes, and a number for each that is another's only where orders differ.

Letters: B batch, T periods, L lanes, K products.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.numerics.arrays import in_float64
from orderup.envs.physics.state import Flows
from orderup.envs.simulator import Simulator

from ..statistics.statistics import Floats

KEPT = 100_000
"""Orders that are kept of one policy at most, so that a comparison of many stays small."""
SKETCH = "decisions"
"""The column of sums with each episode's number."""


def episodes_kept(episodes: int, periods: int, places: int) -> int:
    """Of how many episodes all orders are kept, `places` being lanes times products; none where one alone is too many."""
    return min(episodes, KEPT // (periods * places))


class DecisionLog:
    """The orders of one batch of episodes, period by period; of the first `kept` of them all are written down."""

    def __init__(self, sim: Simulator, kept: int) -> None:
        self._kept = kept
        self._places = len(sim.numpy_network.lanes) * len(sim.numpy_network.products)
        self._generator = np.random.default_rng(0)
        self._sketch = np.zeros(sim.batch)
        self._orders: list[Floats] = []

    def add(self, flows: Flows) -> None:
        """Write down one period."""
        orders = in_float64(flows.orders)
        orders = orders.reshape((-1, orders.shape[-1]))
        self._sketch += self._generator.uniform(0.5, 1.5, self._places) @ orders
        if self._kept:
            self._orders.append(orders[:, : self._kept].T.astype(np.float32))

    @property
    def sketch(self) -> Floats:
        """A weighted sum of all orders of each episode (B,), by weights that are the same for everybody and never alike."""
        return self._sketch

    @property
    def orders(self) -> Floats:
        """All orders of the episodes that are kept, one row for each episode and period (kept · T, L · K)."""
        if not self._orders:
            return np.zeros((0, self._places))
        rows = np.stack(self._orders, axis=1)
        return rows.reshape((-1, rows.shape[-1]))
