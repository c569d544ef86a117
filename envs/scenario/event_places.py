"""Which lanes an event hits: those it names, or those of the site, the supplier or the origin that it names."""

from __future__ import annotations

from collections.abc import Sequence

from ..foundation.errors import InputError, UnknownName
from .blocks import Lane
from .scenario_keys import ScenarioKeys

ARRIVING = ("orders", "receipts", "transit")
"""What happens to the lanes into a site when an event is at the site; everything else happens to those out of it."""


def lanes_at(scenario: ScenarioKeys, place: str, effect: str, key: str) -> list[Lane]:
    """The lanes that an event with this effect hits at a place. Raises UnknownName or InputError where there are none."""
    named = [lane for lane in scenario.lanes if lane.label == place]
    if named:
        return named
    if place in scenario.sites:
        end = "destination" if effect in ARRIVING else "source"
        found = [lane for lane in scenario.lanes if getattr(lane, end) == place]
    else:
        suppliers = {name for name, supplier in scenario.suppliers.items() if supplier.origin == place} | {place}
        found = [lane for lane in scenario.lanes if lane.source in suppliers]
        if not found:
            raise UnknownName(key, place, known_places(scenario))
    if not found:
        raise InputError(key, place, f"a place with lanes that {effect} can be about")
    return found


def known_places(scenario: ScenarioKeys) -> Sequence[str]:
    """Everything an event can be at."""
    suppliers = {lane.source for lane in scenario.lanes} - set(scenario.sites)
    origins = {supplier.origin for supplier in scenario.suppliers.values() if supplier.origin}
    return [*(lane.label for lane in scenario.lanes), *scenario.sites, *sorted(suppliers), *sorted(origins)]


def is_limited(lane: Lane) -> bool:
    """Whether a lane has a capacity of its own."""
    return lane.capacity is not None or lane.capacity_weight is not None


def limited_together(scenario: ScenarioKeys, place: str) -> list[str]:
    """The sites and suppliers at a place whose lanes share a limit: a throughput, or a capacity."""
    if place in scenario.sites:
        return [place] if scenario.sites[place].throughput is not None else []
    return [
        name
        for name, supplier in scenario.suppliers.items()
        if place in (name, supplier.origin) and supplier.capacity is not None
    ]
