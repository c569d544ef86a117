"""The authority of a centre that looks at what sites order, and at nothing that is close to what it would order itself."""

from __future__ import annotations

import math

from ..numerics.arrays import namespace
from .authority import Authority, authorities
from .ordering_period import Ordered, OrderingPeriod


@authorities.register("approve")
class Approve(Authority):
    """Sites' decisions are executed, but orders further than the threshold from what the centre would order have to wait."""

    needs = frozenset({"approval_threshold"})
    has_sites = judges_orders = sites_may_differ = True
    without_sites = "target"

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By the sites' decisions: at once what is close, and after the approval latency what is far."""
        proposed = period.by_sites(period.within_purview(period.from_sites))
        xp = namespace(proposed)
        gap = xp.abs(proposed - period.centre_orders())
        assert self.approval_threshold is not None  # an autonomy level without one is refused
        threshold = self.approval_threshold
        far = (gap > (threshold if math.isinf(threshold) else threshold * period.unit)) & period.within
        for rule in period.network.limits.least_orders:  # part of an order could be too small to be taken
            far = far | ((rule.least > 0) & xp.any(far, axis=1, keepdims=True))
        waiting = xp.where(far, proposed, 0.0 * proposed)
        return period.queued(proposed, waiting, proposed - waiting, period.distance(gap))
