"""What has to be at a place for an event to change something there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ..events.disruptions import Event
from ..events.effects import Change
from ..foundation.errors import InputError, UnknownName
from .blocks import Lane
from .event_places import is_limited, lanes_at, limited_together, machine_of
from .scenario_keys import ScenarioKeys


@dataclass(frozen=True)
class Hit:
    """A change that an event makes at one of its places."""

    scenario: ScenarioKeys
    event: Event
    change: Change
    place: str
    key: str
    """Of the event."""

    @cached_property
    def lanes(self) -> list[Lane]:
        """Those that it is about. Raises InputError where there are none."""
        return lanes_at(self.scenario, self.place, self.change.of, f"{self.key}.at")


def impossible(scenario: ScenarioKeys, event: Event, change: Change, place: str, key: str) -> Iterator[InputError]:
    """What keeps an event, whose key this is, from making a change at a place."""
    yield from REFUSED.get(change.of, _no_lanes)(Hit(scenario, event, change, place, key))


def _no_lanes(hit: Hit) -> Iterator[InputError]:
    _ = hit.lanes
    yield from ()


def _not_held(hit: Hit) -> Iterator[InputError]:
    of = hit.change.of
    if any(lane.lead_time.random or lane.lead_time.longest < 1 for lane in hit.lanes):
        yield InputError(f"{hit.key}.at", hit.place, f"lanes with a fixed lead time ≥ 1, on which {of} can pause")
    delayed = _delayed(hit.scenario)
    held_up = [lane.label for lane in hit.lanes if lane.label in delayed]
    if held_up:
        yield InputError(f"{hit.key}.at", held_up[0], f"lanes that no other disruption delays, on which {of} can pause")


def _delayed(scenario: ScenarioKeys) -> set[str]:
    """Labels of the lanes that disruptions delay."""
    late = [
        (place, f"disruptions[{number}].at")
        for number, event in enumerate(scenario.disruptions)
        if any(change.of == "delay" for change in event.changes)
        for place in event.at
    ]
    return {lane.label for place, key in late for lane in lanes_at(scenario, place, "delay", key)}


def _not_limited(hit: Hit) -> Iterator[InputError]:
    together, left = limited_together(hit.scenario, hit.place), hit.change.to
    if left and not all(is_limited(lane) or {lane.source, machine_of(lane)} & {*together} for lane in hit.lanes):
        yield InputError(f"{hit.key}.{hit.event.way}", left, f"0, or a place with a limit: {hit.place} has none")


def _not_paid(hit: Hit) -> Iterator[InputError]:
    if not any(lane.unit_cost for lane in hit.lanes):
        yield InputError(f"{hit.key}.at", hit.place, "lanes with a unit cost, which can change")


def _nobody_buys(hit: Hit) -> Iterator[InputError]:
    buying = sorted({entry.site for entry in hit.scenario.customers})
    if hit.place not in buying:
        yield UnknownName(f"{hit.key}.at", hit.place, buying)


REFUSED: dict[str, Callable[[Hit], Iterator[InputError]]] = {
    "transit": _not_held,
    "receipts": _not_held,
    "capacity": _not_limited,
    "price": _not_paid,
    "tariff": _not_paid,
    "demand": _nobody_buys,
}
"""What else than lanes there must be."""
