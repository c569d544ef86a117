"""How much more than usual customers will ask for, as far as a seat knows of promotions.

Letters: B batch, N sites, L lanes, K products, H periods ahead that promotions are known at most.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context
from orderup.envs.numerics.arrays import Array, tree_sum

from .downstream import CustomersBelow


class PromotedDemand:
    """Extra demand that the promotions known now bring, within each lane's protection interval.

    A site knows its own promotions, and a seat that sees all records what is reported of the others'; a lane counts those
    of the customers that its destination covers.
    """

    def __init__(self, context: Context) -> None:
        network, autonomy = context.network, context.autonomy
        self.planner = context.seats == (PLANNER,)
        self._hears = autonomy.sees(context.seats, "shared") and any(event.reported for event in network.scenario.promotions)
        self._below = CustomersBelow(network, context.backend)
        self._to = network.topology.destination
        ahead = max(event.known_ahead for event in network.scenario.promotions) + 1
        within = np.arange(ahead) < (network.times.protection - network.times.delay_at_most)[:, None]
        self._within = context.backend.asarray(within.astype(float)[None, :, :, None])
        self._mean = context.backend.asarray(network.demand.own_mean[None, :, None])

    def extra(self, information: Information) -> Array:
        """(B, L, K) [units]; below 0 where less than usual is to be expected."""
        own = 0.0 if self.planner else self._per_lane(information.own("promotions_ahead") - 1.0)
        if not self._hears:
            return own
        told = information.everywhere("promotions_reported") - 1.0
        if self.planner:
            return self._per_lane(told, covered=True)
        return own + self._per_lane(told, covered=True) - self._per_lane(told)

    def _per_lane(self, extra: Array, covered: bool = False) -> Array:
        """From shares of the mean by site and periods ahead (B, N, H, K), or (B, N, K) where H is 1, to units by lane."""
        shares = extra[:, :, None] if extra.ndim == 3 else extra
        units = shares * self._mean
        if covered:
            units = self._below.total(units)
        within = self._within[:, :, : units.shape[2]]
        return tree_sum((units[:, self._to] * within).swapaxes(0, 2)).swapaxes(0, 1)
