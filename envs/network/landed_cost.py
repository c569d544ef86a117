"""What goods have cost by the time they are where they are.

Letters: N sites, L lanes, K products.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.ending import Ending
from .network import Network


def ending_at_cost(network: Network) -> Ending:
    """Worth at what it has cost to buy goods and bring them there, of a network in NumPy; debts at what they will cost."""
    worth = landed_cost(network)
    source = np.where((network.source >= 0)[:, None], worth[np.maximum(network.source, 0)], 0.0)
    under_way = (source + network.unit_cost[:, :, 0])[:, :, None]
    return Ending(worth[:, :, None], under_way, worth[network.customer_site][:, :, None] - network.price)


def landed_cost(network: Network) -> NDArray[np.float64]:
    """What a unit has cost when it has come to each site by main lanes (N, K) [money]; of the network in NumPy."""
    found, products = np.zeros((len(network.sites), len(network.products))), np.arange(len(network.products))
    for site in sorted(range(len(network.sites)), key=lambda site: -network.echelon[site]):
        lanes, sources = network.main_lanes[site], network.main_sources[site]
        before = np.where(sources >= 0, found[sources, products], 0.0)
        found[site] = np.where(lanes >= 0, network.unit_cost[lanes, products, 0] + before, 0.0)  # brought back: it cost nothing
    return found
