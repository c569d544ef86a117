"""What things cost: of every unit, order and period.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..events.schema import CarbonPrice
from ..flows.recipes import Recipes
from ..numerics.arrays import Array, rows
from ..scenario.scenario import Scenario
from .stacking import customer_stack, lane_stack, per_row, stack, unless
from .topology import Topology


@dataclass(frozen=True)
class Breaks:
    """A supplier's discounts on all units of a large order, over some lanes."""

    lanes: Any
    levels: tuple[tuple[float, float], ...]
    """From how many units, and which share of the unit cost."""
    pooled: bool
    """Whether all lanes' shipments of a period count as one order."""


@dataclass(frozen=True)
class TruckCosts:
    """What a truck costs that some lanes have in common."""

    lanes: Any
    cost: float
    share: float
    """Its cost divided by its lanes: what each pays where all have goods on it."""


@dataclass(frozen=True)
class Costs:
    """All prices and rates [money]; None for those that few networks have, where a network has none."""

    holding: Array
    """Of a unit on the shelf at a period's end (N, K, 1)."""
    transit_rate: Array
    """Holding cost of a unit under way (L, K, 1): its source's; of one that is being made, that of its parts there."""
    overflow: Array
    """Of a volume of 1 above the storage (N, 1, 1)."""
    unit_cost: Array
    """Of a unit shipped (L, K, 1)."""
    transfer_price: Array
    """What the destination pays the source for it (L, K, 1)."""
    fixed_cost: Array
    """Of an order (L, 1, 1)."""
    trucks: tuple[TruckCosts, ...]
    breaks: tuple[Breaks, ...]
    price: Array
    """What customers pay for a unit (C, K, 1)."""
    shortage: Array
    """Of a unit owed at a period's end, or lost in it (C, K, 1)."""
    scrap: Array | None
    """Of a unit past its shelf life (N, 1, 1)."""
    overtime: Array | None
    """Of a unit that leaves beyond the regular throughput (N, 1, 1), which is `regular` (N, 1, 1) [volume]."""
    regular: Array | None
    variety: Array | None
    """Of a product on the shelf or asked for in a period (N, 1, 1)."""
    setup: Array | None
    """Of a product ordered in a period (L, K, 1)."""
    lane_carbon: Array | None
    """Of a unit shipped (L, 1, 1) [kg]."""
    site_carbon: Array | None
    """Of a unit on the shelf at a period's end (N, 1, 1) [kg]."""
    carbon: CarbonPrice | None
    """What carbon costs; None where it is free."""
    value: Array | None = None
    """What a unit held at a site ties up (N, K, 1); None where goods are worth nothing."""


def compile_costs(scenario: Scenario, topology: Topology, pooled: bool | NDArray[np.bool_], recipes: Recipes | None) -> Costs:
    """What a scenario's things cost; `pooled`: whether one party places all orders with a supplier, or by which lanes (L,)."""
    products, source = topology.products, topology.source
    sites, lanes, customers = topology.sites_of(scenario), topology.lanes_of(scenario), topology.customers_of(scenario)
    holding = stack([site.holding for site in sites], products)
    transit_rate = np.where((source >= 0)[:, None, None], holding[source], 0.0)
    if recipes is not None:
        transit_rate = recipes.put(transit_rate, _worth_of_parts(recipes, holding[:, :, 0]))
    overtime = unless(per_row([site.overtime.cost if site.overtime else 0.0 for site in sites]), 0.0)
    found = Costs(
        holding=holding,
        transit_rate=transit_rate,
        overflow=per_row([site.overflow for site in sites]),
        unit_cost=lane_stack(lanes, "unit_cost", products),
        transfer_price=lane_stack(lanes, "transfer_price", products),
        fixed_cost=per_row([lane.fixed_cost for lane in lanes]),
        trucks=tuple(_trucks(scenario, topology)),
        breaks=_breaks(scenario, topology, pooled),
        price=customer_stack(customers, "price", products),
        shortage=customer_stack(customers, "shortage", products),
        scrap=unless(per_row([site.scrap_cost for site in sites]), 0.0),
        overtime=overtime,
        regular=None if overtime is None else per_row([site.throughput or 0.0 for site in sites]),
        variety=unless(per_row([site.variety for site in sites]), 0.0),
        setup=unless(lane_stack(lanes, "setup", products), 0.0),
        lane_carbon=unless(per_row([lane.carbon for lane in lanes]), 0.0),
        site_carbon=unless(per_row([site.carbon for site in sites]), 0.0),
        carbon=scenario.carbon,
    )
    worth = landed_cost(topology, found, recipes)[:, :, None]
    if scenario.value is not None:
        worth = stack([scenario.value] * len(sites), products)
    return replace(found, value=unless(worth, 0.0))


def _trucks(scenario: Scenario, topology: Topology) -> Iterator[TruckCosts]:
    for truck in scenario.trucks:
        lanes = sorted(topology.lanes.index(label) for label in truck.lanes)
        yield TruckCosts(rows(lanes), truck.cost, truck.cost / len(lanes))


def _breaks(scenario: Scenario, topology: Topology, pooled: bool | NDArray[np.bool_]) -> tuple[Breaks, ...]:
    found, together = [], np.broadcast_to(pooled, len(topology.sources))
    for name, supplier in scenario.suppliers.items():
        members = [number for number, source in enumerate(topology.sources) if source == name]
        for pools in (True, False):
            lanes = [lane for lane in members if together[lane] == pools]
            if supplier.price_breaks and lanes:
                levels = tuple((step.least, step.discount) for step in supplier.price_breaks)
                found.append(Breaks(rows(lanes), levels, pools))
    return tuple(found)


def order_cost(costs: Costs) -> NDArray[np.float64]:
    """What an order costs whatever its size (L,) [money], of a truck the part of a lane where all are on it; in NumPy."""
    found = np.array(costs.fixed_cost[:, 0, 0], dtype=np.float64)
    for truck in costs.trucks:
        found[truck.lanes] += truck.share
    return found


def _worth_of_parts(recipes: Recipes, worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the parts of a unit of each recipe are worth (R, 1), by the worth of a unit of each product at each site (N, K)."""
    found: NDArray[np.float64] = np.sum(recipes.uses[:, :, 0] * worth[recipes.site], axis=1, keepdims=True)
    return found


def landed_cost(topology: Topology, costs: Costs, recipes: Recipes | None = None) -> NDArray[np.float64]:
    """What a unit has cost when it has come to each site by main lanes (N, K) [money]; of the network in NumPy.

    What is made has cost what its parts had, and the making.
    """
    found, products = np.zeros((len(topology.sites), len(topology.products))), np.arange(len(topology.products))
    for site in sorted(range(len(topology.sites)), key=lambda site: -topology.echelon[site]):
        for turn in range(topology.turn[site].max(), -1, -1):
            lanes, sources = topology.main_lanes[site], topology.main_sources[site]
            before = np.where(sources >= 0, found[sources, products], 0.0)
            if recipes is not None:
                before = before + parts_cost(recipes, found, len(topology.lanes))[lanes, products]
            cost = np.where(lanes >= 0, costs.unit_cost[lanes, products, 0] + before, 0.0)  # brought back: it cost nothing
            found[site] = np.where(topology.turn[site] == turn, cost, found[site])
    return found


def parts_cost(recipes: Recipes, worth: NDArray[np.float64], lanes: int) -> NDArray[np.float64]:
    """What the parts of a unit are worth on each lane (L, K), 0 where nothing is made, by the worth of a unit (N, K)."""
    none = np.zeros((lanes, worth.shape[1], 1))
    found: NDArray[np.float64] = recipes.put(none, _worth_of_parts(recipes, worth))[:, :, 0]
    return found
