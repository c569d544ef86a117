"""What sites order, and what they need, while an internal source cannot fill all its orders.

Letters: B batch, N sites, L lanes, K products.

A site needs what its inventory position has lost since its last order: what its customers and other sites have taken or asked
for. Whoever orders up to a level that stays orders just that, however short the source is and however long he has waited: his
orders are 1 of what he needs, with lost sales, losses, returns and orders that come seldom too. Whoever asks for more because
he expects to get less is above 1 while he does. An order that the source cancels is needed again, but no more of it than was
needed when it was placed. A level that is always high is no inflation: it costs stock, not orders.

Gaming a source that rations: Lee, Padmanabhan and Whang, Management Science 43 (1997); Cachon and Lariviere, Management Science
45 (1999).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderup.envs.flows.packs import whole
from orderup.envs.numerics.arrays import Array, minimum, namespace, positive, rows, take, tree_sum
from orderup.envs.physics.dynamics import inventory_position

from .amounts import NOTHING, Period, counted

NOTE = "rationing"


class Account(NamedTuple):
    """What each site orders and needs in a period (N, K, B) [units]."""

    placed: Array
    """By all lanes, what waits for approval included."""
    need: Array | None
    """What its position has lost since its last order; None in the first period counted."""
    reached: Array
    """The position that its last order was to bring it to, less what was cancelled of it beyond its need."""
    rationed: Array
    """1 where it orders from an internal source that cannot fill all its orders, else 0."""


@counted("by_site")
def rationed_orders(period: Period) -> Array | None:
    """Units that sites order in periods in which an internal source of theirs cannot fill all its orders."""
    return _while_rationed(period, "placed")


@counted("by_site")
def rationed_need(period: Period) -> Array | None:
    """Units by which their positions have fallen since their last orders."""
    return _while_rationed(period, "need")


def _while_rationed(period: Period, what: str) -> Array | None:
    if (period.network.topology.source < 0).all():
        return None
    account = _account(period)
    if account.need is None:
        return tree_sum(0.0 * account.placed, axis=1)
    return tree_sum(account.rationed * getattr(account, what), axis=1)


def _account(period: Period) -> Account:
    """A period's, made once."""
    if NOTE not in period.notes:
        last = None if period.previous is None else period.previous.notes[NOTE]
        period.notes[NOTE] = _made(period, None if last is None else last.reached)
    found: Account = period.notes[NOTE]
    return found


def _made(period: Period, reached: Array | None) -> Account:
    topology, before = period.network.topology, period.before
    orders = period.flows.orders
    for waiting, sign in ((period.state.pending, 1.0), (before.pending, -1.0)):
        for part in waiting:
            orders = orders + sign * part
    placed = topology.inbound.total(orders)
    position = inventory_position(period.network, before) - period.network.drawn(period.flows.known)
    unfilled = before.open_orders + period.flows.known - period.flows.shipments
    rationed = _rationed(period, unfilled)
    if reached is None:
        return Account(placed, None, position + placed, rationed)
    need = positive(reached - position)
    after = namespace(placed).where(placed > 0, position + placed, reached)
    if period.network.fulfilment.kept is not None:
        cancelled = topology.inbound.total(unfilled * (1.0 - period.network.fulfilment.kept))
        needed = minimum(positive(need - (placed - cancelled)), cancelled)
        after = after - (cancelled - needed) * (placed > 0)
    return Account(placed, need, after, rationed)


def _rationed(period: Period, unfilled: Array) -> Array:
    """1 where a site orders from an internal source that leaves an order open, by more than rounding or a broken pack."""
    network = period.network
    wanted = unfilled + period.flows.shipments
    if network.limits.multiple is not None:
        unfilled = whole(wanted, network.limits.multiple) - period.flows.shipments
    short = network.topology.outbound.total(1.0 * (unfilled > NOTHING * wanted))
    of_source = take(short, rows(np.maximum(network.topology.source, 0)))
    asking = (of_source > 0) & (period.flows.orders > 0) & (network.topology.is_inside > 0)
    return 1.0 * (network.topology.inbound.total(1.0 * asking) > 0)
