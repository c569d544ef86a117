"""How a network takes a disruption: the same episodes with and without it, period by period.

Letters: B episodes, T periods, O offsets from an outage's beginning.

Of every episode one outage is evaluated: the first that begins after the warm-up and finds the network at rest, which is
`steady` periods without an outage and with the service of its undisturbed twin. It is followed until the network has recovered,
whatever else fails meanwhile; later outages of the episode are not evaluated. Performance is the fill rate. The curve, its
depth and its area are the resilience triangle of Bruneau et al., Earthquake Spectra 19 (2003); time to survive and time to
recover are those of Simchi-Levi et al., Interfaces 45 (2015), told of the network's service rather than of a failed node;
Snyder et al., IIE Transactions 48 (2016), review all of them. What an episode does not live to see is censored: its time is
counted up to where it was last looked for, so that a mean with censored cases is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..statistics.statistics import Floats
from .amounts import Amount

Flags = NDArray[np.bool_]
Periods = NDArray[np.int64]

TOLERANCE = 0.02
"""Fill rate below the twin's that is no loss of service."""
ROUNDING = 1e-6
"""Share of an order below which it is the twin's."""
BEFORE, AFTER = 10, 120
"""Periods before and after an outage's beginning that curves show."""

OUTAGES = Amount("outages")
OUTAGE_PERIODS = Amount("outage_periods")
DETECT_PERIODS = Amount("detect_periods")
SURVIVE_PERIODS = Amount("survive_periods")
RECOVER_PERIODS = Amount("recover_periods")
FILL_DEPTH = Amount("fill_depth")
LOST_FILL = Amount("lost_fill")
EXTRA_COST = Amount("extra_cost")
UNDETECTED = Amount("undetected")
UNHARMED = Amount("unharmed")
UNRECOVERED = Amount("unrecovered")
DISRUPTION_COST = Amount("disruption_cost")
"""What `Response.sums` tells of each episode."""


@dataclass(frozen=True)
class Course:
    """What some episodes came to in each period (B, T)."""

    on_time: Floats
    """Units served in the period they were asked for."""
    demanded: Floats
    cost: Floats
    """[money]"""
    orders: Floats
    """One number that moves with the order on any lane; on a feed without errors, where the autonomy level's has some."""

    @cached_property
    def fill(self) -> Floats:
        """Share served on time, 1 where nobody asked."""
        asked = self.demanded > 0
        return np.where(asked, self.on_time / np.where(asked, self.demanded, 1.0), 1.0)


@dataclass(frozen=True)
class Response:
    """What the evaluated outage of each episode (B,) did; where an episode has none, it begins at T."""

    disturbed: Course
    twin: Course
    """The same episodes without disruptions."""
    outage: Flags
    """Whether anything is disrupted (B, T)."""
    warmup: int
    steady: int
    """Periods in a row with the twin's service that make a recovery."""

    @cached_property
    def shortfall(self) -> Floats:
        """Fill rate below the twin's (B, T), never negative."""
        return np.maximum(self.twin.fill - self.disturbed.fill, 0.0)

    @cached_property
    def begins(self) -> Periods:
        """First period of the evaluated outage (B,)."""
        earlier = np.pad(self.outage, ((0, 0), (1, 0)))[:, :-1]
        unrest = np.pad(np.cumsum(self.outage | self._dropped, axis=1), ((0, 0), (1, 0)))
        since = np.maximum(np.arange(self._periods) - self.steady, 0)
        at_rest = unrest[:, :-1] == unrest[:, since]
        return first_of(self.outage & ~earlier & at_rest, np.full(len(self.outage), self.warmup))

    @cached_property
    def evaluated(self) -> Flags:
        """Which episodes have an outage to evaluate (B,)."""
        return self.begins < self._periods

    @cached_property
    def ends(self) -> Periods:
        """First period after the outage (B,)."""
        return first_of(~self.outage, self.begins)

    @cached_property
    def drops(self) -> Periods:
        """First period of less service (B,), T where service holds until `steady` periods after the outage."""
        found = first_of(self._dropped, self.begins)
        return np.where(found < self.ends + self.steady, found, self._periods)

    @cached_property
    def recovers(self) -> Periods:
        """First of `steady` periods in a row with the twin's service (B,), T where none are; of the unharmed, `begins`."""
        calm = np.cumsum(np.pad(~self._dropped, ((0, 0), (1, 0))), axis=1)
        lasting = np.zeros_like(self._dropped)
        if self.steady <= self._periods:
            lasting[:, : self._periods - self.steady + 1] = calm[:, self.steady :] - calm[:, : -self.steady] == self.steady
        return np.where(self.unharmed, self.begins, first_of(lasting, self.drops))

    @cached_property
    def deviates(self) -> Periods:
        """First period from the beginning on in which orders are further from the twin's than before (B,), else T.

        Before, while the network was at rest, they may differ for what an earlier outage has left behind. Orders that differ
        before any outage are drawn by lot, and detect nothing.
        """
        ours, theirs = self.disturbed.orders, self.twin.orders
        apart = np.maximum(abs(ours - theirs) - ROUNDING * np.maximum(abs(ours), abs(theirs)), 0.0)
        every = np.arange(self._periods)
        resting = (every >= self.begins[:, None] - self.steady) & (every < self.begins[:, None])
        found = first_of(apart > (apart * resting).max(axis=1, keepdims=True), self.begins)
        untouched = ~np.logical_or.accumulate(self.outage, axis=1)
        by_lot = ((apart > 0) & untouched).any(axis=1)
        return np.where((found < self._watched) & ~by_lot, found, self._periods)

    @property
    def unharmed(self) -> Flags:
        """Where service holds (B,)."""
        held: Flags = self.evaluated & (self.drops == self._periods)
        return held

    @property
    def unrecovered(self) -> Flags:
        """Where service is not back before the episode ends (B,)."""
        ended: Flags = self.evaluated & (self.recovers == self._periods)
        return ended

    @property
    def undetected(self) -> Flags:
        """Where orders are the twin's throughout (B,)."""
        unmoved: Flags = self.evaluated & (self.deviates == self._periods)
        return unmoved

    @cached_property
    def closes(self) -> Periods:
        """First period that is no longer counted (B,): the outage is over and service is back."""
        return np.maximum(self.recovers, self.ends)

    @property
    def sums(self) -> dict[str, Floats]:
        """Numerators and denominators of each episode (B,), all 0 where there is no outage to evaluate."""
        within = _between(self.begins, self.closes, self._periods)
        dearer = self.disturbed.cost - self.twin.cost
        found = {
            OUTAGES: np.ones(len(self.evaluated)),
            OUTAGE_PERIODS: 1.0 * (self.ends - self.begins),
            DETECT_PERIODS: 1.0 * (np.where(self.undetected, self._watched, self.deviates) - self.begins),
            SURVIVE_PERIODS: 1.0 * (np.where(self.unharmed, self.ends, self.drops) - self.begins),
            RECOVER_PERIODS: 1.0 * (self.recovers - self.begins),
            FILL_DEPTH: (self.shortfall * within).max(axis=1),
            LOST_FILL: (self.shortfall * within).sum(axis=1),
            EXTRA_COST: (dearer * within).sum(axis=1),
            UNDETECTED: 1.0 * self.undetected,
            UNHARMED: 1.0 * self.unharmed,
            UNRECOVERED: 1.0 * self.unrecovered,
        }
        counted = dearer[:, self.warmup :].sum(axis=1)
        return {amount.name: values * self.evaluated for amount, values in found.items()} | {DISRUPTION_COST.name: counted}

    @property
    def curve(self) -> dict[str, Floats]:
        """Sums over episodes by offset from the outage's beginning (O,), the squares too that intervals need.

        An episode counts from when it is at rest until its next outage begins: when that is hangs on no policy, so that those
        that are left stand for all.
        """
        offsets = np.arange(-BEFORE, AFTER)
        at = self.begins[:, None] + offsets
        seen = self.evaluated[:, None] & (at >= 0) & (at < self._next[:, None]) & (offsets >= -self.steady)
        rows, place = np.arange(len(at))[:, None], np.clip(at, 0, self._periods - 1)
        gap = self.disturbed.fill - self.twin.fill
        dearer = self.disturbed.cost - self.twin.cost
        series = {
            "episodes": np.ones_like(gap),
            "outage": 1.0 * self.outage,
            "fill": self.disturbed.fill,
            "twin_fill": self.twin.fill,
            "gap": gap,
            "gap_squares": gap**2,
            "cost": self.disturbed.cost,
            "twin_cost": self.twin.cost,
            "extra_cost": dearer,
            "extra_cost_squares": dearer**2,
        }
        return {name: (values[rows, place] * seen).sum(axis=0) for name, values in series.items()}

    @property
    def _periods(self) -> int:
        return int(self.outage.shape[1])

    @property
    def _next(self) -> Periods:
        """First period of the outage after the evaluated one (B,), T where there is none."""
        return first_of(self.outage, self.ends)

    @cached_property
    def _dropped(self) -> Flags:
        return self.shortfall > TOLERANCE

    @cached_property
    def _watched(self) -> Periods:
        """Until when orders are compared (B,)."""
        return np.minimum(np.maximum(self.closes, self.ends + self.steady), self._periods)


def first_beginning(in_force: Flags, since: int) -> Periods:
    """First period from `since` on in which something begins (B,), of when it is in force (B, T); T where it never does."""
    earlier = np.pad(in_force, ((0, 0), (1, 0)))[:, :-1]
    return first_of(in_force & ~earlier, np.full(len(in_force), since))


def first_of(hits: Flags, since: Periods) -> Periods:
    """First hit (B, T) at or after a period of each episode (B,), T where there is none."""
    later = hits & (np.arange(hits.shape[1]) >= since[:, None])
    found: Periods = np.where(later.any(axis=1), later.argmax(axis=1), hits.shape[1])
    return found


def _between(first: Periods, end: Periods, periods: int) -> Flags:
    """Which periods (B, T) are in [first, end)."""
    every = np.arange(periods)
    return (every >= first[:, None]) & (every < end[:, None])
