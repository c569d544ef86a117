"""What a period starts from and what happens in it.

Letters: N sites, L lanes, K products, C customers, B batch. Everything is in units of product.
"""

from __future__ import annotations

from typing import NamedTuple

from .arrays import Array
from .network import Network
from .transit import Load, under_way


class State(NamedTuple):
    """Where every unit and every order is between two periods."""

    on_hand: Array
    """Stock on the shelf (N, K, B)."""
    backlog: Array
    """Demand that customers are owed (C, K, B)."""
    open_orders: Array
    """Orders that the source knows and has not shipped (L, K, B)."""
    shipped: tuple[Load, ...]
    """Shipments under way, by the network's carriers."""
    sent: tuple[Load, ...]
    """Orders on their way to the source, by the network's messengers."""
    in_transit: Array
    """Sum of the shipments under way (L, K, B)."""
    on_order: Array
    """Ordered and not yet arrived (L, K, B): in transit, open at the source, not yet known to it, or not yet approved."""
    pending: Load = ()
    """Orders that wait for approval, the youngest first, each (L, K, B)."""


class Flows(NamedTuple):
    """What moved in a period."""

    orders: Array
    """(L, K, B)"""
    known: Array
    """Orders that reached their source (L, K, B): the same, unless some take time to."""
    shipments: Array
    """(L, K, B)"""
    receipts: Array
    """(L, K, B)"""
    demand: Array
    """(C, K, B)"""
    served: Array
    """(C, K, B), backlog included."""
    unmet: Array
    """Owed at the period's end, or lost in it (C, K, B)."""


def start(network: Network, zeros: Array) -> State:
    """The state before the first period. `zeros` (1, 1, B) gives the batch, type and device."""
    lanes = network.lane_initial + zeros
    shipped = tuple(_filled(lanes[belt.lanes], belt.periods, belt.random) for belt in network.carriers)
    sent = tuple(_filled(lanes[belt.lanes], belt.periods, False) for belt in network.messengers)
    return State(
        on_hand=network.initial + zeros,
        backlog=0.0 * network.price + zeros,
        open_orders=0.0 * lanes,
        shipped=shipped,
        sent=sent,
        in_transit=under_way(network.carriers, shipped, lanes),
        on_order=under_way(network.carriers, shipped, lanes) + under_way(network.messengers, sent, lanes),
    )


def _filled(rows: Array, periods: int, random: bool) -> Load:
    """A conveyor with `rows` in each of its periods; on a random one each arrives when it is as old as can be."""
    latest = 0.0 * rows[:, :1] + periods
    return tuple(part for _ in range(periods) for part in ((rows, latest) if random else (rows,)))
