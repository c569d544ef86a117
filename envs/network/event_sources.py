"""Where events come from: all that a network's trace draws apart from demand and lead times.

Letters as in orderup.envs.network.network: N sites.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..demand.file import FileDemand
from ..demand.lead_time import LeadTime
from ..events.conditions import Channels
from ..events.effects import CHANGEABLE
from ..events.names import numbered
from ..events.schema import Promotion, Shift
from ..events.timing import Timing
from ..scenario.scenario import Scenario
from .demand_sources import DemandSources
from .event_effects import Influence, channels_of, events_of, names_of
from .topology import Topology


@dataclass(frozen=True)
class ShareSource:
    """A share that is drawn evenly around its mean in every period: of a shipment that arrives, of sales that come back."""

    name: str
    """The key of its randomness, as with all that is drawn here."""
    mean: float
    spread: float


@dataclass(frozen=True)
class LossSource:
    """A lane on which a period's order is lost with some chance, or in periods that its lead times name."""

    name: str
    chance: float
    recorded: LeadTime | None = None


@dataclass(frozen=True)
class ShiftSource:
    """A shift of demand, or what a disruption makes of it."""

    name: str
    timing: Timing
    changes: Mapping[str, float]
    """By site, the share of its mean demand that is added while the shift is wholly in force."""
    fails: bool = False
    """Whether it is a disruption's."""


@dataclass(frozen=True)
class PromotionSource:
    """The promotions of one kind at a site."""

    name: str
    site: str
    row: int
    """The site's number."""
    keys: Promotion
    record: FileDemand | None
    """Where recorded ones stand; None for those that are drawn."""


@dataclass(frozen=True)
class EventSources:
    """Everything that can happen to a network."""

    channels: Channels | None
    """What events change; None where nothing ever happens."""
    influences: tuple[Influence, ...]
    """What they do to lanes and shared limits."""
    names: tuple[str, ...]
    """What disruptions, and then changes of prices, are called."""
    longest_notice: int
    """Periods ahead that any of these is announced."""
    regimes: Mapping[str, Timing]
    yields: tuple[ShareSource, ...]
    """Of each lane on which not all arrives, in order."""
    losses: tuple[LossSource, ...]
    """Of each lane whose orders can be lost, in order."""
    returns: tuple[ShareSource, ...]
    """Of each way back."""
    shifts: tuple[ShiftSource, ...]
    promotions: tuple[PromotionSource, ...]

    @cached_property
    def notice(self) -> dict[str, int]:
        """By channel, how many periods ahead any of its events is announced."""
        found: dict[str, int] = {}
        for influence in self.influences:
            found[influence.channel] = max(found.get(influence.channel, 0), influence.announced)
        return found


def compile_events(
    scenario: Scenario, topology: Topology, influences: Sequence[Influence], demand: DemandSources
) -> EventSources:
    """The events of a scenario; `influences` are what they do to lanes and shared limits."""
    lossy = [(lane.label, lane.yield_) for lane in topology.lanes_of(scenario) if lane.yield_ is not None]
    unsure = [(lane.label, lane) for lane in topology.lanes_of(scenario) if lane.can_lose]
    ways = numbered(f"returns:{'+'.join(entry.leaves)}>{entry.gains}" for entry in scenario.returns)
    return EventSources(
        channels=channels_of(influences, *([topology.lanes.index(label) for label, _ in some] for some in (lossy, unsure))),
        influences=tuple(influences),
        names=tuple(names_of(scenario)),
        longest_notice=max((event.announced for event in events_of(scenario)), default=0),
        regimes={name: regime.when for name, regime in scenario.regimes.items()},
        yields=tuple(ShareSource(f"yield of {label}", share.mean, share.spread) for label, share in lossy),
        losses=tuple(
            LossSource(f"lost orders of {label}", lane.lost_orders, lane.lead_time if lane.lead_time.loses else None)
            for label, lane in unsure
        ),
        returns=tuple(ShareSource(name, keys.share, keys.spread) for name, keys in zip(ways, scenario.returns, strict=True)),
        shifts=(*_shifts(scenario, topology, demand), *_of_effects(scenario)),
        promotions=_promotions(scenario, topology, demand),
    )


def _shifts(scenario: Scenario, topology: Topology, demand: DemandSources) -> tuple[ShiftSource, ...]:
    if not scenario.shifts:
        return ()
    names = numbered(
        one.name or f"shift:{'+'.join(one.at or (*(one.leaves or ()), *(one.gains or ())))}" for one in scenario.shifts
    )
    means = dict(zip(topology.sites, demand.own_mean.sum(axis=1).tolist(), strict=True))
    return tuple(
        ShiftSource(name, shift.when, _changes(shift, means)) for name, shift in zip(names, scenario.shifts, strict=True)
    )


def _of_effects(scenario: Scenario) -> Iterator[ShiftSource]:
    """What events' effects make of demand."""
    for name, event in zip(names_of(scenario), events_of(scenario), strict=True):
        for change in event.changes:
            if CHANGEABLE[change.of].channel is None:
                yield ShiftSource(name, event.when, dict.fromkeys(event.at, change.to - 1.0), event.fails)


def _changes(shift: Shift, means: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    if shift.share is not None:
        gains, leaves = tuple(shift.gains or ()), tuple(shift.leaves or ())
        moved = shift.share * sum(means[name] for name in leaves) / max(sum(means[name] for name in gains), 1e-12)
        found |= dict.fromkeys(gains, moved) | dict.fromkeys(leaves, -shift.share)
    if shift.factor is not None:
        found |= dict.fromkeys(shift.at or (), shift.factor - 1.0)
    return found


def _promotions(scenario: Scenario, topology: Topology, demand: DemandSources) -> tuple[PromotionSource, ...]:
    names = numbered(event.name or f"promotion:{'+'.join(event.at)}" for event in scenario.promotions)
    found = []
    for name, event in zip(names, scenario.promotions, strict=True):
        for site in event.at:
            key = name if event.together else f"{name} at {site}"
            record = _record(demand, site) if event.recorded else None
            found.append(PromotionSource(key, site, topology.sites.index(site), event, record))
    return tuple(found)


def _record(demand: DemandSources, site: str) -> FileDemand:
    (process,) = [source.process for source in demand.sources if source.site == site]
    assert isinstance(process, FileDemand)  # as the scenario was checked
    return process
