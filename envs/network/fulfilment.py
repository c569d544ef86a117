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
from ..making.turns import SiteTurns
from ..mechanisms.expiry import Expiry
from ..numerics.arrays import Array, rows
from ..scenario.scenario import Lane, Scenario
from .loads import Loads
from .recipes import compile_turns, drawn_from
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
    """The lanes that alone draw on a site's stock, to bring it elsewhere or as parts, and those sites."""
    divisions: tuple[Division, ...]
    turns: SiteTurns | None
    """Who has what is left after that, where something is made; None where nobody shares anything with a recipe."""
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
    shared, priority = _divisions(scenario, topology, loads, packs, recipes), [lane.priority for lane in lanes]
    of_machines = () if machines is None else (*machines.shared, *machines.queued)
    by_turn = any(division.rule == "first_come" for division in (*shared, *of_machines))
    expiry = Expiry.of([lane.expires for lane in lanes])
    return Fulfilment(
        single=_single(drawn_from(topology, recipes)),
        divisions=shared,
        turns=compile_turns(topology, recipes, machines, priority),
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


def _divisions(
    scenario: Scenario, topology: Topology, loads: Loads, packs: Array | None, recipes: Recipes | None
) -> tuple[Division, ...]:
    """How sites divide their stock. Of recipes, whose claims are for parts, cover is counted in these, lane by lane."""
    rules = [site.rationing for site in topology.sites_of(scenario)]
    priority = [lane.priority for lane in topology.lanes_of(scenario)]
    if recipes is None:
        return divisions(topology.source, topology.destination, rules, priority, loads.mean, packs)
    by_lane = loads.mean[topology.destination]
    every = np.arange(len(priority))
    mean = recipes.claims(by_lane, recipes.made(by_lane))
    of_parts = None if packs is None else recipes.claims(packs, recipes.made(packs))
    return divisions(drawn_from(topology, recipes), every, rules, priority, mean, of_parts)


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
