"""What was counted, added up over sites, products, segments and lanes: numerators and denominators, in NumPy.

Letters: B batch, N sites, L lanes, K products, C customers, G segments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network, entries
from orderup.envs.numerics.arrays import Array, tree_sum
from orderup.envs.simulator import Simulator

from ..statistics.statistics import Floats
from .kpis import REVENUE

NOTHING = 1e-6
"""Share of what was wanted below which a shortage or an order is rounding."""

RARE = ("scrapped", "wasted", "spilled", "returned")
"""Flows that few networks have."""
AT_CUSTOMERS = ("demanded", "served", "on_time", "backlog")


@dataclass(frozen=True)
class Sums:
    """Numerators and denominators by name, after warm-up; all but the network's are of all episodes together."""

    network: dict[str, Floats]
    """Of each episode (B,)."""
    sites: dict[str, Floats]
    """(N,)"""
    products: dict[str, Floats]
    """(K,)"""
    segments: dict[str, Floats]
    """Of customers of one name, at all sites (G,)."""
    lanes: dict[str, Floats]
    """(L,)"""
    outages: dict[str, Floats] = field(default_factory=dict)
    """By offset from the beginning of an outage (O,); empty where the scenario has no disruptions."""
    caveats: tuple[str, ...] = ()
    """What those who decided say that they leave out of account."""


@dataclass(frozen=True)
class Counted:
    """Sums over the evaluated periods of a batch, as the core has them: (N, B), (rows, K, B)."""

    sim: Simulator
    sums: Mapping[str, Array]
    periods: int
    planned: bool
    """Whether a centre set levels."""

    def numbers(self, name: str) -> Floats:
        """One of the sums in NumPy."""
        return in_numpy(self.sums[name])

    def units(self, name: str) -> Floats:
        """The same over all products: (rows, K, B) to (rows, B)."""
        found: Floats = tree_sum(self.numbers(name), axis=1)
        return found

    def at(self, rows: Floats, places: NDArray[np.int64]) -> Floats:
        """Rows added up by the site each belongs to: (rows, B) to (N, B)."""
        found = np.zeros((len(self.sim.numpy_network.sites), rows.shape[1]))
        np.add.at(found, places[places >= 0], rows[places >= 0])
        return found


def sums_of(counted: Counted) -> Sums:
    """Everything that was counted, in all the ways a report tells it."""
    sites = _of_sites(counted)
    return Sums(
        _of_network(counted, sites),
        {name: values.sum(axis=1) for name, values in sites.items()},
        _of_products(counted),
        _of_segments(counted),
        _of_lanes(counted),
    )


def _of_network(counted: Counted, sites: Mapping[str, Floats]) -> dict[str, Floats]:
    network = {name: values.sum(axis=0) for name, values in sites.items()}
    network["periods"] = sites["periods"][0]
    network["outflow"], network["behind"] = network["served"], network["demanded"]
    network["order_variance"] = _order_variance(counted, "outside")[0]
    network["demand_variance"] = _demand_variance(counted, range(len(counted.sim.numpy_network.customers)))
    return network | _fairness(sites)


def _fairness(sites: Mapping[str, Floats]) -> dict[str, Floats]:
    """The worst site's fill rate and the spread of all in each episode (B,), 0 of 0 episodes where nobody bought anything."""
    asked = sites["demanded"] > 0
    fill = sites["on_time"] / np.where(asked, sites["demanded"], 1.0)
    worst, best = np.where(asked, fill, np.inf).min(axis=0), np.where(asked, fill, -np.inf).max(axis=0)
    known = asked.any(axis=0)
    spread = np.subtract(best, worst, out=np.zeros(known.shape), where=known)
    return {"worst_fill": np.where(known, worst, 0.0), "fill_spread": spread, "fill_episodes": known.astype(np.float64)}


def _of_sites(counted: Counted) -> dict[str, Floats]:
    """Every sum by site and episode (N, B)."""
    network = counted.sim.numpy_network
    sites: dict[str, Floats] = {name: counted.numbers(name) for name in counted.sums if name.startswith("cost_")}
    sites["cost"] = np.sum(list(sites.values()), axis=0)
    if f"cost_{REVENUE}" in sites:
        sites |= {"profit": -sites["cost"], "outlay": sites["cost"] - sites[f"cost_{REVENUE}"]}
    for name in AT_CUSTOMERS:
        sites[name] = counted.at(counted.units(name), network.customer_site)
    for name in ("stockouts", "stockout_spells"):
        sites[name] = np.zeros_like(sites["cost"])
        sites[name][network.buyers.targets] = counted.units(name)
    shipped = counted.units("shipped")
    sites["on_hand"] = counted.units("on_hand")
    sites["in_transit"] = counted.at(counted.units("in_transit"), network.destination)
    sites["outflow"] = sites["served"] + counted.at(shipped, network.source)
    sites["expedited"] = counted.at(
        tree_sum(counted.numbers("shipped") * is_express(network)[:, :, None], axis=1), network.destination
    )
    sites["regular_inflow"] = counted.at(shipped * ~network.is_lateral[:, None], network.destination)
    sites |= _rare(counted)
    sites["orders_placed"] = counted.numbers("orders_placed")
    sites["order_variance"] = _order_variance(counted, "site")
    behind = customers_behind(network)
    sites["behind"] = behind @ counted.units("demanded")
    sites["demand_variance"] = np.array([_demand_variance(counted, np.flatnonzero(row)) for row in behind])
    return sites | _centre(counted, sites["cost"].shape) | _constants(counted, sites["cost"].shape, sites["stockouts"])


def _rare(counted: Counted) -> dict[str, Floats]:
    """What few networks have, by site (N, B): what is wasted on its way to it, and spilled by its own customers."""
    network, there = counted.sim.numpy_network, counted.sums
    places = {"wasted": network.destination, "spilled": network.customer_site}
    found = {name: counted.at(counted.units(name), at) for name, at in places.items() if name in there}
    found |= {name: counted.units(name) for name in ("scrapped", "returned") if name in there}
    return found | ({"carbon": counted.numbers("carbon")} if "carbon" in there else {})


def _constants(counted: Counted, shape: tuple[int, ...], stockouts: Floats) -> dict[str, Floats]:
    pairs = np.broadcast_to(products_sold(counted.sim.numpy_network).sum(axis=1)[:, None], shape).astype(np.float64)
    periods = np.full(shape, float(counted.periods))
    pair_periods = pairs * counted.periods
    return {
        "periods": periods,
        "site_periods": periods,
        "pairs": pairs,
        "pair_periods": pair_periods,
        "covered": pair_periods - stockouts,
    }


def _centre(counted: Counted, shape: tuple[int, ...]) -> dict[str, Floats]:
    """What sites and centre owe each other, 0 out of 0 where there is no centre that sets levels, or nothing to depart from."""
    sim, nothing = counted.sim, np.zeros(shape)
    departs = sim.within.sum(axis=1)[:, None] * np.ones(shape[1]) * ("overrides" in counted.sums)
    pairs = counted.at(departs, sim.numpy_network.destination)
    names = ("target_changes", "overrides", "override_distance")
    found: dict[str, Floats] = {name: counted.numbers(name) if name in counted.sums else nothing for name in names}
    return found | {
        "target_steps": np.full(shape, float(counted.planned * (counted.periods - 1))),
        "override_periods": (pairs > 0) * float(counted.periods),
        "override_pairs": pairs * counted.periods,
    }


def _of_products(counted: Counted) -> dict[str, Floats]:
    """Units and service by product; the money of a period is not kept by product."""
    names = (*AT_CUSTOMERS, "stockouts", "stockout_spells", "on_hand", "in_transit")
    found: dict[str, Floats] = {name: counted.numbers(name).sum(axis=(0, 2)) for name in names}
    pairs: Floats = products_sold(counted.sim.numpy_network).sum(axis=0) * float(counted.sim.batch)
    pair_periods = pairs * counted.periods
    found |= {"pairs": pairs, "pair_periods": pair_periods, "covered": pair_periods - found["stockouts"]}
    return found | {"outflow": found["served"], "behind": found["demanded"], "periods": _all_periods(counted, pairs.shape)}


def _of_segments(counted: Counted) -> dict[str, Floats]:
    segments = segments_of(counted.sim.numpy_network)
    owner = np.equal.outer(segments, [label.split("/")[1] for label in counted.sim.numpy_network.customers])
    found = {name: owner @ counted.units(name).sum(axis=1) for name in AT_CUSTOMERS}
    return found | {"periods": _all_periods(counted, (len(segments),))}


def _of_lanes(counted: Counted) -> dict[str, Floats]:
    shipped, network = counted.units("shipped").sum(axis=1), counted.sim.numpy_network
    inflow = counted.at(shipped[:, None], network.destination)[network.destination, 0]
    return {"shipped": shipped, "inflow": inflow, "periods": _all_periods(counted, shipped.shape)}


def _all_periods(counted: Counted, shape: tuple[int, ...]) -> Floats:
    return np.full(shape, float(counted.periods * counted.sim.batch))


def _order_variance(counted: Counted, whose: str) -> Floats:
    """Sample variance over time of orders, summed over products (N, B), or (1, B) of all that suppliers get."""
    total, squares = counted.numbers(f"{whose}_orders"), counted.numbers(f"{whose}_squares")
    beyond = np.maximum(squares - total * total / counted.periods, 0.0)
    variance: Floats = tree_sum(beyond, axis=1) / max(counted.periods - 1, 1)
    return variance


def _demand_variance(counted: Counted, rows: Iterable[int]) -> Floats:
    """Sample variance over time of the demand of some customers taken together, summed over products (B,)."""
    trace, periods = counted.sim.trace, counted.periods
    assert trace is not None  # as there is something counted
    given = trace.demand[trace.periods - periods :]
    total = sum((given[:, row] for row in rows), start=0.0 * given[:, 0])
    mean = tree_sum(total) / periods
    squares = tree_sum((total - mean) ** 2)
    squares = squares * (squares > NOTHING**2 * periods * mean**2)
    return in_numpy(tree_sum(squares)) / max(periods - 1, 1)


def customers_behind(network: Network) -> NDArray[np.bool_]:
    """Which customers (N, C) a site is a main source for: its own, and those of the sites it is one to, for any product."""
    behind = np.equal.outer(np.arange(len(network.sites)), network.customer_site)
    for site, sources in enumerate(network.main_sources):
        for source in set(sources[sources >= 0].tolist()):
            behind[source] |= behind[site]
    return behind


def products_sold(network: Network) -> NDArray[np.bool_]:
    """Which products each site's customers buy (N, K)."""
    bought = np.zeros((len(network.sites), len(network.products)), dtype=bool)
    for row, site in enumerate(network.customer_site):
        for entry in entries(network.scenario, *network.customers[row].split("/")):
            bought[site] |= [product in (entry.products or network.products) for product in network.products]
    return bought


def segments_of(network: Network) -> list[str]:
    """Names of the customers' segments (G,), in the network's order."""
    return list(dict.fromkeys(label.split("/")[1] for label in network.customers))


def is_express(network: Network) -> NDArray[np.bool_]:
    """Which lanes are faster than a product's main one into the same site (L, K), lateral ones apart."""
    main = network.main_lanes[network.destination]
    express: NDArray[np.bool_] = (
        (network.protection[:, None] < network.protection[main]) & (main >= 0) & ~network.is_lateral[:, None]
    )
    return express


def in_numpy(values: Any) -> Floats:
    """An array of any backend."""
    return np.asarray(values.cpu() if hasattr(values, "cpu") else values, dtype=np.float64)
