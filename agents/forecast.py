"""Order up to what a forecast says will be needed, from the demand that a site sees and remembers."""

from __future__ import annotations

from collections import deque

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.arrays import Array
from orderup.envs.information import Information
from orderup.envs.network import Network
from orderup.envs.policy import Context, Decision

from .base import Agent, agents


@agents.register("moving_average")
class MovingAverage(Agent):
    """Every site orders up to (ℓ+1) · its average demand of the last periods, plus a constant safety stock, by its own books.

    Demand is what its customers asked for and what other sites ordered of it, as far as it knew by the end of a period; before
    the first, the network's mean stands for every period of the window. A lane's ℓ counts its order delay. A lateral lane is
    not used.

    With d_t the demand of a period, L = ℓ+1 and p = `window`, a site next to the customers orders d_{t−1} + (L/p) ·
    (d_{t−1} − d_{t−1−p}), and Var(orders)/Var(demand) is 1 + 2L/p + 2L²/p² (Chen, Drezner, Ryan and Simchi-Levi, Management
    Science 46, 2000). A site further up passes on the orders q_t of the same period, but has seen only those until the last:
    it orders q_t + (L/p) · (q_{t−1} − q_{t−1−p}), one period behind what their formula for several stages supposes, and
    amplifies less.
    """

    window: int = Field(default=10, ge=1, description="Periods that the average is over")
    safety: float = Field(default=2.0, description="Safety stock, in standard deviations of the demand over ℓ+1 periods")
    fixed: float | None = Field(default=None, description="Safety stock instead of that, the same everywhere [units]")
    _seen: deque[Array] = PrivateAttr()
    _periods: Array = PrivateAttr()
    _extra: Array = PrivateAttr()
    _destination: Array = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Forget what was seen."""
        network, backend = context.network, context.backend
        usual = backend.asarray(network.mean[None, :, :, 0])
        self._seen = deque([usual] * self.window, maxlen=self.window)
        self._destination = backend.asarray(network.destination)
        self._periods = backend.asarray(np.where(_lateral(network), 0.0, _protection(network))[:, None])
        self._extra = backend.asarray(np.where(_lateral(network)[:, None], 0.0, self._safety_stock(network)))

    def act(self, information: Information) -> Decision:
        """Look at the last period, and forecast."""
        if information.period > 0:
            self._seen.append(information.own("demand") + information.own("received_orders"))
        average: Array = sum(self._seen) / self.window
        return Decision(level=average[:, self._destination] * self._periods + self._extra)

    def _safety_stock(self, network: Network) -> Array:
        """Of each lane (L, K) [units]."""
        deviation = network.deviation[network.destination, :, 0] * np.sqrt(_protection(network))[:, None]
        return self.safety * deviation if self.fixed is None else np.full_like(deviation, self.fixed)


def _protection(network: Network) -> Array:
    """Periods from an order by each lane to the last demand it serves (L,)."""
    return network.lead_time + network.order_delay + 1


def _lateral(network: Network) -> Array:
    return np.array([network.scenario_lane(label).lateral for label in network.lanes])
