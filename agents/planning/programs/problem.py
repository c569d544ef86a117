"""What a linear program is about: the periods that are planned, and where everything is before the first of them.

Letters: T periods, N sites, L lanes, K products, C customers, H machines, M limits that lanes have in common, and machines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.loads import needed_for
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from ...prospects.prospects import Prospect

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
    set_up: Floats | None = None
    """Share of each machine's hours that it is expected to be set up (H,); None: not at all."""
    between: Places | None = None
    """Periods after this one until it is each lane's turn again, where a machine makes one after the other (L,); None: none."""
    salvage: Floats | None = None
    """What a unit on the shelf at the end brings (N, K) [money/unit]; None: nothing."""
    price: Floats | None = None
    """What unit costs are multiplied by in each period (T, L); None: nothing."""
    taken: Floats | None = None
    """Whether orders are taken in each period (T, L), above 0 where they are; None: always."""
    dated: int = 0
    """For how many periods after this one orders are decided now too, for all futures."""

    @property
    def periods(self) -> int:
        """T."""
        return int(self.weight.size)

    def expecting(self, prospect: Prospect) -> PlanningProblem:
        """The same problem where prices, lanes and limits are expected to change."""
        left, taken = prospect.left, prospect.taken
        if left is not None and taken is not None:
            before = np.arange(self.periods)[:, None] - self.wait
            ordered = np.take_along_axis(taken, np.maximum(before, 0), axis=0)
            left = left * np.where(before >= 0, ordered, 1.0)
        return replace(self, left=left, limits_left=prospect.limits, price=prospect.price, taken=taken)

    def in_turn(self, turns: Floats) -> PlanningProblem:
        """The same problem where lanes ship, or begin to make, in some periods alone (T, L), above 0 where they do."""
        return replace(self, left=turns if self.left is None else self.left * turns)

    def effective(self, network: Network) -> Places:
        """Until which period what is decided now is the latest to have arrived at each site (N, K), by its main lane."""
        takes = self.wait + self.lead_time[0] + max(self.cadence - 1, self.dated)
        takes = takes if self.between is None else takes + self.between
        return np.where(network.topology.main_lanes >= 0, takes[network.topology.main_lanes], self.periods)

    def reach(self, network: Network) -> Places:
        """The same of what is ordered now anywhere on the way to a site (N, K), parts too: it goes on one period later."""
        found = self.effective(network)
        for item, takes in reversed(needed_for(network.topology, network.recipes)):
            onward = 1 + int(self.lead_time[0][network.topology.main_lanes[item]])
            found[item] = max([int(found[item]), *(int(found[part]) + onward for part in takes)])
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
