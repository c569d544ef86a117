"""Orders that cost something whatever their size, or come in certain sizes: what a network asks of them, and lots that suit it.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .problem import Places, Truths


def has_lots(network: Network, trucks: bool = True) -> bool:
    """Whether any lane's orders cost something whatever their size, or come in certain sizes; `trucks`: or go by a truck."""
    rules = (network.limits.minimum, network.limits.multiple, network.costs.setup)
    sizes = network.limits.least_orders or any(rule is not None for rule in rules)
    return bool(network.costs.fixed_cost.any() or sizes or (trucks and network.costs.trucks))


@dataclass(frozen=True, eq=False)
class LotRules:
    """What every lane's orders cost and keep to, as the ledger counts it."""

    fixed: Floats
    """Of an order of a lane, whatever it is of (L,) [money]."""
    setup: Floats
    """Of a product in it (L, K) [money]."""
    minimum: Floats
    """Least order of a product (L, K) [units]."""
    multiple: Floats
    """Packs (L, K) [units]; 0 for any amount."""
    together: tuple[tuple[Floats, Floats], ...]
    """What a unit counts towards the least that an order comes to (L, K), and that (L,), of each such rule."""
    trucks: tuple[tuple[Places, float], ...]
    """Lanes that have a truck in common, and what it costs [money]."""

    @classmethod
    def of(cls, network: Network) -> LotRules:
        """A network's."""
        costs, limits, shape = network.costs, network.limits, (len(network.lanes), len(network.products))
        return cls(
            fixed=np.asarray(costs.fixed_cost[:, 0, 0], dtype=float),
            setup=_each(costs.setup, shape),
            minimum=_each(limits.minimum, shape),
            multiple=_each(limits.multiple, shape),
            together=tuple((_each(rule.unit, shape), np.asarray(rule.least[:, 0, 0], float)) for rule in limits.least_orders),
            trucks=tuple((np.arange(shape[0])[truck.lanes], truck.cost) for truck in costs.trucks),
        )

    @cached_property
    def lanes(self) -> Truths:
        """Lanes with any such rule (L,)."""
        found: Truths = self.costly | ((self.minimum > 0) | (self.multiple > 0)).any(axis=1)
        return found | self.joint

    @property
    def costly(self) -> Truths:
        """Lanes whose orders cost something whatever their size (L,)."""
        found: Truths = (self.fixed > 0) | (self.setup > 0).any(axis=1) | self.on_trucks
        return found

    @property
    def on_trucks(self) -> Truths:
        """Lanes that have a truck in common with others (L,)."""
        found: Truths = np.zeros(self.fixed.size, dtype=bool)
        for lanes, _ in self.trucks:
            found[lanes] = True
        return found

    @property
    def joint(self) -> Truths:
        """Lanes on which products share a cost or a least order (L,)."""
        found: Truths = (self.fixed > 0) | self.on_trucks
        for _, least in self.together:
            found = found | (least > 0)
        return found


def _each(rule: Any, shape: tuple[int, int]) -> Floats:
    """A rule's values (L, K), 0 where there is none."""
    return np.zeros(shape) if rule is None else np.broadcast_to(np.asarray(rule[:, :, 0], dtype=float), shape)


@dataclass(frozen=True, eq=False)
class EconomicLots:
    """The square-root formula's lots by main lanes, for what a plan makes of the time after its last period (N, K).

    Products of a lane that share its fixed cost are ordered together, as are lanes that share a truck; the cost of a site's
    stock is what it adds to its source's. Where customers wait, what is short costs its rate too.
    """

    interval: Floats
    """Periods between orders; 0 where they cost nothing."""
    saved: Floats
    """What a unit there at a cycle's start saves, cost per period over demand per period [money/unit]."""
    slope: Floats
    """By how much less the next unit saves [money/unit²]."""

    @classmethod
    def of(cls, network: Network, rules: LotRules) -> EconomicLots:
        """By mean demand."""
        demand = np.asarray(network.loads.mean[:, :, 0], dtype=float)
        lane = network.topology.main_lanes
        there = (lane >= 0) & (demand > 0)
        rate, short = _added(network), _short(network)
        carried = np.where(there, rate * demand, 0.0)
        together = np.zeros((len(network.lanes), 1))
        for site in range(len(network.sites)):
            for product in np.flatnonzero(there[site]):
                together[lane[site, product]] += carried[site, product]
        total = np.where(there, together[lane, 0], 0.0)
        share = np.divide(carried, total, out=np.zeros_like(carried), where=total > 0)
        paid = rules.fixed.copy()
        for lanes, cost in rules.trucks:
            paid[lanes] += cost * together[lanes, 0] / max(together[lanes, 0].sum(), 1e-12)
        fixed = np.where(there, paid[lane] * share + rules.setup[lane, np.arange(demand.shape[1])], 0.0)
        back = np.divide(short, short + rate, out=np.ones_like(rate), where=np.isfinite(short) & (short + rate > 0))
        per_period = np.sqrt(2 * fixed * carried * back)
        saved = np.divide(per_period, demand, out=np.zeros_like(demand), where=there)
        slope = np.divide(rate, demand, out=np.zeros_like(demand), where=there & (fixed > 0))
        interval = np.divide(2 * fixed, per_period, out=np.zeros_like(demand), where=per_period > 0)
        return cls(interval, saved, slope)

    @property
    def most(self) -> Floats:
        """Units whose stock saves most (N, K)."""
        found: Floats = np.divide(self.saved, self.slope, out=np.zeros_like(self.saved), where=self.slope > 0)
        return found

    def on_the_way(self, network: Network) -> Floats:
        """What a unit saves at its site and at all it has passed (N, K) [money/unit]."""
        found, source = self.saved, network.topology.main_sources
        for _ in network.sites:
            found = self.saved + np.where(source >= 0, found[source, np.arange(source.shape[1])], 0.0)
        return found


def _added(network: Network) -> Floats:
    """Holding that a site adds to that of its main source (N, K)."""
    holding, source = np.asarray(network.costs.holding[:, :, 0], dtype=float), network.topology.main_sources
    above = np.where(source >= 0, holding[source, np.arange(holding.shape[1])], 0.0)
    found: Floats = np.maximum(holding - above, 0.0)
    return found


def _short(network: Network) -> Floats:
    """What a unit short costs at a site whose own customers all wait (N, K); infinite elsewhere."""
    topology = network.topology
    found, waits = np.full(network.loads.mean.shape[:2], np.inf), network.fulfilment.backlogged
    for row, site in enumerate(topology.customer_site.tolist()):
        cost = np.asarray(network.costs.shortage[row, :, 0], dtype=float)
        kept = np.ones(cost.shape, bool) if waits is None else waits[row, :, 0] > 0
        found[site] = np.where(kept, np.minimum(found[site], cost), found[site])
    found[np.unique(topology.source[topology.source >= 0])] = np.inf
    return found
