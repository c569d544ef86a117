"""Orders that a source cannot fill go to the next one. Letters: L lanes, K products, B batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import Array, put_rows, rows, take, zeros_for


@dataclass(frozen=True)
class Reroute:
    """Which lane is next for what a lane's source could not ship."""

    leaves: Array
    """1 where it goes on to another lane (L, K, 1)."""
    turns: tuple[tuple[Any, Any, Array], ...]
    """Lanes, the lanes that come next, and 1 for the products that it is so for (n, K, 1); in a turn no lane is next twice."""

    @classmethod
    def of(cls, following: NDArray[np.int64]) -> Reroute | None:
        """For lanes whose next ones are these, product by product (L, K), −1 for none; None where none has any."""
        pairs = sorted({(int(to), lane) for lane, row in enumerate(following) for to in row if to >= 0})
        if not pairs:
            return None
        place = [sum(other == to for other, _ in pairs[:number]) for number, (to, _) in enumerate(pairs)]
        return cls(
            (following >= 0).astype(float)[:, :, None], tuple(_turn(pairs, place, n, following) for n in range(max(place) + 1))
        )

    def gained(self, unfilled: Array) -> Array:
        """What lanes get of the orders that other lanes' sources could not fill (L, K, B)."""
        found = zeros_for(unfilled, *unfilled.shape)
        for lanes, following, products in self.turns:
            found = put_rows(found, following, take(found, following) + take(unfilled, lanes) * products)
        return found


def _turn(
    pairs: Sequence[tuple[int, int]], place: Sequence[int], number: int, following: NDArray[np.int64]
) -> tuple[Any, Any, Array]:
    chosen = [pair for pair, turn in zip(pairs, place, strict=True) if turn == number]
    to, lanes = (np.array(side) for side in zip(*chosen, strict=True))
    return rows(lanes), rows(to), (following[lanes] == to[:, None]).astype(float)[:, :, None]
