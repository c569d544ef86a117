"""Counting an episode while it runs: sums over its evaluated periods, so that memory grows with neither time nor episodes.

Letters: B batch, N sites, L lanes, K products, C customers. The judge sees the whole state; policies do not.
"""

from __future__ import annotations

from orderup.envs.numerics.arrays import Array, namespace, tree_sum
from orderup.envs.physics.ledger import emissions, emits
from orderup.envs.physics.state import Flows, State
from orderup.envs.simulator import Ledger, Simulator

from .sums import NOTHING, RARE, Counted, Sums, sums_of


class Accumulator:
    """The sums of one batch of episodes, which must have been reset."""

    def __init__(self, sim: Simulator) -> None:
        self._sim, self._network, self._office = sim, sim.network, sim.centre
        self._sums: dict[str, Array] = {}
        self._periods = 0
        self._short: Array | None = None
        """Which sites' products ended the last period with unmet demand."""
        self._target: Array | None = None
        """The centre's levels of the last period."""
        self._emits = emits(sim.numpy_network)
        laterals = sim.numpy_network.is_lateral[:, None, None]
        self._regular = sim.backend.asarray(1.0 - laterals) if laterals.any() else None
        own = 1.0 * ((sim.numpy_network.main_lanes >= 0) & (sim.numpy_network.main_sources < 0))[:, :, None]
        self._supplied = sim.backend.asarray((sim.numpy_network.mean * own).sum(axis=0, keepdims=True))
        """Mean of the orders that outside suppliers get (1, K, 1), as far as it is known beforehand."""

    def add(self, before: State, after: State, flows: Flows, ledger: Ledger) -> None:
        """Count one period: the state it began with, the state it ended with, what moved and what it cost."""
        self._periods += 1
        for name, values in ledger.discounted.by_term.items():
            self._add(f"cost_{name}", values)
        self._add("on_hand", after.on_hand)
        self._add("in_transit", after.in_transit)
        self._add("backlog", after.backlog)
        self._add("demanded", flows.demand)
        self._add("served", flows.served)
        self._add("shipped", flows.shipments)
        for name in RARE:
            if (units := getattr(flows, name)) is not None:
                self._add(name, units)
        if self._emits:
            self._add("carbon", emissions(self._network, after, flows))
        self._add_service(before.backlog, flows)
        self._add_orders(flows.orders)
        self._add_central_levels()

    def _add_service(self, owed_before: Array, flows: Flows) -> None:
        """Customers are served backlog first, so what they get beyond it is this period's demand, served on time."""
        xp, buyers = namespace(owed_before), self._network.buyers
        beyond = flows.served - owed_before
        self._add("on_time", xp.maximum(beyond, xp.zeros_like(beyond)))
        unmet = buyers.sum(flows.unmet)
        short = unmet > NOTHING * (unmet + buyers.sum(flows.served))
        self._add("stockouts", 1.0 * short)
        self._add("stockout_spells", 1.0 * (short if self._short is None else short & ~self._short))
        self._short = short

    def _add_orders(self, orders: Array) -> None:
        """First and second moments, about the expected mean so that the variance does not drown in rounding."""
        by_site = self._network.inbound.total(orders if self._regular is None else orders * self._regular)
        outside = tree_sum(orders * self._network.is_outside)[None]
        for name, values, mean in (("site", by_site, self._network.mean), ("outside", outside, self._supplied)):
            deviation = values - mean
            self._add(f"{name}_orders", deviation)
            self._add(f"{name}_squares", deviation * deviation)
        wanted = tree_sum(by_site, axis=1)
        self._add("orders_placed", 1.0 * (wanted > NOTHING * tree_sum(self._network.mean, axis=1)))

    def _add_central_levels(self) -> None:
        """How far the centre's levels move, and how far the sites are from the centre; constant levels come as one array."""
        target, distance, inbound = self._office.target, self._office.distance, self._network.inbound
        level = None if target is None else target.level
        if level is not None and self._target is not None and level is not self._target:
            self._add("target_changes", tree_sum(inbound.total(abs(level - self._target)), axis=1))
        self._target = level
        if distance is not None:
            by_site = tree_sum(inbound.total(distance), axis=1)
            self._add("override_distance", by_site)
            self._add("overrides", 1.0 * (by_site > NOTHING))

    def _add(self, name: str, values: Array) -> None:
        if name in self._sums:
            self._sums[name] += values
        else:
            self._sums[name] = values + 0.0

    def sums(self) -> Sums:
        """Everything counted so far. Raises RuntimeError before the first period."""
        if not self._periods or self._sim.trace is None:
            raise RuntimeError("nothing has been counted")
        return sums_of(Counted(self._sim, self._sums, self._periods, self._target is not None))
