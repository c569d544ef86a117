"""Drawing events: from the scenario's blocks to the conditions of a batch of episodes.

Letters: T periods, D the lanes (or limits) that a channel is about, N sites, B episodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..events.conditions import ADDED, NEUTRAL, WHOLE, Conditions, Foreseen
from ..events.names import numbered
from ..events.timing import Regimes
from ..network.event_effects import Influence, influences, names_of, positions
from ..numerics.arrays import Array
from ..numerics.backend import Backend
from ..numerics.draws import Draw
from .promotions import Promoted, promoted

if TYPE_CHECKING:
    from ..network.network import Network

Drawer = Callable[[str, int], Draw]
"""Makes the draw of a named event for so many periods."""


@dataclass(frozen=True)
class Events:
    """Everything that happens to a network in a batch of episodes apart from demand, drawn when it is asked for."""

    network: Network
    backend: Backend
    periods: int
    """T."""
    draw: Drawer

    @cached_property
    def regimes(self) -> Regimes:
        """How far each regime is in force (T', B), as far ahead as anything is known."""
        found = self.network.scenario.regimes
        return {name: regime.when.sample(self.draw(f"regime {name}", self._longest), {}) for name, regime in found.items()}

    @cached_property
    def _longest(self) -> int:
        scenario = self.network.scenario
        notices = [event.announced for event in scenario.disruptions] + [event.announced for event in scenario.prices]
        return self.periods + 1 + max(notices, default=0)

    @property
    def names(self) -> list[str]:
        """What disruptions, and then changes of prices, are called."""
        return names_of(self.network.scenario)

    @cached_property
    def influences(self) -> list[Influence]:
        """What events do to lanes and shared limits."""
        return influences(self.network.scenario, self.network.lanes, self.network.limited)

    @cached_property
    def degrees(self) -> dict[str, Array]:
        """How far each event is in force (T', B)."""
        return {one.event: one.timing.sample(self.draw(one.event, self._longest), self.regimes) for one in self.influences}

    def conditions(self, undisturbed: bool = False) -> Conditions:
        """The conditions of all periods and of the one after (T+1, D, 1, B); `undisturbed`, without disruptions."""
        wanted = [one for one in self.influences if not (undisturbed and one.fails)]
        found = {
            channel: self._channel(channel, [one for one in wanted if one.channel == channel], self.periods + 1)
            for channel in dict.fromkeys(one.channel for one in wanted)
        }
        return Conditions(**found, surviving=self._surviving, returning=self._returning)

    def _channel(self, channel: str, hits: list[Influence], periods: int) -> Array:
        sizes = len(self.network.limited) if channel == "limits" else len(self.network.lanes)
        place = positions(getattr(self.network.channels, channel), sizes)
        batch = next(iter(self.degrees.values())).shape[-1]
        values = self.backend.zeros(periods, len(place), 1, batch) + NEUTRAL[channel]
        for one in hits:
            drawn = self.degrees[one.event][:periods]
            degree = self.backend.asarray(1.0 * (drawn > 0) if one.pauses else drawn)[:, None, None]
            at = [place[row] for row in one.rows]
            if channel in ADDED:
                more = one.value * degree
                values[:, at] = values[:, at] + (self.backend.xp.round(more) if channel in WHOLE else more)
            else:
                values[:, at] = values[:, at] * (1.0 + (one.value - 1.0) * degree)
        return values

    @cached_property
    def _surviving(self) -> Array | None:
        lossy = [lane for lane in map(self.network.scenario_lane, self.network.lanes) if lane.yield_ is not None]
        return self._shares([(f"yield of {lane.label}", lane.yield_.mean, lane.yield_.spread) for lane in lossy if lane.yield_])

    @cached_property
    def _returning(self) -> Array | None:
        entries = self.network.scenario.returns
        names = numbered(f"returns:{'+'.join(entry.leaves)}>{entry.gains}" for entry in entries)
        return self._shares([(name, entry.share, entry.spread) for name, entry in zip(names, entries, strict=True)])

    def _shares(self, named: list[tuple[str, float, float]]) -> Array | None:
        """Shares that are drawn evenly around a mean in every period (T+1, D, 1, B)."""
        if not named:
            return None
        drawn = [mean + spread * (2 * self.draw(name, self.periods + 1).uniform("share") - 1) for name, mean, spread in named]
        return self.backend.xp.stack([self.backend.asarray(values) for values in drawn], axis=1)

    def outage(self) -> Array | None:
        """Whether anything is disrupted in a period (T, B); None for a network without disruptions."""
        degrees = [self.degrees[one.event][: self.periods] > 0 for one in self.influences if one.fails]
        if not degrees:
            return None
        hit = degrees[0]
        for other in degrees[1:]:
            hit = hit | other
        return hit

    def announced(self) -> dict[str, Foreseen]:
        """By channel, what announced events will make of it, for each distance at which some are known."""
        found: dict[str, Foreseen] = {}
        for channel in dict.fromkeys(one.channel for one in self.influences if one.announced):
            hits = [one for one in self.influences if one.channel == channel and one.announced]
            found[channel] = tuple(
                (notice, self._channel(channel, [one for one in hits if one.announced == notice], self.periods + 1 + notice))
                for notice in sorted({one.announced for one in hits})
            )
        return found

    @cached_property
    def promotions(self) -> Promoted:
        """The promotions of all sites."""
        return promoted(self.network, self.backend, self.periods, self.draw)

    @cached_property
    def shifted(self) -> list[Array]:
        """How far each shift is in force (T, B)."""
        shifts, periods = self.network.scenario.shifts, self.periods
        names = numbered(one.name or f"shift:{'+'.join(one.at or (*(one.leaves or ()), *(one.gains or ())))}" for one in shifts)
        regimes = {name: degree[:periods] for name, degree in self.regimes.items()}
        return [one.when.sample(self.draw(name, periods), regimes) for name, one in zip(names, shifts, strict=True)]

    def demand_factor(self, site: str) -> Array | None:
        """What the demand at a site is multiplied by (T, B), by shifts and promotions together; None for nothing."""
        factor: Array | None = self.promotions.factor(site)
        if not self.network.scenario.shifts:
            return factor
        means = dict(zip(self.network.sites, self.network.own_mean.sum(axis=1).tolist(), strict=True))
        for shift, degree in zip(self.network.scenario.shifts, self.shifted, strict=True):
            gains, leaves = tuple(shift.gains or ()), tuple(shift.leaves or ())
            change = None
            if site in (shift.at or ()) and shift.factor is not None:
                change = shift.factor - 1.0
            elif site in leaves and shift.share is not None:
                change = -shift.share
            elif site in gains and shift.share is not None:
                change = shift.share * sum(means[name] for name in leaves) / max(sum(means[name] for name in gains), 1e-12)
            if change is not None:
                factor = (1.0 if factor is None else factor) * (1.0 + change * degree)
        return factor
