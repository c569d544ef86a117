"""Where decisions become orders in one period: what has been decided, by which records, and what has to wait.

Letters: N sites, L lanes, K products, B batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..flows.pipelines import Load
from ..foundation.errors import InputError
from ..network.network import Network
from ..numerics.arrays import Array, namespace
from ..numerics.backend import Backend
from ..physics.decision import Decision, merged
from ..physics.execution import order
from ..physics.state import State


class Ordered(NamedTuple):
    """What comes of a period's decisions."""

    decided: Array
    """All orders that were decided on (L, K, B)."""
    released: Array
    """Those that go out now, older ones that had to wait included (L, K, B)."""
    pending: Load
    """Those that wait for approval, the youngest first."""
    distance: Array | None = None
    """How far the sites went from the centre, in u (L, K, B); None where they may not, or there is none."""
    executed: Decision | None = None
    """The decision that sites executed; None where the centre placed all orders itself."""


@dataclass(frozen=True, eq=False)
class Scope:
    """What is the same in every period: the network, what sites may decide, the unit of distances, how long approval takes."""

    network: Network
    unit: Array
    """u: mean demand of a period that each lane's site has to cover (L, K, 1) [units]."""
    within: Array
    """What the sites may decide (L, K, 1)."""
    all_within: bool
    some_within: bool
    safe_unit: Array
    """u, or 1 where there is no demand."""
    approval_latency: int

    @classmethod
    def of(
        cls, network: Network, numpy_network: Network, within: NDArray[np.bool_], backend: Backend, approval_latency: int = 0
    ) -> Scope:
        """`within` is what the sites may decide (L, K)."""
        unit = backend.asarray(numpy_network.loads.mean[numpy_network.topology.destination])
        safe = backend.asarray(
            np.where(numpy_network.loads.mean > 0, numpy_network.loads.mean, 1.0)[numpy_network.topology.destination]
        )
        every, some = bool(within.all()), bool(within.any())
        return cls(network, unit, backend.asarray(within[:, :, None]), every, some, safe, approval_latency)


@dataclass(slots=True, eq=False)
class OrderingPeriod:
    """What an authority has before it in one period, and what it can do with it."""

    scope: Scope
    state: State
    position: Array
    """Inventory position of every site (N, K, B)."""
    accepting: Array | None
    """1 where lanes take orders now, 0 where they do not (L, 1, B); None where all do."""
    centre_decides: bool
    """Whether this is one of the centre's periods."""
    centre_orders: Callable[[], Array]
    """What the centre would order by its decision in force, and by the state as it knows it (L, K, B)."""
    sites: Decision | None
    """The sites' decision, if they made one."""
    target: Decision | None
    """The centre's in force, if there is one."""
    dated: Array | None = None
    """What the centre has dated for this period before (L, K, B); None where it has not."""
    executed: Decision | None = None
    """The decision that sites have executed, once they have."""

    @property
    def network(self) -> Network:
        """The network, in the backend."""
        return self.scope.network

    @property
    def unit(self) -> Array:
        """Mean demand of a period, u (L, K, 1) [units]."""
        return self.scope.unit

    @property
    def within(self) -> Array:
        """What the sites may decide (L, K, 1)."""
        return self.scope.within

    @property
    def from_sites(self) -> Decision:
        """The sites' decision. Raises InputError where they made none."""
        if self.sites is None:
            raise InputError("decision.sites", "none", "one in every period")
        return self.sites

    @property
    def in_force(self) -> Decision:
        """The centre's decision."""
        assert self.target is not None  # a centre decides in period 0
        return self.target

    @property
    def no_orders(self) -> Array:
        """Nothing, on every lane."""
        return 0.0 * self.state.on_order

    @property
    def planned(self) -> Array:
        """What the centre has dated for this period before, or nothing (L, K, B)."""
        return self.no_orders if self.dated is None else self.dated

    def by_sites(self, decision: Decision, proposed: bool = True) -> Array:
        """The orders (L, K, B) that a decision comes to when every site executes it by its own fresh data.

        `proposed` says whether sites hear of orders that wait for approval when these are proposed, or when they are let out.
        """
        self.executed = decision
        return order(self.scope.network, self.state, self.position, decision, self.accepting, proposed)

    def beside_sites(self, orders: Array) -> Ordered:
        """The centre's `orders` (L, K, B), as they are let out, beside those that sites decide on: worked out in one pass.

        So a site orders for what the centre lets out for its internal customers in the same period.
        """
        within, xp = self.scope.within, namespace(orders)
        ours = xp.where(within, 0.0 * orders, orders)
        queued = self.queued(ours, ours)
        placed = Decision(quantity=queued.released)
        released = self.by_sites(merged(within, self.from_sites, placed), proposed=False)
        return Ordered(xp.where(within, released, ours), released, queued.pending)

    def within_purview(self, sites: Decision) -> Decision:
        """The sites' decision within their purview, the centre's elsewhere."""
        return sites if self.scope.all_within else merged(self.scope.within, sites, self.in_force)

    def distance(self, gap: Array) -> Array:
        """A gap (L, K, B) in u, where it is for the sites to make one."""
        return namespace(gap).where(self.scope.within, gap, 0.0 * gap) / self.scope.safe_unit

    def at_once(self, orders: Array, distance: Array | None = None) -> Ordered:
        """All orders go out now."""
        return Ordered(orders, orders, (), distance)

    def queued(self, decided: Array, waiting: Array, straight: Array | None = None, distance: Array | None = None) -> Ordered:
        """Let out what goes `straight` of what was decided, and of what is `waiting` the part that has waited long enough."""
        latency = self.scope.approval_latency
        if not latency:
            return self.at_once(decided, distance)
        pending = self.state.pending
        line = (waiting, *pending) if pending else (waiting, *[0.0 * waiting] * latency)
        released = line[-1] if straight is None else line[-1] + straight
        return Ordered(decided, released, line[:-1], distance)
