"""The centre: its decisions in force and under approval, what it believes of the network, and what it would order.

Letters: N sites, L lanes, K products, B batch. The centre's levels are its targets. What is made of them is the authority's to
say (`envs/autonomy/authority.py`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..autonomy.authority import Authority
from ..autonomy.autonomy import Autonomy
from ..autonomy.ordering_period import Ordered, OrderingPeriod, Scope
from ..flows.order_sequence import LateOrders
from ..foundation.errors import InputError
from ..information.fields import read
from ..information.snapshot import Snapshot, unshipped
from ..network.network import Network
from ..numerics.arrays import Array
from ..numerics.backend import Backend
from ..physics.decision import Decision, Decisions
from ..physics.execution import execute, late_load


@dataclass
class Centre:
    """The centre in one batch of episodes: its targets, and what waits for approval there; idle where there is none."""

    autonomy: Autonomy
    acts: Authority
    """The level's."""
    network: Network
    scope: Scope
    distance: Array | None = None
    """How far the sites went from the centre in the last period, in u (L, K, B)."""
    target: Decision | None = None
    """The centre's decision in force."""
    queue: deque[tuple[int, Decision]] = field(default_factory=deque)
    """Its later decisions, with the period in which each comes into force."""

    @classmethod
    def of(
        cls, autonomy: Autonomy, numpy_network: Network, network: Network, within: NDArray[np.bool_], backend: Backend
    ) -> Centre:
        """A centre that has decided nothing yet. `within` is what the sites may decide (L, K)."""
        return cls(
            autonomy, autonomy.acts, network, Scope.of(network, numpy_network, within, backend, autonomy.approval_latency)
        )

    def decides(self, period: int) -> bool:
        """Whether this is one of the centre's periods."""
        return self.acts.has_planner and period % self.autonomy.cadence == 0

    def orders(self, now: Snapshot, feed: Snapshot, position: Array, decisions: Decisions) -> Ordered:
        """Orders of this period, `position` being the inventory position of every site (N, K, B)."""
        self._receive(decisions.planner, now.period)
        period = OrderingPeriod(
            self.scope,
            now.state,
            position,
            now.accepting,
            self.decides(now.period),
            partial(self.central_orders, now, feed, position),
            decisions.sites,
            self.target,
        )
        ordered = self.acts.orders(period)
        self.distance = ordered.distance
        return ordered

    def _receive(self, decision: Decision | None, period: int) -> None:
        """Take the centre's decision of this period, if it makes one.

        It comes into force once approved; at once the very first, and every one where its orders wait instead.
        """
        if self.decides(period):
            if decision is None:
                raise InputError("decision.planner", "none", "one in every period in which the centre decides")
            if self.acts.executes_levels and decision.level is None:
                raise InputError("decision.planner", "quantities", "order-up-to levels, which the sites execute")
            waits = self.autonomy.approval_latency if self.acts.decisions_wait and self.target is not None else 0
            self.queue.append((period + waits, decision))
        while self.queue and self.queue[0][0] <= period:
            self.target = self.queue.popleft()[1]

    def central_orders(self, now: Snapshot, feed: Snapshot, position: Array) -> Array:
        """What the centre would order now (L, K, B), by its target and by the state as it knows it.

        One that knows everything as it is goes by the sites' own `position` (N, K, B).
        """
        assert self.target is not None  # as above
        sequence = self.network.ordering.central_orders
        known = position if feed is now and not self._chained else believed_position(feed)
        late = partial(self._believed_load, feed)
        return execute(self.network, sequence, known, self.target, late, accepting=now.accepting)

    @property
    def remembers(self) -> int:
        """How many of its latest periods' orders the centre has to remember, to know what is too late for a lane."""
        parts = [part for stage in self.network.ordering.central_orders.stages for turn in stage.turns for part in turn.late]
        longest = max((part.entry + 1 for part in parts), default=0) if self._chained else 0
        return max(longest, self.autonomy.feed_latency)

    @property
    def _chained(self) -> bool:
        """Whether what is on its way has to be worked out from what was ordered."""
        return bool(self.autonomy.approval_latency or self.autonomy.feed_latency or self.network.times.is_delayed)

    def _believed_load(self, feed: Snapshot, part: LateOrders) -> Array:
        """A part of what is on order, as a centre believes it: all that it has ordered goes its way without a stop.

        An order that is late for another lane's is so whatever both have to wait for, so that what was ordered when is enough.
        """
        if not self._chained:
            return late_load(feed.network, feed.state, part)
        if part.pipeline is None:
            return 0.0 * feed.state.open_orders
        if part.entry < len(feed.recent):
            return feed.recent[part.entry][feed.network.ordering.chains[part.pipeline].lanes]
        before = feed.network.start.lane_initial + 0.0 * feed.state.on_order
        if feed.network.start.opening is not None:
            age = part.entry - len(feed.recent) - self.autonomy.approval_latency  # what is under way has been approved
            before = before + feed.network.start.opening.ordered_before(age)
        return before[feed.network.ordering.chains[part.pipeline].lanes]


def believed_position(feed: Snapshot) -> Array:
    """Inventory position (N, K, B) as a centre works it out: stock as its feed has it, and all that it has ordered itself."""
    network = feed.network
    on_order, owed = feed.state.on_order, unshipped(network, feed.state)
    if feed.since is not None:
        on_order, owed = on_order + feed.since, owed + feed.since
    stock, backlog = (read(feed, name)[:, 0] for name in ("on_hand", "backlog"))
    position = stock + network.topology.inbound.total(on_order)
    if network.topology.outbound.degree:
        position = position - network.topology.outbound.total(owed)
    return position - backlog
