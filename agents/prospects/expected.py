"""How what is seen of events is expected to go on: events that come and go at random by their chances, all else as it is.

Letters: R rows (lanes, or limits that lanes have in common), T periods, the first of which is the one that is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.events.conditions import ADDED
from orderup.envs.events.timing import During, Markov, Timing
from orderup.envs.network.event_effects import Influence
from orderup.envs.numerics.arrays import Floats

CLOSE = 1e-5
"""How near what is seen has to be to an event's effect, as sums in single precision are."""


@dataclass(frozen=True, eq=False)
class ExpectedEvent:
    """What an event that comes and goes makes of some rows while it is in force."""

    rows: NDArray[np.int64]
    value: float
    adds: bool
    """Whether it adds its value; else it multiplies by it."""
    begins: float
    """Chance that it begins in a period."""
    ends: float
    """Chance that it ends in one, once in force."""

    @classmethod
    def each(cls, influences: Iterable[Influence], regimes: Mapping[str, Timing]) -> tuple[ExpectedEvent, ...]:
        """Those that come and go with chances of their own, or with a regime's; chances within a regime are not looked at."""
        found = []
        for one in influences:
            timing = regimes[one.timing.name] if isinstance(one.timing, During) else one.timing
            if isinstance(timing, Markov):
                rows = np.array(one.rows, dtype=np.int64)
                found.append(cls(rows, one.value, one.channel in ADDED, timing.begins, timing.ends))
        return tuple(found)

    @property
    def usual_share(self) -> float:
        """Share of all periods that it is in force."""
        both = self.begins + self.ends
        return self.begins / both if both else 0.0

    def shows(self, seen: Floats) -> bool:
        """Whether all its rows look as they do while it is in force, or more so (R,)."""
        values, raises = seen[self.rows], self.value > (0.0 if self.adds else 1.0)
        return bool((values >= self.value - CLOSE if raises else values <= self.value + CLOSE).all())

    def chance(self, now: float, periods: int) -> Floats:
        """That it is in force in each period (T,), the chance being `now` in the first."""
        kept: Floats = np.power(1.0 - self.begins - self.ends, np.arange(periods, dtype=np.float64))
        return self.usual_share + (now - self.usual_share) * kept

    def course(self, now: float, periods: int) -> Floats:
        """What it is expected to add, or to multiply by (T,); what it closes is closed as long as that is likelier than not."""
        chance = self.chance(now, periods)
        if self.adds:
            return self.value * chance
        if self.value == 0.0:
            return np.where(chance > 0.5, 0.0, 1.0)
        return 1.0 + (self.value - 1.0) * chance


def going_on(seen: Floats, events: Sequence[ExpectedEvent], periods: int) -> Floats:
    """What rows that are `seen` so now (R,) are expected to come to (T, R): what no event in force accounts for stays."""
    rest, factor, more = seen.copy(), np.ones((periods, seen.size)), np.zeros((periods, seen.size))
    for event in events:
        shows = event.shows(seen)
        course = event.course(float(shows), periods)[:, None]
        if event.adds:
            rest[event.rows] -= event.value * shows
            more[:, event.rows] += course
        else:
            if shows:
                rest[event.rows] = rest[event.rows] / event.value if event.value else 1.0
            factor[:, event.rows] *= course
    return rest * factor + more


def unseen(events: Sequence[ExpectedEvent], usual: float, rows: int, periods: int) -> Floats:
    """What rows come to on average that nobody shows (T, R)."""
    found = np.full((periods, rows), usual)
    for event in events:
        course = event.course(event.usual_share, periods)[:, None]
        found[:, event.rows] = found[:, event.rows] + course if event.adds else found[:, event.rows] * course
    return found


@dataclass(frozen=True, eq=False)
class EventKind:
    """Events that change the same thing of the same rows."""

    usual: float
    """Where nothing happens."""
    adds: bool
    announced: tuple[ExpectedEvent, ...]
    others: tuple[ExpectedEvent, ...]
    unannounced: NDArray[np.bool_]
    """Rows that some event is about of which nobody is told beforehand (R,)."""

    @classmethod
    def of(
        cls, influences: Sequence[Influence], usual: float, rows: int, regimes: Mapping[str, Timing], heard: bool
    ) -> EventKind:
        """Of these influences; `heard` says whether whoever expects is told what is announced."""
        announced = [one for one in influences if heard and one.announced]
        others = [one for one in influences if not (heard and one.announced)]
        about = np.zeros(rows, dtype=bool)
        about[[row for one in others for row in one.rows]] = True
        adds = any(one.channel in ADDED for one in influences)
        return cls(usual, adds, ExpectedEvent.each(announced, regimes), ExpectedEvent.each(others, regimes), about)

    def expected(self, now: Floats | None, ahead: Floats | None, periods: int) -> Floats:
        """What rows come to (T, R) that are seen to be so `now` (R,), or not seen, and announced to be so `ahead` (A, R).

        What is seen of a row now is put down to events that are not announced unless it is announced for the next period.
        """
        if now is None:
            return unseen((*self.announced, *self.others), self.usual, self.unannounced.size, periods)
        if ahead is None or not len(ahead):
            return going_on(now, (*self.announced, *self.others), periods)
        own = np.where(self.unannounced & (abs(now - ahead[0]) > CLOSE), now, self.usual)
        others = going_on(own, self.others, periods)
        further = going_on(ahead[-1], self.announced, periods)[1:]
        told = np.concatenate([ahead[:1], ahead, further])[:periods]
        found = told + others if self.adds else told * others
        found[0] = now
        return found
