"""Sums over other sites that a seat sees, by how they stand to its own.

Letters: N sites, K products, B batch, R relations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace
from orderup.envs.numerics.backend import Backend

from .summing import Summing

RELATIONS = ("customers", "below", "suppliers", "siblings")
"""Sites it supplies; everybody downstream of it; those that supply it; those that have a supplier in common with it."""


class Relations:
    """Sums over the sites of each relation that are seen."""

    def __init__(self, network: Network, sees: NDArray[np.bool_], backend: Backend) -> None:
        customers, below, suppliers, siblings = (pair & sees for pair in related(network))
        own, theirs = np.concatenate([customers, below]), np.concatenate([suppliers, _mean(siblings)])
        self._own, self._theirs = (Summing(pairs.astype(float), backend) for pairs in (own, theirs))

    def features(self, values: Array, spread: Array) -> Array:
        """Of amounts by site (F, N, K, B), for each site by each relation (R·F, N, K, B), in spreads of demand (N, K, ·).

        What is downstream is measured in the site's own spread, all else in those of the sites that it is about.
        """
        xp = namespace(values)
        sites = values.shape[1]
        return xp.concat([_by_relation(self._own(values), sites) / spread, _by_relation(self._theirs(values / spread), sites)])


def _mean(pairs: NDArray[np.bool_]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    return found


def _by_relation(sums: Array, sites: int) -> Array:
    """(F, R·N, K, B) to (R·F, N, K, B)."""
    features, _, *rest = sums.shape
    apart = sums.reshape(features, -1, sites, *rest)
    return namespace(sums).moveaxis(apart, 1, 0).reshape(-1, sites, *rest)


def related(network: Network) -> list[NDArray[np.bool_]]:
    """Which sites stand so to each (N, N), for each relation."""
    topology, count = network.topology, len(network.sites)
    inside = (topology.source >= 0) & ~topology.is_lateral
    customers = np.zeros((count, count), dtype=bool)
    customers[topology.source[inside], topology.destination[inside]] = True
    below = customers.copy()
    for site in range(count):  # downstream first: those below a customer are known before those below its supplier
        for customer in np.flatnonzero(customers[site]):
            below[site] |= below[customer]
    siblings = (customers.T.astype(int) @ customers.astype(int)) > 0
    np.fill_diagonal(siblings, False)
    return [customers, below, customers.T.copy(), siblings]
