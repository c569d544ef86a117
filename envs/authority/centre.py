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
from ..network.loads import expected_demand
from ..network.network import Network
from ..numerics.arrays import Array
from ..numerics.backend import Backend
from ..physics.decision import Decision, Decisions
from ..physics.execution import execute, late_load
from .dated_plan import DatedPlan


@dataclass
class Centre:
    """The centre in one batch of episodes: its targets, and what waits for approval there; idle where there is none."""

    autonomy: Autonomy
    acts: Authority
    """The autonomy level's."""
    network: Network
    scope: Scope
    distance: Array | None = None
    """How far the sites went from the centre in the last period, in u (L, K, B)."""
    target: Decision | None = None
    """The centre's decision in force."""
    queue: deque[tuple[int, Decision]] = field(default_factory=deque)
    """Its later decisions, with the period in which each comes into force."""
    usual: Array | None = None
    """Where it dates orders: what each site's own customers are expected to ask for, by the season (P, N, K, 1) [units]."""
    dated: deque[Array] = field(default_factory=deque)
    """Orders that it has dated, the next first (L, K, B)."""

    @classmethod
    def of(
        cls, autonomy: Autonomy, numpy_network: Network, network: Network, within: NDArray[np.bool_], backend: Backend
    ) -> Centre:
        """A centre that has decided nothing yet. `within` is what the sites may decide (L, K)."""
        scope = Scope.of(network, numpy_network, within, backend, autonomy.approval_latency)
        usual = (
            backend.asarray(expected_demand(numpy_network.scenario, numpy_network.demand)[..., None])
            if autonomy.plans_ahead
            else None
        )
        return cls(autonomy, autonomy.acts, network, scope, usual=usual)

    def decides(self, period: int) -> bool:
        """Whether this is one of the centre's periods."""
        return self.acts.has_planner and period % self.autonomy.cadence == 0

    def orders(self, now: Snapshot, feed: Snapshot, position: Array, decisions: Decisions) -> Ordered:
        """Orders of this period, `position` being the inventory position of every site (N, K, B)."""
        decides = self.decides(now.period)
        if self.acts.has_planner:
            self._receive(decisions.planner, now.period, decides)
        period = OrderingPeriod(
            self.scope,
            now.state,
            position,
            now.accepting,
            decides,
            partial(self.dated_orders if decides and self.autonomy.plans_ahead else self.central_orders, now, feed, position),
            decisions.sites,
            self.target,
            self.dated.popleft() if self.dated else None,
        )
        ordered = self.acts.orders(period)
        self.distance = ordered.distance
        return ordered if period.executed is None else ordered._replace(executed=period.executed)

    def _receive(self, decision: Decision | None, period: int, decides: bool) -> None:
        """Take the centre's decision of this period, if it is one in which it `decides`.

        It comes into force once approved; at once the very first, and every one where its orders wait instead.
        """
        if decides:
            if decision is None:
                raise InputError("decision.planner", "none", "one in every period in which the centre decides")
            if self.acts.executes_levels and decision.level is None:
                raise InputError("decision.planner", "quantities", "order-up-to levels, which the sites execute")
            self._check_later(decision)
            waits = self.autonomy.approval_latency if self.acts.decisions_wait and self.target is not None else 0
            self.queue.append((period + waits, decision))
        while self.queue and self.queue[0][0] <= period:
            self.target = self.queue.popleft()[1]

    def central_orders(self, now: Snapshot, feed: Snapshot, position: Array) -> Array:
        """What the centre would order now (L, K, B), by its target and by the state as it knows it.

        One that knows everything as it is goes by the sites' own `position` (N, K, B).
        """
        assert self.target is not None  # as above
        sequence, known = self.network.ordering.central_orders, self.known_position(now, feed, position)
        late = partial(self._believed_load, feed)
        return execute(self.network, sequence, known, self.target, late, accepting=now.accepting)

    def dated_orders(self, now: Snapshot, feed: Snapshot, position: Array) -> Array:
        """The same, and with it what the centre orders in every period until it decides again, which it keeps."""
        assert self.target is not None  # as above
        plan = DatedPlan(self.network, partial(self._believed_load, feed), partial(self._expected, now.period))
        first, known = self.central_orders(now, feed, position), self.known_position(now, feed, position)
        self.dated.extend(plan.orders(known, self.target, first, self.autonomy.plans_ahead)[1:])
        return first

    def known_position(self, now: Snapshot, feed: Snapshot, position: Array) -> Array:
        """Inventory positions (N, K, B) as the centre knows them."""
        return position if feed is now and not self._chained else believed_position(feed)

    def _expected(self, period: int, ahead: int) -> Array:
        """What sites' own customers are expected to ask for some periods `ahead` of one (N, K, B): by the forecast, if any."""
        assert self.target is not None  # as above
        assert self.usual is not None  # where it dates orders
        return self.usual[(period + ahead) % len(self.usual)] if self.target.expected is None else self.target.expected

    def _check_later(self, decision: Decision) -> None:
        """Raises InputError for dated orders of other periods than those until the centre decides again."""
        wanted = self.autonomy.plans_ahead
        if decision.later is not None and len(decision.later) != wanted:
            accepted = f"those of {wanted} periods" if wanted else "nothing at a level without dated orders"
            raise InputError("decision.later", f"orders of {len(decision.later)} periods", accepted)

    @property
    def remembers(self) -> int:
        """How many of its latest periods' orders the centre has to remember, to know what is too late for a lane."""
        parts = [part for stage in self.network.ordering.central_orders.stages for turn in stage.turns for part in turn.late]
        longest = max((part.entry + 1 for part in parts), default=0) if self._chained else 0
        return max(longest, self.autonomy.feed_latency)

    @property
    def places(self) -> Array | None:
        """What the centre orders itself and so knows at once, where sites order the rest (L, K, 1); None: it knows all."""
        if not (self.acts.places_orders and self.scope.some_within):
            return None
        return ~self.scope.within

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
        late = self._ordered_before(feed, part.entry)[feed.network.ordering.chains[part.pipeline].lanes]
        return late if part.beside is None else part.beside.joined(late)

    def _ordered_before(self, feed: Snapshot, periods: int) -> Array:
        """What was ordered so many periods before the last one, as the centre remembers it (L, K, B)."""
        if periods < len(feed.recent):
            return feed.recent[periods]
        before = feed.network.start.lane_initial + 0.0 * feed.state.on_order
        if feed.network.start.opening is not None:
            age = periods - len(feed.recent) - self.autonomy.approval_latency  # what is under way has been approved
            before = before + feed.network.start.opening.ordered_before(age)
        return before


def believed_position(feed: Snapshot) -> Array:
    """Inventory position (N, K, B) as a centre works it out: stock as its feed has it, and all that it has ordered itself."""
    network = feed.network
    on_order, owed = feed.state.on_order, unshipped(network, feed.state)
    if feed.since is not None:
        on_order, owed = on_order + network.joined(feed.since), owed + feed.since
    stock, backlog = (read(feed, name)[:, 0] for name in ("on_hand", "backlog"))
    position = stock + network.topology.inbound.total(on_order)
    if network.topology.outbound.degree or network.recipes is not None:
        position = position - network.drawn(owed)
    return position - backlog
