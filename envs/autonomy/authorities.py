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
    """Sites execute the centre's levels, on fresh data of their own."""

    executes_levels = True

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By the centre's levels in force."""
        return period.at_once(period.by_sites(period.in_force))


@authorities.register("central")
class Central(Authority):
    """The centre turns its decisions into orders itself, by its own feed and in its own periods; these wait for approval."""

    places_orders = True
    decisions_wait = False

    def orders(self, period: OrderingPeriod) -> Ordered:
        """By what the centre believes; nothing in periods in which it does not decide."""
        orders = period.centre_orders() if period.centre_decides else period.no_orders
        return period.queued(orders, orders)
