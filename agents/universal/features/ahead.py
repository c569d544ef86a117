"""What is expected above the mean in a lane's protection interval: by season, and by promotions and forecasts that are seen.

Letters: N sites, L lanes, K products, B batch, P periods of the season.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context
from orderup.envs.network.loads import expected_demand
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, batch_last
from orderup.envs.numerics.backend import Backend

from ...levels.downstream import CustomersBelow
from ...levels.news import ExtraDemand, is_news


class Ahead:
    """Extra demand ahead, by lane; None of it where a scenario has no calendar, no promotions and no forecasts."""

    def __init__(self, context: Context) -> None:
        network = context.network
        self._promoted = ExtraDemand(context) if is_news(network) else None
        self._course = context.backend.asarray(course(network)) if network.scenario.calendar else None

    def extra(self, information: Information) -> Array | None:
        """What is expected above the mean (L, K, B), or (L, K, 1) [units]; None for nothing."""
        found: Array | None = None
        if self._course is not None:
            found = self._course[information.period % self._course.shape[0]][:, :, None]
        if self._promoted is not None:
            promoted = batch_last(self._promoted.extra(information))
            found = promoted if found is None else found + promoted
        return found


def course(network: Network) -> Floats:
    """By when an order is placed in the season, what its lane's protection interval has above the mean (P, L, K) [units].

    What a site covers comes by way of others: their orders are counted when their customers buy.
    """
    own = expected_demand(network.scenario, network.demand)
    covered = covered_by(network, own - own.mean(axis=0))
    periods = len(own)
    until = np.concatenate([np.zeros((1, *covered.shape[1:])), np.cumsum(np.tile(covered, (2, 1, 1)), axis=0)])
    found = np.zeros((periods, len(network.lanes), covered.shape[2]))
    for lane, (site, interval) in enumerate(zip(network.topology.destination, network.times.protection, strict=True)):
        left = int(interval) % periods  # whole seasons come to nothing
        found[:, lane] = until[left : left + periods, site] - until[:periods, site]
    return found


def covered_by(network: Network, own: Floats) -> Floats:
    """What each site has to cover of its own customers' demand and everybody's downstream (…, N, K), of that (…, N, K)."""
    found: Floats = CustomersBelow(network, Backend()).total(own.reshape(-1, *own.shape[-2:])).reshape(own.shape)
    return found
