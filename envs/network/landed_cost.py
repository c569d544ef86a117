"""What goods have cost by the time they are where they are.

Letters: N sites, L lanes, K products.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.ending import Ending
from .network import Network


def ending_at_cost(plan: Network) -> Ending:
    """Worth at what it has cost to buy goods and bring them there, of a network in NumPy; debts at what they will cost."""
    worth = landed_cost(plan)
    source = np.where((plan.source >= 0)[:, None], worth[np.maximum(plan.source, 0)], 0.0)
    under_way = (source + plan.unit_cost[:, :, 0])[:, :, None]
    return Ending(worth[:, :, None], under_way, worth[plan.customer_site][:, :, None] - plan.price)


def landed_cost(plan: Network) -> NDArray[np.float64]:
    """What a unit has cost when it has come to each site by main lanes (N, K) [money]; of the network in NumPy."""
    found, products = np.zeros((len(plan.sites), len(plan.products))), np.arange(len(plan.products))
    for site in sorted(range(len(plan.sites)), key=lambda site: -plan.echelon[site]):
        lanes, sources = plan.main_lanes[site], plan.main_sources[site]
        before = np.where(sources >= 0, found[sources, products], 0.0)
        found[site] = np.where(lanes >= 0, plan.unit_cost[lanes, products, 0] + before, 0.0)  # brought back: it cost nothing
    return found
