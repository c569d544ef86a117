"""What customers ask for below each site, or of what is made there, for those who see all sites' inventory records.

Letters: B batch, N sites, K products.
"""

from __future__ import annotations

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace
from orderup.envs.numerics.backend import Backend

from .base_stock_levels import Tree, by_tree
from .explosion import Explosion


class CustomersBelow:
    """The customers that each site has to cover, its own and those of everybody whose main sources lead up to it.

    Where goods are made, what is in a unit that they buy is asked for of its parts.
    """

    def __init__(self, network: Network, backend: Backend) -> None:
        self._content = None if network.recipes is None else backend.asarray(Explosion(network).content)
        selling, self._trees = set(network.topology.customer_site.tolist()), Tree.each(network)
        self._below = {
            tree.products: [[site for site in tree.below(top) if site in selling] for top in range(len(network.sites))]
            for tree in self._trees
        }

    def total(self, demand: Array) -> Array:
        """Amounts of each site's own customers (B, N, …, K), added up over those below each site."""
        if self._content is not None:
            letters = "nkml,bml->bnk" if demand.ndim == 3 else "nkml,bmhl->bnhk"
            found: Array = namespace(demand).einsum(letters, self._content, demand)
            return found
        return by_tree(self._trees, lambda tree: _summed(demand, self._below[tree.products]))


def _summed(demand: Array, below: list[list[int]]) -> Array:
    covered = [[demand[:, site] for site in sites] or [0.0 * demand[:, 0]] for sites in below]
    return namespace(demand).stack([sum(parts) for parts in covered], axis=1)
