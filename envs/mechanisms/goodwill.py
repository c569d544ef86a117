"""Customers who stay away after bad service, and come back by and by. Letters: C customers, K products, B batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..events.schema import Goodwill as Keys
from ..numerics.arrays import Array, namespace


@dataclass(frozen=True)
class GoodwillDynamics:
    """How goodwill, from `least` to 1, follows service; all (C, 1, 1)."""

    loss: Array
    recovery: Array
    least: Array

    @classmethod
    def of(cls, given: Sequence[Keys | None]) -> GoodwillDynamics | None:
        """For customers with these keys; None where service drives nobody away."""
        if not any(given):
            return None
        steady = Keys(loss=0.0, recovery=0.0)
        numbers = np.array([[keys.loss, keys.recovery, keys.least] for keys in (entry or steady for entry in given)])
        return cls(*numbers.T[:, :, None, None])

    def after(self, goodwill: Array, demand: Array, unmet_now: Array) -> Array:
        """Goodwill (C, K, B) after a period in which `unmet_now` of its demand was not served."""
        xp = namespace(goodwill)
        asked = demand > 0
        share = xp.where(asked, unmet_now / xp.where(asked, demand, xp.ones_like(demand)), 0.0 * demand)
        changed = goodwill + self.recovery * (1.0 - goodwill) - self.loss * share
        return xp.maximum(xp.minimum(changed, xp.ones_like(changed)), self.least + 0.0 * changed)
