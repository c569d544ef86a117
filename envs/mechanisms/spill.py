"""Customers who are served at once by another site when their own has run out.

Letters: N sites, K products, C customers, B batch. Without a cost and with equal costs everywhere this is pooling (reactive
transshipment: Paterson, Kiesmüller, Teunter and Glazebrook, European Journal of Operational Research 210, 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerics.arrays import Array, minimum, rows, take, take_from


@dataclass(frozen=True)
class SpillRoutes:
    """Who goes where: turns in which no site is visited by two."""

    turns: tuple[tuple[Any, Any], ...]
    """Customers and the sites they go to, row by row."""
    cost: Array
    """Of a unit that they get there (C, 1, 1) [money]."""

    @classmethod
    def of(cls, targets: Sequence[int], costs: Sequence[float]) -> SpillRoutes | None:
        """For customers who go to these sites (−1: nowhere) at these costs; None where nobody goes anywhere."""
        going = [row for row, site in enumerate(targets) if site >= 0]
        if not going:
            return None
        place = [sum(targets[other] == targets[row] for other in going if other < row) for row in going]
        turns = []
        for turn in range(max(place) + 1):
            members = [row for row, number in zip(going, place, strict=True) if number == turn]
            turns.append((rows(members), np.array([targets[row] for row in members])))
        return cls(tuple(turns), np.array(costs, float)[:, None, None])

    def serve(self, stock: Array, unmet: Array) -> tuple[Array, Array]:
        """Stock left (N, K, B), and what customers got elsewhere (C, K, B) of what their own site did not have."""
        stock, elsewhere = stock + 0.0, 0.0 * unmet
        for customers, sites in self.turns:
            got = minimum(take(unmet, customers), take(stock, sites))
            stock = take_from(stock, sites, got)
            elsewhere = take_from(elsewhere, customers, -got)
        return stock, elsewhere
