"""What a period starts from and what happens in it.

Letters: N sites, L lanes, K products, C customers, B batch. Everything is in units of product.
"""

from __future__ import annotations

from typing import NamedTuple

from ..events.conditions import USUAL, Conditions
from ..flows.pipelines import Load, Pipeline, under_way
from ..network.network import Network
from ..numerics.arrays import Array


class State(NamedTuple):
    """Where every unit and every order is between two periods."""

    on_hand: Array
    """Stock on the shelf (N, K, B)."""
    backlog: Array
    """Demand that customers are owed (C, K, B)."""
    open_orders: Array
    """Orders that the source knows and has not shipped (L, K, B)."""
    shipped: tuple[Load, ...]
    """Shipments under way, by the network's shipment pipelines."""
    sent: tuple[Load, ...]
    """Orders on their way to the source, by the network's order pipelines."""
    in_transit: Array
    """Sum of the shipments under way (L, K, B), what waits at a door included."""
    on_order: Array
    """Ordered and not yet arrived (L, K, B): in transit, open at the source, not yet known to it, or not yet approved; and what
    was lost on its way there, as long as who ordered it does not know."""
    pending: Load = ()
    """Orders that wait for approval, the youngest first, each (L, K, B)."""
    committed: Array | None = None
    """What orders under a contract may not be far from (D, K, B)."""
    fresh: Load = ()
    """What came in in earlier periods, the latest first, each (N, K, B), where stock perishes."""
    asked: Load = ()
    """What customers asked for in earlier periods, the latest first, each (C, K, B), where they were promised a time."""
    sold: Load = ()
    """What they were served in earlier periods, the latest first, each (C, K, B), where they bring it back."""
    heard: Load = ()
    """Orders that sources got to know in earlier periods, the latest first, each (L, K, B), where their age matters."""
    missing: Load = ()
    """Orders that were lost and are counted on still, the latest first, each (L, K, B), where nobody is told."""
    away: Load = ()
    """Vehicles that left in earlier periods and may be away, the latest first, each (D, 1, B), on lanes that have so many."""
    goodwill: Array | None = None
    """What their demand is multiplied by (C, K, B), where service matters to it."""
    door: Array | None = None
    """Of the shipments under way, what has arrived and waits until it fits into a store (L, K, B), where storage is hard."""


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
    conditions: Conditions = USUAL
    """What was different from usual."""
    lost: Array | None = None
    """Of the orders, what never reaches its source (L, K, B)."""
    wasted: Array | None = None
    """Of the shipments, what does not arrive (L, K, B)."""
    returned: Array | None = None
    """Brought back by customers (N, K, B)."""
    late: Array | None = None
    """Of the unmet, what costs something: all of it, unless customers were promised a time (C, K, B)."""
    spilled: Array | None = None
    """Of the served, what came from another site at once (C, K, B)."""
    scrapped: Array | None = None
    """Past its shelf life (N, K, B)."""
    turned_away: Array | None = None
    """Of what arrived, what a full store did not take and nobody keeps (L, K, B)."""
    ends: Array | None = None
    """1 if the episode ends with this period, else 0 (1, 1, B), where goods are worth something then."""


def start(network: Network, zeros: Array) -> State:
    """The state before the first period. `zeros` (1, 1, B) gives the batch, type and device."""
    lanes = network.start.lane_initial + zeros
    brought = network.joined(lanes)
    shipped = tuple(_filled(brought[pipeline.lanes], pipeline) for pipeline in network.ordering.shipment_pipelines)
    sent = tuple(_filled(lanes[pipeline.lanes], pipeline) for pipeline in network.ordering.order_pipelines)
    if network.start.opening is not None:
        shipped = network.start.opening.join(network.ordering.shipment_pipelines, shipped)
    on_hand, nothing = network.start.initial + zeros, 0.0 * network.costs.price + zeros
    return State(
        on_hand=on_hand,
        backlog=nothing if network.start.owed is None else nothing + network.start.owed,
        open_orders=0.0 * lanes,
        shipped=shipped,
        sent=sent,
        in_transit=under_way(network.ordering.shipment_pipelines, shipped, lanes),
        on_order=under_way(network.ordering.shipment_pipelines, shipped, lanes)
        + network.joined(under_way(network.ordering.order_pipelines, sent, lanes)),
        fresh=() if network.mechanisms.shelf is None else network.mechanisms.shelf.start(on_hand),
        asked=() if network.mechanisms.promise is None else network.mechanisms.promise.start(nothing),
        sold=() if network.mechanisms.returns is None else network.mechanisms.returns.start(nothing),
        missing=() if network.mechanisms.counted_on is None else network.mechanisms.counted_on.start(lanes),
        away=() if network.limits.vehicles is None else network.limits.vehicles.start(lanes),
        goodwill=None if network.mechanisms.goodwill is None else nothing + 1.0,
        committed=None if network.mechanisms.contract is None else network.mechanisms.contract.first + zeros,
        door=None if network.mechanisms.door is None else 0.0 * lanes,
    )


def _filled(rows: Array, pipeline: Pipeline) -> Load:
    """A pipeline with `rows` in each of its periods; on a random one each arrives as late as it can undisturbed."""
    if not pipeline.random:
        return (rows,) * pipeline.periods
    due = 0.0 * rows[:, :1] + pipeline.undisturbed
    return tuple(part for age in range(pipeline.periods) for part in (rows * (pipeline.undisturbed > age), due))
