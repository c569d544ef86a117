"""Which events work on which channel of a network, and where.

Letters: L lanes, D the lanes (or limits) that a channel is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..events.conditions import Channels
from ..events.disruptions import Event
from ..events.effects import CHANGEABLE
from ..events.names import numbered
from ..events.timing import Gradual, Regimes, Timing
from ..numerics.arrays import Array, rows
from ..numerics.draws import Draw
from ..scenario.event_places import lanes_at, limited_together, machine_of

if TYPE_CHECKING:
    from ..scenario.scenario import Scenario


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
    told: bool = True
    """Whether those who may see it do."""


def events_of(scenario: Scenario) -> list[Event]:
    """Disruptions, and then changes of prices."""
    return [*scenario.disruptions, *scenario.prices]


def names_of(scenario: Scenario) -> list[str]:
    """What these are called, which are the keys of their randomness: what one does and where, if it has no name."""
    return numbered(event.name or f"{event.doing.label}:{'+'.join(event.at)}" for event in events_of(scenario))


def influences(scenario: Scenario, lanes: Sequence[str], limited: Sequence[str]) -> list[Influence]:
    """Everything that events do to `lanes` (L), by label, and to the limits of `limited` sites, suppliers and machines."""
    found: list[Influence] = []
    for name, event in zip(names_of(scenario), events_of(scenario), strict=True):
        for change in event.changes:
            pauses = CHANGEABLE[change.of].pauses
            found += [
                Influence(name, channel, hit, change.to, event.when, event.announced, event.fails, pauses, event.doing.told)
                for channel, hit in _hits(scenario, event, change.of, lanes, limited)
            ]
    for lane in scenario.lanes:
        if lane.ramp is not None:
            building = Lacking.model_validate({"from": lane.ramp.since, "until": lane.ramp.until})
            name = f"ramp of {lane.label}"
            found.append(Influence(name, "available", (lanes.index(lane.label),), lane.ramp.start, building))
    return found


def _hits(
    scenario: Scenario, event: Event, of: str, lanes: Sequence[str], limited: Sequence[str]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The channels, and their rows, in which an event changes something; none for demand."""
    kind = CHANGEABLE[of]
    if kind.channel is None:
        return
    if not kind.shared:
        labels = {lane.label for place in event.at for lane in lanes_at(scenario, place, of, "at")}
        yield kind.channel, tuple(number for number, label in enumerate(lanes) if label in labels)
        return
    for place in event.at:
        together = limited_together(scenario, place)
        lanes_there = lanes_at(scenario, place, of, "at")
        alone = [lane.label for lane in lanes_there if not {lane.source, machine_of(lane)} & {*together}]
        limits = tuple(limited.index(source) for source in together if source in limited)
        hits = {"limits": limits, kind.channel: tuple(sorted(map(lanes.index, alone)))}
        yield from ((channel, hit) for channel, hit in hits.items() if hit)


def channels_of(influences: Sequence[Influence], lossy: Sequence[int], unsure: Sequence[int]) -> Channels | None:
    """The rows that each channel of a network is about; None where nothing ever happens.

    Among them are `lossy` lanes, on which not all that is shipped arrives, and `unsure` ones, where orders can be lost.
    """
    about: dict[str, set[int]] = {}
    for influence in influences:
        about.setdefault(influence.channel, set()).update(influence.rows)
    if lossy:
        about["surviving"] = set(lossy)
    if unsure:
        about["reaching"] = set(unsure)
    return Channels(**{name: rows(sorted(hit)) for name, hit in about.items()}) if about else None


def positions(channel_rows: NDArray[np.int64] | slice, size: int) -> dict[int, int]:
    """Where each row of the network stands in a channel."""
    return {int(row): place for place, row in enumerate(np.arange(size)[channel_rows])}
