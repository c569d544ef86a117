"""Order-up-to levels that stay, or that follow the latest demand or the promotions ahead: a few numbers for every lane.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from typing import Any

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.numerics.arrays import Array

from .base_stock import site_position
from .downstream import CustomersBelow
from .promoted import ExtraDemand
from .sources import Sharing


class LevelRule:
    """Levels (L, K), or (B, L, K), moved by gains of the same shape times how far the latest demand is above its mean.

    Where customers have promotions, levels rise by `news`, of the same shape, for every unit more than usual that those the
    seat knows of bring within a lane's protection interval.

    Where a main lane cannot ship what its site needs, its level is that of the site, and what is left is ordered elsewhere.

    The latest demand that a seat knows: a site's own customers and the orders it received, or, where all sites' records are
    open, the customers' demand downstream of it, as old as the feed.
    """

    def __init__(self, level: Any, gain: Any = None, news: Any = None) -> None:
        self.level, self.gain, self.news = level, gain, news

    def reset(self, context: Context) -> None:
        """Make ready for a batch."""
        network, backend = context.network, context.backend
        self._open_books = context.autonomy.sees(context.seats, "shared")
        self._below = CustomersBelow(network)
        self._mean = backend.asarray(network.loads.mean[None, :, :, 0])
        self._destination = backend.asarray(network.topology.destination)
        self._level = _batched(backend.asarray(self.level))
        self._gain = None if self.gain is None else _batched(backend.asarray(self.gain))
        self._news = None if self.news is None else _batched(backend.asarray(self.news))
        self._promoted = None if self.news is None else ExtraDemand(context)
        self._sharing = Sharing(context)

    def act(self, information: Information) -> Decision:
        """The levels, as the latest demand has them."""
        level = self._level
        if self._promoted is not None:
            level = level + self._news * self._promoted.extra(information)
        if self._gain is not None and information.period > information.age:
            level = level + self._gain * (self._latest(information) - self._mean)[:, self._destination]
        return self._sharing.decision(Decision(level=level), lambda: site_position(information))

    def _latest(self, information: Information) -> Array:
        """The latest demand on each site that its seat knows (B, N, K)."""
        if not self._open_books:
            return information.own("demand") + information.own("received_orders")
        return self._below.demand(information)


def _batched(values: Array) -> Array:
    return values[None] if values.ndim == 2 else values
