"""From decisions to orders: what every site orders in a period, worked out in sequence, downstream first.

Letters: N sites, L lanes, K products, B batch; arrays are (N, K, B) or (L, K, B) [units], NumPy's or PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..flows.order_sequence import LateOrders, OrderSequence, OrderTurn, Stage
from ..network.network import Network
from ..numerics.arrays import Array, namespace, positive, put_rows, split, straight, take, zeros_for
from .decision import Decision
from .state import State


def order(
    network: Network,
    state: State,
    position: Array,
    decision: Decision,
    accepting: Array | None = None,
    proposed: bool = True,
) -> Array:
    """Turn a decision into orders (L, K, B) by what every site knows itself of its `position` (N, K, B).

    `accepting` (L, 1, B) is 0 on lanes that take no orders now. `proposed` says whether sources have counted on orders that
    wait for approval since they were proposed, or count on them once they are let out.
    """
    waiting = None
    if network.times.is_delayed and decision.level is not None:
        position = position - network.drawn(learned(network, state))
    if state.pending and decision.level is not None:
        waiting = _waiting(state)
        if proposed:
            position = position - network.drawn(_proposed(network, waiting))
        waiting = network.joined(waiting)
    return execute(
        network, network.ordering.orders, position, decision, lambda part: late_load(network, state, part), waiting, accepting
    )


def execute(
    network: Network,
    sequence: OrderSequence,
    position: Array,
    decision: Decision,
    load: Callable[[LateOrders], Array],
    waiting: Array | None = None,
    accepting: Array | None = None,
) -> Array:
    """Work the orders out in sequence, downstream first: a site orders for what its internal customers ask of it now.

    `load(part)` is what is on order and arrives too late to count for a lane, as far as it is in one place; `waiting` (L, K, B)
    waits for approval. Lanes where `accepting` (L, 1, B) is 0 get no orders.
    """
    if decision.level is None:
        orders = allowed(network, decision.quantity, slice(None))
        return orders if accepting is None else orders * accepting
    gaps = split(take(decision.level - take(position, network.topology.into), sequence.order), sequence.parts)
    plain = decision.by_quantity is None and not network.limits.restricts_orders
    response = decision.response
    placed: list[Array] = []
    for stage in sequence.stages:
        asked = internal = placed[-1] if stage.direct else _ordered_from(stage, placed)
        for turn in stage.turns:
            gap = gaps[len(placed)]
            if asked is not None:
                gap = gap + (asked if turn.at is None else take(asked, turn.at))
            if response is not None and internal is not None:
                gap = gap + response[turn.lanes] * (internal if turn.at is None else take(internal, turn.at))
            for part in turn.late:
                gap = gap + part.lanes.total(load(part))
            if waiting is not None and turn.slower is not None:
                gap = gap + turn.slower.total(waiting)
            for ordered in turn.coming:
                gap = gap - ordered.total(_stacked(placed[ordered.since : ordered.until]))
            orders = positive(gap) if plain else allowed(network, _wanted(gap, decision, turn), turn.lanes)
            placed.append(orders if accepting is None else orders * accepting[turn.lanes])
            if turn is not stage.turns[-1]:
                asked = _less(stage, turn, asked, placed[-1])
    return placed[0] if len(placed) == 1 else _in_order(sequence, placed)


def _in_order(sequence: OrderSequence, placed: list[Array]) -> Array:
    """The turns' orders lane by lane (L, K, B)."""
    stacked = _stacked(placed)
    return take(stacked, sequence.place) if sequence.together is None else sequence.together.total(stacked)


def _ordered_from(stage: Stage, placed: list[Array]) -> Array | None:
    """What internal customers have ordered from the stage's sites this period, and parts of what is made there (n, K, B).

    None where nobody orders anything of them.
    """
    asked = None
    if stage.internal.degree:
        asked = stage.internal.total(_stacked(placed[stage.since :]))
    if stage.parts is not None:
        parts = stage.parts.total(_stacked(placed[stage.parts.since :]))
        asked = parts if asked is None else asked + parts
    return asked


def _stacked(parts: list[Array]) -> Array:
    return parts[0] if len(parts) == 1 else namespace(parts[0]).concat(parts)


def learned(network: Network, state: State) -> Array:
    """Orders of earlier periods that reach their sources in this one (L, K, B)."""
    out = zeros_for(state.open_orders, *state.open_orders.shape)
    for pipeline, load in zip(network.ordering.order_pipelines, state.sent, strict=True):
        if load:
            out[pipeline.lanes] = load[-1]
    return out


def _waiting(state: State) -> Array:
    first, *others = state.pending
    for orders in others:
        first = first + orders
    return first


def _proposed(network: Network, waiting: Array) -> Array:
    """What of the orders that wait for approval their sources have counted on since they were proposed (L, K, B)."""
    for pipeline in network.ordering.order_pipelines:
        if pipeline.periods:
            waiting = put_rows(waiting, pipeline.lanes, 0.0 * waiting[pipeline.lanes])
    return waiting


def _less(stage: Stage, turn: OrderTurn, asked: Array | None, orders: Array) -> Array:
    """What the stage's sites still lack, once their faster lanes have ordered (n, K, B)."""
    if asked is None:
        asked = zeros_for(orders, stage.size, *orders.shape[1:])
    return asked - orders if turn.at is None else put_rows(asked, turn.at, asked[turn.at] - orders)


def late_load(network: Network, state: State, part: LateOrders) -> Array:
    """What is on order and arrives too late to count, as far as it is in one pipeline or waits at the source."""
    if part.pipeline is None:
        return state.open_orders if part.beside is None else part.beside.joined(state.open_orders)
    if part.by_order_pipeline:
        sent = state.sent[part.pipeline][part.entry]
        return sent if part.beside is None else part.beside.joined(sent)
    return network.ordering.shipment_pipelines[part.pipeline].by_age(state.shipped[part.pipeline])[part.entry]


def _wanted(gap: Array, decision: Decision, turn: OrderTurn) -> Array:
    wanted = gap
    if decision.quantity is not None and decision.by_quantity is not None:
        wanted = namespace(gap).where(decision.by_quantity[turn.lanes], decision.quantity[turn.lanes], gap)
    return wanted if turn.only is None else wanted * turn.only


def allowed(network: Network, wanted: Array, lanes: Any) -> Array:
    """The orders that a lane takes: none below zero, of products it carries, its minima or more, in its multiples.

    Gradients go straight through minima and multiples.
    """
    limits = network.limits
    orders = positive(wanted)
    if limits.carried is not None:
        orders = orders * limits.carried[lanes]
    if limits.negligible is not None:
        orders = namespace(orders).where(orders > limits.negligible[lanes], orders, 0.0 * orders)
    if limits.minimum is not None:
        xp = namespace(orders)
        raised = straight(xp.maximum(orders, limits.minimum[lanes] + 0.0 * orders), orders)
        orders = xp.where(orders > 0, raised, orders)
    for rule in limits.least_orders:
        orders = rule.raised(orders, lanes)
    if limits.multiple is not None:
        xp = namespace(orders)
        step = limits.multiple[lanes]
        size = xp.where(step > 0, step, xp.ones_like(step))
        packs = xp.ceil(orders / size - 1e-6) * size + 0.0  # no packs are 0, and not the −0 that rounding up leaves
        orders = xp.where(step > 0, straight(packs, orders), orders)
    return orders
