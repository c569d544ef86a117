"""What happens in an episode, event by event: for those who watch. Who decides learns of it through the information layer.

Letters: T periods, B episodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..network.event_effects import Influence
from ..numerics.arrays import Array
from ..scenario.event_places import machine_of
from ..trace.event_draws import Events
from .event_words import EventRow, event_rows


@dataclass(frozen=True)
class Happening:
    """An event of an episode, in words, and when it was in force."""

    kind: str
    """regime, disruption, price, shift or promotion."""
    name: str
    effect: str
    sites: tuple[str, ...]
    """Sites, or suppliers, that it is about as a whole."""
    lanes: tuple[str, ...]
    """Lanes that it is about, by label."""
    spans: tuple[tuple[int, int], ...]
    """First and last period of each time, counted from 1."""


def happenings(events: Events, episode: int = 0) -> list[Happening]:
    """Everything that was in force in some period of one of the batch's episodes, in the order of the scenario's keys."""
    rows = event_rows(events.network.scenario)
    found = [*_regimes(events, rows), *_influences(events, rows), *_shifts(events, rows), *_promotions(events, rows)]
    timed = [(happening, _spans(_of_episode(degree, events.periods, episode))) for happening, degree in found]
    return [Happening(*parts, spans) for parts, spans in timed if spans]


_Parts = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]


def _of(rows: Sequence[EventRow], kind: str) -> list[EventRow]:
    return [row for row in rows if row.event == kind]


def _regimes(events: Events, rows: Sequence[EventRow]) -> Iterator[tuple[_Parts, Array]]:
    for (name, degree), row in zip(events.regimes.items(), _of(rows, "regime"), strict=True):
        yield (row.event, name, "", (), ()), degree


def _influences(events: Events, rows: Sequence[EventRow]) -> Iterator[tuple[_Parts, Array]]:
    """Disruptions and prices: all that an event does to lanes, to shared limits and to demand, together."""
    told = dict(zip(events.network.events.names, [*_of(rows, "disruption"), *_of(rows, "price")], strict=True))
    for name, row in told.items():
        parts = [one for one in events.network.events.influences if one.event == name]
        buying = [site for one in events.network.events.shifts if one.fails and one.name == name for site in one.changes]
        if parts or buying:
            places = tuple(dict.fromkeys([*_places(events, parts), *buying]))
            yield (row.event, name, row.effect, places, _lanes(events, parts)), events.degrees[name]


def _places(events: Events, parts: Sequence[Influence]) -> tuple[str, ...]:
    machines = events.network.machines
    return tuple(name for name in _limited(events, parts) if machines is None or name not in machines.names)


def _lanes(events: Events, parts: Sequence[Influence]) -> tuple[str, ...]:
    """Those that something is done to, and those that take a machine to which something is."""
    hit = {row for one in parts if one.channel != "limits" for row in one.rows}
    names = _limited(events, parts)
    hit |= {row for row, label in enumerate(events.network.lanes) if machine_of(events.network.scenario_lane(label)) in names}
    return tuple(events.network.lanes[row] for row in sorted(hit))


def _limited(events: Events, parts: Sequence[Influence]) -> list[str]:
    """Sites, suppliers and machines whose limits are cut."""
    return [events.network.limits.limited[row] for one in parts if one.channel == "limits" for row in one.rows]


def _shifts(events: Events, rows: Sequence[EventRow]) -> Iterator[tuple[_Parts, Array]]:
    scenario = events.network.scenario
    degrees = [degree for one, degree in zip(events.network.events.shifts, events.shifted, strict=True) if not one.fails]
    for shift, degree, row in zip(scenario.shifts, degrees, _of(rows, "shift"), strict=True):
        sites = tuple(dict.fromkeys([*(shift.at or ()), *(shift.leaves or ()), *(shift.gains or ())]))
        yield (row.event, shift.name or "shift", row.effect, sites, ()), degree


def _promotions(events: Events, rows: Sequence[EventRow]) -> Iterator[tuple[_Parts, Array]]:
    if rows := _of(rows, "promotion"):
        effect = "; ".join(dict.fromkeys(row.effect for row in rows))
        for site, times in events.promotions.extra.items():
            yield ("promotion", f"promotion at {site}", effect, (site,), ()), sum(times[1:], start=times[0])


def _of_episode(degree: Array, periods: int, episode: int) -> NDArray[np.bool_]:
    found: Any = degree[:periods, episode]
    on: NDArray[np.bool_] = np.asarray(found) > 0
    return on


def _spans(on: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """First and last period of each stretch, counted from 1."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return tuple((int(first) + 1, int(end)) for first, end in edges.reshape(-1, 2))
