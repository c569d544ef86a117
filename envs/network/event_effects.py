"""Which events work on which channel of a network, and where.

Letters: L lanes, D the lanes (or limits) that a channel is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..events.conditions import Channels
from ..events.names import numbered
from ..events.schema import Disruption, PriceChange
from ..events.timing import Gradual, Regimes, Timing
from ..numerics.arrays import Array, rows
from ..numerics.draws import Draw
from ..scenario.event_places import lanes_at, limited_together

if TYPE_CHECKING:
    from ..scenario.scenario import Scenario

CHANNEL_OF = {
    "orders": "accepting",
    "shipments": "available",
    "capacity": "available",
    "transit": "moving",
    "receipts": "receiving",
    "delay": "delay",
    "price": "price",
    "tariff": "tariff",
}


class Lacking(Gradual):
    """What is not there yet of something that is built up."""

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        return 1.0 - super().sample(draw, regimes)


@dataclass(frozen=True)
class Influence:
    """What an event makes of some rows of a channel while it is wholly in force."""

    event: str
    """Its name, which is the key of its randomness."""
    channel: str
    rows: tuple[int, ...]
    """Lanes, or shared limits for the channel `limits`."""
    value: float
    timing: Timing
    announced: int = 0
    fails: bool = False
    """Whether it is a disruption, which a trace's undisturbed twin does not have."""
    pauses: bool = False
    """Whether it stops something, which it does wholly even where its timing is in force in part."""


def names_of(scenario: Scenario) -> list[str]:
    """What disruptions, and then changes of prices, are called: the keys of their randomness."""
    return [*numbered(map(_name_of, scenario.disruptions)), *numbered(map(_name_of, scenario.prices))]


def influences(scenario: Scenario, lanes: Sequence[str], limited: Sequence[str]) -> list[Influence]:
    """Everything that events do to `lanes` (L), by label, and to the shared limits of `limited` sites and suppliers."""
    found: list[Influence] = []
    names, failures, changes = names_of(scenario), scenario.disruptions, scenario.prices
    for name, failure in zip(names[: len(failures)], failures, strict=True):
        found += _of_disruption(scenario, name, failure, lanes, limited)
    for name, change in zip(names[len(failures) :], changes, strict=True):
        hit = _rows(scenario, change, lanes)
        value = change.tariff if change.factor is None else change.factor
        assert value is not None  # one of them is given
        found.append(Influence(name, CHANNEL_OF[change.effect], hit, value, change.when, change.announced))
    for lane in scenario.lanes:
        if lane.ramp is not None:
            building = Lacking.model_validate({"from": lane.ramp.since, "until": lane.ramp.until})
            name = f"ramp of {lane.label}"
            found.append(Influence(name, "available", (lanes.index(lane.label),), lane.ramp.start, building))
    return found


def _of_disruption(
    scenario: Scenario, name: str, event: Disruption, lanes: Sequence[str], limited: Sequence[str]
) -> list[Influence]:
    def influence(channel: str, hit: tuple[int, ...], value: float) -> Influence:
        pauses = event.pauses is not None
        return Influence(name, channel, hit, value, event.when, event.announced, fails=True, pauses=pauses)

    if event.effect != "capacity":
        value = 0.0 if event.delay is None else float(event.delay)
        return [influence(CHANNEL_OF[event.effect], _rows(scenario, event, lanes), value)]
    keeps, found = event.keeps or 0.0, []
    for place in event.at:
        together = limited_together(scenario, place)
        alone = [lane.label for lane in lanes_at(scenario, place, "capacity", "at") if lane.source not in together]
        limits = tuple(limited.index(source) for source in together if source in limited)
        hits = {"limits": limits, "available": tuple(sorted(map(lanes.index, alone)))}
        found += [influence(channel, hit, keeps) for channel, hit in hits.items() if hit]
    return found


def _name_of(event: Disruption | PriceChange) -> str:
    """The name of an event, which is what it does and where if it has none."""
    return event.name or f"{event.effect}:{'+'.join(event.at)}"


def _rows(scenario: Scenario, event: Disruption | PriceChange, lanes: Sequence[str]) -> tuple[int, ...]:
    hit = {lane.label for place in event.at for lane in lanes_at(scenario, place, event.effect, "at")}
    return tuple(number for number, label in enumerate(lanes) if label in hit)


def channels_of(influences: Sequence[Influence], lossy: Sequence[int]) -> Channels | None:
    """The rows that each channel of a network is about, `lossy` lanes among them; None where nothing ever happens."""
    about: dict[str, set[int]] = {}
    for influence in influences:
        about.setdefault(influence.channel, set()).update(influence.rows)
    if lossy:
        about["surviving"] = set(lossy)
    return Channels(**{name: rows(sorted(hit)) for name, hit in about.items()}) if about else None


def positions(channel_rows: NDArray[np.int64] | slice, size: int) -> dict[int, int]:
    """Where each row of the network stands in a channel."""
    return {int(row): place for place, row in enumerate(np.arange(size)[channel_rows])}
