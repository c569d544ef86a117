"""From a scenario to its network: which lane leads where, who orders before whom, and every number in its place.

Letters as in orderup.envs.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .arrays import rows
from .demand.base import per_product
from .incidence import Bundle
from .network import Network, Service, entries
from .ordering import plan_orders
from .rationing import divisions
from .schema import Lane, Scenario
from .topology import levels
from .transit import conveyors

Segment: TypeAlias = tuple[str, str]
"""A customer row: a site and the name of a segment there."""


def build(scenario: Scenario) -> Network:
    """The network of a scenario, in NumPy and float64."""
    height = levels(scenario)
    sites = tuple(sorted(scenario.sites, key=lambda name: height[name]))
    lanes = sorted(scenario.lanes, key=lambda lane: (not lane.lateral, height[lane.destination], sites.index(lane.destination)))
    segments = _segments(scenario, sites)
    products = tuple(scenario.products)
    source = np.array([sites.index(lane.source) if lane.source in sites else -1 for lane in lanes])
    destination = np.array([sites.index(lane.destination) for lane in lanes])
    customer_site = np.array([sites.index(site) for site, _ in segments])
    lead_time = np.array([lane.lead_time.longest for lane in lanes])
    random = np.array([lane.lead_time.random for lane in lanes])
    order_delay = np.array([lane.order_delay for lane in lanes])
    main_lane = np.array([_main_lane(lanes, name) for name in sites])
    correlation = _correlation(scenario, segments)
    mean, deviation = _loads(scenario, source[main_lane], customer_site, segments, correlation)
    holding = _stack([scenario.sites[name].holding for name in sites], products)
    carriers, messengers = conveyors(lead_time, random), conveyors(order_delay, np.zeros(len(lanes), bool))
    laterals = np.array([lane.lateral for lane in lanes])
    protection = lead_time + order_delay + 1
    start = _start(scenario, sites, lanes, mean, deviation)
    return Network(
        scenario=scenario,
        sites=sites,
        lanes=tuple(lane.label for lane in lanes),
        products=products,
        customers=tuple(f"{site}/{segment}" for site, segment in segments),
        level=tuple(height[name] for name in sites),
        source=source,
        destination=destination,
        customer_site=customer_site,
        main_lane=main_lane,
        correlation=correlation,
        lead_time=lead_time,
        order_delay=order_delay,
        into=rows(destination),
        inbound=Bundle.of(destination, len(sites)),
        outbound=Bundle.of(source, len(sites)),
        buyers=Bundle.of(customer_site, len(sites)),
        carriers=carriers,
        messengers=messengers,
        orders=plan_orders(source, destination, [height[name] for name in sites], laterals, protection, carriers, messengers),
        single=_single(source, len(sites)),
        divisions=divisions(
            source, destination, [scenario.sites[name].rationing for name in sites], [lane.priority for lane in lanes], mean
        ),
        shared_limits=_shared_limits(scenario, lanes),
        services=_services(customer_site),
        is_delayed=bool(order_delay.any()),
        is_outside=(source < 0).astype(float)[:, None, None],
        holding=holding,
        initial=start,
        storage=_limits([scenario.sites[name].storage for name in sites]),
        overflow=np.array([scenario.sites[name].overflow for name in sites]).reshape(-1, 1, 1),
        transit_rate=np.where((source >= 0)[:, None, None], holding[source], 0.0),
        unit_cost=_stack([lane.unit_cost for lane in lanes], products),
        transfer_price=_stack([lane.transfer_price for lane in lanes], products),
        fixed_cost=np.array([lane.fixed_cost for lane in lanes]).reshape(-1, 1, 1),
        capacity=_limits([lane.capacity for lane in lanes]),
        minimum=_unless(_stack([lane.minimum for lane in lanes], products), 0.0),
        multiple=_unless(_stack([lane.multiple for lane in lanes], products), 0.0),
        carried=_unless(np.array([[[p in (lane.products or products)] for p in products] for lane in lanes], float), 1.0),
        kept=_unless(np.array([[[lane.unfilled == "kept"]] for lane in lanes], float), 1.0),
        lane_initial=_stack([lane.initial for lane in lanes], products),
        price=_customer_stack(scenario, segments, "price"),
        shortage=_customer_stack(scenario, segments, "shortage"),
        backlogged=_unless(_waiting(scenario, segments), 1.0),
        mean=mean,
        deviation=deviation,
    )


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


def _stack(values: list[Any], products: tuple[str, ...]) -> NDArray[np.float64]:
    return np.stack([per_product(value, products) for value in values])[:, :, None]


def _unless(values: NDArray[np.float64], idle: float) -> NDArray[np.float64] | None:
    """None where every value is the one that changes nothing, so that the mechanism costs nothing."""
    return None if (values == idle).all() else values


def _limits(values: list[float | None]) -> NDArray[np.float64] | None:
    limits = np.array([np.inf if value is None else value for value in values]).reshape(-1, 1, 1)
    return _unless(limits, np.inf)


def _shared_limits(scenario: Scenario, lanes: list[Lane]) -> tuple[tuple[Any, float], ...]:
    limits = {name: site.throughput for name, site in scenario.sites.items()}
    limits |= {name: supplier.capacity for name, supplier in scenario.suppliers.items()}
    out = {name: [number for number, lane in enumerate(lanes) if lane.source == name] for name in limits}
    return tuple((rows(out[name]), limit) for name, limit in limits.items() if limit is not None and out[name])


def _customer_stack(scenario: Scenario, segments: list[Segment], field: str) -> NDArray[np.float64]:
    values = np.zeros((len(segments), len(scenario.products), 1))
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            bought = [scenario.products.index(product) for product in entry.products or scenario.products]
            values[row, bought, 0] = per_product(getattr(entry, field), scenario.products)[bought]
    return values


def _waiting(scenario: Scenario, segments: list[Segment]) -> NDArray[np.float64]:
    values = np.ones((len(segments), len(scenario.products), 1))
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            if entry.unmet == "lost":
                values[row, [scenario.products.index(product) for product in entry.products or scenario.products]] = 0.0
    return values


def _loads(
    scenario: Scenario, parent: NDArray[np.int64], customer_site: NDArray[np.int64], segments: list[Segment], correlation: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the demand each site has to cover; `parent` (N,) is each site's main source."""
    served = np.equal.outer(np.arange(len(parent)), customer_site).astype(float)
    for site, source in enumerate(parent):
        if source >= 0:
            served[source] += served[site]
    mean, deviation = (np.zeros((len(segments), len(scenario.products))) for _ in range(2))
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            bought = tuple(entry.products or scenario.products)
            columns = [scenario.products.index(product) for product in bought]
            mean[row, columns], deviation[row, columns] = entry.demand.at(entry.site).moments(bought)
    covariance = np.einsum("ck,dk,cd->cdk", deviation, deviation, correlation)
    spread = np.sqrt(np.maximum(np.einsum("nc,nd,cdk->nk", served, served, covariance), 0.0))
    return (served @ mean)[:, :, None], spread[:, :, None]


def _main_lane(lanes: list[Lane], site: str) -> int:
    inbound = [number for number, lane in enumerate(lanes) if lane.destination == site]
    regular = [number for number in inbound if not lanes[number].lateral] or inbound

    def cost(number: int) -> tuple[float, int]:
        unit = lanes[number].unit_cost
        return (sum(unit.values()) if isinstance(unit, Mapping) else unit, -lanes[number].lead_time.longest)

    return min(regular, key=cost)


def _correlation(scenario: Scenario, segments: list[Segment]) -> NDArray[np.float64]:
    if scenario.correlation is None:
        return np.eye(len(segments))
    buying = [site for site in scenario.sites if any(site == place for place, _ in segments)]
    at = [buying.index(site) for site, _ in segments]
    full = scenario.correlation.matrix(buying)[np.ix_(at, at)]
    full[np.equal.outer(at, at) & ~np.eye(len(at), dtype=bool)] = 0.0
    return full


def _start(
    scenario: Scenario, sites: tuple[str, ...], lanes: list[Lane], mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Stock at the start: as given, else enough for the longest protection interval among the site's regular lanes."""
    stock = np.zeros_like(mean)
    for number, name in enumerate(sites):
        given = scenario.sites[name].initial
        if given is not None:
            stock[number, :, 0] = per_product(given, scenario.products)
        else:
            inbound = [lane for lane in lanes if lane.destination == name]
            periods = max(lane.lead_time.longest + lane.order_delay + 1 for lane in inbound)
            stock[number] = mean[number] * periods + 2 * deviation[number] * np.sqrt(periods)
    return stock
