"""What makes a recipe impossible, and how products stand above those that are made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..foundation.errors import InputError, UnknownName
from .blocks import Lane
from .machines import Machine
from .scenario_keys import ScenarioKeys


def recipe_problems(scenario: ScenarioKeys, lane: Lane, key: str) -> Iterator[InputError]:
    """What is wrong with a lane that makes goods, which has this key."""
    if lane.at not in scenario.sites:
        yield UnknownName(f"{key}.at", str(lane.at), scenario.sites)
        return
    if lane.make not in scenario.products:
        yield UnknownName(f"{key}.make", str(lane.make), scenario.products)
    yield from _parts_problems(scenario, lane, key)
    yield from _trade_problems(lane, key)
    yield from _machine_problems(lane, scenario.sites[lane.at].machines, key)


def _parts_problems(scenario: ScenarioKeys, lane: Lane, key: str) -> Iterator[InputError]:
    for name, parts in (("uses", lane.uses), ("co_products", lane.co_products)):
        for part in parts:
            if part not in scenario.products:
                yield UnknownName(f"{key}.{name}", part, scenario.products)
        if lane.make in parts:
            yield InputError(f"{key}.{name}", lane.make, f"other products than {lane.make}, which it makes")
    for part in lane.co_products:
        if part in lane.uses:
            yield InputError(f"{key}.co_products", part, f"other products than the parts that it uses: {', '.join(lane.uses)}")


def _trade_problems(lane: Lane, key: str) -> Iterator[InputError]:
    """What lanes between two sites have, and what is about their source's stock of what they carry."""
    if lane.lateral:
        yield InputError(f"{key}.lateral", True, "false on a lane that makes goods: it leads to no peer")
    for name in ("transfer_price", "reserve"):
        value = getattr(lane, name)
        if any(value.values()) if isinstance(value, Mapping) else value:
            yield InputError(f"{key}.{name}", value, "0 on a lane that makes goods: they come from no other site")
    if lane.terms is not None:
        yield InputError(f"{key}.terms", "terms", "nothing on a lane that makes goods: there is one site alone")


def _machine_problems(lane: Lane, machines: Mapping[str, Machine], key: str) -> Iterator[InputError]:
    if lane.machine is None:
        for name in ("hours", "setup_hours"):
            if getattr(lane, name):
                yield InputError(f"{key}.{name}", getattr(lane, name), "0, or the `machine` whose hours these are")
        return
    if lane.machine not in machines:
        yield UnknownName(f"{key}.machine", lane.machine, machines)
        return
    most = machines[lane.machine].most
    if not (lane.hours or lane.setup_hours):
        yield InputError(f"{key}.hours", 0.0, "a number > 0, or setup_hours, of the `machine` that it takes")
    if lane.setup_hours >= most:
        yield InputError(f"{key}.setup_hours", lane.setup_hours, f"less than the {most:g} hours of {lane.machine}")
    pack = lane.multiple.get(str(lane.make), 0.0) if isinstance(lane.multiple, Mapping) else lane.multiple
    if pack * lane.hours + lane.setup_hours > most:
        accepted = f"packs that {lane.machine} can make in its {most:g} hours"
        yield InputError(f"{key}.multiple", f"{pack:g}, which takes {pack * lane.hours + lane.setup_hours:g}", accepted)


def divided_minimum(scenario: ScenarioKeys) -> Iterator[InputError]:
    """A least order of products that are not ordered at the same time, since one is made of the other."""
    turn = order_turns(scenario)
    for number, lane in enumerate(scenario.lanes):
        least = [name for name in ("minimum_order", "minimum_value") if getattr(lane, name) and not lane.lateral]
        if least and len({turn.get((lane.destination, product), 0) for product in lane.products or scenario.products}) > 1:
            for name in least:
                found = f"{getattr(lane, name):g} of parts, and of what is made of them at {lane.destination}, together"
                yield InputError(f"lanes[{number}].{name}", found, "0, or a lane for the parts and one for what is made")


def idle_machines(scenario: ScenarioKeys) -> Iterator[InputError]:
    """Machines that no recipe takes."""
    taken = {(lane.at, lane.machine) for lane in scenario.lanes}
    for name, site in scenario.sites.items():
        for machine in site.machines:
            if (name, machine) not in taken:
                yield InputError(f"sites.{name}.machines.{machine}", "a machine", "one that is the `machine` of a lane there")


def depths(scenario: ScenarioKeys) -> dict[tuple[str, str], int]:
    """How far each product of which something is made at a site stands above that there: 0 for all that is left out.

    Raises InputError for a circle of recipes, naming the products on it.
    """
    made: dict[tuple[str, str], set[str]] = {}
    for lane in scenario.lanes:
        for part in lane.uses:
            made.setdefault((lane.source, part), set()).add(str(lane.make))
    found: dict[tuple[str, str], int] = {}
    for site, part in made:
        _visit(site, part, made, found, [])
    return found


def order_turns(scenario: ScenarioKeys) -> dict[tuple[str, str], int]:
    """In which turn a site orders each product, 0 for all that is left out: what is made there before its parts.

    What is bought alone comes last if something is made of it, and else together with what comes by the same lanes.
    """
    found: dict[tuple[str, str], int] = {}
    depth_at: dict[str, dict[str, int]] = {}
    for (site, product), depth in depths(scenario).items():
        depth_at.setdefault(site, {})[product] = depth
    into: dict[str, list[Lane]] = {site: [] for site in depth_at}
    for lane in scenario.lanes:
        if lane.destination in into and not lane.lateral:
            into[lane.destination].append(lane)
    for site, depth_of in depth_at.items():
        found |= {(site, product): turn for product, turn in _turns_at(depth_of, into[site], scenario.products).items()}
    return found


def _turns_at(depth_of: Mapping[str, int], into: Sequence[Lane], products: Sequence[str]) -> dict[str, int]:
    """The same of one site, of what something is made of there and of the lanes into it."""
    last, made = max(depth_of.values()), {str(lane.make) for lane in into if lane.makes}
    settled = {product: depth if product in made else last for product, depth in depth_of.items()}
    settled |= {product: 0 for product in made if product not in settled}
    found = dict(settled)
    for lane in into:
        carried = lane.products or products
        with_mates = max((settled[mate] for mate in carried if mate in settled), default=0)
        for product in carried:
            if product not in settled:
                found[product] = max(found.get(product, 0), with_mates)
    return found


def _visit(
    site: str, part: str, made: Mapping[tuple[str, str], set[str]], found: dict[tuple[str, str], int], path: list[str]
) -> int:
    if part in path:
        circle = " -> ".join([*path[path.index(part) :], part])
        raise InputError("lanes", f"{circle} at {site}", "recipes that lead from parts to products, without a circle")
    if (site, part) not in made:
        return 0
    if (site, part) not in found:
        found[site, part] = 1 + max(_visit(site, product, made, found, [*path, part]) for product in sorted(made[site, part]))
    return found[site, part]
