"""Sites that may choose between a slow lane and a fast one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network

from ...exact.dual_index import TwoLevels
from ...exact.lattice import Lattice
from ...fitting_progress import going_through
from ...levels.base_stock_levels import installation_levels
from ..site_demand import SiteDemand


class Pair(NamedTuple):
    """The two lanes that bring a product to a site, as rows of the network's."""

    site: int
    product: int
    fast: int
    slow: int
    """Its main lane."""


def pairs(network: Network, rule: str) -> list[Pair]:
    """Sites with a lane for a product that is faster than its main one, and not from a peer; of several the fastest.

    Raises InputError where there is no such site: the `rule` would be base-stock.
    """
    found = []
    for site, product in np.argwhere(network.topology.main_lanes >= 0).tolist():
        slow = int(network.topology.main_lanes[site, product])
        into = np.flatnonzero((network.topology.destination == site) & ~network.topology.is_lateral).tolist()
        lanes = [lane for lane in into if network.limits.carries(lane, product)]
        fast = min(lanes, key=lambda lane: int(network.times.protection[lane]), default=slow)
        if network.times.protection[fast] < network.times.protection[slow]:
            found.append(Pair(site, product, fast, slow))
    if not found:
        wanted = "a network with a site that has a lane faster than its main, cheapest one"
        raise InputError("agent", f"{rule} on {network.scenario.name}", wanted)
    return found


Solver = Callable[[float, float, float, int, int, Lattice], TwoLevels]
"""Best levels from holding, shortage, premium, lead times of the fast and of the slow lane, and demand in whole numbers."""


def solved_levels(network: Network, wait: int, rule: str, best: Solver) -> NDArray[np.float64]:
    """Base-stock's levels (L, K), with those of every site's two lanes replaced by what a solver says.

    They stay base-stock's where demand is not in whole units or not the customers' own, where the solver has too many states to
    look at, and where there is nothing to weigh.
    """
    found = installation_levels(network, wait=wait)
    for pair in going_through(pairs(network, rule), f"{rule} for {network.scenario.name}"):
        fast, slow = (SiteDemand.of(network, lane, pair.product, wait) for lane in (pair.fast, pair.slow))
        if fast is None or slow is None or not fast.exact or fast.one_period.step != 1:
            continue
        try:
            two = best(fast.holding, fast.shortage, premium(network, pair), fast.interval, slow.interval, fast.one_period)
        except InputError:  # too many states
            continue
        found[pair.fast, pair.product], found[pair.slow, pair.product] = two.express, two.regular
    return found


def premium(network: Network, pair: Pair) -> float:
    """What a unit costs more by the fast lane."""
    fast, slow = (float(network.costs.unit_cost[lane, pair.product, 0]) for lane in (pair.fast, pair.slow))
    return max(fast - slow, 0.0)
