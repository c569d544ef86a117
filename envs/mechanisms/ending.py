"""What goods are worth when an episode ends. Letters: N sites, L lanes, K products, C customers, B batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, tree_sum

if TYPE_CHECKING:
    from ..network import Network
    from ..state import State


@dataclass(frozen=True)
class Ending:
    """The worth of a unit at the end of an episode, by where it is [money]."""

    on_hand: Array
    """On a site's shelf (N, K, 1)."""
    under_way: Array | None = None
    """On a lane (L, K, 1); None where goods under way are worth nothing."""
    owed: Array | None = None
    """What it costs to get a unit for a customer who is owed it, less its price (C, K, 1); None where debts end too."""

    @classmethod
    def at_cost(cls, plan: Network) -> Ending:
        """At what it has cost to buy goods and bring them there, of a network in NumPy; debts at what they will cost."""
        worth = landed_cost(plan)
        source = np.where((plan.source >= 0)[:, None], worth[np.maximum(plan.source, 0)], 0.0)
        under_way = (source + plan.unit_cost[:, :, 0])[:, :, None]
        return cls(worth[:, :, None], under_way, worth[plan.customer_site][:, :, None] - plan.price)

    def cost(self, network: Network, state: State) -> Array:
        """Minus the worth of each site's goods, plus what it owes (N, B) [money]."""
        found = -tree_sum(state.on_hand * self.on_hand, axis=1)
        if self.under_way is not None:
            found = found - network.inbound.total(tree_sum(state.in_transit * self.under_way, axis=1))
        return found if self.owed is None else found + network.buyers.total(tree_sum(state.backlog * self.owed, axis=1))


def landed_cost(plan: Network) -> NDArray[np.float64]:
    """What a unit has cost when it has come to each site by main lanes (N, K) [money]; of the network in NumPy."""
    found, products = np.zeros((len(plan.sites), len(plan.products))), np.arange(len(plan.products))
    for site in sorted(range(len(plan.sites)), key=lambda site: -plan.level[site]):
        lanes, sources = plan.main_lanes[site], plan.main_sources[site]
        before = np.where(sources >= 0, found[sources, products], 0.0)
        found[site] = np.where(lanes >= 0, plan.unit_cost[lanes, products, 0] + before, 0.0)  # brought back: it cost nothing
    return found
