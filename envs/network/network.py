"""A scenario's network as arrays: what never changes during an episode.

Letters: N sites, L lanes, K products, C customers (a segment at a site). Numbers stand in arrays (N, K, 1), (L, K, 1) or
(C, K, 1), so that a batch broadcasts behind them. Sites are ordered downstream first, as their orders are worked out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..demand.base import places
from ..events.conditions import NEUTRAL, Channels, Conditions
from ..flows.order_plan import OrderSequence
from ..flows.pipelines import Pipeline
from ..flows.rationing import Division
from ..mechanisms.contract import ContractWindows
from ..mechanisms.door import Door
from ..mechanisms.ending import Ending
from ..mechanisms.goodwill import GoodwillDynamics
from ..mechanisms.least_order import LeastOrder
from ..mechanisms.opening import Opening
from ..mechanisms.promise import Promise
from ..mechanisms.reroute import Reroute
from ..mechanisms.returns import ReturnFlows
from ..mechanisms.shelf import Shelf
from ..mechanisms.spill import SpillRoutes
from ..numerics.arrays import Array, zeros_for
from ..numerics.bundles import Bundle
from ..scenario.scenario import Customers, Lane, Scenario
from .event_effects import influences

UNLIMITED = 1e30
"""A capacity that nothing reaches, which unlike infinity can be multiplied by 0."""


@dataclass(frozen=True)
class Network:
    """Names, structure and numbers of a network. Made by `building.build`; moved to another library or device by `on`."""

    scenario: Scenario
    sites: tuple[str, ...]
    lanes: tuple[str, ...]
    products: tuple[str, ...]
    customers: tuple[str, ...]
    """`site/segment` of each customer row, those who are first at their site before those who are second."""
    echelon: tuple[int, ...]
    """How far each site stands above the customers."""

    source: NDArray[np.int64]
    """Source site of each lane (L,), −1 for an outside supplier."""
    destination: NDArray[np.int64]
    customer_site: NDArray[np.int64]
    main_lane: NDArray[np.int64]
    """The lane each site is counted on to use on the whole (N,): its cheapest regular one, of equals the slowest, then the
    first; −1 where no lane leads."""
    main_lanes: NDArray[np.int64]
    """The same for each product, among the lanes that bring it (N, K)."""
    correlation: NDArray[np.float64]
    """Correlation of the customers' normal scores (C, C), which is close to that of their demands."""
    lead_time: NDArray[np.int64]
    """Longest lead time of each lane (L,) [periods]."""
    order_delay: NDArray[np.int64]

    into: Any
    """Row of each lane's destination site, as an index of (N, …) arrays."""
    inbound: Bundle
    outbound: Bundle
    buyers: Bundle
    shipment_pipelines: tuple[Pipeline, ...]
    order_pipelines: tuple[Pipeline, ...]
    orders: OrderSequence
    chains: tuple[Pipeline, ...]
    """Lanes from the placing of an order to the arrival of what it brings, as a centre thinks of them."""
    central_orders: OrderSequence
    """The same for a centre, which knows of every order when it is placed; its late parts are on the chains."""
    single: tuple[Any, Any] | None
    """The lanes that are their source site's only one, and those sites."""
    divisions: tuple[Division, ...]
    shared_limits: tuple[tuple[Any, float], ...]
    """Lanes that share a limit on what leaves in a period: a site's throughput, a supplier's capacity [volume]."""
    limited: tuple[str, ...]
    """Whose limits these are."""
    limit_places: tuple[int | None, ...]
    """Where each of them stands in the conditions' `limits`."""
    channels: Channels | None
    """What events change; None where nothing ever happens."""
    services: tuple[Service, ...]
    is_delayed: bool
    """Whether any source learns of orders later than they are placed."""
    is_outside: Array
    """1 for lanes from an outside supplier (L, 1, 1)."""

    holding: Array
    initial: Array
    storage: Array | None
    overflow: Array
    transit_rate: Array
    """Holding cost of a unit under way (L, K, 1): its source's."""
    unit_cost: Array
    transfer_price: Array
    fixed_cost: Array
    volume: Array | None
    """Of a unit (1, K, 1), in what capacities, throughput and storage are counted; None where it is 1 for all."""
    weight: Array | None
    """The same, in what `capacity_weight` is counted."""
    capacity: Array | None
    capacity_weight: Array | None
    negligible: Array | None
    """Orders up to this are rounding errors (L, K, 1) [units]; None where no cost and no lot size hangs on them."""
    minimum: Array | None
    multiple: Array | None
    least_orders: tuple[LeastOrder, ...]
    carried: Array | None
    kept: Array | None
    lane_initial: Array
    owed: Array | None
    """What customers are owed at the start (C, K, 1) [units]; None where nothing is."""
    opening: Opening | None
    price: Array
    shortage: Array
    backlogged: Array | None
    """1 where unmet demand waits, 0 where it is lost (C, K, 1); None where all waits."""
    mean: Array
    """Mean demand of a period that a site has to cover, its own customers' and everybody's downstream (N, K, 1) [units]."""
    deviation: Array
    """Standard deviation of the same (N, K, 1) [units]."""
    delay_at_most: NDArray[np.int64]
    """What disruptions add to each lane's lead time at most (L,) [periods]; part of `lead_time`."""

    costs: Extras
    customer_reserve: Array | None
    """Stock that is kept from customers for those before them (C, K, 1) [units]; None where none is."""
    lane_reserve: tuple[Any, Any, Array] | None
    """Lanes that leave stock at their source, those sites, and how much (D, K, 1) [units]."""
    shelf: Shelf | None
    spill: SpillRoutes | None
    promise: Promise | None
    goodwill: GoodwillDynamics | None
    returns: ReturnFlows | None
    contract: ContractWindows | None
    door: Door | None
    ending: Ending | None
    reroute: Reroute | None
    breaks: tuple[Breaks, ...]

    @cached_property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, L, K, C)."""
        return len(self.sites), len(self.lanes), len(self.products), len(self.customers)

    @cached_property
    def product_place(self) -> dict[str, int]:
        """The number of each product."""
        return places(self.products)

    @cached_property
    def own_mean(self) -> NDArray[np.float64]:
        """Mean demand of a period by each site's own customers (N, K) [units], before events change it."""
        found = np.zeros((len(self.sites), len(self.products)))
        for row, name in enumerate(self.customers):
            for entry in entries(self.scenario, *name.split("/")):
                bought = tuple(entry.products or self.products)
                columns = [self.product_place[product] for product in bought]
                found[self.customer_site[row], columns] += entry.demand.at(entry.site).moments(bought)[0]
        return found

    def carries(self, lane: int, product: int) -> bool:
        """Whether a lane takes orders of a product; of the network in NumPy."""
        return self.carried is None or bool(self.carried[lane, product, 0] > 0)

    @cached_property
    def is_main(self) -> NDArray[np.bool_]:
        """Which lanes their sites are counted on to use for a product (L, K)."""
        found: NDArray[np.bool_] = self.main_lanes[self.destination] == np.arange(len(self.lanes))[:, None]
        return found

    @cached_property
    def main_sources(self) -> NDArray[np.int64]:
        """Each product's main source at every site (N, K), −1 where that is an outside supplier, or no lane brings it."""
        found: NDArray[np.int64] = np.where(self.main_lanes >= 0, self.source[self.main_lanes], -1)
        return found

    def of_main_lanes(self, values: NDArray[np.int64], otherwise: int) -> NDArray[np.int64]:
        """Lanes' values (L,) at each site's main one (N,); `otherwise` at a site that has none, but collects returns."""
        found: NDArray[np.int64] = np.where(self.main_lane >= 0, values[self.main_lane], otherwise)
        return found

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """What makes the cost jump somewhere, so that its slope, where it has one, does not tell where it is least."""
        there = {
            "fixed_cost": bool(self.fixed_cost.any()),
            "minimum": self.minimum is not None,
            "minimum_order": bool(self.least_orders),
            "multiple": self.multiple is not None,
            "setup": self.costs.setup is not None,
            "variety": self.costs.variety is not None,
            "price_breaks": bool(self.breaks),
        }
        return tuple(name for name, jumps in there.items() if jumps)

    @cached_property
    def notice(self) -> dict[str, int]:
        """By channel, how many periods ahead any of its events is announced."""
        found: dict[str, int] = {}
        for influence in influences(self.scenario, self.lanes, self.limited):
            found[influence.channel] = max(found.get(influence.channel, 0), influence.announced)
        return found

    @cached_property
    def serves_by_turn(self) -> bool:
        """Whether any source serves the orders of earlier periods before later ones, whoever they are from."""
        return any(division.rule == "first_come" for division in self.divisions)

    @cached_property
    def has_service_effects(self) -> bool:
        """Whether anything follows from service, or from time on the shelf."""
        return any(part is not None for part in (self.spill, self.goodwill, self.promise, self.returns, self.shelf))

    def on_lanes(self, channel: str, now: Conditions, like: Array) -> Array | None:
        """What a period's conditions make of every lane (L, 1, B), 1 where they say nothing; None for no such channel."""
        values = getattr(now, channel)
        if values is None or self.channels is None:
            return None
        every = zeros_for(like, like.shape[0], 1, like.shape[-1])
        every += NEUTRAL[channel]
        every[getattr(self.channels, channel)] = values
        return every

    @cached_property
    def is_limited(self) -> NDArray[np.bool_]:
        """Lanes whose source may ship less than it has (L,): by a capacity of their own, or one they share."""
        found = np.zeros(len(self.lanes), dtype=bool)
        for capacity in (self.capacity, self.capacity_weight):
            if capacity is not None:
                found |= capacity[:, 0, 0] < UNLIMITED
        for lanes, _ in self.shared_limits:
            found[lanes] = True
        return found

    @cached_property
    def stays_open(self) -> NDArray[np.bool_]:
        """Lanes on which what cannot leave at once waits until it can (L,): some may leave later than it was ordered."""
        kept = np.ones(len(self.lanes), dtype=bool) if self.kept is None else self.kept[:, 0, 0] > 0
        paused = np.zeros(len(self.lanes), dtype=bool)
        if self.channels is not None and self.channels.available is not None:
            paused[self.channels.available] = True
        broken = np.zeros(len(self.lanes), dtype=bool)
        if self.multiple is not None and (self.contract is not None or self.reroute is not None or self.is_delayed):
            broken = (self.multiple > 0).any(axis=(1, 2))
        found: NDArray[np.bool_] = kept & ((self.source >= 0) | self.is_limited | paused | broken)
        return found

    @cached_property
    def restricts_orders(self) -> bool:
        """Whether some lane does not take any order of any product."""
        return not (self.carried is None and self.negligible is None)

    @cached_property
    def is_random(self) -> NDArray[np.bool_]:
        """Which lanes draw their lead times (L,)."""
        drawn = np.array([self.scenario_lane(label).lead_time.random for label in self.lanes])
        random: NDArray[np.bool_] = drawn | (self.delay_at_most > 0)
        return random

    @cached_property
    def is_lateral(self) -> NDArray[np.bool_]:
        """Which lanes lead from peer to peer (L,)."""
        return np.array([self.scenario_lane(label).lateral for label in self.lanes])

    @cached_property
    def protection(self) -> NDArray[np.int64]:
        """Protection interval of each lane, from an order to the last demand it serves (L,) [periods]."""
        interval: NDArray[np.int64] = self.lead_time + self.order_delay + 1
        return interval

    @cached_property
    def usual_amount(self) -> NDArray[np.float64]:
        """What a site usually needs at most in a period (N, K) [units]; of the network in NumPy."""
        return usual(self.mean, self.deviation)[:, :, 0]

    @cached_property
    def usual_level(self) -> NDArray[np.float64]:
        """What it so needs over each lane's undisturbed protection interval (L, K) [units]; of the network in NumPy."""
        to, periods = self.destination, (self.protection - self.delay_at_most)[:, None]
        return usual(self.mean[to, :, 0], self.deviation[to, :, 0], periods)

    def scenario_lane(self, label: str) -> Lane:
        """The scenario's entry of a lane."""
        return next(lane for lane in self.scenario.lanes if lane.label == label)

    def on(self, asarray: Any) -> Network:
        """The same network with every number and index turned by `asarray(array)`, which also sets type and device."""
        return cast(Network, _converted(self, asarray))


@dataclass(frozen=True)
class Extras:
    """Costs that few networks have; None where there are none."""

    scrap: Array | None
    """Of a unit past its shelf life (N, 1, 1) [money]."""
    overtime: Array | None
    """Of a unit that leaves beyond the regular throughput (N, 1, 1) [money], which is `regular` (N, 1, 1) [volume]."""
    regular: Array | None
    variety: Array | None
    """Of a product on the shelf or asked for in a period (N, 1, 1) [money]."""
    setup: Array | None
    """Of a product ordered in a period (L, K, 1) [money]."""
    lane_carbon: Array | None
    """Of a unit shipped (L, 1, 1) [kg]."""
    site_carbon: Array | None
    """Of a unit on the shelf at a period's end (N, 1, 1) [kg]."""


@dataclass(frozen=True)
class Breaks:
    """A supplier's discounts on all units of a large order, over some lanes."""

    lanes: Any
    levels: tuple[tuple[float, float], ...]
    """From how many units, and which share of the unit cost."""
    pooled: bool
    """Whether all lanes' shipments of a period count as one order."""


@dataclass(frozen=True)
class Service:
    """Customers that are served at once: at most one row of each site."""

    customers: Any
    sites: Any


_AS_NUMPY = {
    "source",
    "destination",
    "customer_site",
    "main_lane",
    "main_lanes",
    "correlation",
    "lead_time",
    "order_delay",
    "delay_at_most",
    "scenario",
}


def _converted(value: Any, asarray: Any) -> Any:
    if isinstance(value, np.ndarray):
        return asarray(value)
    if isinstance(value, tuple):
        return tuple(_converted(item, asarray) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _converted(getattr(value, field.name), asarray)
            for field in fields(value)
            if field.name not in _AS_NUMPY
        }
        return replace(value, **changed)
    return value


def usual(mean: NDArray[np.float64], deviation: NDArray[np.float64], periods: Any = 1) -> NDArray[np.float64]:
    """Mean plus two standard deviations of the demand of some periods, taken as independent [units]."""
    amount: NDArray[np.float64] = mean * periods + 2 * deviation * np.sqrt(periods)
    return amount


def entries(scenario: Scenario, site: str, segment: str) -> list[Customers]:
    """The scenario's entries of one segment: several where its products are described apart."""
    return [entry for entry in scenario.customers if (entry.site, entry.segment) == (site, segment)]
