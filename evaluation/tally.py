"""Counting an episode while it runs: sums over its evaluated periods, so that memory grows with neither time nor episodes.

Letters: B batch, N sites, L lanes, K products, C customers. The judge sees the whole state; policies do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.arrays import Array, namespace, tree_sum
from orderup.envs.network import Network, entries
from orderup.envs.simulator import Ledger, Simulator
from orderup.envs.state import Flows, State

Floats = NDArray[np.float64]

NOTHING = 1e-6
"""Share of what was wanted below which a shortage or an order is rounding."""


@dataclass(frozen=True)
class Sums:
    """Numerators and denominators by name, after warm-up."""

    network: dict[str, Floats]
    """Of each episode (B,)."""
    sites: dict[str, Floats]
    """Of each site, all episodes together (N,)."""


class Tally:
    """The sums of one batch of episodes, which must have been reset."""

    def __init__(self, sim: Simulator) -> None:
        self._plan, self._network, self._trace = sim.plan, sim.network, sim.trace
        self._sums: dict[str, Array] = {}
        self._periods = 0
        self._short: Array | None = None
        """Which sites' products ended the last period with unmet demand."""
        laterals = sim.plan.is_lateral[:, None, None]
        self._regular = sim.backend.asarray(1.0 - laterals) if laterals.any() else None
        own = np.zeros_like(sim.plan.mean)
        own[sim.plan.source[sim.plan.main_lane] < 0] = 1.0
        self._supplied = sim.backend.asarray((sim.plan.mean * own).sum(axis=0, keepdims=True))
        """Mean of the orders that outside suppliers get (1, K, 1), as far as it is known beforehand."""

    def add(self, before: State, after: State, flows: Flows, ledger: Ledger) -> None:
        """Count one period: the state it began with, the state it ended with, what moved and what it cost."""
        self._periods += 1
        for name, values in ledger.by_term.items():
            self._add(f"cost_{name}", values)
        self._add("on_hand", after.on_hand)
        self._add("in_transit", after.in_transit)
        self._add("backlog", after.backlog)
        self._add("demanded", flows.demand)
        self._add("served", flows.served)
        self._add("shipped", flows.shipments)
        self._add_service(before.backlog, flows)
        self._add_orders(flows.orders)

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

    def _add(self, name: str, values: Array) -> None:
        if name in self._sums:
            self._sums[name] += values
        else:
            self._sums[name] = values + 0.0

    def sums(self) -> Sums:
        """Everything counted so far. Raises RuntimeError before the first period."""
        if not self._periods:
            raise RuntimeError("nothing has been counted")
        sites = self._of_sites()
        network = {name: values.sum(axis=0) for name, values in sites.items()}
        network["periods"] = sites["periods"][0]
        network["outflow"], network["behind"] = network["served"], network["demanded"]
        network["order_variance"] = self._order_variance("outside")[0]
        network["demand_variance"] = self._demand_variance(range(len(self._plan.customers)))
        return Sums(network, {name: values.sum(axis=1) for name, values in sites.items()})

    def _of_sites(self) -> dict[str, Floats]:
        """Every sum by site and episode (N, B)."""
        network, sums = self._network, self._sums
        sites = {name: _numpy(values) for name, values in sums.items() if name.startswith("cost_")}
        sites["cost"] = np.sum(list(sites.values()), axis=0)
        for name in ("demanded", "served", "on_time", "backlog"):
            sites[name] = _units(network.buyers.total(sums[name]))
        for name in ("stockouts", "stockout_spells"):
            sites[name] = np.zeros_like(sites["cost"])
            sites[name][self._plan.buyers.targets] = _units(sums[name])
        sites["on_hand"] = _units(sums["on_hand"])
        sites["in_transit"] = _units(network.inbound.total(sums["in_transit"]))
        sites["outflow"] = sites["served"] + _units(network.outbound.total(sums["shipped"]))
        sites["orders_placed"] = _numpy(sums["orders_placed"])
        sites["order_variance"] = self._order_variance("site")
        behind = customers_behind(self._plan)
        sites["behind"] = behind @ _units(sums["demanded"])
        sites["demand_variance"] = np.array([self._demand_variance(np.flatnonzero(row)) for row in behind])
        return sites | self._constants(sites["cost"].shape, sites["stockouts"])

    def _constants(self, shape: tuple[int, ...], stockouts: Floats) -> dict[str, Floats]:
        pairs = np.broadcast_to(products_sold(self._plan)[:, None], shape).astype(np.float64)
        periods = np.full(shape, float(self._periods))
        pair_periods = pairs * self._periods
        return {
            "periods": periods,
            "site_periods": periods,
            "pairs": pairs,
            "pair_periods": pair_periods,
            "covered": pair_periods - stockouts,
        }

    def _order_variance(self, whose: str) -> Floats:
        """Sample variance over time of orders, summed over products (N, B), or (1, B) of all that suppliers get."""
        total, squares = self._sums[f"{whose}_orders"], self._sums[f"{whose}_squares"]
        return _units(_positive(squares - total * total / self._periods)) / max(self._periods - 1, 1)

    def _demand_variance(self, rows: Iterable[int]) -> Floats:
        """Sample variance over time of the demand of some customers taken together, summed over products (B,)."""
        if self._trace is None:
            raise RuntimeError("the episodes have not been reset")
        given = self._trace.demand[self._trace.periods - self._periods :]
        total = sum((given[:, row] for row in rows), start=0.0 * given[:, 0])
        mean = tree_sum(total) / self._periods
        squares = tree_sum((total - mean) ** 2)
        squares = squares * (squares > NOTHING**2 * self._periods * mean**2)
        variance: Floats = _units(squares[None])[0] / max(self._periods - 1, 1)
        return variance


def customers_behind(plan: Network) -> NDArray[np.bool_]:
    """Which customers (N, C) a site is the main source for: its own, and those of the sites whose main lanes come from it."""
    behind = np.equal.outer(np.arange(len(plan.sites)), plan.customer_site)
    for site, source in enumerate(plan.source[plan.main_lane]):
        if source >= 0:
            behind[source] |= behind[site]
    return behind


def products_sold(plan: Network) -> NDArray[np.int64]:
    """How many products each site's customers buy (N,)."""
    bought: list[set[str]] = [set() for _ in plan.sites]
    for row, site in enumerate(plan.customer_site):
        for entry in entries(plan.scenario, *plan.customers[row].split("/")):
            bought[site] |= set(entry.products or plan.products)
    return np.array([len(products) for products in bought])


def _positive(values: Array) -> Array:
    return namespace(values).maximum(values, namespace(values).zeros_like(values))


def _units(values: Array) -> Floats:
    """Summed over products: (rows, K, B) to (rows, B), in NumPy."""
    return _numpy(tree_sum(values, axis=1))


def _numpy(values: Any) -> Floats:
    return np.asarray(values.cpu() if hasattr(values, "cpu") else values, dtype=np.float64)
