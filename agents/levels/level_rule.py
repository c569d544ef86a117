"""Order-up-to levels that stay, or that follow the latest demand or the promotions ahead: a few numbers for every lane.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Literal, TypeAlias

import numpy as np

from orderup.envs.information.information import Information, internal_orders
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.loads import expected_demand
from orderup.envs.numerics.arrays import Array, in_numpy, positive

from ..sales.asked import AskedFor
from .allocating import Allocating, AllocationRule
from .base_stock import periods_ahead, site_position, waiting_time
from .downstream import CustomersBelow
from .news import ExtraDemand
from .sources import Sharing

Follows: TypeAlias = Literal["customers", "orders"]
"""What levels of those who see all records follow: customers' demand downstream, or what each site is asked for."""


class LevelRule:
    """Levels (L, K), or (B, L, K), moved by gains of the same shape times how far the latest demand is above its mean.

    Where customers have promotions, or forecasts come from elsewhere, levels rise by `news`, of the same shape, for every unit
    more than usual that those the seat knows of bring within a lane's protection interval.

    Where a main lane cannot ship what its site needs, its level is that of the site, and what is left is ordered elsewhere. A
    centre may divide by an `allocation` of its own what a site cannot give to all that it supplies.

    The latest demand that a seat knows: a site's own customers and the orders it received, or, where all sites' records are
    open and it `follows` customers, their demand downstream of it, as old as the feed; where sales alone are seen, what they
    let expect of it. A
    centre that dates orders expects of the periods ahead what the gains do: a gain is what demand over a lane's protection
    interval is expected to rise by.
    """

    def __init__(
        self,
        level: Any,
        gain: Any = None,
        news: Any = None,
        allocation: AllocationRule | None = None,
        follows: Follows = "customers",
    ) -> None:
        self.level, self.gain, self.news, self.allocation, self.follows = level, gain, news, allocation, follows

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Level, gain and news (B, L, K), as they were at the reset; nothing where there is none."""
        return self._level, self._gain, self._news

    def by(self, numbers: tuple[Any, ...]) -> LevelRule:
        """The same rule with other numbers of the kind."""
        found = copy(self)
        found._level, found._gain, found._news = numbers
        return found

    def in_numpy(self) -> LevelRule:
        """The same rule in NumPy, before a reset."""
        level, gain, news = (None if one is None else in_numpy(one) for one in (self.level, self.gain, self.news))
        return LevelRule(level, gain, news, self.allocation, self.follows)

    def reset(self, context: Context) -> None:
        """Make ready for a batch."""
        network, backend = context.network, context.backend
        self._sees_customers = context.autonomy.sees(context.seats, "shared") and self.follows == "customers"
        self._below, self._asked = CustomersBelow(network, backend), AskedFor(network, backend)
        self._mean = backend.asarray(network.loads.mean[None, :, :, 0])
        self._destination = backend.asarray(network.topology.destination)
        self._level = _batched(backend.asarray(self.level))
        self._gain = None if self.gain is None else _batched(backend.asarray(self.gain))
        self._news = None if self.news is None else _batched(backend.asarray(self.news))
        self._promoted = None if self.news is None else ExtraDemand(context)
        self._sharing = Sharing(context)
        self._allocating = None if self.allocation is None else Allocating(context, self.allocation)
        self._part = None
        if self.gain is not None and periods_ahead(context):
            main, times = np.maximum(network.topology.main_lanes, 0), network.times.protection
            self._main_lanes = backend.asarray(main), backend.asarray(np.arange(main.shape[1]))
            there = (network.topology.main_lanes >= 0) / (times[main] + waiting_time(context))
            self._part = backend.asarray(there[None])
            self._own_mean = backend.asarray(expected_demand(network.scenario, network.demand).mean(axis=0)[None])

    def act(self, information: Information) -> Decision:
        """The levels, as the latest demand has them."""
        level = self._level
        if self._promoted is not None:
            level = level + self._news * self._promoted.extra(information)
        if self._gain is not None and information.period > information.age:
            level = level + self._gain * (self._latest(information) - self._mean)[:, self._destination]
        decision = Decision(level=level, expected=self._expected(information))
        decision = self._sharing.decision(decision, lambda: site_position(information))
        return decision if self._allocating is None else self._allocating.decision(decision, information)

    def _expected(self, information: Information) -> Array | None:
        """What each site's own customers are expected to ask for in a period (B, N, K), where orders are dated ahead."""
        if self._part is None or self._gain is None or information.period <= information.age:
            return None
        sites, products = self._main_lanes
        rises = self._gain[:, sites, products] * self._part
        return positive(self._own_mean + rises * (self._asked.everywhere(information).demand - self._own_mean))

    def _latest(self, information: Information) -> Array:
        """The latest demand on each site that its seat knows (B, N, K)."""
        if not self._sees_customers:
            return self._asked.own(information).demand + internal_orders(information)
        return self._below.total(self._asked.everywhere(information).demand)


def _batched(values: Array) -> Array:
    return values[None] if values.ndim == 2 else values
