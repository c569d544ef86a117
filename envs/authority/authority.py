"""From decisions to orders: who may decide what, on which information, and what has to wait.

Letters: N sites, L lanes, K products, B batch. The centre's levels are its targets. What each authority makes of them is said
at `Centre.orders`.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import Autonomy
from ..flows.order_plan import LateOrders
from ..flows.pipelines import Load
from ..foundation.errors import InputError
from ..information.snapshot import Snapshot, unshipped
from ..network.network import Network
from ..numerics.arrays import Array, namespace
from ..numerics.backend import Backend
from ..physics.execution import Wishes, execute, late_load, order


class Ordered(NamedTuple):
    """What comes of a period's decisions."""

    decided: Array
    """All orders that were decided on (L, K, B)."""
    released: Array
    """Those that go out now, older ones that had to wait included (L, K, B)."""
    pending: Load
    """Those that wait for approval, the youngest first."""


@dataclass
class Centre:
    """The centre in one batch of episodes: its targets, and what waits for approval there."""

    autonomy: Autonomy
    network: Network
    unit: Array
    """u: mean demand of a period that each lane's site has to cover (L, K, 1) [units]."""
    within: Array
    """What the sites may decide (L, K, 1)."""
    all_within: bool
    safe_unit: Array
    """u, or 1 where there is no demand."""
    distance: Array | None = None
    """How far the sites went from the centre in the last period, in u (L, K, B)."""
    target: Wishes | None = None
    """The centre's decision in force."""
    queue: deque[tuple[int, Wishes]] = field(default_factory=deque)
    """Its later decisions, with the period in which each comes into force."""

    @classmethod
    def of(cls, autonomy: Autonomy, plan: Network, network: Network, within: NDArray[np.bool_], backend: Backend) -> Centre:
        """A centre that has decided nothing yet. `plan` is the network in NumPy, `within` what the sites may decide (L, K)."""
        unit = backend.asarray(plan.mean[plan.destination])
        safe = backend.asarray(np.where(plan.mean > 0, plan.mean, 1.0)[plan.destination])
        return cls(autonomy, network, unit, backend.asarray(within[:, :, None]), bool(within.all()), safe)

    def decides(self, period: int) -> bool:
        """Whether this is one of the centre's periods."""
        return self.autonomy.has_planner and period % self.autonomy.cadence == 0

    def receive(self, plan: Wishes | None, period: int) -> None:
        """Take the centre's decision of this period, if it makes one.

        It comes into force once approved; at once the very first, and every one under `central`, where the orders wait instead.
        """
        if self.decides(period):
            if plan is None:
                raise InputError("decision.planner", "none", "one in every period in which the centre decides")
            if self.autonomy.authority in ("target", "band") and plan.level is None:
                raise InputError("decision.planner", "quantities", "levels, which the sites execute")
            waits = 0 if self.target is None or self.autonomy.authority == "central" else self.autonomy.approval_latency
            self.queue.append((period + waits, plan))
        while self.queue and self.queue[0][0] <= period:
            self.target = self.queue.popleft()[1]

    def orders(self, now: Snapshot, feed: Snapshot, position: Array, sites: Wishes | None) -> Ordered:
        """Orders of this period, `position` being the inventory position of every site (N, K, B).

        `autonomous` executes the sites' wishes; `target` the centre's levels, on the sites' own fresh data; `band` the sites'
        levels, kept within ±b·u of the centre's; `central` the centre's levels on its own feed, in its own periods;
        `approve` the sites' wishes, but orders further than the threshold from what the centre would order have to wait.
        """
        authority, network = self.autonomy.authority, self.network
        if authority == "autonomous":
            return _at_once(order(network, now.state, position, _needed(sites), now.accepting))
        assert self.target is not None  # the centre decides in period 0
        if authority == "target":
            return _at_once(order(network, now.state, position, self.target, now.accepting))
        if authority == "band":
            return _at_once(order(network, now.state, position, self._banded(_needed(sites), self.target), now.accepting))
        if authority == "central":
            orders = self.central_orders(now, feed, position) if self.decides(now.period) else 0.0 * now.state.on_order
            return self._queued(orders, orders, None, now.state.pending)
        proposed = order(network, now.state, position, self._merged(_needed(sites), self.target), now.accepting)
        xp = namespace(proposed)
        gap, zero = xp.abs(proposed - self.central_orders(now, feed, position)), 0.0 * proposed
        self.distance = xp.where(self.within, gap, zero) / self.safe_unit
        threshold = self.autonomy.approval_threshold or 0.0
        far = (gap > (threshold if math.isinf(threshold) else threshold * self.unit)) & self.within
        for rule in self.network.least_orders:  # part of an order could be too small to be taken
            far = far | ((rule.least > 0) & xp.any(far, axis=1, keepdims=True))
        waiting = xp.where(far, proposed, zero)
        return self._queued(proposed, waiting, proposed - waiting, now.state.pending)

    def central_orders(self, now: Snapshot, feed: Snapshot, position: Array) -> Array:
        """What the centre would order now (L, K, B), by its target and by the state as it knows it.

        One that knows everything as it is goes by the sites' own `position` (N, K, B).
        """
        assert self.target is not None  # as above
        plan = self.network.central_orders
        known = position if feed is now and not self._chained else believed_position(feed)
        late = partial(self._believed_load, feed)
        return execute(self.network, plan, known, self.target, late, accepting=now.accepting)

    @property
    def remembers(self) -> int:
        """How many of its latest periods' orders the centre has to remember, to know what is too late for a lane."""
        parts = [part for stage in self.network.central_orders.stages for turn in stage.turns for part in turn.late]
        longest = max((part.entry + 1 for part in parts), default=0) if self._chained else 0
        return max(longest, self.autonomy.feed_latency)

    @property
    def _chained(self) -> bool:
        """Whether what is on its way has to be worked out from what was ordered."""
        return bool(self.autonomy.approval_latency or self.autonomy.feed_latency or self.network.is_delayed)

    def _believed_load(self, feed: Snapshot, part: LateOrders) -> Array:
        """A part of what is on order, as a centre believes it: all that it has ordered goes its way without a stop.

        An order that is late for another lane's is so whatever both have to wait for, so that what was ordered when is enough.
        """
        if not self._chained:
            return late_load(feed.network, feed.state, part)
        if part.pipeline is None:
            return 0.0 * feed.state.open_orders
        if part.entry < len(feed.recent):
            return feed.recent[part.entry][feed.network.chains[part.pipeline].lanes]
        before = feed.network.lane_initial + 0.0 * feed.state.on_order
        if feed.network.opening is not None:
            age = part.entry - len(feed.recent) - self.autonomy.approval_latency  # what is under way has been approved
            before = before + feed.network.opening.ordered_before(age)
        return before[feed.network.chains[part.pipeline].lanes]

    def _queued(self, decided: Array, waiting: Array, straight: Array | None, pending: Load) -> Ordered:
        """Let out what goes `straight` of what was decided, and of what is `waiting` the part that has waited long enough."""
        if not self.autonomy.approval_latency:
            return _at_once(decided)
        line = (waiting, *pending) if pending else (waiting, *[0.0 * waiting] * self.autonomy.approval_latency)
        released = line[-1] if straight is None else line[-1] + straight
        return Ordered(decided, released, line[:-1])

    def _banded(self, sites: Wishes, target: Wishes) -> Wishes:
        """The sites' levels (or distances from the centre's), kept within the band.

        A finite band leaves the response to the centre, and lanes that a site would decide by quantity.
        """
        if sites.level is None:
            raise InputError(
                "decision.sites", "quantities", "levels under authority band: a quantity is no distance from a level"
            )
        band, response, xp = self.autonomy.band, sites.response, namespace(sites.level)
        level = sites.level
        if sites.relative is not False:
            near = target.level + level
            level = near if sites.relative is True else xp.where(sites.relative, near, level)
        assert band is not None  # as the level has it
        if not math.isinf(band):
            width, response = band * self.unit, target.response
            level = xp.minimum(xp.maximum(level, target.level - width), target.level + width)
        self.distance = xp.where(self.within, abs(level - target.level), 0.0 * level) / self.safe_unit
        kept = self._merged(Wishes(level, sites.quantity, sites.by_quantity, response=response), target)
        if sites.by_quantity is None or math.isinf(band):
            return kept
        return merged(~sites.by_quantity, kept, target)

    def _merged(self, sites: Wishes, target: Wishes) -> Wishes:
        """The sites' wishes within their purview, the centre's elsewhere."""
        return sites if self.all_within else merged(self.within, sites, target)


def merged(chosen: Array, ours: Wishes, theirs: Wishes) -> Wishes:
    """`ours` where `chosen` (L, K, 1) is true, `theirs` elsewhere."""
    xp = namespace(chosen)
    response = _response(chosen, ours, theirs)
    if ours.quantity is None and theirs.quantity is None:
        return Wishes(level=xp.where(chosen, ours.level, theirs.level), response=response)
    if ours.level is None and theirs.level is None:
        return Wishes(quantity=xp.where(chosen, ours.quantity, theirs.quantity))

    def pick(one: Array | None, other: Array | None) -> Array:
        some = one if one is not None else other
        return xp.where(chosen, some if one is None else one, some if other is None else other)

    by = xp.where(chosen, _by_quantity(ours, chosen), _by_quantity(theirs, chosen))
    return Wishes(pick(ours.level, theirs.level), pick(ours.quantity, theirs.quantity), by, response=response)


def _response(chosen: Array, ours: Wishes, theirs: Wishes) -> Array | None:
    """Who has none does not respond."""
    one, other = ours.response, theirs.response
    if one is None and other is None:
        return None
    xp = namespace(chosen)
    none = xp.zeros_like(other if one is None else one)
    return xp.where(chosen, none if one is None else one, none if other is None else other)


def _by_quantity(wishes: Wishes, like: Array) -> Array:
    if wishes.by_quantity is not None:
        return wishes.by_quantity
    none = namespace(like).zeros_like(like)
    return ~none if wishes.level is None else none


def believed_position(feed: Snapshot) -> Array:
    """Inventory position (N, K, B) as a centre works it out: stock as its feed has it, and all that it has ordered itself."""
    network = feed.network
    on_order, owed = feed.state.on_order, unshipped(network, feed.state)
    if feed.since is not None:
        on_order, owed = on_order + feed.since, owed + feed.since
    stock = feed.state.on_hand if feed.error is None else feed.state.on_hand * (1.0 + feed.error)
    backlog = network.buyers.total(feed.state.backlog)
    if feed.error is not None:
        backlog = backlog * (1.0 + feed.error)
    position = stock + network.inbound.total(on_order)
    if network.outbound.degree:
        position = position - network.outbound.total(owed)
    return position - backlog


def _at_once(orders: Array) -> Ordered:
    return Ordered(orders, orders, ())


def _needed(wishes: Wishes | None) -> Wishes:
    if wishes is None:
        raise InputError("decision.sites", "none", "one in every period")
    return wishes
