"""From a scenario to its network: which lane leads where, who orders before whom, and every number in its place.

Letters as in orderup.envs.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .arrays import rows
from .demand.base import PerProduct, per_product
from .errors import InputError
from .events.influence import channels_of, influences, positions
from .events.promotions import with_promotions
from .incidence import Bundle
from .mechanisms.contract import Contract
from .mechanisms.goodwill import Goodwill
from .mechanisms.promise import Promise
from .mechanisms.returns import Returns
from .mechanisms.shelf import Shelf
from .mechanisms.spill import Spill
from .network import Breaks, Extras, Network, Service, entries, usual
from .ordering import plan_orders
from .rationing import divisions
from .schema import Customers, Lane, Scenario, Site
from .topology import levels
from .transit import conveyors

Segment: TypeAlias = tuple[str, str]
"""A customer row: a site and the name of a segment there."""

UNLIMITED = 1e30
"""A capacity that nothing reaches [units], which unlike infinity can be multiplied by 0."""
NEGLIGIBLE = 1e-6
"""An order of this share of a site's usual demand is what floating-point sums leave of no order at all."""


def build(scenario: Scenario, pooled: bool = True) -> Network:
    """The network of a scenario, in NumPy and float64; `pooled`: whether one desk places all orders with a supplier."""
    height = levels(scenario)
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
    main_lane = np.array([-1 if (lane := _main_lane(lanes, sites, name)) is None else lane for name in sites])
    correlation = _correlation(scenario, segments)
    mean, deviation = _loads(scenario, _parents(lanes, source, sites, products), customer_site, segments, correlation)
    holding = _stack([scenario.sites[name].holding for name in sites], products)
    carriers, messengers = conveyors(lead_time, random, delay), conveyors(order_delay, np.zeros(len(lanes), bool))
    chains = conveyors(lead_time + order_delay, random)
    laterals = np.array([lane.lateral for lane in lanes])
    protection = lead_time + order_delay + 1
    geometry = (source, destination, [height[name] for name in sites], laterals, protection)
    start = _start(scenario, sites, lanes, mean, deviation)
    channels = channels_of(scenario, labels, limited)
    at_limit = {} if channels is None or channels.limits is None else positions(channels.limits, len(limited))
    capacity = _limits([lane.capacity for lane in lanes])
    if channels is not None and channels.available is not None:
        capacity = np.full((len(lanes), 1, 1), UNLIMITED) if capacity is None else np.minimum(capacity, UNLIMITED)
    carried = np.array([[[p in (lane.products or products)] for p in products] for lane in lanes], float)
    parts = [entries(scenario, *segment) for segment in segments]
    customers = tuple(f"{site}/{segment}" for site, segment in segments)
    return Network(
        scenario=scenario,
        sites=sites,
        lanes=labels,
        products=products,
        customers=customers,
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
        orders=plan_orders(*geometry, carriers, messengers),
        chains=chains,
        central_orders=plan_orders(*geometry, chains, (), all_known=True),
        single=_single(source, len(sites)),
        divisions=divisions(
            source, destination, [scenario.sites[name].rationing for name in sites], [lane.priority for lane in lanes], mean
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
        storage=_limits([scenario.sites[name].storage for name in sites]),
        overflow=np.array([scenario.sites[name].overflow for name in sites]).reshape(-1, 1, 1),
        transit_rate=np.where((source >= 0)[:, None, None], holding[source], 0.0),
        unit_cost=_lane_stack(lanes, "unit_cost", products),
        transfer_price=_lane_stack(lanes, "transfer_price", products),
        fixed_cost=np.array([lane.fixed_cost for lane in lanes]).reshape(-1, 1, 1),
        capacity=capacity,
        negligible=_negligible(lanes, usual(mean, deviation)[destination]),
        minimum=_unless(_lane_stack(lanes, "minimum", products), 0.0),
        multiple=_unless(_lane_stack(lanes, "multiple", products), 0.0),
        carried=_unless(carried, 1.0),
        kept=_unless(np.array([[[lane.unfilled == "kept"]] for lane in lanes], float), 1.0),
        lane_initial=_lane_stack(lanes, "initial", products),
        price=_customer_stack(scenario, segments, "price"),
        shortage=_customer_stack(scenario, segments, "shortage"),
        backlogged=_unless(_waiting(scenario, segments), 1.0),
        mean=mean,
        deviation=deviation,
        own_mean=own_means(scenario) if scenario.shifts else {},
        delay_at_most=delay,
        costs=_extras([scenario.sites[name] for name in sites], lanes),
        customer_reserve=_unless(_customer_stack(scenario, segments, "reserve"), 0.0),
        lane_reserve=_lane_reserve(lanes, source, products),
        shelf=Shelf.of([scenario.sites[name].shelf_life for name in sites]),
        spill=_spill(parts, sites),
        promise=Promise.of([max(entry.promise for entry in part) for part in parts]),
        goodwill=Goodwill.of([next((entry.goodwill for entry in part if entry.goodwill), None) for part in parts]),
        returns=Returns.of(scenario.returns, sites, customers),
        contract=Contract.of([lane.contract for lane in lanes], mean[destination] * carried),
        breaks=_breaks(scenario, lanes, pooled),
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


def _lane_stack(lanes: list[Lane], field: str, products: tuple[str, ...]) -> NDArray[np.float64]:
    """A number of every lane (L, K, 1), 0 for products that it does not carry."""
    values = np.zeros((len(lanes), len(products), 1))
    for row, lane in enumerate(lanes):
        _fill(values[row, :, 0], getattr(lane, field), lane.products, products)
    return values


def _fill(row: NDArray[np.float64], value: PerProduct, named: list[str] | None, products: Sequence[str]) -> None:
    """Write the numbers of some of the products (all where none is named) into their places in a row (K,)."""
    for product in named or products:
        row[products.index(product)] = value[product] if isinstance(value, Mapping) else value


def _negligible(lanes: list[Lane], amount: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A millionth of a usual amount (L, K, 1), where a small order costs or becomes as much as a large one."""
    matters = any(lane.fixed_cost or lane.setup or lane.minimum or lane.multiple for lane in lanes)
    return NEGLIGIBLE * np.where(amount > 0, amount, 1.0) if matters else None


def _unless(values: NDArray[np.float64], idle: float) -> NDArray[np.float64] | None:
    """None where every value is the one that changes nothing, so that the mechanism costs nothing."""
    return None if (values == idle).all() else values


def _limits(values: list[float | None]) -> NDArray[np.float64] | None:
    limits = np.array([np.inf if value is None else value for value in values]).reshape(-1, 1, 1)
    return _unless(limits, np.inf)


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


def _extras(sites: list[Site], lanes: list[Lane]) -> Extras:
    def numbers(values: list[float]) -> NDArray[np.float64] | None:
        return _unless(np.array(values, float)[:, None, None], 0.0)

    overtime = numbers([site.overtime.cost if site.overtime else 0.0 for site in sites])
    return Extras(
        scrap=numbers([site.scrap_cost for site in sites]),
        overtime=overtime,
        regular=None if overtime is None else np.array([site.throughput or 0.0 for site in sites])[:, None, None],
        variety=numbers([site.variety for site in sites]),
        setup=numbers([lane.setup for lane in lanes]),
        lane_carbon=numbers([lane.carbon for lane in lanes]),
        site_carbon=numbers([site.carbon for site in sites]),
    )


def _lane_reserve(lanes: list[Lane], source: NDArray[np.int64], products: tuple[str, ...]) -> tuple[Any, Any, Any] | None:
    reserve = _lane_stack(lanes, "reserve", products)
    leaving = np.flatnonzero(reserve.any(axis=(1, 2)))
    return (rows(leaving), rows(source[leaving]), reserve[leaving]) if leaving.size else None


def _spill(parts: list[list[Customers]], sites: tuple[str, ...]) -> Spill | None:
    going = [next((entry.spill_to for entry in part if entry.spill_to), None) for part in parts]
    return Spill.of([sites.index(to.site) if to else -1 for to in going], [to.cost if to else 0.0 for to in going])


def _breaks(scenario: Scenario, lanes: list[Lane], pooled: bool) -> tuple[Breaks, ...]:
    found = []
    for name, supplier in scenario.suppliers.items():
        members = [number for number, lane in enumerate(lanes) if lane.source == name]
        if supplier.price_breaks and members:
            levels = tuple((step.least, step.discount) for step in supplier.price_breaks)
            found.append(Breaks(rows(members), levels, pooled))
    return tuple(found)


def own_means(scenario: Scenario) -> dict[str, float]:
    """Mean demand of a period by each site's own customers, all products together [units], before events change it."""
    means = dict.fromkeys(scenario.sites, 0.0)
    for entry in scenario.customers:
        means[entry.site] += float(_moments(scenario, entry, tuple(entry.products or scenario.products))[0].sum())
    return means


def _customer_stack(scenario: Scenario, segments: list[Segment], field: str) -> NDArray[np.float64]:
    values = np.zeros((len(segments), len(scenario.products), 1))
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            _fill(values[row, :, 0], getattr(entry, field), entry.products, scenario.products)
    return values


def _waiting(scenario: Scenario, segments: list[Segment]) -> NDArray[np.float64]:
    values = np.ones((len(segments), len(scenario.products), 1))
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            if entry.unmet == "lost":
                values[row, [scenario.products.index(product) for product in entry.products or scenario.products]] = 0.0
    return values


def _loads(
    scenario: Scenario, parents: NDArray[np.int64], customer_site: NDArray[np.int64], segments: list[Segment], correlation: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the demand each site has to cover; `parents` (K, N) is each site's main source."""
    own = np.equal.outer(np.arange(parents.shape[1]), customer_site).astype(float)
    covered = np.stack([_covered(parent, own) for parent in parents])
    mean, deviation = (np.zeros((len(segments), len(scenario.products))) for _ in range(2))
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            bought = tuple(entry.products or scenario.products)
            columns = [scenario.products.index(product) for product in bought]
            moments = _moments(scenario, entry, bought)
            mean[row, columns], deviation[row, columns] = with_promotions(scenario.promotions, segment[0], *moments)
    covariance = np.einsum("ck,dk,cd->cdk", deviation, deviation, correlation)
    spread = np.sqrt(np.maximum(np.einsum("knc,knd,cdk->nk", covered, covered, covariance), 0.0))
    return np.einsum("knc,ck->nk", covered, mean)[:, :, None], spread[:, :, None]


def _covered(parent: NDArray[np.int64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which customers each site has to cover (N, C): its `own`, and those of every site whose sources lead up to it."""
    covered = own.copy()
    for site in range(len(parent)):
        above, passed = int(parent[site]), {site}
        while above >= 0 and above not in passed:
            covered[above] += own[site]
            passed.add(above)
            above = int(parent[above])
    return covered


def _moments(scenario: Scenario, entry: Customers, bought: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    try:
        return entry.demand.at(entry.site).moments(bought)
    except InputError as error:
        where = f"customers[{scenario.customers.index(entry)}]"
        raise error.under(where if error.key.startswith("demand") else f"{where}.demand") from None


def _parents(
    lanes: list[Lane], source: NDArray[np.int64], sites: tuple[str, ...], products: tuple[str, ...]
) -> NDArray[np.int64]:
    """Main source of each product at each site (K, N), −1 where that is an outside supplier or no lane brings it."""
    main = [[_main_lane(lanes, sites, site, product) for site in sites] for product in products]
    return np.array([[-1 if lane is None else source[lane] for lane in row] for row in main])


def _main_lane(lanes: list[Lane], sites: Sequence[str], site: str, product: str | None = None) -> int | None:
    """The lane a site is counted on to use for a product, or for what it gets on the whole; None where no lane brings it.

    What only comes from customers who bring it back cannot be counted on.
    """
    collecting = set(sites) - {lane.destination for lane in lanes}
    inbound = [
        number
        for number, lane in enumerate(lanes)
        if lane.destination == site and (product is None or product in (lane.products or [product]))
    ]
    regular = [number for number in inbound if not lanes[number].lateral] or inbound
    regular = [number for number in regular if lanes[number].source not in collecting] or regular

    def cost(number: int) -> tuple[float, int]:
        unit = lanes[number].unit_cost
        numbers = [unit] if not isinstance(unit, Mapping) else [unit[product]] if product else [*unit.values()]
        return sum(numbers) / len(numbers), -lanes[number].lead_time.longest

    return min(regular, key=cost, default=None)


def _correlation(scenario: Scenario, segments: list[Segment]) -> NDArray[np.float64]:
    if scenario.correlation is None:
        return np.eye(len(segments))
    buying = [site for site in scenario.sites if any(site == place for place, _ in segments)]
    at = [buying.index(site) for site, _ in segments]
    full = scenario.correlation.matrix(buying)[np.ix_(at, at)]
    shared = np.array([1 - scenario.correlation.weights(buying, site).get(site, 0.0) ** 2 for site, _ in segments])
    return np.where(np.equal.outer(at, at) & ~np.eye(len(at), dtype=bool), shared[:, None], full)


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
            regular = [lane for lane in inbound if not lane.lateral] or inbound
            periods = max((lane.lead_time.longest + lane.order_delay + 1 for lane in regular), default=0)
            stock[number] = usual(mean[number], deviation[number], periods)
    return stock
