"""One period of the network, as pure functions: ship, receive, serve. What is ordered is worked out in `execution`.

Letters: N sites, L lanes, K products, C customers, B batch; arrays are (N, K, B), (L, K, B) or (C, K, B) [units]. The same
lines serve NumPy and PyTorch, where they can be differentiated. Units are neither made nor lost, nothing is ever negative,
and no source ships what it does not have.
"""

from __future__ import annotations

from typing import NamedTuple

from ..events.conditions import USUAL, Conditions
from ..flows.packs import packed_together, packed_within, whole
from ..flows.pipelines import Load, advance, under_way
from ..flows.rationing import REMEMBERED, share_within
from ..network.network import Network
from ..numerics.arrays import Array, minimum, namespace, positive, put_rows, take, take_from, tree_sum
from .state import Flows, State


class Shocks(NamedTuple):
    """A period's part of the trace."""

    demand: Array
    """(C, K, B) [units]"""
    lead_time: Array | None
    """Of what is shipped now, on the lanes that draw theirs (R, 1, B) [periods]."""
    conditions: Conditions = USUAL
    """What is different from usual."""


def period(
    network: Network, state: State, position: Array, orders: Array, shocks: Shocks, pending: Load = ()
) -> tuple[State, Flows]:
    """Everything that happens to `orders` (L, K, B) and to what is there; `pending` are the orders that still wait.

    `position` is the inventory position before these orders (N, K, B).
    """
    mechanisms, times = network.mechanisms, network.times
    now, committed, wasted, returned = shocks.conditions, None, None, None
    if mechanisms.contract is not None or now.accepting is not None:
        orders, committed = possible(network, orders, state.committed, now)
    known, sent = advance(network.ordering.order_pipelines, state.sent, orders) if times.is_delayed else (orders, state.sent)
    shipments, open_orders = ship(network, state, position, known, now)
    entering = shipments
    if now.surviving is not None:
        entering = shipments * network.on_lanes("surviving", now, shipments)
        wasted = shipments - entering
    receipts, shipped, in_transit, door = receive(network, state, shipments, entering, shocks)
    stock = move(network, state.on_hand, shipments, receipts)
    if mechanisms.returns is not None:
        returned = mechanisms.returns.arrive(stock, state.sold, now.returning)
        stock = stock + returned
    demand = shocks.demand if state.goodwill is None else shocks.demand * state.goodwill
    on_hand, served, unmet = serve(network, stock, state.backlog + demand)
    on_order = in_transit + open_orders
    if times.is_delayed:
        on_order = on_order + under_way(network.ordering.order_pipelines, sent, orders)
    for waiting in pending:
        on_order = on_order + waiting
    flows = Flows(orders, known, shipments, receipts, demand, served, unmet, now, wasted, returned)
    after = State(on_hand, unmet, open_orders, shipped, sent, in_transit, on_order, pending, committed, door=door)
    if network.fulfilment.serves_by_turn:
        joined = known
        if mechanisms.reroute is not None:
            joined = joined + mechanisms.reroute.gained(state.open_orders + known - shipments)
        after = after._replace(heard=(joined, *state.heard)[:REMEMBERED])
    if mechanisms.follow_service:
        after, flows = settle(network, state, after, flows)
    return (
        after
        if network.fulfilment.backlogged is None
        else after._replace(backlog=after.backlog * network.fulfilment.backlogged)
    ), flows


def possible(network: Network, orders: Array, committed: Array | None, now: Conditions) -> tuple[Array, Array | None]:
    """Orders (L, K, B) as far as they are taken and within their contracts, and the commitments (D, K, B) after them."""
    accepting = network.on_lanes("accepting", now, orders)
    if network.mechanisms.contract is not None:
        orders, after = network.mechanisms.contract.bind(orders, committed)
        if accepting is not None:  # who cannot order has not changed its mind
            after = committed + take(accepting, network.mechanisms.contract.lanes) * (after - committed)
        committed = after
    return (orders if accepting is None else orders * accepting), committed


def settle(network: Network, before: State, after: State, flows: Flows) -> tuple[State, Flows]:
    """What follows from service where customers go elsewhere, remember it, wait or bring things back; and from shelf lives."""
    mechanisms = network.mechanisms
    unmet = flows.unmet
    if mechanisms.spill is not None:
        on_hand, elsewhere = mechanisms.spill.serve(after.on_hand, unmet)
        unmet = unmet - elsewhere
        after = after._replace(on_hand=on_hand, backlog=unmet)
        flows = flows._replace(unmet=unmet, served=flows.served + elsewhere, spilled=elsewhere)
    if mechanisms.goodwill is not None:
        after = after._replace(goodwill=mechanisms.goodwill.after(before.goodwill, flows.demand, minimum(unmet, flows.demand)))
    if mechanisms.promise is not None:
        late, asked = mechanisms.promise.late(unmet, flows.demand, before.asked)
        after, flows = after._replace(asked=asked), flows._replace(late=late)
    if mechanisms.returns is not None:
        after = after._replace(sold=(flows.served, *before.sold[:-1]))
    if mechanisms.shelf is not None:
        received = network.topology.inbound.total(flows.receipts)
        received = received if flows.returned is None else received + flows.returned
        on_hand, scrapped, fresh = mechanisms.shelf.expire(after.on_hand, received, before.fresh)
        after, flows = after._replace(on_hand=on_hand, fresh=fresh), flows._replace(scrapped=scrapped)
    return after, flows


def inventory_position(network: Network, state: State) -> Array:
    """On hand − what customers and other sites are owed + on order (N, K, B)."""
    topology = network.topology
    position = state.on_hand + topology.inbound.total(state.on_order)
    if topology.outbound.degree:
        position = take_from(position, topology.outbound.targets, topology.outbound.sum(state.open_orders))
    return take_from(position, topology.buyers.targets, topology.buyers.sum(state.backlog))


def ship(network: Network, state: State, position: Array, known: Array, now: Conditions = USUAL) -> tuple[Array, Array]:
    """Divide every source's stock among the orders it knows (L, K, B): shipments, and the orders that stay open."""
    limits, fulfilment = network.limits, network.fulfilment
    wanted, packs = state.open_orders + known, limits.multiple
    shipments = wanted if packs is None else whole(wanted, packs)
    for most, size in (
        (limits.capacity, limits.volume),
        (limits.capacity_weight, limits.weight),
    ):
        if most is not None:
            available = network.on_lanes("available", now, wanted)
            limit = most if available is None else most * available
            shares = shipments * share_within(shipments if size is None else shipments * size, limit)
            shipments = shares if packs is None else packed_within(shares, shipments, limit, packs, size)
    if fulfilment.lane_reserve is not None:
        lanes, sites, reserve = fulfilment.lane_reserve
        free = positive(take(state.on_hand, sites) - reserve)
        shipments = put_rows(shipments, lanes, minimum(take(shipments, lanes), free))
        shipments = shipments if packs is None else whole(shipments, packs)
    if fulfilment.single is not None:
        lanes, sites = fulfilment.single
        shipments = put_rows(shipments, lanes, minimum(take(shipments, lanes), take(state.on_hand, sites)))
        shipments = shipments if packs is None else whole(shipments, packs)
    for division in fulfilment.divisions:
        given = division.divide(
            shipments,
            state.on_hand,
            lambda: position - network.topology.inbound.total(state.on_order - state.in_transit),
            lambda: (wanted, known, *state.heard),
        )
        shipments = put_rows(shipments, division.members, given)
    for number, (lanes, limit) in enumerate(limits.shared_limits):
        total, place = tree_sum(shipments[lanes])[None], limits.limit_places[number]
        total = total if limits.volume is None else total * limits.volume
        left = limit if place is None or now.limits is None else limit * now.limits[place][None]
        shares = shipments[lanes] * share_within(total, left)
        if packs is not None:
            shares = packed_together(shares, shipments[lanes], left, packs[lanes], limits.volume)
        shipments = put_rows(shipments, lanes, shares)
    unfilled = wanted - shipments
    open_orders = unfilled if fulfilment.kept is None else unfilled * fulfilment.kept
    if network.mechanisms.reroute is not None:
        open_orders = open_orders * (1.0 - network.mechanisms.reroute.leaves) + network.mechanisms.reroute.gained(unfilled)
    return shipments, open_orders


def receive(
    network: Network, state: State, shipments: Array, entering: Array, shocks: Shocks
) -> tuple[Array, tuple[Load, ...], Array, Array | None]:
    """What comes in of what is under way and of what enters the lanes now, and what it leaves there (L, K, B).

    Returns the receipts, the shipment pipelines' loads, all that is in transit, and what waits at the doors of full stores.
    """
    now = shocks.conditions
    held = () if now is USUAL else (network.on_lanes("moving", now, entering), network.on_lanes("receiving", now, entering))
    receipts, shipped = advance(network.ordering.shipment_pipelines, state.shipped, entering, shocks.lead_time, *held)
    in_transit = under_way(network.ordering.shipment_pipelines, shipped, shipments)
    if network.mechanisms.door is None:
        return receipts, shipped, in_transit, None
    left = move(network, state.on_hand, shipments, 0.0 * receipts)
    receipts, door = network.mechanisms.door.let_in(left, receipts, state.door, held)
    return receipts, shipped, in_transit + door, door


def move(network: Network, on_hand: Array, shipments: Array, receipts: Array) -> Array:
    """Stock on the shelf when the customers come (N, K, B): what was there, less what left, plus what arrived."""
    topology = network.topology
    stock = on_hand + topology.inbound.total(receipts)
    if topology.outbound.degree:
        stock = take_from(stock, topology.outbound.targets, topology.outbound.sum(shipments))
    return positive(stock) if network.fulfilment.divisions else stock


def serve(network: Network, stock: Array, owed: Array) -> tuple[Array, Array, Array]:
    """Give customers what they are owed (C, K, B), those with priority first, from `stock` (N, K, B), which is used up.

    Returns the stock left (N, K, B), what was served and what was not (C, K, B).
    """
    fulfilment = network.fulfilment
    served = []
    for service in fulfilment.services:
        there = take(stock, service.sites)
        if fulfilment.customer_reserve is not None:
            there = positive(there - fulfilment.customer_reserve[service.customers])
        got = minimum(take(owed, service.customers), there)
        stock = take_from(stock, service.sites, got)
        served.append(got)
    given = served[0] if len(served) == 1 else namespace(stock).concat(served)
    return stock, given, owed - given
