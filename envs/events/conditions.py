"""What is different from usual in a period: the part of the trace that events make, as a few numbers for lanes.

Letters: T periods, D the lanes (or limits) that a channel is about, N sites, B batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..forecasts.known_forecasts import KnownForecasts
from ..numerics.arrays import Array

Foreseen = tuple[tuple[int, Array], ...]
"""What is known ahead: how many periods, and the values (T + 1 + that many, …) of the events that are known so far ahead."""


class Conditions(NamedTuple):
    """Each (T+1, D, 1, B) for all periods or (D, 1, B) for one; None where a network has nothing of the kind."""

    accepting: Array | None = None
    """1 where orders are taken, 0 where they are not."""
    available: Array | None = None
    """Share of a lane's capacity that is there; 0 where nothing leaves."""
    moving: Array | None = None
    """1 where goods in transit move on, 0 where they stay."""
    receiving: Array | None = None
    """1 where goods are let in, 0 where they wait at the door."""
    limits: Array | None = None
    """Share that is left of a limit that lanes have in common."""
    price: Array | None = None
    """What the unit cost is multiplied by."""
    tariff: Array | None = None
    """Share of the unit cost that is paid on top."""
    surviving: Array | None = None
    """Share of a shipment that arrives."""
    delay: Array | None = None
    """Periods added to the lead time of what is shipped."""
    returning: Array | None = None
    """Share of what customers were served that they bring back."""
    reaching: Array | None = None
    """1 where what is ordered reaches the source, 0 where it is lost."""

    def at(self, period: int) -> Conditions:
        """Those of one period."""
        return Conditions(*(None if values is None else values[period] for values in self))


USUAL = Conditions()
"""Nothing is different."""
NEUTRAL = {name: 0.0 if name in ("tariff", "delay") else 1.0 for name in Conditions._fields}
"""The value of each channel that changes nothing."""
ADDED = frozenset(("tariff", "delay"))
"""Channels in which several events add up; in the others they multiply."""
WHOLE = frozenset(("delay",))
"""Channels in whole periods, to which an event that is only partly in force is rounded."""


@dataclass(frozen=True)
class Channels:
    """Which rows of the network each channel is about: lanes, or for `limits` its shared limits; None for no such channel."""

    accepting: Any = None
    available: Any = None
    moving: Any = None
    receiving: Any = None
    limits: Any = None
    price: Any = None
    tariff: Any = None
    surviving: Any = None
    delay: Any = None
    reaching: Any = None


class Outlook(NamedTuple):
    """What is revealed at a period's beginning: how things are, and what is known of the periods ahead."""

    now: Conditions
    period: int
    promotions: Foreseen = ()
    """Extra demand as a share of the mean (…, N, 1, B): as each site itself knows it."""
    reported: Foreseen = ()
    """The same as far as it is passed on to others."""
    announced: Mapping[str, Foreseen] = {}
    """By channel, what announced events will make of it (…, D, 1, B)."""
    forecasts: KnownForecasts | None = None
    """What is forecast of demand; None where nothing is."""

    def ahead(self, foreseen: Foreseen, periods: int, neutral: float = 0.0) -> Array:
        """What is known now about so many periods ahead: events add up where `neutral` is 0, and else multiply."""
        known = [values[self.period + periods] for notice, values in foreseen if notice >= periods]
        total = known[0]
        for other in known[1:]:
            total = total * other if neutral else total + other
        return total


def longest_notice(foreseen: Foreseen) -> int:
    """Periods that anything is known ahead; −1 for nothing."""
    return max((notice for notice, _ in foreseen), default=-1)
