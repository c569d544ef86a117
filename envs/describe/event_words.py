"""A scenario's events in words, for those who want to know what can happen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..events.disruptions import Event
from ..events.effects import CHANGEABLE
from ..events.schema import Shift
from ..events.timing import Timing, timings

if TYPE_CHECKING:
    from ..scenario.scenario import Scenario


NOBODY = "nobody is told"


class EventRow(NamedTuple):
    """One kind of event."""

    event: str
    at: str
    effect: str
    when: str
    known: str


def event_rows(scenario: Scenario) -> list[EventRow]:
    """Everything that can happen, in the order of the scenario's keys."""
    return [
        *_regimes(scenario),
        *_effects("disruption", scenario.disruptions),
        *_effects("price", scenario.prices),
        *_shifts(scenario),
        *_promotions(scenario),
    ]


def _regimes(scenario: Scenario) -> Iterator[EventRow]:
    for name, regime in scenario.regimes.items():
        yield EventRow("regime", "everywhere", name, _when(regime.when), NOBODY)


def _effects(kind: str, events: Sequence[Event]) -> Iterator[EventRow]:
    for event in events:
        yield EventRow(kind, ", ".join(event.at), event.doing.words(), _when(event.when), _known(event))


def _known(event: Event) -> str:
    hidden = [change.of for change in event.changes if not (event.doing.told and CHANGEABLE[change.of].channel)]
    seen = f"{event.announced} periods ahead" if event.announced else "when it happens"
    if len(hidden) == len(event.changes):
        return NOBODY
    return f"{seen}; {NOBODY} of {' and '.join(hidden)}" if hidden else seen


def _shifts(scenario: Scenario) -> Iterator[EventRow]:
    for event in scenario.shifts:
        at = ", ".join(event.at or event.leaves or ())
        yield EventRow("shift", at, _shift(event), _when(event.when), NOBODY)


def _shift(event: Shift) -> str:
    if event.factor is not None:
        return f"demand × {event.factor:g}"
    return f"{event.share:.0%} goes to {', '.join(event.gains or ())}"


def _promotions(scenario: Scenario) -> Iterator[EventRow]:
    for event in scenario.promotions:
        known = f"{event.known_ahead} periods ahead at the site; {event.reported:.0%} passed on"
        effect = "recorded" if event.recorded else f"demand × {event.uplift:g} for {event.length}"
        when = "as recorded" if event.recorded else f"with chance {event.chance:g}"
        yield EventRow("promotion", ", ".join(event.at), effect, when, known)


def _when(timing: Timing) -> str:
    """A timing's keys as they are written."""
    keys = timing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    told = ", ".join(f"{name} {value}" for name, value in keys.items())
    return f"{timings.name_of(type(timing))}: {told}"
