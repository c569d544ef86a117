"""A scenario's events in words, for those who want to know what can happen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..events.schema import Disruption, PriceChange, Shift
from ..events.timing import Timing, timings

if TYPE_CHECKING:
    from ..scenario.scenario import Scenario


class EventRow(NamedTuple):
    """One kind of event."""

    event: str
    at: str
    effect: str
    when: str
    known: str


def event_rows(scenario: Scenario) -> list[EventRow]:
    """Everything that can happen, in the order of the scenario's keys."""
    return [*_regimes(scenario), *_failures(scenario), *_prices(scenario), *_shifts(scenario), *_promotions(scenario)]


def _regimes(scenario: Scenario) -> Iterator[EventRow]:
    for name, regime in scenario.regimes.items():
        yield EventRow("regime", "everywhere", name, _when(regime.when), "nobody is told")


def _failures(scenario: Scenario) -> Iterator[EventRow]:
    for event in scenario.disruptions:
        yield EventRow("disruption", ", ".join(event.at), _failure(event), _when(event.when), _notice(event))


def _failure(event: Disruption) -> str:
    if event.pauses is not None:
        return f"{event.pauses} paused"
    return f"{event.delay} periods late" if event.delay is not None else f"{event.keeps:.0%} of the capacity left"


def _prices(scenario: Scenario) -> Iterator[EventRow]:
    for event in scenario.prices:
        effect = f"tariff of {event.tariff:.0%}" if event.factor is None else f"unit cost × {event.factor:g}"
        yield EventRow("price", ", ".join(event.at), effect, _when(event.when), _notice(event))


def _notice(event: Disruption | PriceChange) -> str:
    return f"{event.announced} periods ahead" if event.announced else "when it happens"


def _shifts(scenario: Scenario) -> Iterator[EventRow]:
    for event in scenario.shifts:
        at = ", ".join(event.at or event.leaves or ())
        yield EventRow("shift", at, _shift(event), _when(event.when), "nobody is told")


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
