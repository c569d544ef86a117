"""Stock that perishes: what came in first goes out first, and what is left after its shelf life is scrapped.

Letters: N sites, K products, B batch. Since the oldest goes first, whatever is on the shelf came in last: stock is too old as
far as there is more of it than what came in lately, so that receipts have to be remembered and ages do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..flows.pipelines import Load
from ..numerics.arrays import Array, positive


@dataclass(frozen=True)
class Shelf:
    """Shelf lives of a network."""

    perishes: Array
    """1 for sites whose stock perishes (N, 1, 1)."""
    young: tuple[Array, ...]
    """For each number of periods since receipt, 1 for sites where that stock can be used in the next one too (N, 1, 1)."""

    @classmethod
    def of(cls, lives: Sequence[int | None]) -> Shelf | None:
        """For sites with these shelf lives [periods], that of receipt included; None where nothing perishes."""
        if all(life is None for life in lives):
            return None
        life = np.array([np.inf if life is None else life for life in lives])[:, None, None]
        longest = int(life[np.isfinite(life)].max())
        young = tuple((age + 2 <= life).astype(float) for age in range(longest - 1))
        return cls(np.isfinite(life).astype(float), young)

    def start(self, on_hand: Array) -> Load:
        """What is remembered at the start, when all stock has just come in."""
        return tuple(on_hand if number == 0 else 0.0 * on_hand for number in range(len(self.young) - 1))

    def expire(self, on_hand: Array, received: Array, fresh: Load) -> tuple[Array, Array, Load]:
        """At a period's end: the stock that can still be used, what is scrapped (N, K, B), and what to remember.

        `received` (N, K, B) came in during the period, `fresh` in earlier ones, the youngest first.
        """
        inflows = (received, *fresh)
        usable = 0.0 * on_hand
        for weight, amount in zip(self.young, inflows, strict=False):
            usable = usable + weight * amount
        scrapped = self.perishes * positive(on_hand - usable)
        return on_hand - scrapped, scrapped, inflows[: len(fresh)]
