"""What of a network's structure is needed to add up what was counted: who is behind whom, who buys what, which lanes are fast.

Letters: N sites, L lanes, K products, C customers, G segments, D ordered pairs of peers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network
from orderup.envs.network.stacking import entries
from orderup.envs.numerics.arrays import rows
from orderup.envs.numerics.bundles import Bundle


@dataclass(frozen=True)
class Peers:
    """Pairs of peers that lateral lanes lead between in both directions."""

    lanes: Bundle
    """The lanes of each ordered pair."""
    opposite: Any
    """The pair that is each the other way round (D,)."""
    gains: Bundle
    """Pairs by the site that gets something."""


def peers_of(network: Network) -> Peers | None:
    """Those of a network in NumPy; None where no two peers can send each other something."""
    topology = network.topology
    ends = list(zip(topology.source.tolist(), topology.destination.tolist(), strict=True))
    lateral = {pair for pair, one in zip(ends, topology.is_lateral, strict=True) if one}
    pairs = sorted(pair for pair in lateral if pair[::-1] in lateral)
    if not pairs:
        return None
    owner = [pairs.index(pair) if one and pair in pairs else -1 for pair, one in zip(ends, topology.is_lateral, strict=True)]
    return Peers(
        Bundle.of(np.array(owner), len(pairs)),
        rows(np.array([pairs.index(pair[::-1]) for pair in pairs])),
        Bundle.of(np.array([pair[1] for pair in pairs]), len(network.sites)),
    )


def customers_behind(network: Network) -> NDArray[np.bool_]:
    """Which customers (N, C) a site is a main source for: its own, and those of the sites it is one to, for any product."""
    behind = np.equal.outer(np.arange(len(network.sites)), network.topology.customer_site)
    for site, sources in enumerate(network.topology.main_sources):
        for source in set(sources[sources >= 0].tolist()):
            behind[source] |= behind[site]
    return behind


def products_sold(network: Network) -> NDArray[np.bool_]:
    """Which products each site's customers buy (N, K)."""
    bought = np.zeros((len(network.sites), len(network.products)), dtype=bool)
    for row, site in enumerate(network.topology.customer_site):
        for entry in entries(network.scenario, *network.customers[row].rsplit("/", 1)):
            bought[site] |= [product in (entry.products or network.products) for product in network.products]
    return bought


def is_express(network: Network) -> NDArray[np.bool_]:
    """Which lanes are faster than a product's main one into the same site (L, K), lateral ones apart."""
    main = network.topology.main_lanes[network.topology.destination]
    express: NDArray[np.bool_] = (
        (network.times.protection[:, None] < network.times.protection[main])
        & (main >= 0)
        & ~network.topology.is_lateral[:, None]
    )
    return express


def segments_of(network: Network) -> list[str]:
    """Names of the customers' segments (G,), in the network's order."""
    return list(dict.fromkeys(label.rpartition("/")[2] for label in network.customers))
