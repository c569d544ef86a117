"""What few networks have: shelf lives, contracts, goodwill and the like, each None where a network has nothing of it.

Letters as in orderup.envs.network.network: L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..flows.recipes import Recipes
from ..mechanisms.contract import ContractWindows
from ..mechanisms.door import Door
from ..mechanisms.ending import Ending
from ..mechanisms.goodwill import GoodwillDynamics
from ..mechanisms.lost_orders import CountedOn
from ..mechanisms.promise import Promise
from ..mechanisms.reroute import Reroute
from ..mechanisms.returns import ReturnFlows
from ..mechanisms.shelf import Shelf
from ..mechanisms.spill import SpillRoutes
from ..mechanisms.trade import Trade
from ..numerics.arrays import Array
from ..scenario.scenario import Customers, Scenario
from ..scenario.storage_checks import fits
from ..scenario.topology import next_lane
from .costs import Costs, landed_cost, parts_cost
from .lane_times import LaneTimes
from .loads import Loads
from .stacking import carried_by, stack
from .topology import Topology


@dataclass(frozen=True)
class Mechanisms:
    """The parts of the physics that a network may do without."""

    shelf: Shelf | None
    spill: SpillRoutes | None
    promise: Promise | None
    goodwill: GoodwillDynamics | None
    returns: ReturnFlows | None
    contract: ContractWindows | None
    door: Door | None
    ending: Ending | None
    counted_on: CountedOn | None
    """For how long lost orders are, where nobody is told."""
    reroute: Reroute | None
    trade: Trade | None
    follow_service: bool
    """Whether anything follows from service, or from time on the shelf."""

    @cached_property
    def counts_the_end(self) -> bool:
        """Whether anybody pays for goods because the episode ends."""
        return self.ending is not None or (self.trade is not None and self.trade.buy_back is not None)


def compile_mechanisms(
    scenario: Scenario,
    topology: Topology,
    times: LaneTimes,
    loads: Loads,
    costs: Costs,
    volume: Array | None,
    recipes: Recipes | None,
) -> Mechanisms:
    """The mechanisms that a scenario asks for; `volume` (1, K, 1) is that of a unit."""
    sites, lanes = topology.sites_of(scenario), topology.lanes_of(scenario)
    customers, usual = topology.customers_of(scenario), loads.mean[topology.destination]
    shelf = Shelf.of([site.shelf_life for site in sites], [site.issue == "lifo" for site in sites])
    spill = _spill(customers, topology)
    promise = Promise.of([max(entry.promise for entry in part) for part in customers])
    goodwill = GoodwillDynamics.of([next((entry.goodwill for entry in part if entry.goodwill), None) for part in customers])
    returns = ReturnFlows.of(scenario.returns, topology.sites, topology.customers, topology.products)
    return Mechanisms(
        shelf=shelf,
        spill=spill,
        promise=promise,
        goodwill=goodwill,
        returns=returns,
        contract=ContractWindows.of([lane.contract for lane in lanes], usual * carried_by(lanes, topology.products)),
        door=Door.of(
            [fits(site) for site in sites],
            [site.storage_full for site in sites],
            volume,
            topology.inbound,
            topology.into,
            times.lead_time,
        ),
        ending=_ending(scenario, topology, costs, recipes),
        counted_on=CountedOn.of([not lane.lost_known for lane in lanes], times.protection - 1),
        reroute=Reroute.of(_following(scenario, topology)),
        trade=Trade.of(lanes, topology.destination, topology.products),
        follow_service=any(part is not None for part in (spill, goodwill, promise, returns, shelf)),
    )


def _spill(customers: list[list[Customers]], topology: Topology) -> SpillRoutes | None:
    going = [next((entry.spill_to for entry in part if entry.spill_to), None) for part in customers]
    targets = [topology.sites.index(to.site) if to else -1 for to in going]
    return SpillRoutes.of(targets, [to.cost if to else 0.0 for to in going])


def _following(scenario: Scenario, topology: Topology) -> NDArray[np.int64]:
    """The lane that what a lane cannot bring of a product is asked of next (L, K), −1 for none."""
    lanes, products = topology.lanes_of(scenario), topology.products
    found = [
        [next_lane(scenario, lane, name) if lane.reroute and name in (lane.products or products) else None for name in products]
        for lane in lanes
    ]
    return np.array([[-1 if lane is None else topology.lanes.index(lane.label) for lane in row] for row in found])


def _ending(scenario: Scenario, topology: Topology, costs: Costs, recipes: Recipes | None) -> Ending | None:
    if scenario.terminal != "nothing":
        return ending_at_cost(topology, costs, recipes)
    salvage = stack([site.salvage for site in topology.sites_of(scenario)], topology.products)
    return Ending(salvage) if salvage.any() else None


def ending_at_cost(topology: Topology, costs: Costs, recipes: Recipes | None = None) -> Ending:
    """Worth at what it has cost to buy or make goods and bring them there; debts at what they will cost."""
    worth, sources = landed_cost(topology, costs, recipes), topology.source
    source = np.where((sources >= 0)[:, None], worth[np.maximum(sources, 0)], 0.0)
    if recipes is not None:
        source = source + parts_cost(recipes, worth, len(topology.lanes))
    under_way = (source + costs.unit_cost[:, :, 0])[:, :, None]
    return Ending(worth[:, :, None], under_way, worth[topology.customer_site][:, :, None] - costs.price)
