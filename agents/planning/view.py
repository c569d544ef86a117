"""The network as a planner sees it in one episode: stock, what is under way by age, what was ordered and not yet shipped.

Letters: T periods, N sites, L lanes, K products, C customers, A the longest lead time, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.information.information import Information
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_float64

from ..sales.asked import AskedFor
from .programs.problem import Places


@dataclass(frozen=True, eq=False)
class PlannerView:
    """What all sites' inventory records show, of all episodes or (`of`) of one: batch first, or without a batch."""

    on_hand: Floats
    """(B, N, K) [units]"""
    backlog: Floats
    """(B, N, K) [units]"""
    owed: Floats
    """To other sites, and parts to recipes that have not begun (B, N, K) [units]."""
    demand: Floats
    """Of the last period (B, N, K) [units]."""
    unfilled: Floats
    """With what comes beside products that are made (B, L, K) [units]."""
    pipeline: Floats
    """By age, from 1 on (B, A, L, K) [units]."""

    @classmethod
    def of_all(cls, information: Information, network: Network, asked: AskedFor) -> PlannerView:
        """What information shows, demand as `asked` has it. Raises InputError below the visibility `shared`."""
        seen = {name: in_float64(information.everywhere(name)) for name in ("on_hand", "backlog", "owed")}
        seen["demand"] = in_float64(asked.everywhere(information).demand)
        if information.makes_goods:
            seen["owed"] = seen["owed"] + in_float64(information.everywhere("parts_owed"))
        slot = _slots(network)
        degree = int(slot.max()) + 1
        unfilled = in_float64(information.everywhere("unfilled"))
        by_slot = unfilled.reshape(*unfilled.shape[:2], degree, unfilled.shape[-1])
        pipeline = in_float64(information.everywhere("pipeline"))
        ages = int(network.times.lead_time.max())
        by_age = pipeline.reshape(*unfilled.shape[:2], ages, degree, unfilled.shape[-1])
        to = network.topology.destination
        return cls(**seen, unfilled=by_slot[:, to, slot], pipeline=np.moveaxis(by_age[:, to, :, slot], (0, 1, 2), (2, 0, 1)))

    def of(self, episode: int) -> PlannerView:
        """One episode's."""
        return PlannerView(**{name: values[episode] for name, values in vars(self).items()})

    @property
    def episodes(self) -> int:
        """B."""
        return len(self.on_hand)

    def position(self, network: Network) -> Floats:
        """Inventory position (N, K) of one episode, orders since not counted."""
        found = self.on_hand - self.backlog - self.owed
        np.add.at(found, network.topology.destination, self.unfilled + self.pipeline.sum(axis=0))
        return found

    def late(self, network: Network, lane: int) -> Floats:
        """What is on order at a lane's site and arrives after what the lane orders now would (K,), in one episode."""
        same, ages = (
            network.topology.destination == network.topology.destination[lane],
            np.arange(1, len(self.pipeline) + 1)[:, None],
        )
        own = network.times.protection[lane] - 1
        left = network.times.known_lead_time - ages
        under_way = (self.pipeline * ((left > own) & same)[:, :, None]).sum(axis=(0, 1))
        waiting = (self.unfilled * ((network.times.known_lead_time > own) & same)[:, None]).sum(axis=0)
        found: Floats = under_way + waiting
        return found

    def by_customer(self, network: Network) -> Floats:
        """Backlog (C, K) of one episode: a site's is that of those of its customers who wait and are served last."""
        waits = (
            np.ones(network.costs.price.shape[:2])
            if network.fulfilment.backlogged is None
            else network.fulfilment.backlogged[:, :, 0]
        )
        found, left = np.zeros_like(waits), self.backlog.copy()
        for row in reversed(range(len(found))):
            site = network.topology.customer_site[row]
            found[row] = waits[row] * left[site]
            left[site] = left[site] - found[row]
        return found

    def arriving(self, periods: int, network: Network, lead_time: Places) -> Floats:
        """What is under way (T, L, K) in one episode, by when it arrives on lanes that take `lead_time` (L,)."""
        found = np.zeros((periods, *self.unfilled.shape))
        for age, units in enumerate(self.pipeline, start=1):
            due = np.clip(lead_time - age, 0, periods - 1)
            np.add.at(found, (due, np.arange(len(due))), units)
        return found


def _slots(network: Network) -> Places:
    """Which of its destination's lanes each one is (L,), as the fields' entries count them."""
    to = network.topology.destination
    return np.array([int((to[:lane] == to[lane]).sum()) for lane in range(len(to))])
