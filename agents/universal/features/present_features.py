"""What is said in every period of products at sites, on lanes and to customers, and of other sites: tokens on a common scale.

Amounts are told as distances from what is usual, in spreads of a period's demand. Letters: N sites, L lanes, K products,
B batch, F features, I lanes from site to site, R relations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.information.policy import Context
from orderup.envs.information.tokens import BUCKETS, Tokens, TokenView
from orderup.envs.numerics.arrays import Array, positive, take

from .demand_memory import HALF_LIVES, DemandMemory, Smoothed
from .relations import Relations
from .standing_features import LARGEST, Standing

LONG_AGO = 20.0
"""Periods after which it makes no difference any more how long ago something was asked for."""


@dataclass(frozen=True)
class Scale:
    """What amounts are told in: known of a product at a site, or estimated."""

    mean: Array
    """Of a period's demand (N, K, ·) [units]."""
    spread: Array
    """Standard deviation of the same, and at least a share of its mean (N, K, ·) [units]."""
    base: Array
    """Level of each lane that the network moves (L, K, ·) [units]."""


class PresentFeatures:
    """Turns tokens into features, for one network at one level of autonomy."""

    def __init__(self, context: Context, view: TokenView, found: Standing, known: bool) -> None:
        network, asarray = context.network, context.backend.asarray
        topology, times = network.topology, network.times
        self._xp, self._batch, self._known = context.backend.xp, context.batch, known
        self._into = topology.destination
        lanes = np.maximum(topology.main_lanes, 0)
        self._main_lane = lanes, np.arange(lanes.shape[1])
        self._main = asarray(found.main[:, :, None])
        self._has_main = asarray((topology.main_lanes >= 0).astype(float)[:, :, None])
        self.root = asarray(np.sqrt(found.periods)[:, :, None])
        """Square root of each lane's protection interval (L, K, 1)."""
        self._root_main = asarray(np.sqrt(found.periods[self._main_lane])[:, :, None])
        self._buckets = asarray(_usual_in_buckets(times.known_lead_time))
        self._due = [bool((times.lead_time > first).any()) for first in BUCKETS]
        self._delay = asarray(times.order_delay.astype(float)[:, None, None])
        self._inside = np.flatnonzero(topology.source >= 0)
        self._source = topology.source[self._inside]
        self._own = asarray(np.asarray(network.demand.own_mean, dtype=float)[:, :, None])
        self._relations = Relations(network, view.sees, context.backend) if view.sees.any() else None

    def of_items(self, tokens: Tokens, scale: Scale, memory: DemandMemory) -> Array:
        """Of products at sites (F, N, K, B)."""
        site, mean, spread = tokens.site, scale.mean, scale.spread
        unit = spread * self._root_main
        errors = [memory.error(number) for number in range(len(HALF_LIVES))]
        asked = site.demand + site.ordered
        values = [
            (scale.base[self._main_lane] - site.level - site.coming) / unit,
            (site.level - mean) / spread,
            site.on_hand / spread - 1.0,
            site.owed / spread,
            (site.coming - mean * (self._root_main**2 - 1.0)) / unit,
            (asked - mean) / spread,
            *((memory.mean(number) - mean) / spread * (0.5 + number) for number in range(len(HALF_LIVES))),
            memory.deviation(1) / spread - 1.0,
            memory.deviation(2) / spread - 1.0,
            self._xp.log(errors[0] / errors[1]),
            self._xp.log(errors[2] / errors[1]),
            0.0 * asked + 1.0 / (1.0 + memory.counts[2]),
            self._xp.clip(memory.since, 0.0, LONG_AGO) / 5,
        ]
        if self._known:
            values += [0.0 * asked] * 3
        else:
            values += [self._xp.log(mean + 0.1) / 3, 1.0 / (1.0 + spread), spread / (mean + 0.1)]
        return self._stacked(values)

    def of_lanes(self, tokens: Tokens, scale: Scale) -> Array:
        """Of products on lanes, for who orders by them (F, L, K, B)."""
        lane, into = tokens.lane, self._into
        usual, spread = take(scale.mean, into) * self._main, take(scale.spread, into)
        due = [
            (lane.due[bucket] - usual * self._buckets[bucket]) / spread if there else 0.0 * lane.unfilled
            for bucket, there in enumerate(self._due)
        ]
        position = take(tokens.site.level + tokens.site.coming, into)
        gap = (scale.base - position) / (spread * self.root)
        closed = 0.0 * lane.unfilled if lane.open is None else 1.0 - lane.open
        return self._stacked([*due, (lane.unfilled - usual * self._delay) / spread, gap, closed])

    def of_customers(self, tokens: Tokens, scale: Scale) -> Array | None:
        """Of products on lanes from site to site, for their sources (F, I, K, B); None where there are none."""
        if not self._inside.size:
            return None
        spread = take(scale.spread, self._source)
        return self._stacked([tokens.lane.owed[self._inside] / spread, tokens.lane.asked[self._inside] / spread])

    def of_others(self, tokens: Tokens, scale: Scale, customers: Smoothed) -> Array | None:
        """Of other sites, added up by how they stand to one (R·F, N, K, B); None where none are seen."""
        if self._relations is None or tokens.others is None:
            return None
        site, own = tokens.others, self._own if self._known else customers.mean(2)
        main = scale.base[self._main_lane] * self._has_main
        usual = scale.mean * (self._root_main**2 - 1.0) * self._has_main
        position = site.level + site.coming - main
        values = [
            position,
            site.level - (main - usual),
            site.coming - usual,
            site.demand - own,
            customers.mean(0) - own,
            customers.mean(1) - own,
            positive(-position),
            positive(position),
        ]
        return self._cut(self._relations.features(self._xp.stack(values), scale.spread))

    def _stacked(self, values: list[Array]) -> Array:
        shape = (*np.broadcast_shapes(*(tuple(value.shape)[:2] for value in values)), self._batch)
        return self._cut(self._xp.stack([self._xp.broadcast_to(value, shape) for value in values]))

    def _cut(self, values: Array) -> Array:
        return self._xp.clip(values, -LARGEST, LARGEST)


def _usual_in_buckets(lead_times: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many periods' shipments are in each bucket of a lane (D, L, 1, 1)."""
    first, last = np.array(BUCKETS)[:, None], np.array([*BUCKETS[1:], np.inf])[:, None]
    found: NDArray[np.float64] = np.clip(np.minimum(lead_times[None], last) - first, 0.0, None)
    return found[:, :, None, None]
