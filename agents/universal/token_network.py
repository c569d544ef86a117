"""The network: shared by all sites, lanes and products, however many there are. Once for NumPy and PyTorch.

Features come first, F of them, then sites N or lanes L, products K and the batch B; a layer is a product from the left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.topology import Topology
from orderup.envs.numerics.arrays import Array, namespace, take
from orderup.envs.numerics.backend import Backend

from ..networks.layers import activated
from .features.summing import Summing


class TokenNetwork:
    """The network with its numbers, made ready for the sites and lanes of a topology."""

    def __init__(self, topology: Topology, backend: Backend) -> None:
        self._topology, self._numbers = topology, dict[str, Array]()
        self._inside = np.flatnonzero(topology.source >= 0)
        self._into, sites = topology.destination, np.arange(len(topology.sites))
        into, out_of = (np.equal.outer(sites, ends).astype(float) for ends in (self._into, topology.source[self._inside]))
        self._backend = backend
        self._entering, self._leaving = Summing(into, backend), Summing(out_of, backend)

    def prepare(self, numbers: Mapping[str, Array], item: Array, lane: Array, level: Array) -> None:
        """Take these numbers, and read what stands: of items (F, N, K, 1), of lanes (F, L, K, 1) and of the level (F,)."""
        self._numbers = dict(numbers)
        xp, topology = namespace(item), self._topology
        own = self._layer("item", item)
        main = np.maximum(topology.main_lanes, 0)
        source = np.where(topology.main_lanes >= 0, topology.source[main], -1)
        products = np.arange(main.shape[1])
        there = xp.asarray((source >= 0).astype(float)[None, :, :, None], dtype=item.dtype)
        supplier = own[:, np.maximum(source, 0), products] * there
        customers = self._supplied(own, source)
        width = (level.shape[0], *own.shape[1:])
        told = xp.broadcast_to(level[:, None, None, None], width)
        around = self._layer("around", xp.concat([own, supplier, customers, told]))
        self._standing = self._product("first_standing", around) + self._bias("first_standing")
        self._lane = self._product("lane", lane) + self._bias("lane")
        self._head_lane = self._product("head_lane", lane) + self._bias("head_lane")
        self._customer_lane = lane[:, self._inside]

    def _supplied(self, own: Array, source: NDArray[np.int64]) -> Array:
        """The mean over the sites that each supplies (F, N, K, 1)."""
        xp, sites = namespace(own), len(source)
        ways, kind = np.unique(source, axis=1, return_inverse=True)
        found, order = [], []
        for number, way in enumerate(ways.T):  # products that come the same way
            takes = np.equal.outer(np.arange(sites), way).astype(float)
            takes /= np.maximum(takes.sum(axis=1, keepdims=True), 1.0)
            columns = np.flatnonzero(kind.reshape(-1) == number)
            found.append(Summing(takes, self._backend)(own[:, :, columns]))
            order += columns.tolist()
        return xp.concat(found, axis=2)[:, :, np.argsort(order)]

    def __call__(self, now: Array, lane_now: Array, customer_now: Array | None, others: Array | None) -> Array:
        """What is to be added to each lane's level (L, K, B), in spreads of demand over its protection interval.

        Of items (F, N, K, B), lanes (F, L, K, B), lanes inside (F, I, K, B) and other sites (F, N, K, B); None for nothing.
        """
        xp = namespace(now)
        entering = self._lane + self._product("lane_now", lane_now)
        entering += self._bias("lane_now")
        entering = activated(entering, "silu")
        parts = [now, self._entering(entering)]
        if customer_now is not None:
            told = xp.broadcast_to(self._customer_lane, (self._customer_lane.shape[0], *customer_now.shape[1:]))
            leaving = self._layer("customer_now", xp.concat([customer_now, told]))
            parts.append(self._leaving(leaving))
        weights, at = self._numbers["first.weight"], [0, now.shape[0]]
        members = entering.shape[0]
        at += [at[-1] + members, at[-1] + 2 * members]
        first = self._standing + self._bias("first") + _times(weights[:, at[0] : at[1]], now)
        for number, part in enumerate(parts[1:], start=1):
            first += _times(weights[:, at[number] : at[number + 1]], part)
        if others is not None:
            first += _times(weights[:, at[3] :], others)
        first = activated(first, "silu")
        second = self._product("second", first)
        second += first
        second += self._bias("second")
        second = activated(second, "silu")
        own = take(xp.moveaxis(self._product("head", second), 1, 0), self._into)
        head = self._head_lane + self._product("head_lane_now", lane_now)
        head += xp.moveaxis(own, 0, 1)
        head += self._bias("head")
        head = activated(head, "silu")
        return (self._product("out", head) + self._bias("out"))[0]

    def _layer(self, name: str, values: Array) -> Array:
        return activated(self._product(name, values) + self._bias(name), "silu")

    def _product(self, name: str, values: Array) -> Array:
        return _times(self._numbers[f"{name}.weight"], values)

    def _bias(self, name: str) -> Array:
        return self._numbers[f"{name}.bias"][:, None, None, None]


def _times(weight: Array, values: Array) -> Array:
    """(G, F) and (F, …) to (G, …)."""
    found: Any = weight @ values.reshape(values.shape[0], -1)
    return found.reshape(weight.shape[0], *values.shape[1:])
