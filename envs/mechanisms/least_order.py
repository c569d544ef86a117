"""Orders that are taken from a certain size on, all their products together. Letters: L lanes, K products, B batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerics.arrays import Array, namespace, straight, tree_sum


@dataclass(frozen=True)
class LeastOrder:
    """The least that an order comes to, other than nothing, on every lane."""

    least: Array
    """In units, or in money (L, 1, 1); 0 for none."""
    unit: Array
    """What a unit of each product counts (L, K, 1)."""

    @classmethod
    def of(cls, least: Sequence[float], unit: Array) -> tuple[LeastOrder, ...]:
        """For lanes with these minima; nothing where none has one."""
        return (cls(np.array(least, float)[:, None, None], unit),) if any(least) else ()

    def reached(self, orders: Array) -> Array:
        """Whether an order (L, K, B) of a lane, all its products together, is large enough (L, 1, B)."""
        found: Array = tree_sum(orders * self.unit, axis=1)[:, None] >= self.least
        return found

    def raised(self, orders: Array, lanes: Any) -> Array:
        """Orders (n, K, B) of some lanes, all products of one that is too small in proportion until it is not.

        Gradients go straight through, as through other minima.
        """
        xp, least = namespace(orders), self.least[lanes]
        size = tree_sum(orders * self.unit[lanes], axis=1)[:, None]
        short = (size > 0) & (size < least)
        share = xp.where(short, least / xp.where(short, size, 0.0 * size + 1.0), 0.0 * size + 1.0)
        return xp.where(short, straight(orders * share, orders), orders)
