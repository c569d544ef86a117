"""What customers ask for below each site, for those who see all sites' inventory records.

Letters: B batch, N sites, K products.
"""

from __future__ import annotations

from orderup.envs.information.information import Information
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace

from .base_stock_levels import Tree, by_tree


class CustomersBelow:
    """The customers that each site has to cover, its own and those of everybody whose main sources lead up to it."""

    def __init__(self, network: Network) -> None:
        selling, self._trees = set(network.topology.customer_site.tolist()), Tree.each(network)
        self._below = {
            tree.products: [[site for site in tree.below(top) if site in selling] for top in range(len(network.sites))]
            for tree in self._trees
        }

    def demand(self, information: Information) -> Array:
        """Their demand of the feed's last period (B, N, K) [units]. Raises InputError below the visibility `shared`."""
        return self.total(information.everywhere("demand"))

    def total(self, demand: Array) -> Array:
        """Amounts of each site's own customers (B, N, K), added up over those below each site."""
        return by_tree(self._trees, lambda tree: _summed(demand, self._below[tree.products]))


def _summed(demand: Array, below: list[list[int]]) -> Array:
    covered = [[demand[:, site] for site in sites] or [0.0 * demand[:, 0]] for sites in below]
    return namespace(demand).stack([sum(parts) for parts in covered], axis=1)
