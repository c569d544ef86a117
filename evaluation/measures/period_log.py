"""A batch of episodes written down period by period, in a few numbers each, for what cannot be told from sums.

Letters: B batch, L lanes. Only one batch at a time is kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, in_float64, namespace, tree_sum
from orderup.envs.physics.state import Flows, State
from orderup.envs.simulator import Ledger, Simulator

from ..statistics.statistics import Floats
from .resilience import Course

GOLDEN = (5**0.5 - 1) / 2
SHORTEST_REST = 3
"""Periods."""


class PeriodLog:
    """What a batch comes to in each period, of which nothing is added up over time."""

    def __init__(self, sim: Simulator) -> None:
        lanes = len(sim.numpy_network.lanes)
        weights = 1.0 + np.arange(1, lanes + 1) * GOLDEN % 1.0  # no two alike, so that an order moved to another lane shows
        self._weights = sim.backend.asarray(weights[:, None, None])
        self._rows: dict[str, list[Floats]] = {"on_time": [], "demanded": [], "cost": [], "orders": []}

    def add(self, before: State, flows: Flows, ledger: Ledger) -> None:
        """Write down one period: the state it began with, what moved and what it cost."""
        xp, beyond = namespace(flows.served), flows.served - before.backlog
        self._add("on_time", _all(xp.maximum(beyond, xp.zeros_like(beyond))))
        self._add("demanded", _all(flows.demand))
        self._add("orders", _all(flows.orders * self._weights))
        self._add("cost", ledger.cost)

    def _add(self, name: str, values: Array) -> None:
        self._rows[name].append(in_float64(values))

    def course(self) -> Course:
        """Everything written down so far."""
        return Course(**{name: np.stack(rows, axis=1) for name, rows in self._rows.items()})


def _all(values: Array) -> Array:
    """Everything of an episode together, (rows, K, B) to (B,)."""
    return tree_sum(tree_sum(values))


def rest(network: Network) -> int:
    """Periods after which nothing is under way that an outage held up: the longest way from a supplier to a customer."""
    undisturbed, main = network.times.protection - network.times.delay_at_most, network.topology.main_lanes
    own = np.where(main >= 0, undisturbed[main], 0)
    way = np.zeros_like(own)
    for _ in range(len(network.sites) * (1 + int(network.topology.turn.max()))):  # no way is longer
        way = own + _before(network, way)
    return max(int(way.max()), SHORTEST_REST)


def _before(network: Network, way: NDArray[np.int64]) -> NDArray[np.int64]:
    """How long the way is to where each site gets its products from (N, K): main sources, or the slowest of their parts."""
    main, source, products = network.topology.main_lanes, network.topology.main_sources, np.arange(len(network.products))
    found: NDArray[np.int64] = np.where(source >= 0, way[source, products], 0)
    recipes = network.recipes
    if recipes is None:
        return found
    slowest = np.where(recipes.uses[:, :, 0] > 0, way[recipes.site], 0).max(axis=1, keepdims=True)
    by_lane = recipes.put(np.zeros((len(network.lanes), len(products), 1), dtype=np.int64), slowest)[:, :, 0]
    return np.where(main >= 0, np.maximum(found, by_lane[main, products]), found).astype(np.int64)
