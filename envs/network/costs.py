"""What things cost: of every unit, order and period.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..events.schema import Carbon
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
class Costs:
    """All prices and rates [money]; None for those that few networks have, where a network has none."""

    holding: Array
    """Of a unit on the shelf at a period's end (N, K, 1)."""
    transit_rate: Array
    """Holding cost of a unit under way (L, K, 1): its source's."""
    overflow: Array
    """Of a volume of 1 above the storage (N, 1, 1)."""
    unit_cost: Array
    """Of a unit shipped (L, K, 1)."""
    transfer_price: Array
    """What the destination pays the source for it (L, K, 1)."""
    fixed_cost: Array
    """Of an order (L, 1, 1)."""
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
    carbon: Carbon | None
    """What carbon costs; None where it is free."""


def compile_costs(scenario: Scenario, topology: Topology, pooled: bool) -> Costs:
    """What a scenario's things cost; `pooled`: whether one party places all orders with a supplier."""
    products, source = topology.products, topology.source
    sites, lanes, customers = topology.sites_of(scenario), topology.lanes_of(scenario), topology.customers_of(scenario)
    holding = stack([site.holding for site in sites], products)
    overtime = unless(per_row([site.overtime.cost if site.overtime else 0.0 for site in sites]), 0.0)
    return Costs(
        holding=holding,
        transit_rate=np.where((source >= 0)[:, None, None], holding[source], 0.0),
        overflow=per_row([site.overflow for site in sites]),
        unit_cost=lane_stack(lanes, "unit_cost", products),
        transfer_price=lane_stack(lanes, "transfer_price", products),
        fixed_cost=per_row([lane.fixed_cost for lane in lanes]),
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


def _breaks(scenario: Scenario, topology: Topology, pooled: bool) -> tuple[Breaks, ...]:
    found = []
    for name, supplier in scenario.suppliers.items():
        members = [number for number, source in enumerate(topology.sources) if source == name]
        if supplier.price_breaks and members:
            levels = tuple((step.least, step.discount) for step in supplier.price_breaks)
            found.append(Breaks(rows(members), levels, pooled))
    return tuple(found)


def landed_cost(topology: Topology, costs: Costs) -> NDArray[np.float64]:
    """What a unit has cost when it has come to each site by main lanes (N, K) [money]; of the network in NumPy."""
    found, products = np.zeros((len(topology.sites), len(topology.products))), np.arange(len(topology.products))
    for site in sorted(range(len(topology.sites)), key=lambda site: -topology.echelon[site]):
        lanes, sources = topology.main_lanes[site], topology.main_sources[site]
        before = np.where(sources >= 0, found[sources, products], 0.0)
        found[site] = np.where(lanes >= 0, costs.unit_cost[lanes, products, 0] + before, 0.0)  # brought back: it cost nothing
    return found
