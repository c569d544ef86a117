"""How long lanes take: lead times, drawn ones among them, and what comes before and on top of them.

Letters as in orderup.envs.network.network: L lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..demand.lead_time import LeadTime
from ..scenario.scenario import Scenario
from .event_effects import Influence
from .topology import Topology


@dataclass(frozen=True)
class LeadTimeSource:
    """A lane that draws its lead times."""

    lane: str
    """Its label, which is the key of its randomness."""
    destination: str
    process: LeadTime


@dataclass(frozen=True)
class LaneTimes:
    """Times of each lane, all (L,) [periods]."""

    lead_time: NDArray[np.int64]
    """Longest lead time."""
    known_lead_time: NDArray[np.int64]
    """The same as far as those who decide know: what was promised, or the truth."""
    order_delay: NDArray[np.int64]
    delay_at_most: NDArray[np.int64]
    """What disruptions add to the lead time at most; part of `lead_time`."""
    is_random: NDArray[np.bool_]
    """Which lanes draw their lead times."""
    is_delayed: bool
    """Whether any source learns of orders later than they are placed."""
    drawn: tuple[LeadTimeSource, ...]
    """The lanes that draw their lead times, in order."""

    @cached_property
    def protection(self) -> NDArray[np.int64]:
        """Protection interval of each lane as it is known, from an order to the last demand it serves."""
        interval: NDArray[np.int64] = self.known_lead_time + self.order_delay + 1
        return interval


def compile_times(scenario: Scenario, topology: Topology, influences: Sequence[Influence]) -> LaneTimes:
    """The times of a scenario's lanes, with all delays that events can bring."""
    lanes = topology.lanes_of(scenario)
    delay = np.zeros(len(lanes), dtype=np.int64)
    for influence in influences:
        if influence.channel == "delay":
            delay[list(influence.rows)] += int(influence.value)
    order_delay = np.array([lane.order_delay for lane in lanes])
    random = np.array([lane.lead_time.random for lane in lanes]) | (delay > 0)
    return LaneTimes(
        lead_time=np.array([lane.lead_time.longest for lane in lanes]) + delay,
        known_lead_time=np.array([lane.known_lead_time.longest for lane in lanes]) + delay,
        order_delay=order_delay,
        delay_at_most=delay,
        is_random=random,
        is_delayed=bool(order_delay.any()),
        drawn=tuple(
            LeadTimeSource(lanes[row].label, lanes[row].destination, lanes[row].lead_time) for row in np.flatnonzero(random)
        ),
    )
