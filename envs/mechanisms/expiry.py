"""Orders that lapse where the source has not shipped them in time.

Letters: L lanes, K products, B batch. On a lane the oldest order goes first, so what is still open was ordered last: orders are
too old as far as more is open than sources heard of lately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..flows.pipelines import Load
from ..numerics.arrays import Array, minimum, namespace


@dataclass(frozen=True)
class Expiry:
    """How long orders stay open."""

    lapse: Array
    """Whether a lane's orders do not stay for ever (L, 1, 1)."""
    young: tuple[Array, ...]
    """For each number of periods since the source heard of it, 1 on lanes where an order stays open after that (L, 1, 1)."""

    @classmethod
    def of(cls, periods: Sequence[int | None]) -> Expiry | None:
        """For lanes whose source may ship in so many periods, None for any number; None where no lane's orders lapse."""
        if all(limit is None for limit in periods):
            return None
        last = np.array([np.inf if limit is None else limit for limit in periods])[:, None, None]
        longest = int(last[np.isfinite(last)].max())
        return cls(np.isfinite(last), tuple((last > age + 1).astype(float) for age in range(longest - 1)))

    @property
    def remembers(self) -> int:
        """Of how many earlier periods it has to be known what sources heard."""
        return max(len(self.young) - 1, 0)

    def still_open(self, unfilled: Array, known: Array, heard: Load) -> Array:
        """What of the unfilled stays open (L, K, B); `known` was heard of now, `heard` before, the latest first."""
        recent = 0.0 * unfilled
        for weight, orders in zip(self.young, (known, *heard), strict=False):
            recent = recent + weight * orders
        return namespace(unfilled).where(self.lapse, minimum(unfilled, recent), unfilled)
