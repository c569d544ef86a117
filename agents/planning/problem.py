"""What a linear program is about: the periods that are planned, and where everything is before the first of them.

Letters: T periods, N sites, L lanes, K products, C customers, M limits that lanes have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

Places = NDArray[np.int64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PlanningProblem:
    """What a program is about: how long, what counts, and what is decided before the futures part."""

    lead_time: Places
    """Of what is shipped in each period (T, L) [periods]."""
    weight: Floats
    """How much a period's costs count (T,)."""
    wait: Places
    """Periods until what is ordered now reaches its source (L,); before, sources ship what they were asked for earlier."""
    futures: int = 1
    decided: bool = False
    """Whether one decision for all futures is made now; else each future is known from its start."""
    cadence: int = 1
    """Orders can be placed now and every so many periods."""
    terminal: Floats | None = None
    """What a unit at a site is worth in the end (N, K) [money/unit]; None: nothing."""
    left: Floats | None = None
    """Share of each lane's capacity that is there in each period (T, L); 0 where nothing leaves; None: all of it."""
    limits_left: Floats | None = None
    """The same of each limit that lanes have in common (T, M)."""
    salvage: Floats | None = None
    """What a unit on the shelf at the end brings (N, K) [money/unit]; None: nothing."""
    price: Floats | None = None
    """What unit costs are multiplied by in each period (T, L); None: nothing."""

    @property
    def periods(self) -> int:
        """T."""
        return int(self.weight.size)

    def effective(self, network: Network) -> Places:
        """Until which period what is ordered now is the latest to have arrived at each site (N, K), by its main lane."""
        takes = self.wait + self.lead_time[0] + self.cadence - 1
        return np.where(network.topology.main_lanes >= 0, takes[network.topology.main_lanes], self.periods)

    def reach(self, network: Network) -> Places:
        """The same of what is ordered now anywhere on the way to a site (N, K): it is sent on a period after it came."""
        found, sources = self.effective(network), network.topology.main_sources
        onward = 1 + self.lead_time[0][network.topology.main_lanes]
        for _ in range(max(network.topology.echelon)):
            passed = found[sources, np.arange(found.shape[1])] + onward
            found = np.maximum(found, np.where(sources >= 0, passed, 0))
        return found

    @classmethod
    def hindsight(cls, network: Network, lead_time: Places, warmup: int) -> PlanningProblem:
        """The whole of an episode whose costs count after its warm-up."""
        periods = np.arange(len(lead_time))
        weight = (periods >= warmup) * network.scenario.discount ** (periods - warmup)
        weight = weight * (len(lead_time) - warmup) / weight.sum() if network.scenario.discount < 1 else weight
        salvage = None if network.mechanisms.ending is None else network.mechanisms.ending.on_hand[:, :, 0]
        return cls(lead_time, weight, network.times.order_delay, salvage=salvage)


@dataclass(frozen=True, eq=False)
class InitialState:
    """Where every unit and every order is before the first period."""

    on_hand: Floats
    """(N, K) [units]"""
    backlog: Floats
    """(C, K) [units]"""
    arriving: Floats
    """What is under way, by the period in which it arrives (T, L, K) [units]."""
    open_orders: Floats
    """(L, K) [units]"""
    known: Floats
    """Orders of before, by the period in which they reach their source (T, L, K) [units]."""

    @classmethod
    def of_episode(cls, network: Network, periods: int) -> InitialState:
        """As every episode begins."""
        lanes, arrives = network.start.lane_initial[:, :, 0], np.arange(periods)[:, None, None]
        undisturbed = network.times.lead_time - network.times.delay_at_most
        known = 0.0 if network.start.opening is None else network.start.opening.arriving(periods, undisturbed)
        return cls(
            on_hand=network.start.initial[:, :, 0],
            backlog=np.zeros(network.costs.price.shape[:2]) if network.start.owed is None else network.start.owed[:, :, 0],
            arriving=lanes * (arrives < undisturbed[:, None]) + known,
            open_orders=np.zeros_like(lanes),
            known=lanes * (arrives < network.times.order_delay[:, None]),
        )
