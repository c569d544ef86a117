"""Sums over other sites that a seat sees, by how they stand to its own.

Letters: N sites, K products, B batch, R relations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace
from orderup.envs.numerics.backend import Backend

RELATIONS = ("customers", "below", "suppliers", "siblings")
"""Sites it supplies; everybody downstream of it; those that supply it; those that have a supplier in common with it."""


class Relations:
    """Sums over the sites of each relation that are seen."""

    def __init__(self, network: Network, sees: NDArray[np.bool_], backend: Backend) -> None:
        customers, below, suppliers, siblings = (pair & sees for pair in related(network))
        own, theirs = np.concatenate([customers, below]), np.concatenate([suppliers, _mean(siblings)])
        self._own, self._theirs = backend.asarray(own.astype(float)), backend.asarray(theirs.astype(float))

    def features(self, values: Array, spread: Array) -> Array:
        """Of amounts by site (F, N, K, B), for each site by each relation (R·F, N, K, B), in spreads of demand (N, K, ·).

        What is downstream is measured in the site's own spread, all else in those of the sites that it is about.
        """
        xp = namespace(values)
        return xp.concat([_sums(self._own, values) / spread, _sums(self._theirs, values / spread)])


def _mean(pairs: NDArray[np.bool_]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    return found


def _sums(pairs: Array, values: Array) -> Array:
    """(R·N, N) and (F, N, K, B) to (R·F, N, K, B)."""
    features, sites, *rest = values.shape
    flat = namespace(values).moveaxis(values, 1, 0).reshape(sites, -1)
    found = (pairs @ flat).reshape(-1, sites, features, *rest)
    return namespace(values).moveaxis(found, 2, 1).reshape(-1, sites, *rest)


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
