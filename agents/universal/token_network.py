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

from ..networks.layers import activated


class TokenNetwork:
    """The network with its numbers, made ready for the sites and lanes of a topology."""

    def __init__(self, topology: Topology, numbers: Mapping[str, Array]) -> None:
        self._numbers, self._topology = numbers, topology
        self._inside = np.flatnonzero(topology.source >= 0)
        self._into = topology.destination

    def prepare(self, item: Array, lane: Array, level: Array) -> None:
        """Read what stands: of items (F, N, K, 1), of lanes (F, L, K, 1) and of the level (F,)."""
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
        xp, (sites, products) = namespace(own), source.shape
        takes = np.zeros((products, sites, sites))
        site, product = np.nonzero(source >= 0)
        takes[product, source[site, product], site] = 1.0
        takes /= np.maximum(takes.sum(axis=2, keepdims=True), 1.0)
        each = xp.permute_dims(own[..., 0], (2, 1, 0))
        found = xp.asarray(takes, dtype=own.dtype) @ each
        return xp.permute_dims(found, (2, 1, 0))[..., None]

    def __call__(self, now: Array, lane_now: Array, customer_now: Array | None, others: Array | None) -> Array:
        """What is to be added to each lane's level (L, K, B), in spreads of demand over its protection interval.

        Of items (F, N, K, B), lanes (F, L, K, B), lanes inside (F, I, K, B) and other sites (F, N, K, B); None for nothing.
        """
        xp, size = namespace(now), now.shape[1:]
        entering = activated(self._lane + self._product("lane_now", lane_now) + self._bias("lane_now"), "silu")
        parts = [now, self._added(entering, self._into, size)]
        if customer_now is not None:
            told = xp.broadcast_to(self._customer_lane, (self._customer_lane.shape[0], *customer_now.shape[1:]))
            leaving = self._layer("customer_now", xp.concat([customer_now, told]))
            parts.append(self._added(leaving, self._topology.source[self._inside], size))
        weights, at = self._numbers["first.weight"], [0, now.shape[0]]
        members = entering.shape[0]
        at += [at[-1] + members, at[-1] + 2 * members]
        first = self._standing + self._bias("first")
        for number, part in enumerate(parts):
            first = first + _times(weights[:, at[number] : at[number + 1]], part)
        if others is not None:
            first = first + _times(weights[:, at[3] :], others)
        first = activated(first, "silu")
        second = activated(first + self._product("second", first) + self._bias("second"), "silu")
        own = take(xp.moveaxis(self._product("head", second), 1, 0), self._into)
        head = self._head_lane + self._product("head_lane_now", lane_now) + xp.moveaxis(own, 0, 1)
        head = activated(head + self._bias("head"), "silu")
        return (self._product("out", head) + self._bias("out"))[0]

    def _added(self, values: Array, to: NDArray[np.int64], size: tuple[int, ...]) -> Array:
        """Sums over the rows of each site: (E, rows, K, B) to (E, N, K, B)."""
        xp = namespace(values)
        sites, *rest = size
        if np.array_equal(to, np.arange(sites)):
            return values
        belongs = np.equal.outer(np.arange(sites), to).astype(float)
        flat = xp.moveaxis(values, 1, 0).reshape(len(to), -1)
        found = (xp.asarray(belongs, dtype=values.dtype) @ flat).reshape(sites, values.shape[0], *rest)
        return xp.moveaxis(found, 1, 0)

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
