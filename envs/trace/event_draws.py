"""Drawing events: from a network's sources of events to the conditions of a batch of episodes.

Letters: T periods, D the lanes (or limits) that a channel is about, N sites, B episodes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from ..events.conditions import ADDED, NEUTRAL, WHOLE, Conditions, Foreseen
from ..events.timing import Regimes
from ..network.event_effects import Influence, positions
from ..network.event_sources import LossSource, ShareSource
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
        """How far each event that has an effect is in force (T', B)."""
        events = self.network.events
        timings = {one.event: one.timing for one in events.influences} | {
            one.name: one.timing for one in events.shifts if one.fails
        }
        return {name: timing.sample(self.draw(name, self._longest), self.regimes) for name, timing in timings.items()}

    def conditions(self, undisturbed: bool = False, told: bool = False) -> Conditions:
        """The conditions of all periods and of the one after (T+1, D, 1, B).

        `undisturbed`: without disruptions. `told`: without effects of which nobody is told.
        """
        influences = self.network.events.influences
        wanted = [one for one in influences if not ((undisturbed and one.fails) or (told and not one.told))]
        found = {
            channel: self._channel(channel, [one for one in wanted if one.channel == channel], self.periods + 1)
            for channel in dict.fromkeys(one.channel for one in wanted)
        }
        return Conditions(**found, surviving=self._surviving, returning=self._returning, reaching=self._reaching)

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

    @cached_property
    def _reaching(self) -> Array | None:
        """1 where a period's order reaches its source, else 0 (T+1, D, 1, B)."""
        sources = self.network.events.losses
        if not sources:
            return None
        drawn = [self._reaches(one) for one in sources]
        return self.backend.xp.stack([self.backend.asarray(1.0 * reaches) for reaches in drawn], axis=1)

    def _reaches(self, source: LossSource) -> Array:
        """Whether each period's order on one lane reaches its source (T+1, 1, B)."""
        drawn = self.draw(source.name, self.periods + 1).uniform("lost") >= source.chance
        if source.recorded is None:
            return drawn
        return drawn & self.backend.xp.asarray(source.recorded.arrives(self.periods + 1))[:, None, None]

    def _shares(self, sources: Sequence[ShareSource]) -> Array | None:
        """Shares that are drawn evenly around a mean in every period (T+1, D, 1, B)."""
        if not sources:
            return None
        luck = [2 * self.draw(one.name, self.periods + 1).uniform("share") - 1 for one in sources]
        drawn = [one.mean + one.spread * values for one, values in zip(sources, luck, strict=True)]
        return self.backend.xp.stack([self.backend.asarray(values) for values in drawn], axis=1)

    def outage(self) -> Array | None:
        """Whether anything is disrupted in a period (T, B); None for a network without disruptions."""
        events = self.network.events
        names = [one.event for one in events.influences if one.fails] + [one.name for one in events.shifts if one.fails]
        if not names:
            return None
        return reduce(operator.or_, [self.degrees[name][: self.periods] > 0 for name in dict.fromkeys(names)])

    def announced(self, undisturbed: bool = False) -> dict[str, Foreseen]:
        """By channel, what announced events will make of it, for each distance at which some are known."""
        wanted = [one for one in self.network.events.influences if one.announced and not (undisturbed and one.fails)]
        found: dict[str, Foreseen] = {}
        for channel in dict.fromkeys(one.channel for one in wanted):
            hits = [one for one in wanted if one.channel == channel]
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
        return [
            self.degrees[one.name][: self.periods]
            if one.fails
            else one.timing.sample(self.draw(one.name, self.periods), regimes)
            for one in self.network.events.shifts
        ]

    def demand_factor(self, site: str, undisturbed: bool = False) -> Array | None:
        """What the demand at a site is multiplied by (T, B), by shifts and promotions together; None for nothing."""
        factor: Array | None = self.promotions.factor(site)
        for shift, degree in zip(self.network.events.shifts, self.shifted, strict=True):
            if site in shift.changes and not (undisturbed and shift.fails):
                factor = (1.0 if factor is None else factor) * (1.0 + shift.changes[site] * degree)
        return factor
