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
from ..flows.rationing import share_within
from ..mechanisms.door import Door
from ..mechanisms.shelf import Issued
from ..network.network import Network
from ..numerics.arrays import Array, capped, minimum, namespace, positive, put_rows, take, take_from, tree_sum
from .making import begin, resume
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
    now, wasted, returned = shocks.conditions, None, None
    orders, committed = placed(network, state, orders, now)
    sending, lost = orders, None
    if now.reaching is not None:
        sending = orders * network.on_lanes("reaching", now, orders)
        lost = orders - sending
    known, sent = advance(network.ordering.order_pipelines, state.sent, sending) if times.is_delayed else (sending, state.sent)
    shipments, open_orders = ship(network, state, position, known, now)
    entering = shipments
    if now.surviving is not None:
        entering = shipments * network.on_lanes("surviving", now, shipments)
        wasted = shipments - entering
    receipts, shipped, in_transit, door, turned_away = receive(network, state, shipments, entering, shocks)
    stock = move(network, state.on_hand, shipments, receipts)
    if mechanisms.returns is not None:
        returned = mechanisms.returns.arrive(stock, state.sold, now.returning)
        stock = stock + returned
    demand = shocks.demand if state.goodwill is None else shocks.demand * state.goodwill
    on_hand, served, unmet = serve(network, stock, state.backlog + demand)
    missing = () if mechanisms.counted_on is None or lost is None else mechanisms.counted_on.after(lost, state.missing)
    on_order = all_on_order(network, in_transit, open_orders, sent, (*pending, *missing))
    flows = Flows(
        orders, known, shipments, receipts, demand, served, unmet, now, lost, wasted, returned, turned_away=turned_away
    )
    after = State(
        on_hand, unmet, open_orders, shipped, sent, in_transit, on_order, pending, committed, missing=missing, door=door
    )
    if network.remembers:
        after = after._replace(**remembered(network, state, known, shipments))
    if mechanisms.follow_service:
        after, flows = settle(network, state, after, flows)
    return (
        after
        if network.fulfilment.backlogged is None
        else after._replace(backlog=after.backlog * network.fulfilment.backlogged)
    ), flows


def all_on_order(network: Network, in_transit: Array, open_orders: Array, sent: tuple[Load, ...], elsewhere: Load) -> Array:
    """What has been ordered and has not arrived (L, K, B), with what comes beside it, wherever it is."""
    on_order = in_transit + open_orders
    if network.times.is_delayed:
        on_order = on_order + under_way(network.ordering.order_pipelines, sent, open_orders)
    for waiting in elsewhere:
        on_order = on_order + waiting
    if network.recipes is not None and network.recipes.beside is not None:
        return in_transit + network.recipes.joined(on_order - in_transit)
    return on_order


def remembered(network: Network, state: State, known: Array, shipments: Array) -> dict[str, Load]:
    """What sources and lanes remember of a period's orders and shipments, in the fields of a state; nothing where none do."""
    found: dict[str, Load] = {}
    if network.fulfilment.remembered:
        joined = known
        if network.mechanisms.reroute is not None:
            joined = joined + network.mechanisms.reroute.gained(state.open_orders + known - shipments)
        found["heard"] = (joined, *state.heard)[: network.fulfilment.remembered]
    if (vehicles := network.limits.vehicles) is not None:
        found["away"] = vehicles.after(shipments, state.away, network.limits.volume)
    return found


def placed(network: Network, state: State, orders: Array, now: Conditions) -> tuple[Array, Array | None]:
    """Orders (L, K, B) as they go out, where contracts, closed lanes or full stores bind, and the commitments after them."""
    mechanisms, committed = network.mechanisms, None
    if mechanisms.contract is not None or now.accepting is not None:
        orders, committed = possible(network, orders, state.committed, now)
    if mechanisms.door is not None and mechanisms.door.refuses is not None:
        orders = fitting(network, mechanisms.door, state, orders)
    return orders, committed


def possible(network: Network, orders: Array, committed: Array | None, now: Conditions) -> tuple[Array, Array | None]:
    """Orders (L, K, B) as far as they are taken and within their contracts, and the commitments (D, K, B) after them."""
    accepting = network.on_lanes("accepting", now, orders)
    if network.mechanisms.contract is not None:
        orders, after = network.mechanisms.contract.bind(orders, committed)
        if accepting is not None:  # who cannot order has not changed its mind
            after = committed + take(accepting, network.mechanisms.contract.lanes) * (after - committed)
        committed = after
    return (orders if accepting is None else orders * accepting), committed


def fitting(network: Network, door: Door, state: State, orders: Array) -> Array:
    """Orders (L, K, B) as far as full stores let them be placed: whole packs, and none that its lane would not take."""
    limits = network.limits
    on_order = state.on_order
    for waiting in state.pending:
        on_order = on_order - network.joined(waiting)
    there = state.on_hand + network.topology.inbound.total(on_order)
    fits, cut = door.taken(orders, network.joined(orders), there)
    if limits.multiple is not None:
        fits = whole(fits, limits.multiple)
    if limits.minimum is not None:
        fits = fits * (fits >= limits.minimum)
    for rule in limits.least_orders:
        fits = fits * rule.reached(fits)
    return namespace(orders).where(cut, fits, orders)


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
        issued = None
        if mechanisms.shelf.youngest_first is not None:
            issued = Issued(before.on_hand, network.drawn(flows.shipments))
        on_hand, scrapped, fresh = mechanisms.shelf.expire(after.on_hand, received, before.fresh, issued)
        after, flows = after._replace(on_hand=on_hand, fresh=fresh), flows._replace(scrapped=scrapped)
    return after, flows


def inventory_position(network: Network, state: State) -> Array:
    """On hand − what customers and other sites are owed, and what open recipes will use, + on order (N, K, B)."""
    topology = network.topology
    position = state.on_hand + topology.inbound.total(state.on_order)
    if topology.outbound.degree:
        position = take_from(position, topology.outbound.targets, topology.outbound.sum(state.open_orders))
    if network.recipes is not None:
        position = position - network.recipes.used(state.open_orders)
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
    if limits.vehicles is not None:
        shipments = limits.vehicles.loaded(shipments, state.away, limits.volume, packs)
    if fulfilment.lane_reserve is not None:
        lanes, sites, reserve = fulfilment.lane_reserve
        free = positive(take(state.on_hand, sites) - reserve)
        shipments = capped(shipments, lanes, free)
        shipments = shipments if packs is None else whole(shipments, packs)
    asked = shipments
    if network.recipes is not None:
        shipments = begin(network, state, position, asked, (wanted, known), now)
    elif fulfilment.single is not None:
        lanes, sites = fulfilment.single
        shipments = capped(shipments, lanes, take(state.on_hand, sites))
        shipments = shipments if packs is None else whole(shipments, packs)
    for division in fulfilment.divisions:
        given = division.divide(
            shipments,
            state.on_hand,
            lambda: position - network.topology.inbound.total(state.on_order - state.in_transit),
            lambda: (wanted, known, *state.heard),
        )
        shipments = put_rows(shipments, division.members, given)
    if limits.shared_limits:
        shipments = within_shared_limits(network, state, asked, shipments, now)
    unfilled = wanted - shipments
    return shipments, unfilled if network.all_stay_open else still_open(network, state, known, unfilled)


def within_shared_limits(network: Network, state: State, asked: Array, shipments: Array, now: Conditions) -> Array:
    """Shipments (L, K, B) of what was `asked` within what may leave a site, or a supplier, over all its lanes."""
    limits, packs = network.limits, network.limits.multiple
    for number, (lanes, limit) in enumerate(limits.shared_limits):
        total, place = tree_sum(shipments[lanes])[None], limits.limit_places[number]
        total = total if limits.volume is None else total * limits.volume
        left = limit if place is None or now.limits is None else limit * now.limits[place][None]
        shares = shipments[lanes] * share_within(total, left)
        if packs is not None:
            shares = packed_together(shares, shipments[lanes], left, packs[lanes], limits.volume)
        shipments = put_rows(shipments, lanes, shares)
    return shipments if network.recipes is None else resume(network, state, asked, shipments, now)


def still_open(network: Network, state: State, known: Array, unfilled: Array) -> Array:
    """Which orders stay open (L, K, B) of those that could not be filled, of which the `known` came in this period."""
    fulfilment, reroute = network.fulfilment, network.mechanisms.reroute
    open_orders = unfilled if fulfilment.kept is None else unfilled * fulfilment.kept
    if fulfilment.expiry is not None:
        open_orders = fulfilment.expiry.still_open(open_orders, known, state.heard)
    return open_orders if reroute is None else open_orders * (1.0 - reroute.leaves) + reroute.gained(unfilled)


def receive(
    network: Network, state: State, shipments: Array, entering: Array, shocks: Shocks
) -> tuple[Array, tuple[Load, ...], Array, Array | None, Array | None]:
    """What comes in of what is under way and of what enters the lanes now, and what it leaves there (L, K, B).

    Returns the receipts, the shipment pipelines' loads, all that is in transit, and what waits at the doors of full stores, or
    is turned away there.
    """
    now = shocks.conditions
    held = () if now is USUAL else (network.on_lanes("moving", now, entering), network.on_lanes("receiving", now, entering))
    if network.recipes is not None:
        entering = network.recipes.joined(entering)
    receipts, shipped = advance(network.ordering.shipment_pipelines, state.shipped, entering, shocks.lead_time, *held)
    in_transit = under_way(network.ordering.shipment_pipelines, shipped, shipments)
    if network.mechanisms.door is None:
        return receipts, shipped, in_transit, None, None
    left = move(network, state.on_hand, shipments, 0.0 * receipts)
    receipts, door, turned_away = network.mechanisms.door.let_in(left, receipts, state.door, held)
    return receipts, shipped, in_transit + door, door, turned_away


def move(network: Network, on_hand: Array, shipments: Array, receipts: Array) -> Array:
    """Stock on the shelf when the customers come (N, K, B): what was there, less what left, plus what arrived."""
    topology = network.topology
    stock = on_hand + topology.inbound.total(receipts)
    if topology.outbound.degree:
        stock = take_from(stock, topology.outbound.targets, topology.outbound.sum(shipments))
    if network.recipes is not None:
        return positive(stock - network.recipes.used(shipments))
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
