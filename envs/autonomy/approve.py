"""The authority of a centre that looks at what sites order, and at nothing that is close to what it would order itself."""

from __future__ import annotations

import math

from ..numerics.arrays import namespace
from .authority import Authority, authorities
from .desk import Desk, Ordered


@authorities.register("approve")
class Approve(Authority):
    """Sites' decisions are executed, but orders further than the threshold from what the centre would order have to wait."""

    needs = frozenset({"approval_threshold"})
    has_sites = judges_orders = sites_may_differ = True

    def orders(self, desk: Desk) -> Ordered:
        """By the sites' decisions: at once what is close, and after the approval latency what is far."""
        proposed = desk.by_sites(desk.within_purview(desk.from_sites))
        xp = namespace(proposed)
        gap = xp.abs(proposed - desk.centre_orders())
        threshold = self.approval_threshold or 0.0
        far = (gap > (threshold if math.isinf(threshold) else threshold * desk.unit)) & desk.within
        for rule in desk.network.limits.least_orders:  # part of an order could be too small to be taken
            far = far | ((rule.least > 0) & xp.any(far, axis=1, keepdims=True))
        waiting = xp.where(far, proposed, 0.0 * proposed)
        return desk.queued(proposed, waiting, proposed - waiting, desk.distance(gap))
