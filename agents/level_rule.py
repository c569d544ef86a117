"""Order-up-to levels that stay, or that follow the latest demand: a rule with two numbers for every lane and product.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from typing import Any

from orderup.envs.arrays import Array
from orderup.envs.autonomy import PLANNER, VISIBILITIES
from orderup.envs.information import Information
from orderup.envs.policy import Context, Decision

from .downstream import CustomersBelow


class LevelRule:
    """Levels (L, K), or (B, L, K), moved by gains of the same shape times how far the latest demand is above its mean.

    The latest demand that a seat knows: a site's own customers and the orders it received, or, where everybody's books are
    open, the customers' demand downstream of it, as old as the feed.
    """

    def __init__(self, level: Any, gain: Any = None) -> None:
        self.level, self.gain = level, gain

    def reset(self, context: Context) -> None:
        """Make ready for a batch."""
        network, backend = context.network, context.backend
        visibility = context.autonomy.planner_visibility if context.seats == (PLANNER,) else context.autonomy.visibility
        self._open_books = VISIBILITIES.index(visibility) >= VISIBILITIES.index("shared")
        self._below = CustomersBelow(network)
        self._mean = backend.asarray(network.mean[None, :, :, 0])
        self._destination = backend.asarray(network.destination)
        self._level = _batched(backend.asarray(self.level))
        self._gain = None if self.gain is None else _batched(backend.asarray(self.gain))

    def act(self, information: Information) -> Decision:
        """The levels, as the latest demand has them."""
        if self._gain is None or information.period == information.age:
            return Decision(level=self._level)
        above = (self._latest(information) - self._mean)[:, self._destination]
        return Decision(level=self._level + self._gain * above)

    def _latest(self, information: Information) -> Array:
        """The latest demand on each site that its seat knows (B, N, K)."""
        if not self._open_books:
            return information.own("demand") + information.own("received_orders")
        return self._below.demand(information)


def _batched(values: Array) -> Array:
    return values[None] if values.ndim == 2 else values
