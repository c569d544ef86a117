"""Stores that take no more than fits: what arrives beyond that waits at the door, and comes in as soon as there is room.

Or it is turned away there; or orders are taken for no more than will fit.

Letters: N sites, L lanes, K products, A the longest lead time, B batch. The shelf is at its fullest between receipts and
customers, so that is when it has to hold everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..flows.rationing import share_within
from ..numerics.arrays import Array, positive, take, tree_sum
from ..numerics.bundles import Bundle


@dataclass(frozen=True)
class Door:
    """What fits into the sites of a network, some of which take no more."""

    fits: Array
    """Into each site (N, 1, 1) [volume]; infinite where storage is not hard."""
    volume: Array | None
    """Of a unit (1, K, 1); None where it is 1 for all."""
    inbound: Bundle
    into: Any
    """Row of each lane's destination site."""
    waits: Array | None
    """1 on lanes where what does not fit waits, 0 where it is turned away (L, 1, 1); None where all waits."""
    refuses: Array | None
    """What fits into sites that take orders for no more than that (N, 1, 1) [volume], without end at others; None for none."""
    due: tuple[Array, ...]
    """For every age of 1 and more, 1 on the lanes where goods of that age are due, and none older (L, 1, 1)."""

    @classmethod
    def of(
        cls,
        fits: Sequence[float | None],
        full: Sequence[str],
        volume: Array | None,
        inbound: Bundle,
        into: Any,
        lead_time: NDArray[np.int64],
    ) -> Door | None:
        """For sites whose hard storage is this [volume], None for no such storage; None where no site has any.

        `full` is what becomes of what does not fit there, in the scenario's words.
        """
        if all(limit is None for limit in fits):
            return None
        limits = np.array([np.inf if limit is None else limit for limit in fits])[:, None, None]
        last = np.maximum(lead_time, 1)[:, None, None]
        due = tuple((last == age).astype(float) for age in range(1, int(last.max()) + 1))
        refuses, turns = (np.array([way == of for way in full]) for of in ("refused", "charged"))
        waits = (~turns[into]).astype(float)[:, None, None] if turns.any() else None
        trimmed = np.where(refuses[:, None, None], limits, np.inf) if refuses.any() else None
        return cls(limits, volume, inbound, into, waits, trimmed, due)

    def let_in(
        self, stock: Array, arrived: Array, waiting: Array, passing: Sequence[Array | None]
    ) -> tuple[Array, Array, Array | None]:
        """What comes in of what has just arrived and of what waited, what waits then, and what is turned away (L, K, B).

        All products and lanes of a site share the room in proportion to what is there. `stock` (N, K, B) is what the site has
        left after its shipments; of each of `passing` (L, 1, B) a lane needs a 1.
        """
        there = arrived + waiting
        offered = there
        for open_ in passing:
            offered = offered if open_ is None else offered * open_
        sizes = offered if self.volume is None else offered * self.volume
        filled = tree_sum(stock if self.volume is None else stock * self.volume, axis=1)[:, None]
        share = share_within(self.inbound.total(sizes), positive(self.fits - filled))
        received = offered * take(share, self.into)
        left = there - received
        return (received, left, None) if self.waits is None else (received, left * self.waits, left * (1.0 - self.waits))

    def taken(self, orders: Array, brought: Array, there: Array) -> tuple[Array, Array]:
        """Orders (L, K, B), no more than fits beside what is `there` or on order (N, K, B), and which of them are cut.

        All products and lanes of a site are cut alike, by all that is `brought` with them (L, K, B).
        """
        sizes, filled = (brought, there) if self.volume is None else (brought * self.volume, there * self.volume)
        free = positive(self.refuses - tree_sum(filled, axis=1)[:, None])
        share = take(share_within(self.inbound.total(sizes), free), self.into)
        return orders * share, share < 1.0

    def by_age(self, pipeline: Sequence[Array], waiting: Array) -> list[Array]:
        """What is under way by age, each (L, K, B), with what waits at the door as old as what is due."""
        known = [*pipeline, *(0.0 * waiting for _ in self.due[len(pipeline) :])]
        return [units + mask * waiting for units, mask in zip(known, self.due, strict=True)]
