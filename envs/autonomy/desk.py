"""Where decisions become orders in one period: what has been decided, by which books, and what has to wait.

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
from ..physics.execution import Wishes, order
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


@dataclass(frozen=True, eq=False)
class Scope:
    """What sites may decide on a network, and the unit in which distances from a centre are told."""

    unit: Array
    """u: mean demand of a period that each lane's site has to cover (L, K, 1) [units]."""
    within: Array
    """What the sites may decide (L, K, 1)."""
    all_within: bool
    safe_unit: Array
    """u, or 1 where there is no demand."""

    @classmethod
    def of(cls, network: Network, within: NDArray[np.bool_], backend: Backend) -> Scope:
        """`plan` is the network in NumPy, `within` what the sites may decide (L, K)."""
        unit = backend.asarray(network.mean[network.destination])
        safe = backend.asarray(np.where(network.mean > 0, network.mean, 1.0)[network.destination])
        return cls(unit, backend.asarray(within[:, :, None]), bool(within.all()), safe)


@dataclass(slots=True, eq=False)
class Desk:
    """What an authority has before it in one period, and what it can do with it."""

    network: Network
    scope: Scope
    state: State
    position: Array
    """Inventory position of every site (N, K, B)."""
    accepting: Array | None
    """1 where lanes take orders now, 0 where they do not (L, 1, B); None where all do."""
    approval_latency: int
    centre_decides: bool
    """Whether this is one of the centre's periods."""
    centre_orders: Callable[[], Array]
    """What the centre would order by its decision in force, and by the state as it knows it (L, K, B)."""
    sites: Wishes | None
    """The sites' decision, if they made one."""
    target: Wishes | None
    """The centre's in force, if there is one."""

    @property
    def unit(self) -> Array:
        """Mean demand of a period, u (L, K, 1) [units]."""
        return self.scope.unit

    @property
    def within(self) -> Array:
        """What the sites may decide (L, K, 1)."""
        return self.scope.within

    @property
    def from_sites(self) -> Wishes:
        """The sites' decision. Raises InputError where they made none."""
        if self.sites is None:
            raise InputError("decision.sites", "none", "one in every period")
        return self.sites

    @property
    def in_force(self) -> Wishes:
        """The centre's decision."""
        assert self.target is not None  # a centre decides in period 0
        return self.target

    @property
    def no_orders(self) -> Array:
        """Nothing, on every lane."""
        return 0.0 * self.state.on_order

    def by_sites(self, wishes: Wishes) -> Array:
        """The orders (L, K, B) that a decision comes to when every site executes it by its own fresh data."""
        return order(self.network, self.state, self.position, wishes, self.accepting)

    def within_purview(self, sites: Wishes) -> Wishes:
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
        if not self.approval_latency:
            return self.at_once(decided, distance)
        pending = self.state.pending
        line = (waiting, *pending) if pending else (waiting, *[0.0 * waiting] * self.approval_latency)
        released = line[-1] if straight is None else line[-1] + straight
        return Ordered(decided, released, line[:-1], distance)


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
