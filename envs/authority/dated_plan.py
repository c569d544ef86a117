"""Dated orders: what a centre hands out for every period until it decides again, as material requirements planning does.

It goes on from what it believes period by period: its orders join the positions of their sites and leave those of their
sources, and customers take what they are expected to. Letters: P periods, N sites, L lanes, K products, B batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..flows.order_sequence import LateOrders
from ..network.network import Network
from ..numerics.arrays import Array
from ..physics.decision import Decision
from ..physics.execution import execute


@dataclass(frozen=True, eq=False)
class DatedPlan:
    """How a centre dates orders by one decision."""

    network: Network
    load: Callable[[LateOrders], Array]
    """A part of what is on order now, as the centre believes it."""
    demand: Callable[[int], Array]
    """What each site's own customers are expected to ask for so many periods after this one (N, K, B)."""

    def orders(self, position: Array, decision: Decision, first: Array, periods: int) -> list[Array]:
        """Orders (L, K, B) of this period, which are the `first`, and of so many `periods` after it.

        `position` (N, K, B) is what the centre believes before them.
        """
        topology, placed = self.network.topology, [first]
        for ahead in range(1, periods + 1):
            position = position + topology.inbound.total(self.network.joined(placed[-1])) - self.demand(ahead - 1)
            if topology.outbound.degree or self.network.recipes is not None:
                position = position - self.network.drawn(placed[-1])
            placed.append(self._next(position, decision, placed))
        return placed

    def _next(self, position: Array, decision: Decision, placed: Sequence[Array]) -> Array:
        """The orders after those that are `placed` in the periods before."""
        ahead, sequence = len(placed), self.network.ordering.central_orders
        given = decision if decision.later is None else Decision(quantity=decision.later[ahead - 1])
        return execute(self.network, sequence, position, given, lambda part: self._late(part, placed))

    def _late(self, part: LateOrders, placed: Sequence[Array]) -> Array:
        """A part of what will be on order: of the orders of before as they are believed now, or of those that are placed."""
        if part.pipeline is None:
            return self.load(part)
        if part.entry < len(placed):
            late = placed[-1 - part.entry][self.network.ordering.chains[part.pipeline].lanes]
            return late if part.beside is None else part.beside.joined(late)
        return self.load(replace(part, entry=part.entry - len(placed)))
