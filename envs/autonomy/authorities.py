"""The authorities of one decision maker: the centre decides alone, in orders or in levels, or every site does for itself."""

from __future__ import annotations

from .authority import Authority, authorities
from .ordering_period import Ordered, OrderingPeriod


@authorities.register("autonomous")
class Autonomous(Authority):
    """Sites' own decisions are executed; there is no centre."""

    has_planner, has_sites = False, True

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By the sites' decisions."""
        return period.at_once(period.by_sites(period.from_sites))


@authorities.register("target")
class Target(Authority):
    """Sites execute the centre's levels, on fresh data of their own; those with a share of the authority their own ones."""

    executes_levels = True
    without_centre = "autonomous"

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By the centre's levels in force, and within their purview by the sites' decisions."""
        some = period.scope.some_within
        return period.at_once(period.by_sites(period.within_purview(period.from_sites) if some else period.in_force))


@authorities.register("central")
class Central(Authority):
    """The centre turns its decisions into orders itself, by its own feed and in its own periods; these wait for approval.

    It dates them for every period until it decides again, unless it plans for one period alone. Sites with a share of the
    authority order for themselves, at once.
    """

    places_orders = dates_orders = True
    decisions_wait = False
    without_centre = "autonomous"

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By what the centre believes; in periods in which it does not decide, by its plan, if it has one."""
        orders = period.centre_orders() if period.centre_decides else period.planned
        return period.beside_sites(orders) if period.scope.some_within else period.queued(orders, orders)
