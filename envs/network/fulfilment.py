"""Who gets what a site has: lanes that share its stock, and customers in the order of their importance.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..flows.rationing import REMEMBERED, Division, divisions
from ..flows.recipes import Recipes
from ..making.machines import Machines
from ..making.shared_stock import SharedStock
from ..mechanisms.expiry import Expiry
from ..numerics.arrays import Array, rows
from ..scenario.scenario import Lane, Scenario
from .loads import Loads
from .recipes import compile_sharing
from .stacking import customer_stack, lane_stack, seen_by_sales, unless, who_waits
from .topology import Topology


@dataclass(frozen=True)
class Service:
    """Customers that are served at once: at most one row of each site."""

    customers: Any
    sites: Any


@dataclass(frozen=True)
class Fulfilment:
    """How orders and demand are filled, and what becomes of what is not."""

    single: tuple[Any, Any] | None
    """The lanes that alone draw on a site's stock, and those sites, where nothing is made."""
    divisions: tuple[Division, ...]
    """How the others share it, where nothing is made."""
    sharing: SharedStock | None
    """How lanes and recipes do, where something is; None where nothing is."""
    lane_reserve: tuple[Any, Any, Array] | None
    """Lanes that leave stock at their source, those sites, and how much (D, K, 1) [units]."""
    kept: Array | None
    """1 on lanes where orders that could not be shipped stay open, 0 where they lapse (L, 1, 1); None where all stay."""
    expiry: Expiry | None
    """How long they stay; None where none lapses later."""
    services: tuple[Service, ...]
    customer_reserve: Array | None
    """Stock that is kept from customers for those before them (C, K, 1) [units]; None where none is."""
    backlogged: Array | None
    """1 where unmet demand waits, 0 where it is lost (C, K, 1); None where all waits."""
    sales_alone: Array | None
    """1 where a site sees what customers got, 0 where it sees what they asked for (C, K, 1); None where it sees all demand."""
    serves_by_turn: bool
    """Whether any source serves the orders of earlier periods before later ones, whoever they are from."""
    remembered: int
    """Of how many earlier periods sources remember who ordered what."""


def compile_fulfilment(
    scenario: Scenario,
    topology: Topology,
    loads: Loads,
    packs: Array | None,
    recipes: Recipes | None,
    machines: Machines | None,
) -> Fulfilment:
    """Who gets what in a scenario; `packs` (L, K, 1) are the lanes' multiples."""
    lanes, products, customers = topology.lanes_of(scenario), topology.products, topology.customers_of(scenario)
    sharing = None if recipes is None else compile_sharing(scenario, topology, loads, packs, recipes, machines)
    shared = _divisions(scenario, topology, loads, packs) if sharing is None else ()
    of_parts = () if sharing is None else sharing.divisions
    of_machines = () if machines is None else (*machines.shared, *machines.queued)
    by_turn = any(division.rule == "first_come" for division in (*shared, *of_parts, *of_machines))
    expiry = Expiry.of([lane.expires for lane in lanes])
    return Fulfilment(
        single=None if recipes is not None else _single(topology.source),
        divisions=shared,
        sharing=sharing,
        lane_reserve=_lane_reserve(lanes, topology.source, products),
        kept=unless(np.array([[[lane.unfilled == "kept"]] for lane in lanes], float), 1.0),
        expiry=expiry,
        services=_services(topology.customer_site),
        customer_reserve=unless(customer_stack(customers, "reserve", products), 0.0),
        backlogged=unless(who_waits(customers, products), 1.0),
        sales_alone=unless(seen_by_sales(customers, products), 0.0),
        serves_by_turn=by_turn,
        remembered=max(REMEMBERED if by_turn else 0, 0 if expiry is None else expiry.remembers),
    )


def _divisions(scenario: Scenario, topology: Topology, loads: Loads, packs: Array | None) -> tuple[Division, ...]:
    rules = [site.rationing for site in topology.sites_of(scenario)]
    priority = [lane.priority for lane in topology.lanes_of(scenario)]
    return divisions(topology.source, topology.destination, rules, priority, loads.mean, packs)


def _services(customer_site: NDArray[np.int64]) -> tuple[Service, ...]:
    place = np.array([np.sum(customer_site[:row] == site) for row, site in enumerate(customer_site)])
    turns = [np.flatnonzero(place == turn) for turn in range(place.max() + 1)]
    return tuple(Service(rows(turn), rows(customer_site[turn])) for turn in turns)


def _single(source: NDArray[np.int64]) -> tuple[Any, Any] | None:
    lanes = [lane for lane, site in enumerate(source) if site >= 0 and (source == site).sum() == 1]
    return (rows(lanes), rows(source[lanes])) if lanes else None


def _lane_reserve(lanes: list[Lane], source: NDArray[np.int64], products: tuple[str, ...]) -> tuple[Any, Any, Any] | None:
    reserve = lane_stack(lanes, "reserve", products)
    leaving = np.flatnonzero(reserve.any(axis=(1, 2)))
    return (rows(leaving), rows(source[leaving]), reserve[leaving]) if leaving.size else None
