"""From a scenario to its network: which lane leads where, who orders before whom, and every number in its place.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand.base import per_product
from ..flows.order_plan import order_sequence
from ..flows.pipelines import conveyors
from ..flows.rationing import divisions
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
from ..numerics.arrays import rows
from ..numerics.bundles import Bundle
from ..scenario.scenario import Customers, Lane, Scenario, Site
from ..scenario.storage_checks import fits
from ..scenario.topology import echelons, next_lane
from .event_effects import channels_of, influences, positions
from .landed_cost import ending_at_cost
from .loads import correlation_of, loads_of, main_lane_of, main_lanes_of
from .network import UNLIMITED, Breaks, Extras, Network, Service, entries, usual
from .stacking import Segment, carried_by, customer_stack, lane_stack, limits_of, stack, unless, who_waits

NEGLIGIBLE = 1e-6
"""An order of this share of a site's usual demand is what floating-point sums leave of no order at all."""


def build(scenario: Scenario, pooled: bool = True) -> Network:
    """The network of a scenario, in NumPy and float64; `pooled`: whether one party places all orders with a supplier."""
    height = echelons(scenario)
    sites = tuple(sorted(scenario.sites, key=lambda name: height[name]))
    lanes = sorted(scenario.lanes, key=lambda lane: (not lane.lateral, height[lane.destination], sites.index(lane.destination)))
    segments = _segments(scenario, sites)
    products = tuple(scenario.products)
    source = np.array([sites.index(lane.source) if lane.source in sites else -1 for lane in lanes])
    destination = np.array([sites.index(lane.destination) for lane in lanes])
    customer_site = np.array([sites.index(site) for site, _ in segments])
    labels = tuple(lane.label for lane in lanes)
    limited, limits = _shared_limits(scenario, lanes)
    delay = _delays(scenario, labels, limited)
    lead_time = np.array([lane.lead_time.longest for lane in lanes]) + delay
    random = np.array([lane.lead_time.random for lane in lanes]) | (delay > 0)
    order_delay = np.array([lane.order_delay for lane in lanes])
    main_lane = np.array([main_lane_of(lanes, sites, name) for name in sites])
    correlation = correlation_of(scenario, segments)
    main_lanes = main_lanes_of(lanes, sites, products)
    parents = np.where(main_lanes >= 0, source[main_lanes], -1).T
    mean, deviation = loads_of(scenario, parents, customer_site, segments, correlation)
    holding = stack([scenario.sites[name].holding for name in sites], products)
    shipment_pipelines, order_pipelines = (
        conveyors(lead_time, random, delay),
        conveyors(order_delay, np.zeros(len(lanes), bool)),
    )
    chains = conveyors(lead_time + order_delay, random)
    laterals = np.array([lane.lateral for lane in lanes])
    protection = lead_time + order_delay + 1
    geometry = (source, destination, [height[name] for name in sites], laterals, protection)
    start = _start(scenario, sites, lanes, mean, deviation)
    channels = channels_of(scenario, labels, limited)
    at_limit = {} if channels is None or channels.limits is None else positions(channels.limits, len(limited))
    capacity = limits_of([lane.capacity for lane in lanes])
    by_weight = limits_of([lane.capacity_weight for lane in lanes])
    if channels is not None and channels.available is not None:
        capacity = np.full((len(lanes), 1, 1), UNLIMITED) if capacity is None else np.minimum(capacity, UNLIMITED)
        by_weight = None if by_weight is None else np.minimum(by_weight, UNLIMITED)
    carried, volume = carried_by(lanes, products), unless(stack([scenario.volume], products), 1.0)
    packs = unless(lane_stack(lanes, "multiple", products), 0.0)
    parts = [entries(scenario, *segment) for segment in segments]
    customers = tuple(f"{site}/{segment}" for site, segment in segments)
    salvage = stack([scenario.sites[name].salvage for name in sites], products)
    network = Network(
        scenario=scenario,
        sites=sites,
        lanes=labels,
        products=products,
        customers=customers,
        echelon=tuple(height[name] for name in sites),
        source=source,
        destination=destination,
        customer_site=customer_site,
        main_lane=main_lane,
        main_lanes=main_lanes,
        correlation=correlation,
        lead_time=lead_time,
        order_delay=order_delay,
        into=rows(destination),
        inbound=Bundle.of(destination, len(sites)),
        outbound=Bundle.of(source, len(sites)),
        buyers=Bundle.of(customer_site, len(sites)),
        shipment_pipelines=shipment_pipelines,
        order_pipelines=order_pipelines,
        orders=order_sequence(*geometry, shipment_pipelines, order_pipelines),
        chains=chains,
        central_orders=order_sequence(*geometry, chains, (), all_known=True),
        single=_single(source, len(sites)),
        divisions=divisions(
            source,
            destination,
            [scenario.sites[name].rationing for name in sites],
            [lane.priority for lane in lanes],
            mean,
            packs,
        ),
        shared_limits=limits,
        limited=limited,
        limit_places=tuple(at_limit.get(number) for number in range(len(limited))),
        channels=channels,
        services=_services(customer_site),
        is_delayed=bool(order_delay.any()),
        is_outside=(source < 0).astype(float)[:, None, None],
        holding=holding,
        initial=start,
        storage=limits_of([scenario.sites[name].storage for name in sites]),
        overflow=np.array([scenario.sites[name].overflow for name in sites]).reshape(-1, 1, 1),
        transit_rate=np.where((source >= 0)[:, None, None], holding[source], 0.0),
        unit_cost=lane_stack(lanes, "unit_cost", products),
        transfer_price=lane_stack(lanes, "transfer_price", products),
        fixed_cost=np.array([lane.fixed_cost for lane in lanes]).reshape(-1, 1, 1),
        volume=volume,
        weight=unless(stack([scenario.weight], products), 1.0),
        capacity=capacity,
        capacity_weight=by_weight,
        negligible=_negligible(lanes, usual(mean, deviation)[destination]),
        minimum=unless(lane_stack(lanes, "minimum", products), 0.0),
        multiple=packs,
        least_orders=_least_orders(lanes, products),
        carried=unless(carried, 1.0),
        kept=unless(np.array([[[lane.unfilled == "kept"]] for lane in lanes], float), 1.0),
        lane_initial=lane_stack(lanes, "initial", products),
        owed=unless(customer_stack(scenario, segments, "backlog"), 0.0),
        opening=Opening.of(scenario.arriving, labels, carried[:, :, 0] > 0, products, lead_time - delay, order_delay),
        price=customer_stack(scenario, segments, "price"),
        shortage=customer_stack(scenario, segments, "shortage"),
        backlogged=unless(who_waits(scenario, segments), 1.0),
        mean=mean,
        deviation=deviation,
        delay_at_most=delay,
        costs=_extras([scenario.sites[name] for name in sites], lanes, products),
        customer_reserve=unless(customer_stack(scenario, segments, "reserve"), 0.0),
        lane_reserve=_lane_reserve(lanes, source, products),
        shelf=Shelf.of([scenario.sites[name].shelf_life for name in sites]),
        spill=_spill(parts, sites),
        promise=Promise.of([max(entry.promise for entry in part) for part in parts]),
        goodwill=GoodwillDynamics.of([next((entry.goodwill for entry in part if entry.goodwill), None) for part in parts]),
        returns=ReturnFlows.of(scenario.returns, sites, customers),
        door=Door.of(
            [fits(scenario.sites[name]) for name in sites],
            volume,
            Bundle.of(destination, len(sites)),
            rows(destination),
            lead_time,
        ),
        contract=ContractWindows.of([lane.contract for lane in lanes], mean[destination] * carried),
        ending=Ending(salvage) if salvage.any() else None,
        reroute=Reroute.of(_following(scenario, lanes, products)),
        breaks=_breaks(scenario, lanes, pooled),
    )
    return network if scenario.terminal == "nothing" else replace(network, ending=ending_at_cost(network))


def _segments(scenario: Scenario, sites: tuple[str, ...]) -> list[Segment]:
    """Customer rows: first every site's most important segment, then the second of those that have one, and so on."""
    found = {(entry.site, entry.segment) for entry in scenario.customers}
    lines = [sorted((_priority(scenario, *segment), segment[1]) for segment in found if segment[0] == site) for site in sites]
    longest = max(map(len, lines))
    return [
        (site, line[turn][1]) for turn in range(longest) for site, line in zip(sites, lines, strict=True) if turn < len(line)
    ]


def _priority(scenario: Scenario, site: str, segment: str) -> int:
    return min(entry.priority for entry in entries(scenario, site, segment))


def _services(customer_site: NDArray[np.int64]) -> tuple[Service, ...]:
    place = np.array([np.sum(customer_site[:row] == site) for row, site in enumerate(customer_site)])
    turns = [np.flatnonzero(place == turn) for turn in range(place.max() + 1)]
    return tuple(Service(rows(turn), rows(customer_site[turn])) for turn in turns)


def _single(source: NDArray[np.int64], sites: int) -> tuple[Any, Any] | None:
    lanes = [lane for lane, site in enumerate(source) if site >= 0 and (source == site).sum() == 1]
    return (rows(lanes), rows(source[lanes])) if lanes else None


def _negligible(lanes: list[Lane], amount: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A millionth of a usual amount (L, K, 1), where a small order costs or becomes as much as a large one."""
    keys = ("fixed_cost", "setup", "minimum", "minimum_order", "minimum_value", "multiple")
    matters = any(getattr(lane, key) for lane in lanes for key in keys)
    return NEGLIGIBLE * np.where(amount > 0, amount, 1.0) if matters else None


def _shared_limits(scenario: Scenario, lanes: list[Lane]) -> tuple[tuple[str, ...], tuple[tuple[Any, float], ...]]:
    """Sites and suppliers that limit what leaves them, and for each its lanes and the most it ships, overtime included."""
    limits = {name: site.throughput for name, site in scenario.sites.items()}
    limits |= {name: supplier.capacity for name, supplier in scenario.suppliers.items()}
    extra = {name: site.overtime.extra for name, site in scenario.sites.items() if site.overtime is not None}
    out = {name: [number for number, lane in enumerate(lanes) if lane.source == name] for name in limits}
    found = {name: (rows(out[name]), limit + extra.get(name, 0.0)) for name, limit in limits.items() if limit and out[name]}
    return tuple(found), tuple(found.values())


def _delays(scenario: Scenario, labels: Sequence[str], limited: Sequence[str]) -> NDArray[np.int64]:
    """What disruptions add to each lane's lead time at most (L,) [periods]."""
    delay = np.zeros(len(labels), dtype=np.int64)
    for influence in influences(scenario, labels, limited):
        if influence.channel == "delay":
            delay[list(influence.rows)] += int(influence.value)
    return delay


def _following(scenario: Scenario, lanes: list[Lane], products: tuple[str, ...]) -> NDArray[np.int64]:
    """The lane that what a lane cannot bring of a product is asked of next (L, K), −1 for none."""
    found = [
        [next_lane(scenario, lane, name) if lane.reroute and name in (lane.products or products) else None for name in products]
        for lane in lanes
    ]
    return np.array([[-1 if lane is None else lanes.index(lane) for lane in row] for row in found])


def _least_orders(lanes: list[Lane], products: tuple[str, ...]) -> tuple[LeastOrder, ...]:
    cost = lane_stack(lanes, "unit_cost", products)
    units = LeastOrder.of([lane.minimum_order for lane in lanes], np.ones_like(cost))
    return units + LeastOrder.of([lane.minimum_value for lane in lanes], cost)


def _extras(sites: list[Site], lanes: list[Lane], products: tuple[str, ...]) -> Extras:
    def numbers(values: list[float]) -> NDArray[np.float64] | None:
        return unless(np.array(values, float)[:, None, None], 0.0)

    overtime = numbers([site.overtime.cost if site.overtime else 0.0 for site in sites])
    return Extras(
        scrap=numbers([site.scrap_cost for site in sites]),
        overtime=overtime,
        regular=None if overtime is None else np.array([site.throughput or 0.0 for site in sites])[:, None, None],
        variety=numbers([site.variety for site in sites]),
        setup=unless(lane_stack(lanes, "setup", products), 0.0),
        lane_carbon=numbers([lane.carbon for lane in lanes]),
        site_carbon=numbers([site.carbon for site in sites]),
    )


def _lane_reserve(lanes: list[Lane], source: NDArray[np.int64], products: tuple[str, ...]) -> tuple[Any, Any, Any] | None:
    reserve = lane_stack(lanes, "reserve", products)
    leaving = np.flatnonzero(reserve.any(axis=(1, 2)))
    return (rows(leaving), rows(source[leaving]), reserve[leaving]) if leaving.size else None


def _spill(parts: list[list[Customers]], sites: tuple[str, ...]) -> SpillRoutes | None:
    going = [next((entry.spill_to for entry in part if entry.spill_to), None) for part in parts]
    return SpillRoutes.of([sites.index(to.site) if to else -1 for to in going], [to.cost if to else 0.0 for to in going])


def _breaks(scenario: Scenario, lanes: list[Lane], pooled: bool) -> tuple[Breaks, ...]:
    found = []
    for name, supplier in scenario.suppliers.items():
        members = [number for number, lane in enumerate(lanes) if lane.source == name]
        if supplier.price_breaks and members:
            levels = tuple((step.least, step.discount) for step in supplier.price_breaks)
            found.append(Breaks(rows(members), levels, pooled))
    return tuple(found)


def _start(
    scenario: Scenario, sites: tuple[str, ...], lanes: list[Lane], mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Stock at the start: as given, else enough for the longest protection interval among the site's regular lanes.

    Of that, where storage is hard, as much as fits.
    """
    stock, volume = np.zeros_like(mean), per_product(scenario.volume, scenario.products)
    for number, name in enumerate(sites):
        given = scenario.sites[name].initial
        if given is not None:
            stock[number, :, 0] = per_product(given, scenario.products)
        else:
            inbound = [lane for lane in lanes if lane.destination == name]
            regular = [lane for lane in inbound if not lane.lateral] or inbound
            periods = max((lane.lead_time.longest + lane.order_delay + 1 for lane in regular), default=0)
            enough = usual(mean[number], deviation[number], periods)
            most, size = fits(scenario.sites[name]), float(volume @ enough[:, 0])
            stock[number] = enough if most is None or size <= most else enough * (most / size)
    return stock
