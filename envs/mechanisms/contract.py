"""Orders that stay within a window around what one is committed to.

Letters: L lanes, D lanes with a contract, K products, B batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..events.schema import Contract as Keys
from ..numerics.arrays import Array, namespace, put_rows, rows, take


@dataclass(frozen=True)
class ContractWindows:
    """The windows of a network's contracts, each (D, 1, 1)."""

    lanes: Any
    least: Array
    """Smallest order, as a share of the commitment; `most` is the largest."""
    most: Array
    pace: Array
    """How much of its distance to the orders the commitment makes up in a period."""
    first: Array
    """The commitment at the start (D, K, 1) [units]."""

    @classmethod
    def of(cls, given: Sequence[Keys | None], usual: Array) -> ContractWindows | None:
        """For lanes with these keys and with mean demand `usual` (L, K, 1) [units/period] behind them."""
        bound = [lane for lane, keys in enumerate(given) if keys is not None]
        if not bound:
            return None
        numbers = np.array([[1 - keys.down, 1 + keys.up, 1 / keys.notice] for keys in given if keys is not None])
        least, most, pace = numbers.T[:, :, None, None]
        return cls(rows(bound), least, most, pace, usual[bound])

    def bind(self, orders: Array, committed: Array) -> tuple[Array, Array]:
        """Orders (L, K, B) within their windows, and the commitments after them (D, K, B)."""
        xp = namespace(orders)
        wanted = take(orders, self.lanes)
        kept = xp.minimum(xp.maximum(wanted, self.least * committed), self.most * committed)
        return put_rows(orders, self.lanes, kept), committed + self.pace * (kept - committed)
