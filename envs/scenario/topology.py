"""The shape of a network: who is downstream of whom, and what makes a network impossible."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping

from ..demand import PerProduct
from ..demand.file import FileDemand
from ..foundation.errors import InputError, UnknownName, listed
from ..foundation.validation import Keys
from .blocks import Lane
from .recipe_checks import divided_minimum, idle_machines, recipe_problems
from .scenario_keys import ScenarioKeys

NOT_OF_ALL_PRODUCTS = ("uses", "co_products", "machines")
"""Mappings that are no number for each product."""
SUPPLIER = r"supplier(_\w+)?"
"""Outside sources that need not be listed."""


def is_supplier(scenario: ScenarioKeys, name: str) -> bool:
    """Whether a lane may come from `name` without its being a site."""
    return name in scenario.suppliers or re.fullmatch(SUPPLIER, name) is not None


def echelons(scenario: ScenarioKeys) -> dict[str, int]:
    """How far each site stands above the customers: 0 supplies no site, else one more than the highest site it supplies.

    Lateral lanes do not count. Raises InputError for a cycle of other lanes, naming the sites on it.
    """
    supplied: dict[str, list[str]] = {name: [] for name in scenario.sites}
    for lane in scenario.lanes:
        if lane.source in supplied and not (lane.lateral or lane.makes):
            supplied[lane.source].append(lane.destination)
    found: dict[str, int] = {}
    for name in scenario.sites:
        _visit(name, supplied, found, [])
    return found


def _visit(name: str, supplied: dict[str, list[str]], found: dict[str, int], path: list[str]) -> int:
    if name in path:
        cycle = " -> ".join([*path[path.index(name) :], name])
        raise InputError("lanes", cycle, "no cycle of lanes, except of lanes between peers marked `lateral: true`")
    if name not in found:
        below = [_visit(other, supplied, found, [*path, name]) for other in supplied[name]]
        found[name] = 1 + max(below, default=-1)
    return found[name]


def check(scenario: ScenarioKeys) -> None:
    """Refuse a network that cannot be. Raises InputError with the key, what was found and what would be accepted."""
    for problem in _problems(scenario):
        raise problem
    echelons(scenario)


def _problems(scenario: ScenarioKeys) -> Iterator[InputError]:
    yield from _duplicates(scenario)
    for number, lane in enumerate(scenario.lanes):
        find = recipe_problems if lane.makes else _lane_problems
        yield from find(scenario, lane, f"lanes[{number}]")
        yield from _order_problems(scenario, lane, f"lanes[{number}]")
    for number, customers in enumerate(scenario.customers):
        if customers.site not in scenario.sites:
            yield UnknownName(f"customers[{number}].site", customers.site, scenario.sites)
    yield from _product_problems(scenario)
    yield from _demand_problems(scenario)
    reached = {lane.destination for lane in scenario.lanes} | {entry.gains for entry in scenario.returns}
    for name in scenario.sites:
        if name not in reached:
            yield InputError(
                f"sites.{name}", "no lane that leads there", "a site that at least one lane, or what returns, reaches"
            )
    yield from idle_machines(scenario)
    yield from divided_minimum(scenario)
    yield from _unobtainable(scenario)
    members = (scenario.correlation and scenario.correlation.sites) or []
    for name in members:
        if name not in scenario.sites:
            yield UnknownName("correlation.sites", name, scenario.sites)
    if len(set(members)) < len(members):
        yield InputError("correlation.sites", members, "each site once")


def _lane_problems(scenario: ScenarioKeys, lane: Lane, key: str) -> Iterator[InputError]:
    if lane.destination not in scenario.sites:
        yield UnknownName(f"{key}.to", lane.destination, scenario.sites)
    outside = is_supplier(scenario, lane.source)
    if lane.source not in scenario.sites and not outside:
        yield UnknownName(f"{key}.from", lane.source, [*scenario.sites, *scenario.suppliers, "supplier", "supplier_<word>"])
    if lane.source == lane.destination:
        yield InputError(f"{key}.to", lane.destination, "another site than the one it comes from")
    if lane.lateral and outside:
        yield InputError(f"{key}.lateral", True, "true only between two sites")
    if outside and lane.transfer_price:
        yield InputError(f"{key}.transfer_price", lane.transfer_price, "only between two sites; use unit_cost for a purchase")


def _order_problems(scenario: ScenarioKeys, lane: Lane, key: str) -> Iterator[InputError]:
    if lane.minimum_value and not _all_cost_something(lane):
        yield InputError(f"{key}.minimum_value", lane.minimum_value, "a lane whose products all have a unit_cost")
    yield from _pack_problems(scenario, lane, key)
    if lane.reroute:
        yield from _reroute_problems(scenario, lane, key)


def _pack_problems(scenario: ScenarioKeys, lane: Lane, key: str) -> Iterator[InputError]:
    """Whatever leaves together has to fit into every limit."""
    pack = _largest_pack(scenario, lane, scenario.volume)
    for name, size in (("capacity", pack), ("capacity_weight", _largest_pack(scenario, lane, scenario.weight))):
        if size > (getattr(lane, name) or math.inf):
            accepted = f"at least {size:g}, so that a pack of the lane's `multiple` can leave"
            yield InputError(f"{key}.{name}", getattr(lane, name), accepted)
    if lane.vehicles is not None and pack > lane.vehicles.capacity:
        accepted = f"at least {pack:g}, so that a pack of the lane's `multiple` can leave"
        yield InputError(f"{key}.vehicles.capacity", lane.vehicles.capacity, accepted)
    if not lane.makes:
        yield from _source_problems(scenario, lane, pack)


def _largest_pack(scenario: ScenarioKeys, lane: Lane, size: PerProduct) -> float:
    """The largest of a lane's packs, by what a unit of each product counts."""
    if not lane.multiple:
        return 0.0
    counts, packs = (
        value if isinstance(value, Mapping) else dict.fromkeys(scenario.products, value) for value in (size, lane.multiple)
    )
    return max((packs.get(name, 0.0) * counts.get(name, 1.0) for name in lane.products or packs), default=0.0)


def _source_problems(scenario: ScenarioKeys, lane: Lane, pack: float) -> Iterator[InputError]:
    """What leaves a lane's source in a period has to reach for a pack."""
    accepted = f"at least {pack:g}, so that a pack of {lane.label}'s `multiple` can leave"
    site, supplier = scenario.sites.get(lane.source), scenario.suppliers.get(lane.source)
    if site is not None and site.throughput is not None:
        most = site.throughput + (site.overtime.extra if site.overtime else 0.0)
        if pack > most:
            yield InputError(f"sites.{lane.source}.throughput", site.throughput, accepted)
    if supplier is not None and pack > (supplier.capacity or math.inf):
        yield InputError(f"suppliers.{lane.source}.capacity", supplier.capacity, accepted)


def _reroute_problems(scenario: ScenarioKeys, lane: Lane, key: str) -> Iterator[InputError]:
    if lane.lateral:
        yield InputError(f"{key}.reroute", True, "false between peers")
        return
    for product in lane.products or scenario.products:
        if product in scenario.products and next_lane(scenario, lane, product) is None:
            accepted = f"false, or another lane to {lane.destination} that carries {product}"
            yield InputError(f"{key}.reroute", True, accepted)


def next_lane(scenario: ScenarioKeys, lane: Lane, product: str) -> Lane | None:
    """The lane to the same site that comes after one by what a unit of a product costs, and after the dearest the cheapest."""
    ways = [
        other
        for other in scenario.lanes
        if other.destination == lane.destination and not other.lateral and product in (other.products or [product])
    ]
    ways.sort(key=lambda other: other.unit_cost.get(product, 0.0) if isinstance(other.unit_cost, dict) else other.unit_cost)
    at = next(number for number, other in enumerate(ways) if other is lane)
    return ways[(at + 1) % len(ways)] if len(ways) > 1 else None


def _all_cost_something(lane: Lane) -> bool:
    costs = lane.unit_cost
    return all(costs.get(name, 1.0) for name in lane.products or costs) if isinstance(costs, dict) else costs > 0


def _duplicates(scenario: ScenarioKeys) -> Iterator[InputError]:
    yield from _names_taken(scenario)
    if len(set(scenario.products)) < len(scenario.products):
        yield InputError("products", scenario.products, "each product once")
    buyers: set[tuple[str, str, str]] = set()
    for number, customers in enumerate(scenario.customers):
        for product in customers.products or scenario.products:
            if (customers.site, customers.segment, product) in buyers:
                found = f"{product} for {customers.site}/{customers.segment} again"
                yield InputError(f"customers[{number}].segment", found, "one entry for each site, segment and product")
            buyers.add((customers.site, customers.segment, product))


def _names_taken(scenario: ScenarioKeys) -> Iterator[InputError]:
    """Lanes, suppliers and origins that are called like something else, so that an event could be at either."""
    labels: set[str] = set()
    sources = {lane.source for lane in scenario.lanes} | scenario.suppliers.keys() | scenario.sites.keys()
    for number, lane in enumerate(scenario.lanes):
        if lane.name in sources:
            yield InputError(f"lanes[{number}].name", lane.name, "a name that no site and no supplier has")
        if lane.label in labels:
            yield InputError(f"lanes[{number}].name", lane.label, "a name that no other lane has (give one of them `name:`)")
        labels.add(lane.label)
    for name, supplier in scenario.suppliers.items():
        if name in scenario.sites:
            yield InputError(f"suppliers.{name}", name, "a name that no site has")
        if supplier.origin in sources | labels:
            yield InputError(f"suppliers.{name}.origin", supplier.origin, "a name that no site, supplier or lane has")


def _product_problems(scenario: ScenarioKeys) -> Iterator[InputError]:
    """Products that the scenario does not have, and numbers by product that leave one out."""
    blocks: list[tuple[str, Keys, list[str] | None]] = [(f"sites.{name}", site, None) for name, site in scenario.sites.items()]
    blocks += [(f"lanes[{number}]", lane, lane.products) for number, lane in enumerate(scenario.lanes)]
    blocks += [(f"lanes[{row}].terms", lane.terms, lane.products) for row, lane in enumerate(scenario.lanes) if lane.terms]
    blocks += [(f"customers[{number}]", entry, entry.products) for number, entry in enumerate(scenario.customers)]
    known = dict.fromkeys(scenario.products)
    promised = [(row, one) for row, one in enumerate(scenario.customers) if one.service]
    blocks += [(f"customers[{row}].service", one.service, one.products) for row, one in promised if one.service]
    for key, numbers in (("volume", scenario.volume), ("weight", scenario.weight)):
        if isinstance(numbers, dict):
            yield from _number_problems(key, numbers, known, known)
    for key, block, named in blocks:
        if named == []:
            yield InputError(f"{key}.products", named, "at least one product, or nothing for all of them")
        for product in named or ():
            if product not in known:
                yield UnknownName(f"{key}.products", product, scenario.products)
        for field in type(block).model_fields:
            if isinstance(numbers := getattr(block, field), dict) and field not in NOT_OF_ALL_PRODUCTS:
                yield from _number_problems(f"{key}.{field}", numbers, named or known, known)


def _number_problems(
    key: str, numbers: dict[str, float], needed: Collection[str], known: Collection[str]
) -> Iterator[InputError]:
    for product in numbers:
        if product not in known:
            yield UnknownName(key, product, known)
    for product in needed:
        if product not in numbers:
            yield InputError(key, f"nothing for {product}", f"a number for each of {listed(needed)}")


def _demand_problems(scenario: ScenarioKeys) -> Iterator[InputError]:
    """Demand that has no numbers for what customers buy; what is recorded is not looked at before it is read."""
    for number, entry in enumerate(scenario.customers):
        if not isinstance(entry.demand, FileDemand):
            try:
                entry.demand.at(entry.site).moments(tuple(entry.products or scenario.products))
            except InputError as error:
                yield error.under(f"customers[{number}].demand")


def _unobtainable(scenario: ScenarioKeys) -> Iterator[InputError]:
    """A product that customers want, or a recipe, and that no chain of lanes and recipes from outside brings to their site.

    What they bring back and becomes another product is there, where it arrives.
    """
    have = {(source, product) for source in _outside(scenario) for product in scenario.products}
    have |= {(entry.gains, entry.becomes) for entry in scenario.returns if entry.becomes is not None}
    grown = True
    while grown:
        reached = {
            (lane.destination, product)
            for lane in scenario.lanes
            for product in (lane.makes and [*(lane.products or ()), *lane.co_products]) or lane.products or scenario.products
            if all((lane.source, needed) in have for needed in (lane.uses if lane.makes else [product]))
        }
        grown = not reached <= have
        have |= reached
    for number, lane in enumerate(scenario.lanes):
        for part in lane.uses:
            if (lane.source, part) not in have:
                found = f"{part} at {lane.at}, where no lane from a supplier brings it and nothing makes it"
                yield InputError(f"lanes[{number}].uses", found, "parts that lanes bring to the site, or that are made there")
    for number, customers in enumerate(scenario.customers):
        for product in customers.products or scenario.products:
            if (customers.site, product) not in have:
                found = f"{product} at {customers.site}, where no lane from a supplier brings it"
                yield InputError(f"customers[{number}].products", found, "products that the lanes bring to the site")


def _outside(scenario: ScenarioKeys) -> set[str]:
    return {lane.source for lane in scenario.lanes if is_supplier(scenario, lane.source)}
