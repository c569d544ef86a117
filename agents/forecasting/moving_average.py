"""Order up to what a forecast says will be needed, from the demand that a site sees and remembers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, model_validator

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Periods
from orderup.envs.information.information import Information, internal_orders
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.loads import needed_for
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array

from ..base import Agent, agents
from ..levels.base_stock import site_position
from ..levels.base_stock_levels import installation_levels
from ..levels.covering import Span, replaced_losses
from ..levels.downstream import CustomersBelow
from ..levels.sources import Sharing, shared_spans
from ..sales.asked import ESTIMATE, AskedFor
from ..size_limits import check_memory


@agents.register("moving_average")
class MovingAverage(Agent):
    """Every site orders up to (ℓ+1) · its average demand of the last periods, plus a constant safety stock.

    Demand is what its customers asked for and what other sites ordered of it; with `shared`, what everybody's customers asked
    for downstream of it, by the feed. Where sales alone are seen, a period in which a shelf ran out counts as what the average
    (with `shared` the network's mean) lets expect of a demand of at least what was sold. Before the first period the network's
    mean stands for every period of the window. A lane's ℓ counts its order delay. A lane beside a main one goes up to as much
    less as in closed form, and helps out; a lateral lane is used where no other leads to a site.

    With d_t the demand of a period, L = ℓ+1 and p = `window`, a site next to the customers orders d_{t−1} + (L/p) ·
    (d_{t−1} − d_{t−1−p}), and Var(orders)/Var(demand) is 1 + 2L/p + 2L²/p² (Chen, Drezner, Ryan and Simchi-Levi, Management
    Science 46, 2000). A site further up passes on the orders q_t of the same period. With `react` its forecast counts them too,
    as that paper's stages do, where sites decide for themselves and it hears of all of them at once; otherwise it has seen only
    those until the last period and amplifies less.
    """

    window: Periods = Field(default=10, description="Periods that the average is over")
    safety: float = Field(default=2.0, description="Safety stock, in standard deviations of the demand over ℓ+1 periods")
    fixed: float | None = Field(default=None, description="Safety stock instead of that, the same everywhere [units]")
    shared: bool = Field(
        default=False, description="Forecast from the customers' demand, as all sites' inventory records show it"
    )
    estimate: bool = Field(default=True, description=ESTIMATE)
    react: bool = Field(default=True, description="Let the forecast count the orders received in this same period")
    _seen: deque[Array] = PrivateAttr()
    _received: deque[Array] = PrivateAttr()
    _periods: Array = PrivateAttr()
    _extra: Array = PrivateAttr()
    _response: Array | None = PrivateAttr(default=None)
    _counted: Array | None = PrivateAttr(default=None)
    _destination: Array = PrivateAttr()
    _below: CustomersBelow = PrivateAttr()
    _asked: AskedFor = PrivateAttr()
    _sharing: Sharing = PrivateAttr()

    @model_validator(mode="after")
    def _all_has_effect(self) -> MovingAverage:
        if self.fixed is not None and self.safety != type(self).model_fields["safety"].default:
            raise InputError("safety", self.safety, "nothing beside `fixed`, which takes its place")
        return self

    def reset(self, context: Context) -> None:
        """Forget what was seen."""
        network, backend = context.network, context.backend
        kept = context.batch * min(self.window, network.scenario.horizon) * network.loads.mean.size
        check_memory("agent.window", self.window, 2 * kept, "demand to remember")
        self._below, self._sharing = CustomersBelow(network, backend), Sharing(context)
        self._asked = AskedFor(network, backend, self.estimate)
        self._destination = backend.asarray(network.topology.destination)
        spans, lateral = shared_spans(network), network.topology.is_lateral[:, None] & ~network.topology.is_main
        by, below = _beside_main(network)
        periods = np.where(lateral, 0.0, np.array([span.mean for span in spans])[by])
        extra = np.take_along_axis(self._safety_stock(network, spans), by, axis=0) - below
        self._periods, self._extra = (backend.asarray(values) for values in (periods, np.where(lateral, 0.0, extra)))
        reacts = self._reacts(context)[:, None]
        self._response = backend.asarray((reacts[network.topology.destination] * periods)[None] / self.window)
        self._counted = backend.asarray(1.0 - reacts)[None] if reacts.any() else None
        own = _own_mean(network)
        usual = network.loads.mean[:, :, 0] if self.shared else own
        self._seen = deque([backend.asarray(usual[None])] * self.window, maxlen=self.window)
        kept = 0 if self.shared else self.window
        self._received = deque([backend.asarray((network.loads.mean[:, :, 0] - own)[None])] * kept, maxlen=kept)

    def act(self, information: Information) -> Decision:
        """Look at the last period, and forecast."""
        if information.period > 0:
            if self.shared:
                self._seen.append(self._below.total(self._asked.everywhere(information).demand))
            else:
                expected = None if self._asked.sees_all else sum(self._seen) / self.window
                self._seen.append(self._asked.own(information, expected).demand)
                self._received.append(internal_orders(information))
        received = list(self._received)
        if self._counted is not None:  # this period's orders take the place of the oldest
            received[0] = received[0] * self._counted
        average: Array = sum([*self._seen, *received]) / self.window
        level = average[:, self._destination] * self._periods + self._extra
        decision = Decision(level=level, response=None if self._counted is None else self._response)
        return self._sharing.decision(decision, lambda: site_position(information))

    def _reacts(self, context: Context) -> Array:
        """Which sites' forecasts count the orders of this same period: where all of those are known at once (N,)."""
        network = context.network
        late = np.zeros(len(network.sites), dtype=bool)
        late[network.topology.source[(network.times.order_delay > 0) & (network.topology.source >= 0)]] = True
        alone = context.seats != (PLANNER,) and context.autonomy.sites_are_free
        return 1.0 * (~late & (self.react and not self.shared and alone))

    def _safety_stock(self, network: Network, spans: Sequence[Span]) -> Array:
        """Of each lane (L, K) [units]."""
        spread, mean = (values[network.topology.destination, :, 0] for values in (network.loads.deviation, network.loads.mean))
        deviation = spread * np.sqrt([span.mean for span in spans])[:, None]
        drawn = np.array([span.variance for span in spans])[:, None]
        deviation = np.where(drawn > 0, np.hypot(deviation, np.sqrt(drawn) * mean), deviation)
        safety = self.safety * deviation if self.fixed is None else np.full_like(deviation, self.fixed)
        return safety + replaced_losses(network)


def _beside_main(network: Network) -> tuple[NDArray[np.int64], Array]:
    """By which lane's periods each lane's level goes (L, K), and how far below that lane's own it stands [units].

    A lane beside a main one helps out as it does in closed form.
    """
    topology = network.topology
    alone = np.broadcast_to(np.arange(len(network.lanes))[:, None], (len(network.lanes), len(network.products)))
    main = topology.main_lanes[topology.destination]
    beside = ~topology.is_main & ~topology.is_lateral[:, None] & (main >= 0)
    if not beside.any():
        return alone, np.zeros(alone.shape)
    by, levels = np.where(beside, main, alone), installation_levels(network)
    return by, np.maximum(np.take_along_axis(levels, by, axis=0) - levels, 0.0)


def _own_mean(network: Network) -> Array:
    """Mean demand of each site's own customers (N, K): what it has to cover, less what its sites below and its recipes do."""
    mean = network.loads.mean[:, :, 0]
    found = mean.copy()
    for item, parts in needed_for(network.topology, network.recipes):
        for part, amount in parts.items():
            found[part] -= amount * mean[item]
    return np.maximum(found, 0.0)
