"""Order what is best for the one period that the order arrives in.

Letters: B batch, X stocks that are told apart, Z orders.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_numpy

from ..base import Agent, agents
from ..exact.dynamic_programming import check_size
from ..levels.base_stock import periods_ahead, waiting_time
from ..levels.ignored import ignored
from .site_demand import SiteDemand

LARGEST = 25_000_000
"""Entries of the table of what stocks leave over (200 MB)."""


@agents.register("myopic")
class Myopic(Agent):
    """Myopic: a store that loses sales orders what makes the period of the order's arrival cheapest, whatever comes after.

    It works out the distribution of what will be left by then from its stock and everything under way, and orders the least
    with which demand will be covered with a chance of p/(p+h) (Morton 1971, Operations Research 19; Zipkin 2008, Operations
    Research 56). One store of one product, one lane without delays, demand in whole units and independent.
    """

    _left: Floats = PrivateAttr()
    _covered: Floats = PrivateAttr()
    _ratio: float = PrivateAttr()
    _context: Context = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Tabulate what a period leaves over. Raises InputError for a network that is no such store."""
        self._context = context
        site = _store(context.network)
        if site is None or waiting_time(context) or periods_ahead(context) or context.autonomy.feed_latency:
            found = f"myopic on {context.network.scenario.name} at {context.autonomy.name}"
            wanted = "one store of one product that loses sales, one lane of fixed lead time, whole demand, and no delays"
            raise InputError("agent", found, wanted)
        self._ratio = site.shortage / (site.shortage + site.holding)
        one = site.one_period
        most = int(one.ppf(self._ratio))
        top = int(one.sum(site.interval + 1).ppf(self._ratio)) + most
        check_size("agent", {"stocks": top + 1, "rests": top + 1}, "or a smaller demand", LARGEST)
        stock, rest = np.ogrid[: top + 1, : top + 1]
        self._left = np.asarray(one.pmf(stock - rest))
        self._left[:, 0] = 1.0 - self._left[:, 1:].sum(axis=1)
        self._covered = np.asarray(one.cdf(stock + np.arange(most + 1)))

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What it does not look at."""
        return ignored(context.network, {"lost"}, "its orders")

    def act(self, information: Information) -> Decision:
        """Look one lead time ahead."""
        stock = in_numpy(information.own("on_hand"))[:, 0, 0]
        coming = in_numpy(information.own("pipeline")).reshape(len(stock), -1)[:, ::-1]
        ahead = np.column_stack([stock, coming]).astype(np.int64)
        states, row = np.unique(ahead, axis=0, return_inverse=True)
        order = self._best(states)[row.reshape(-1)]
        return Decision(quantity=self._context.backend.asarray(order.astype(float))[:, None, None])

    def _best(self, states: NDArray[np.int64]) -> NDArray[np.int64]:
        """The order (B,) for each stock on hand with what arrives now and in the periods after (B, 1+ℓ)."""
        top = len(self._left) - 1
        share = np.zeros((len(states), top + 1))
        share[np.arange(len(states)), np.minimum(states[:, 0], top)] = 1.0
        for arriving in states[:, 1:].T:
            share = _raised(share, arriving) @ self._left
        covered = share @ self._covered
        enough = covered >= self._ratio - 1e-12
        found: NDArray[np.int64] = np.where(enough.any(axis=1), enough.argmax(axis=1), covered.shape[1] - 1)
        return found


def _raised(share: Floats, arriving: NDArray[np.int64]) -> Floats:
    """Chances of each stock (B, X) once so much more (B,) has arrived; what is beyond the table counts as its end."""
    top = share.shape[1] - 1
    before = np.arange(top + 1) - arriving[:, None]
    moved = np.where(before >= 0, np.take_along_axis(share, np.maximum(before, 0), axis=1), 0.0)
    moved[:, top] += share.sum(axis=1) - moved.sum(axis=1)
    return np.asarray(moved)


def _store(network: Network) -> SiteDemand | None:
    """The one store, where everything the rule needs holds."""
    plain = network.topology.shape == (1, 1, 1, 1) and not network.times.is_random.any() and not network.times.is_delayed
    limits = (network.limits.capacity, network.limits.capacity_weight, network.limits.minimum, network.limits.multiple)
    if (
        not plain
        or network.limits.shared_limits
        or network.fulfilment.backlogged is None
        or any(limit is not None for limit in limits)
    ):
        return None
    site = SiteDemand.of(network, 0, 0, 0)
    return site if site is not None and site.exact and site.one_period.step == 1.0 else None
