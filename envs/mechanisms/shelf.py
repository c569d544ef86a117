"""Stock that perishes: what is left after its shelf life is scrapped.

Letters: N sites, K products, B batch. Where what came in first goes out first, whatever is on the shelf came in last: stock is
too old as far as there is more of it than what came in lately, so that receipts have to be remembered and ages do not. Where
the youngest goes first, what is left of each receipt is remembered in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..flows.pipelines import Load
from ..numerics.arrays import Array, minimum, namespace, positive


class Issued(NamedTuple):
    """What a period began with, and what left for other sites before anything came in, each (N, K, B) [units]."""

    on_hand: Array
    shipped: Array


@dataclass(frozen=True)
class Shelf:
    """Shelf lives of a network."""

    perishes: Array
    """1 for sites whose stock perishes (N, 1, 1)."""
    young: tuple[Array, ...]
    """For each number of periods since receipt, 1 for sites where that stock can be used in the next one too (N, 1, 1)."""
    youngest_first: Array | None
    """Which sites issue the youngest first (N, 1, 1); None where none does."""

    @classmethod
    def of(cls, lives: Sequence[int | None], youngest_first: Sequence[bool]) -> Shelf | None:
        """For sites with these shelf lives [periods], that of receipt included; None where nothing perishes."""
        if all(life is None for life in lives):
            return None
        life = np.array([np.inf if life is None else life for life in lives])[:, None, None]
        longest = int(life[np.isfinite(life)].max())
        young = tuple((age + 2 <= life).astype(float) for age in range(longest - 1))
        turned = np.array(youngest_first)[:, None, None] if any(youngest_first) else None
        return cls(np.isfinite(life).astype(float), young, turned)

    def start(self, on_hand: Array) -> Load:
        """What is remembered at the start, when all stock has just come in."""
        return tuple(on_hand if number == 0 else 0.0 * on_hand for number in range(len(self.young) - 1))

    def expire(self, on_hand: Array, received: Array, fresh: Load, issued: Issued | None = None) -> tuple[Array, Array, Load]:
        """At a period's end: the stock that can still be used, what is scrapped (N, K, B), and what to remember.

        `received` (N, K, B) came in during the period, `fresh` in earlier ones, the youngest first. `issued` is asked for where
        some site issues the youngest first.
        """
        inflows = (received, *fresh)
        if issued is not None:
            inflows = self._left(on_hand, inflows, issued)
        usable = 0.0 * on_hand
        for weight, amount in zip(self.young, inflows, strict=False):
            usable = usable + weight * amount
        scrapped = self.perishes * positive(on_hand - usable)
        return on_hand - scrapped, scrapped, inflows[: len(fresh)]

    def _left(self, on_hand: Array, inflows: Load, issued: Issued) -> Load:
        """What is left of each receipt, as far as it can be used again, where the youngest goes first; elsewhere all of it."""
        xp, (received, *fresh) = namespace(on_hand), inflows
        oldest = issued.on_hand
        for amount in fresh:
            oldest = oldest - amount
        there = _without([*fresh, positive(oldest)], issued.shipped)
        sold = positive(issued.on_hand - issued.shipped + received - on_hand)
        left = _without([received, *there], sold)
        return tuple(
            xp.where(self.youngest_first, weight * kept, amount)
            for weight, kept, amount in zip(self.young, left, inflows, strict=False)
        )


def _without(receipts: list[Array], taken: Array) -> list[Array]:
    """Receipts (N, K, B), the youngest first, without what was `taken` from the youngest on."""
    left = []
    for amount in receipts:
        got = minimum(amount, taken)
        left.append(amount - got)
        taken = taken - got
    return left
