"""Sites that may choose between a slow lane and a fast one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from orderup.envs.errors import InputError
from orderup.envs.network import Network

from ..exact.dual_index import TwoLevels
from ..exact.lattice import Lattice
from ..levels import installation_levels
from .site_demand import SiteDemand


class Pair(NamedTuple):
    """The two lanes of a site, as rows of the network's."""

    site: int
    fast: int
    slow: int
    """Its main lane."""


def pairs(network: Network, rule: str) -> list[Pair]:
    """Sites with a lane that is faster than their main one, and not from a peer; of several the fastest.

    Raises InputError where there is no such site: the `rule` would be base-stock.
    """
    found = []
    for site, slow in enumerate(network.main_lane.tolist()):
        lanes = [
            lane for lane in range(len(network.lanes)) if network.destination[lane] == site and not network.is_lateral[lane]
        ]
        fast = min(lanes, key=lambda lane: int(network.protection[lane]), default=slow)
        if network.protection[fast] < network.protection[slow]:
            found.append(Pair(site, fast, slow))
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
    for pair in pairs(network, rule):
        for product in range(len(network.products)):
            fast, slow = (SiteDemand.of(network, lane, product, wait) for lane in (pair.fast, pair.slow))
            if fast is None or slow is None or not fast.exact or fast.one_period.step != 1:
                continue
            extra = premium(network, pair, product)
            try:
                two = best(fast.holding, fast.shortage, extra, fast.interval, slow.interval, fast.one_period)
            except InputError:  # too many states
                continue
            found[pair.fast, product], found[pair.slow, product] = max(two.express, 0.0), two.regular
    return found


def premium(network: Network, pair: Pair, product: int) -> float:
    """What a unit costs more by the fast lane."""
    fast, slow = (float(network.unit_cost[lane, product, 0]) for lane in (pair.fast, pair.slow))
    return max(fast - slow, 0.0)
