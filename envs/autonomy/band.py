"""The authority of a centre round whose levels sites may move their own."""

from __future__ import annotations

import math

from ..foundation.errors import InputError
from ..numerics.arrays import namespace
from ..physics.decision import Decision, merged
from .authority import Authority, authorities
from .ordering_period import Ordered, OrderingPeriod


@authorities.register("band")
class Band(Authority):
    """Sites' levels are executed, on fresh data of their own, but kept within ±b·u of the centre's."""

    needs = frozenset({"band"})
    has_sites = executes_levels = sites_may_differ = True
    without_sites = "target"

    @property
    def width(self) -> float:
        """b: mean demands of a period."""
        assert self.band is not None  # an autonomy level without one is refused
        return self.band

    @property
    def pools_orders(self) -> bool:
        """Not within a band without end, where a centre's word binds nobody."""
        return not math.isinf(self.width)

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By the sites' levels, or distances from the centre's, kept within the band.

        A finite band leaves the response to the centre, and lanes that a site would decide by quantity.
        """
        sites, target = period.from_sites, period.in_force
        if sites.level is None:
            raise InputError(
                "decision.sites", "quantities", "order-up-to levels under authority band: a quantity is no distance from one"
            )
        xp, level = namespace(sites.level), sites.level
        if sites.relative is not False:
            near = target.level + level
            level = near if sites.relative is True else xp.where(sites.relative, near, level)
        if not math.isinf(self.width):
            width = self.width * period.unit
            level = xp.minimum(xp.maximum(level, target.level - width), target.level + width)
        distance = period.distance(abs(level - target.level))
        response = sites.response if math.isinf(self.width) else target.response
        kept = period.within_purview(Decision(level, sites.quantity, sites.by_quantity, response=response))
        if sites.by_quantity is not None and not math.isinf(self.width):
            kept = merged(~sites.by_quantity, kept, target)
        return period.at_once(period.by_sites(kept), distance)
