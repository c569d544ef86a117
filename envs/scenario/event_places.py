"""Which lanes an event hits: those it names, or those of the site, the machine, the supplier or the origin that it names."""

from __future__ import annotations

from collections.abc import Sequence

from ..events.effects import CHANGEABLE
from ..foundation.errors import InputError, UnknownName
from .blocks import Lane
from .scenario_keys import ScenarioKeys


def lanes_at(scenario: ScenarioKeys, place: str, of: str, key: str) -> list[Lane]:
    """The lanes on which an event at a place changes `of`. Raises UnknownName or InputError where there are none."""
    named = [lane for lane in scenario.lanes if lane.label == place]
    if named:
        return named
    if place in scenario.sites:
        end = "destination" if CHANGEABLE[of].arriving else "source"
        found = [lane for lane in scenario.lanes if getattr(lane, end) == place]
        if CHANGEABLE[of].shared:  # what is left of a throughput is about what leaves
            found = [lane for lane in found if not lane.makes]
    elif is_machine(scenario, place):
        found = [lane for lane in scenario.lanes if place == machine_of(lane)]
    else:
        suppliers = {name for name, supplier in scenario.suppliers.items() if supplier.origin == place} | {place}
        found = [lane for lane in scenario.lanes if lane.source in suppliers]
        if not found:
            raise UnknownName(key, place, known_places(scenario))
    if not found:
        raise InputError(key, place, f"a place with lanes that {of} can be about")
    return found


def known_places(scenario: ScenarioKeys) -> Sequence[str]:
    """Everything an event can be at."""
    suppliers = {lane.source for lane in scenario.lanes} - set(scenario.sites)
    origins = {supplier.origin for supplier in scenario.suppliers.values() if supplier.origin}
    machines = [machine_place(name, machine) for name, site in scenario.sites.items() for machine in site.machines]
    return [*(lane.label for lane in scenario.lanes), *scenario.sites, *machines, *sorted(suppliers), *sorted(origins)]


def machine_place(site: str, machine: str) -> str:
    """What a machine is called where it may be at any site."""
    return f"{site}/{machine}"


def machine_of(lane: Lane) -> str | None:
    """The machine that a lane takes, so called; None for none."""
    return None if lane.machine is None else machine_place(lane.source, lane.machine)


def is_machine(scenario: ScenarioKeys, place: str) -> bool:
    """Whether a place is a machine."""
    return any(place == machine_place(name, machine) for name, site in scenario.sites.items() for machine in site.machines)


def is_limited(lane: Lane) -> bool:
    """Whether a lane has a capacity of its own."""
    return lane.capacity is not None or lane.capacity_weight is not None


def limited_together(scenario: ScenarioKeys, place: str) -> list[str]:
    """The sites, machines and suppliers at a place whose lanes share a limit: a throughput, hours, or a capacity."""
    if place in scenario.sites:
        return [place] if scenario.sites[place].throughput is not None else []
    if is_machine(scenario, place):
        return [place]
    return [
        name
        for name, supplier in scenario.suppliers.items()
        if place in (name, supplier.origin) and supplier.capacity is not None
    ]
