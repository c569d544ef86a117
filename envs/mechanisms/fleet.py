"""Lanes with so many vehicles: what leaves needs a free one, which is back after its round trip.

Letters: L lanes, D lanes with vehicles, K products, B batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..events.schema import Vehicles as Keys
from ..flows.packs import SLACK, packed_within
from ..flows.pipelines import Load
from ..flows.rationing import share_within
from ..numerics.arrays import Array, namespace, put_rows, rows, straight, take, tree_sum


@dataclass(frozen=True)
class Fleet:
    """The vehicles of a network's lanes, each (D, 1, 1)."""

    lanes: Any
    number: Array
    load: Array
    """What one takes [volume]."""
    away: tuple[Array, ...]
    """For each number of periods since they left, from 1 on, 1 on lanes whose vehicles are not back yet."""
    pace: Array
    """What they take in a period at most in the long run (D, 1, 1) [volume]."""

    @classmethod
    def of(cls, given: Sequence[Keys | None]) -> Fleet | None:
        """For lanes with these keys; None where none has vehicles."""
        found = [lane for lane, keys in enumerate(given) if keys is not None]
        if not found:
            return None
        numbers = np.array([[keys.number, keys.capacity, keys.round_trip] for keys in given if keys is not None], float)
        number, load, trip = numbers.T[:, :, None, None]
        away = tuple((trip > since).astype(float) for since in range(1, int(trip.max())))
        return cls(rows(found), number, load, away, number * load / trip)

    def start(self, like: Array) -> Load:
        """Nobody is away at the start; `like` is of lanes (L, K, B)."""
        return tuple(0.0 * take(like, self.lanes)[:, :1] for _ in self.away)

    def free(self, left: Load) -> Array:
        """Vehicles that can leave now (D, 1, B), or (D, 1, 1) where all are back in a period; `left` did so in earlier ones."""
        found = self.number
        for weight, vehicles in zip(self.away, left, strict=True):
            found = found - weight * vehicles
        return found

    def loaded(self, shipments: Array, left: Load, volume: Array | None, packs: Array | None) -> Array:
        """Shipments (L, K, B) within what free vehicles take, all products of a lane alike, in `packs` (L, K, 1)."""
        wanted, limit = take(shipments, self.lanes), self.free(left) * self.load
        shares = wanted * share_within(wanted if volume is None else wanted * volume, limit)
        if packs is not None:
            shares = packed_within(shares, wanted, limit, packs[self.lanes], volume)
        return put_rows(shipments, self.lanes, shares)

    def after(self, shipments: Array, left: Load, volume: Array | None) -> Load:
        """Vehicles that have left, the latest first, after a period with these shipments. Gradients go straight through."""
        units = take(shipments, self.lanes)
        full = tree_sum(units if volume is None else units * volume, axis=1)[:, None] / self.load
        return (straight(namespace(full).ceil(full - SLACK), full), *left)[: len(left)]
