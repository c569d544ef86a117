"""One period of the network, as pure functions: order, ship, receive, serve.

Letters: N sites, L lanes, K products, C customers, B batch; arrays are (N, K, B), (L, K, B) or (C, K, B) [units]. The same
lines serve NumPy and PyTorch, where they can be differentiated. Units are neither made nor lost, nothing is ever negative,
and no source ships what it does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from .arrays import Array, minimum, namespace, positive, put_rows, split, straight, take, take_from, tree_sum, zeros_for
from .events.conditions import USUAL, Conditions
from .network import Network
from .ordering import Late, OrderPlan, Stage, Turn
from .rationing import share_within
from .state import Flows, State
from .transit import Load, advance, under_way


class Wishes(NamedTuple):
    """What the decision makers want of every lane: order-up-to levels, quantities, or a level here and a quantity there."""

    level: Array | None = None
    """(L, K, B) [units]"""
    quantity: Array | None = None
    """(L, K, B) [units]"""
    by_quantity: Array | None = None
    """Where both are given: which lanes go by their quantity (L, 1, 1) or (L, 1, B)."""
    relative: Any = False
    """Whether the levels are distances from the centre's: all or none, or those of some lanes (L, 1, 1) or (L, 1, B)."""
    response: Array | None = None
    """How far a level rises for each unit that internal customers order in this period (L, K, B)."""


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
    now, committed, wasted, returned = shocks.conditions, None, None, None
    if network.contract is not None or now.accepting is not None:
        orders, committed = possible(network, orders, state.committed, now)
    known, sent = advance(network.messengers, state.sent, orders) if network.is_delayed else (orders, state.sent)
    shipments, open_orders = ship(network, state, position, known, now)
    entering = shipments
    if now.surviving is not None:
        entering = shipments * network.on_lanes("surviving", now, shipments)
        wasted = shipments - entering
    held = () if now is USUAL else (network.on_lanes("moving", now, orders), network.on_lanes("receiving", now, orders))
    receipts, shipped = advance(network.carriers, state.shipped, entering, shocks.lead_time, *held)
    stock = move(network, state.on_hand, shipments, receipts)
    if network.returns is not None:
        returned = network.returns.arrive(stock, state.sold, now.returning)
        stock = stock + returned
    demand = shocks.demand if state.goodwill is None else shocks.demand * state.goodwill
    on_hand, served, unmet = serve(network, stock, state.backlog + demand)
    in_transit = under_way(network.carriers, shipped, shipments)
    on_order = in_transit + open_orders
    if network.is_delayed:
        on_order = on_order + under_way(network.messengers, sent, orders)
    for waiting in pending:
        on_order = on_order + waiting
    flows = Flows(orders, known, shipments, receipts, demand, served, unmet, now, wasted=wasted, returned=returned)
    after = State(on_hand, unmet, open_orders, shipped, sent, in_transit, on_order, pending, committed=committed)
    if network.has_customs:
        after, flows = settle(network, state, after, flows)
    return (after if network.backlogged is None else after._replace(backlog=after.backlog * network.backlogged)), flows


def possible(network: Network, orders: Array, committed: Array | None, now: Conditions) -> tuple[Array, Array | None]:
    """Orders (L, K, B) as far as they are taken and within their contracts, and the commitments (D, K, B) after them."""
    accepting, before = network.on_lanes("accepting", now, orders), committed
    if network.contract is not None:
        orders, committed = network.contract.bind(orders, committed)
    if accepting is None:
        return orders, committed
    if network.contract is not None:  # who cannot order has not changed its mind
        committed = before + take(accepting, network.contract.lanes) * (committed - before)
    return orders * accepting, committed


def settle(network: Network, before: State, after: State, flows: Flows) -> tuple[State, Flows]:
    """What follows from service where customers go elsewhere, remember it, wait or bring things back; and from shelf lives."""
    unmet = flows.unmet
    if network.spill is not None:
        on_hand, elsewhere = network.spill.serve(after.on_hand, unmet)
        unmet = unmet - elsewhere
        after = after._replace(on_hand=on_hand, backlog=unmet)
        flows = flows._replace(unmet=unmet, served=flows.served + elsewhere, spilled=elsewhere)
    if network.goodwill is not None:
        after = after._replace(goodwill=network.goodwill.after(before.goodwill, flows.demand, minimum(unmet, flows.demand)))
    if network.promise is not None:
        late, asked = network.promise.late(unmet, flows.demand, before.asked)
        after, flows = after._replace(asked=asked), flows._replace(late=late)
    if network.returns is not None:
        after = after._replace(sold=(flows.served, *before.sold[:-1]))
    if network.shelf is not None:
        received = network.inbound.total(flows.receipts)
        received = received if flows.returned is None else received + flows.returned
        on_hand, scrapped, fresh = network.shelf.expire(after.on_hand, received, before.fresh)
        after, flows = after._replace(on_hand=on_hand, fresh=fresh), flows._replace(scrapped=scrapped)
    return after, flows


def inventory_position(network: Network, state: State) -> Array:
    """On hand − what customers and other sites are owed + on order (N, K, B)."""
    position = state.on_hand + network.inbound.total(state.on_order)
    if network.outbound.degree:
        position = take_from(position, network.outbound.targets, network.outbound.sum(state.open_orders))
    return take_from(position, network.buyers.targets, network.buyers.sum(state.backlog))


def order(network: Network, state: State, position: Array, wishes: Wishes, accepting: Array | None = None) -> Array:
    """Turn wishes into orders (L, K, B) by what every site knows itself of its `position` (N, K, B).

    `accepting` (L, 1, B) is 0 on lanes that take no orders now.
    """
    waiting = None
    if network.is_delayed and wishes.level is not None:
        position = position - network.outbound.total(_learned(network, state))
    if state.pending and wishes.level is not None:
        waiting = _waiting(state)
        position = position - network.outbound.total(_proposed(network, waiting))
    return execute(network, network.orders, position, wishes, partial(late_load, network, state), waiting, accepting)


def execute(
    network: Network,
    plan: OrderPlan,
    position: Array,
    wishes: Wishes,
    load: Callable[[Late], Array],
    waiting: Array | None = None,
    accepting: Array | None = None,
) -> Array:
    """Work the orders out by a plan, downstream first: a site orders for what its internal customers ask of it now.

    `load(part)` is what is on order and arrives too late to count for a lane, as far as it is in one place; `waiting` (L, K, B)
    waits for approval. Lanes where `accepting` (L, 1, B) is 0 get no orders.
    """
    if wishes.level is None:
        orders = allowed(network, wishes.quantity, slice(None))
        return orders if accepting is None else orders * accepting
    gaps = split(take(wishes.level - take(position, network.into), plan.order), plan.sizes)
    plain = wishes.by_quantity is None and not network.restricts_orders
    placed: list[Array] = []
    for stage in plan.stages:
        asked = internal = _ordered_from(stage, placed) if stage.internal.degree else None
        for turn in stage.turns:
            gap = gaps[len(placed)]
            if asked is not None:
                gap = gap + (asked if turn.at is None else take(asked, turn.at))
            if internal is not None and wishes.response is not None:
                gap = gap + wishes.response[turn.lanes] * (internal if turn.at is None else take(internal, turn.at))
            for part in turn.late:
                gap = gap + part.lanes.total(load(part))
            if waiting is not None and turn.slower is not None:
                gap = gap + turn.slower.total(waiting)
            if turn.peers is not None:
                gap = gap - turn.peers.total(_stacked(placed[: plan.lateral_turns]))
            orders = positive(gap) if plain else allowed(network, _wanted(gap, wishes, turn), turn.lanes)
            placed.append(orders if accepting is None else orders * accepting[turn.lanes])
            if len(stage.turns) > 1:
                asked = _less(stage, turn, asked, placed[-1])
    return placed[0] if len(placed) == 1 else take(namespace(orders).concat(placed), plan.place)


def _ordered_from(stage: Stage, placed: list[Array]) -> Array:
    """What internal customers have ordered from the stage's sites this period (n, K, B)."""
    if stage.direct and len(placed) == stage.since + 1:
        return placed[-1]
    return stage.internal.total(_stacked(placed[stage.since :]))


def _stacked(parts: list[Array]) -> Array:
    return parts[0] if len(parts) == 1 else namespace(parts[0]).concat(parts)


def _learned(network: Network, state: State) -> Array:
    """Orders of earlier periods that reach their sources in this one (L, K, B)."""
    out = zeros_for(state.open_orders, *state.open_orders.shape)
    for belt, load in zip(network.messengers, state.sent, strict=True):
        if load:
            out[belt.lanes] = load[-1]
    return out


def _waiting(state: State) -> Array:
    first, *others = state.pending
    for orders in others:
        first = first + orders
    return first


def _proposed(network: Network, waiting: Array) -> Array:
    """What of the orders that wait for approval their sources have counted on since they were proposed (L, K, B)."""
    for belt in network.messengers:
        if belt.periods:
            waiting = put_rows(waiting, belt.lanes, 0.0 * waiting[belt.lanes])
    return waiting


def _less(stage: Stage, turn: Turn, asked: Array | None, orders: Array) -> Array:
    """What the stage's sites still lack, once their faster lanes have ordered (n, K, B)."""
    if asked is None:
        asked = zeros_for(orders, stage.size, *orders.shape[1:])
    return asked - orders if turn.at is None else put_rows(asked, turn.at, asked[turn.at] - orders)


def late_load(network: Network, state: State, part: Late) -> Array:
    """What is on order and arrives too late to count, as far as it is on one conveyor or waits at the source."""
    if part.belt is None:
        return state.open_orders
    if part.by_messenger:
        return state.sent[part.belt][part.entry]
    return network.carriers[part.belt].by_age(state.shipped[part.belt])[part.entry]


def _wanted(gap: Array, wishes: Wishes, turn: Turn) -> Array:
    if wishes.quantity is None or wishes.by_quantity is None:
        return gap
    return namespace(gap).where(wishes.by_quantity[turn.lanes], wishes.quantity[turn.lanes], gap)


def allowed(network: Network, wanted: Array, lanes: Any) -> Array:
    """The orders that a lane takes: none below zero, of products it carries, its minimum or more, in its multiples.

    Gradients go straight through minima and multiples.
    """
    orders = positive(wanted)
    if network.carried is not None:
        orders = orders * network.carried[lanes]
    if network.negligible is not None:
        orders = namespace(orders).where(orders > network.negligible[lanes], orders, 0.0 * orders)
    if network.minimum is not None:
        xp = namespace(orders)
        raised = straight(xp.maximum(orders, network.minimum[lanes] + 0.0 * orders), orders)
        orders = xp.where(orders > 0, raised, orders)
    if network.multiple is not None:
        xp = namespace(orders)
        step = network.multiple[lanes]
        size = xp.where(step > 0, step, xp.ones_like(step))
        orders = xp.where(step > 0, straight(xp.ceil(orders / size - 1e-6) * size, orders), orders)
    return orders


def ship(network: Network, state: State, position: Array, known: Array, now: Conditions = USUAL) -> tuple[Array, Array]:
    """Divide every source's stock among the orders it knows (L, K, B): shipments, and the orders that stay open."""
    wanted = state.open_orders + known
    shipments = wanted
    if network.capacity is not None:
        available = network.on_lanes("available", now, wanted)
        capacity = network.capacity if available is None else network.capacity * available
        shipments = shipments * share_within(shipments, capacity)
    if network.lane_reserve is not None:
        lanes, sites, reserve = network.lane_reserve
        free = positive(take(state.on_hand, sites) - reserve)
        shipments = put_rows(shipments, lanes, minimum(take(shipments, lanes), free))
    if network.single is not None:
        lanes, sites = network.single
        shipments = put_rows(shipments, lanes, minimum(take(shipments, lanes), take(state.on_hand, sites)))
    for division in network.divisions:
        given = division.divide(
            shipments, state.on_hand, lambda: position - network.inbound.total(state.on_order - state.in_transit)
        )
        shipments = put_rows(shipments, division.members, given)
    for (lanes, limit), place in zip(network.shared_limits, network.limit_places, strict=True):
        total = tree_sum(shipments[lanes])[None]
        left = limit if place is None or now.limits is None else limit * now.limits[place][None]
        shipments = put_rows(shipments, lanes, shipments[lanes] * share_within(total, left))
    open_orders = wanted - shipments
    return shipments, open_orders if network.kept is None else open_orders * network.kept


def move(network: Network, on_hand: Array, shipments: Array, receipts: Array) -> Array:
    """Stock on the shelf when the customers come (N, K, B): what was there, less what left, plus what arrived."""
    stock = on_hand + network.inbound.total(receipts)
    if network.outbound.degree:
        stock = take_from(stock, network.outbound.targets, network.outbound.sum(shipments))
    return positive(stock) if network.divisions else stock


def serve(network: Network, stock: Array, owed: Array) -> tuple[Array, Array, Array]:
    """Give customers what they are owed (C, K, B), those with priority first, from `stock` (N, K, B), which is used up.

    Returns the stock left (N, K, B), what was served and what was not (C, K, B).
    """
    served = []
    for service in network.services:
        there = take(stock, service.sites)
        if network.customer_reserve is not None:
            there = positive(there - network.customer_reserve[service.customers])
        got = minimum(take(owed, service.customers), there)
        stock = take_from(stock, service.sites, got)
        served.append(got)
    given = served[0] if len(served) == 1 else namespace(stock).concat(served)
    return stock, given, owed - given
