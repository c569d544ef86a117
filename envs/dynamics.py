"""One period of the network, as pure functions: order, ship, receive, serve.

Letters: N sites, L lanes, K products, C customers, B batch; arrays are (N, K, B), (L, K, B) or (C, K, B) [units]. The same
lines serve NumPy and PyTorch, where they can be differentiated. Units are neither made nor lost, nothing is ever negative,
and no source ships what it does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .arrays import Array, namespace, put_rows, tree_sum
from .network import Network
from .ordering import Stage, Turn
from .rationing import share_within
from .state import Flows, State
from .transit import advance, under_way


@dataclass(frozen=True)
class Wishes:
    """What the decision makers want of every lane: order-up-to levels, quantities, or a level here and a quantity there."""

    level: Array | None = None
    """(L, K, B) [units]"""
    quantity: Array | None = None
    """(L, K, B) [units]"""
    by_quantity: Array | None = None
    """Where both are given: which lanes go by their quantity (L, 1, 1)."""


@dataclass(frozen=True)
class Shocks:
    """A period's part of the trace."""

    demand: Array
    """(C, K, B) [units]"""
    lead_time: Array | None
    """Of what is shipped now, on the lanes that draw theirs (R, 1, B) [periods]."""


def period(network: Network, state: State, wishes: Wishes, shocks: Shocks) -> tuple[State, Flows]:
    """Everything that happens between two decisions."""
    position = inventory_position(network, state)
    orders = order(network, state, position, wishes)
    known, sent = advance(network.messengers, state.sent, orders)
    shipments, open_orders = ship(network, state, position, known)
    receipts, shipped = advance(network.carriers, state.shipped, shipments, shocks.lead_time)
    stock = move(network, state.on_hand, shipments, receipts)
    on_hand, served, unmet = serve(network, stock, state.backlog + shocks.demand)
    in_transit = under_way(network.carriers, shipped, shipments)
    on_order = in_transit + open_orders
    if network.is_delayed:
        on_order = on_order + under_way(network.messengers, sent, orders)
    backlog = unmet if network.backlogged is None else unmet * network.backlogged
    after = State(on_hand, backlog, open_orders, shipped, sent, in_transit, on_order)
    return after, Flows(orders, shipments, receipts, shocks.demand, served, unmet)


def inventory_position(network: Network, state: State) -> Array:
    """On hand − what customers and other sites are owed + on order (N, K, B)."""
    position = state.on_hand + network.inbound.total(state.on_order)
    if network.outbound:
        position[network.outbound.targets] -= network.outbound.sum(state.open_orders)
    position[network.buyers.targets] -= network.buyers.sum(state.backlog)
    return position


def order(network: Network, state: State, position: Array, wishes: Wishes) -> Array:
    """Turn wishes into orders (L, K, B), downstream first: a site orders for what its internal customers order now."""
    if wishes.level is None:
        return allowed(network, wishes.quantity, slice(None))
    placed: list[Array] = []
    for stage in network.orders.stages:
        have = position[stage.sites]
        if stage.internal:
            have = have - _ordered_from(stage, placed)
        for number, turn in enumerate(stage.turns):
            gap = wishes.level[turn.lanes] - have[turn.at] + _late(network, state, turn)
            orders = allowed(network, _wanted(gap, wishes, turn), turn.lanes)
            placed.append(orders)
            if number + 1 < len(stage.turns):
                have = put_rows(have, turn.at, have[turn.at] + orders)
    return placed[0] if len(placed) == 1 else namespace(*placed).concat(placed)[network.orders.place]


def _ordered_from(stage: Stage, placed: list[Array]) -> Array:
    recent = placed[stage.since :]
    return stage.internal.total(recent[0] if len(recent) == 1 else namespace(*recent).concat(recent))


def _late(network: Network, state: State, turn: Turn) -> Array | float:
    """What is on order for the turn's sites and arrives too late to count for their lanes (n, K, B)."""
    amount: Array | float = 0.0
    for part in turn.late:
        if part.belt is None:
            load = state.open_orders
        elif part.by_messenger:
            load = state.sent[part.belt][part.entry]
        else:
            load = network.carriers[part.belt].by_age(state.shipped[part.belt])[part.entry]
        amount = amount + part.lanes.total(load)
    return amount


def _wanted(gap: Array, wishes: Wishes, turn: Turn) -> Array:
    if wishes.quantity is None or wishes.by_quantity is None:
        return gap
    return namespace(gap).where(wishes.by_quantity[turn.lanes], wishes.quantity[turn.lanes], gap)


def allowed(network: Network, wanted: Array, lanes: Any) -> Array:
    """The orders that a lane takes: none below zero, of products it carries, its minimum or more, in its multiples."""
    xp = namespace(wanted)
    orders = xp.maximum(wanted, xp.zeros_like(wanted))
    if network.carried is not None:
        orders = orders * network.carried[lanes]
    if network.minimum is not None:
        orders = xp.where(orders > 0, xp.maximum(orders, network.minimum[lanes] + 0.0 * orders), orders)
    if network.multiple is not None:
        step = network.multiple[lanes]
        size = xp.where(step > 0, step, xp.ones_like(step))
        orders = xp.where(step > 0, xp.ceil(orders / size - 1e-6) * size, orders)
    return orders


def ship(network: Network, state: State, position: Array, known: Array) -> tuple[Array, Array]:
    """Divide every source's stock among the orders it knows (L, K, B): shipments, and the orders that stay open."""
    wanted = state.open_orders + known
    shipments = wanted
    if network.capacity is not None:
        shipments = shipments * share_within(shipments, network.capacity)
    if network.single is not None:
        lanes, sites = network.single
        shipments = put_rows(shipments, lanes, namespace(wanted).minimum(shipments[lanes], state.on_hand[sites]))
    for division in network.divisions:
        given = division.divide(shipments, state.on_hand, lambda: position - network.inbound.total(state.open_orders))
        shipments = put_rows(shipments, division.members, given)
    for lanes, limit in network.shared_limits:
        total = tree_sum(shipments[lanes])[None]
        shipments = put_rows(shipments, lanes, shipments[lanes] * share_within(total, limit))
    open_orders = wanted - shipments
    return shipments, open_orders if network.kept is None else open_orders * network.kept


def move(network: Network, on_hand: Array, shipments: Array, receipts: Array) -> Array:
    """Stock on the shelf when the customers come (N, K, B): what was there, less what left, plus what arrived."""
    if network.outbound:
        left = on_hand[network.outbound.targets] - network.outbound.sum(shipments)
        if network.divisions:
            left = namespace(left).maximum(left, namespace(left).zeros_like(left))
        on_hand = left if network.outbound.complete else put_rows(on_hand, network.outbound.targets, left)
    return on_hand + network.inbound.total(receipts)


def serve(network: Network, stock: Array, owed: Array) -> tuple[Array, Array, Array]:
    """Give customers what they are owed (C, K, B), those with priority first: stock left (N, K, B), served, unmet (C, K, B)."""
    xp = namespace(stock)
    served = []
    for service in network.services:
        got = xp.minimum(owed[service.customers], stock[service.sites])
        stock = put_rows(stock, service.sites, stock[service.sites] - got)
        served.append(got)
    given = served[0] if len(served) == 1 else xp.concat(served)
    return stock, given, owed - given
