"""The one class an authority is: facts that say who decides what, and the way from everybody's decisions to orders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from ..foundation.registry import Registry
from .ordering_period import Ordered, OrderingPeriod


@dataclass(frozen=True)
class Authority:
    """Who has the last word on orders.

    A subclass is registered with `@authorities.register("name")`, or known by its path, `authority: my_package.levels:Mine`.
    Its facts are asked by everybody who has to know how an autonomy level differs from others; `orders` is what it does.
    """

    band: float | None = None
    """The autonomy level's key of that name, as the next one; None where the authority does not need it."""
    approval_threshold: float | None = None

    needs: ClassVar[frozenset[str]] = frozenset()
    """Which of these keys an autonomy level has to give; the others are refused."""
    has_planner: ClassVar[bool] = True
    """Whether a centre decides anything."""
    has_sites: ClassVar[bool] = False
    """Whether sites decide anything."""
    places_orders: ClassVar[bool] = False
    """Whether the centre places everybody's orders itself: by its own feed, in its own periods, and knowing all of them."""
    dates_orders: ClassVar[bool] = False
    """Whether a centre that decides every so many periods can hand out dated orders for all of them."""
    judges_orders: ClassVar[bool] = False
    """Whether the centre compares every order with what it would order by its own feed."""
    executes_levels: ClassVar[bool] = False
    """Whether it is the centre's levels that sites execute, so that it has to decide on levels."""
    sites_may_differ: ClassVar[bool] = False
    """Whether sites may stray from what the centre decides, which tells them."""
    decisions_wait: ClassVar[bool] = True
    """Whether the centre's decisions, all but the very first, wait for approval before they come into force."""
    without_sites: ClassVar[str | None] = None
    """The authority that it comes to where no site decides anything; None: itself."""
    without_centre: ClassVar[str | None] = None
    """The authority that it comes to where sites decide everything; None: itself."""

    @property
    def pools_orders(self) -> bool:
        """Whether all orders of a supplier pass the centre."""
        return self.has_planner

    @property
    def sees_orders(self) -> bool:
        """Whether the centre sees every order at once, however late its feed is: it places them, or approves them."""
        return self.places_orders or self.judges_orders

    def orders(self, period: OrderingPeriod) -> Ordered:
        """What this period's decisions come to. Raises InputError for decisions that cannot be used."""
        raise NotImplementedError


authorities: Registry[Authority] = Registry("authority", Authority)


@cache
def authority_of(name: str, band: float | None, approval_threshold: float | None) -> Authority:
    """The authority that an autonomy level's keys describe."""
    return authorities[name](band, approval_threshold)
