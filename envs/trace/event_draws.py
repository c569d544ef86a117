"""Drawing events: from a network's sources of events to the conditions of a batch of episodes.

Letters: T periods, D the lanes (or limits) that a channel is about, N sites, B episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..events.conditions import ADDED, NEUTRAL, WHOLE, Conditions, Foreseen
from ..events.timing import Regimes
from ..network.event_effects import Influence, positions
from ..network.event_sources import ShareSource
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
        found = self.network.events.regimes
        return {name: timing.sample(self.draw(f"regime {name}", self._longest), {}) for name, timing in found.items()}

    @property
    def _longest(self) -> int:
        return self.periods + 1 + self.network.events.longest_notice

    @cached_property
    def degrees(self) -> dict[str, Array]:
        """How far each event is in force (T', B)."""
        return {
            one.event: one.timing.sample(self.draw(one.event, self._longest), self.regimes)
            for one in self.network.events.influences
        }

    def conditions(self, undisturbed: bool = False) -> Conditions:
        """The conditions of all periods and of the one after (T+1, D, 1, B); `undisturbed`, without disruptions."""
        wanted = [one for one in self.network.events.influences if not (undisturbed and one.fails)]
        found = {
            channel: self._channel(channel, [one for one in wanted if one.channel == channel], self.periods + 1)
            for channel in dict.fromkeys(one.channel for one in wanted)
        }
        return Conditions(**found, surviving=self._surviving, returning=self._returning)

    def _channel(self, channel: str, hits: list[Influence], periods: int) -> Array:
        sizes = len(self.network.limits.limited) if channel == "limits" else len(self.network.lanes)
        place = positions(getattr(self.network.events.channels, channel), sizes)
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
        return self._shares(self.network.events.yields)

    @cached_property
    def _returning(self) -> Array | None:
        return self._shares(self.network.events.returns)

    def _shares(self, sources: Sequence[ShareSource]) -> Array | None:
        """Shares that are drawn evenly around a mean in every period (T+1, D, 1, B)."""
        if not sources:
            return None
        luck = [2 * self.draw(one.name, self.periods + 1).uniform("share") - 1 for one in sources]
        drawn = [one.mean + one.spread * values for one, values in zip(sources, luck, strict=True)]
        return self.backend.xp.stack([self.backend.asarray(values) for values in drawn], axis=1)

    def outage(self) -> Array | None:
        """Whether anything is disrupted in a period (T, B); None for a network without disruptions."""
        degrees = [self.degrees[one.event][: self.periods] > 0 for one in self.network.events.influences if one.fails]
        if not degrees:
            return None
        hit = degrees[0]
        for other in degrees[1:]:
            hit = hit | other
        return hit

    def announced(self) -> dict[str, Foreseen]:
        """By channel, what announced events will make of it, for each distance at which some are known."""
        found: dict[str, Foreseen] = {}
        for channel in dict.fromkeys(one.channel for one in self.network.events.influences if one.announced):
            hits = [one for one in self.network.events.influences if one.channel == channel and one.announced]
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
        regimes = {name: degree[: self.periods] for name, degree in self.regimes.items()}
        return [one.timing.sample(self.draw(one.name, self.periods), regimes) for one in self.network.events.shifts]

    def demand_factor(self, site: str) -> Array | None:
        """What the demand at a site is multiplied by (T, B), by shifts and promotions together; None for nothing."""
        factor: Array | None = self.promotions.factor(site)
        for shift, degree in zip(self.network.events.shifts, self.shifted, strict=True):
            if site in shift.changes:
                factor = (1.0 if factor is None else factor) * (1.0 + shift.changes[site] * degree)
        return factor
