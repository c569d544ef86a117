"""What a period costs whom: named money terms whose sum is the cost.

Letters: N sites, L lanes, K products, B batch. Every term is a function to (N, B) [money]; a term that a network cannot incur
is left out, so that it costs nothing. Money paid from site to site cancels in the sum over sites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..mechanisms.trade import Trade
from ..network.network import Network
from ..numerics.arrays import Array, among_zeros, namespace, positive, put_rows, take, tree_sum
from .state import Flows, State

Cost: TypeAlias = Callable[[Network, State, Flows], Array]


@dataclass(frozen=True)
class Term:
    """A named part of the cost; `applies` says whether a network can incur it at all."""

    name: str
    applies: Callable[[Network], bool]
    cost: Cost

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled by its name, since functions without one cannot be."""
        return _named, (self.name,)


TERMS: list[Term] = []

ROUNDING = 1e-6
"""Share by which an order may fall short of a price break, as sums of floating-point numbers do."""
NOTHING = 1e-9
"""Units up to which an order is rounding and not an order."""


def _named(name: str) -> Term:
    return next(entry for entry in TERMS if entry.name == name)


def term(applies: Callable[[Network], bool]) -> Callable[[Cost], Cost]:
    """Make a function the ledger's term of the same name."""

    def add(cost: Cost) -> Cost:
        TERMS.append(Term(cost.__name__, applies, cost))
        return cost

    return add


def terms_of(network: Network) -> tuple[Term, ...]:
    """The terms that a network (in NumPy) can incur."""
    return tuple(entry for entry in TERMS if entry.applies(network))


@term(lambda network: True)
def holding(network: Network, state: State, flows: Flows) -> Array:
    """Stock on the shelf at the period's end."""
    return tree_sum(state.on_hand * network.costs.holding, axis=1)


@term(
    lambda network: bool(
        network.costs.transit_rate[(network.times.lead_time > 0) | (network.mechanisms.door is not None)].any()
    )
)
def in_transit(network: Network, state: State, flows: Flows) -> Array:
    """Stock under way at the period's end, owned by the site that shipped it; of what is being made, its parts."""
    cost = tree_sum(state.in_transit * network.costs.transit_rate, axis=1)
    shipped = network.topology.outbound.total(cost)
    return shipped if network.recipes is None else shipped + network.recipes.at.total(take(cost, network.recipes.lanes))


@term(lambda network: bool(network.costs.shortage.any()))
def shortage(network: Network, state: State, flows: Flows) -> Array:
    """Demand owed at the period's end, or lost in it; where customers were promised a time, what is late."""
    unmet = flows.unmet if flows.late is None else flows.late
    return _at_customers_site(network, unmet * network.costs.shortage)


@term(lambda network: network.mechanisms.trade is not None and network.mechanisms.trade.backlog_share is not None)
def shared_shortage(network: Network, state: State, flows: Flows) -> Array:
    """What sources bear of the shortage cost where they deliver, by their lanes' terms; sums to nothing over the sites."""
    unmet = flows.unmet if flows.late is None else flows.late
    cost = network.topology.buyers.total(unmet * network.costs.shortage)
    return _paid_by_source(network, flows, _trade(network).shared_shortage(cost))


@term(lambda network: network.mechanisms.trade is not None and network.mechanisms.trade.is_linear)
def subsidy(network: Network, state: State, flows: Flows) -> Array:
    """What sources pay by their lanes' terms for stock where they deliver, and for backlogs there and of their own."""
    paid = _trade(network).subsidy(state.on_hand, lambda: network.topology.buyers.total(flows.unmet), state.open_orders)
    return _paid_by_source(network, flows, paid)


@term(lambda network: network.mechanisms.trade is not None and network.mechanisms.trade.buy_back is not None)
def buy_back(network: Network, state: State, flows: Flows) -> Array:
    """What sources pay by their lanes' terms for units past their shelf life, and for those left when the episode ends."""
    assert flows.ends is not None  # as the term applies
    left = state.on_hand * flows.ends
    return _paid_by_source(
        network, flows, _trade(network).bought_back(left if flows.scrapped is None else left + flows.scrapped)
    )


@term(
    lambda network: (
        network.mechanisms.trade is not None
        and network.mechanisms.trade.revenue_share is not None
        and bool(network.costs.price.any())
    )
)
def shared_revenue(network: Network, state: State, flows: Flows) -> Array:
    """What is passed on to sources by their lanes' terms of what customers pay; sums to nothing over the sites."""
    revenue = network.topology.buyers.total(flows.served * network.costs.price)
    return _paid_by_source(network, flows, _trade(network).shared_revenue(revenue))


@term(lambda network: bool((network.costs.unit_cost * network.topology.is_outside).any()))
def purchase(network: Network, state: State, flows: Flows) -> Array:
    """Units shipped by outside suppliers."""
    return _to_destination(network, flows.shipments * (_unit_cost(network, flows) * network.topology.is_outside))


@term(lambda network: bool((network.costs.unit_cost * network.topology.is_inside).any()))
def transport(network: Network, state: State, flows: Flows) -> Array:
    """Units shipped between sites."""
    return _to_destination(network, flows.shipments * (_unit_cost(network, flows) * network.topology.is_inside))


@term(lambda network: bool(network.costs.unit_cost[network.topology.is_made].any()))
def making(network: Network, state: State, flows: Flows) -> Array:
    """Units that sites began to make."""
    both = network.topology.is_outside + network.topology.is_inside
    return _to_destination(network, flows.shipments * (_unit_cost(network, flows) * (1.0 - both)))


@term(lambda network: network.events.channels is not None and network.events.channels.tariff is not None)
def tariff(network: Network, state: State, flows: Flows) -> Array:
    """What is paid on top of the unit cost while a tariff is in force."""
    rate = network.on_lanes("tariff", flows.conditions, flows.shipments)
    return _to_destination(network, flows.shipments * _unit_cost(network, flows) * (0.0 if rate is None else rate))


@term(lambda network: bool(network.costs.breaks))
def discount(network: Network, state: State, flows: Flows) -> Array:
    """What suppliers take off the unit cost of a large order, as a cost below zero."""
    off = 0.0 * flows.shipments
    for one in network.costs.breaks:
        size = tree_sum(flows.shipments[one.lanes], axis=1)[:, None]
        size = tree_sum(size)[None] + 0.0 * size if one.pooled else size
        share = 0.0 * size
        for least, given in one.levels:
            share = namespace(size).where(size >= least * (1 - ROUNDING), given + 0.0 * size, share)
        off = put_rows(off, one.lanes, share * flows.shipments[one.lanes])
    return _to_destination(network, -off * _unit_cost(network, flows))


@term(lambda network: bool(network.costs.transfer_price.any()))
def transfer(network: Network, state: State, flows: Flows) -> Array:
    """What sites pay each other; sums to nothing over the sites."""
    paid = flows.shipments * network.costs.transfer_price
    return _to_destination(network, paid) - _to_source(network, paid)


@term(lambda network: bool(network.costs.fixed_cost.any()))
def fixed(network: Network, state: State, flows: Flows) -> Array:
    """Orders placed, whatever their size and products."""
    placed = tree_sum(flows.orders, axis=1)[:, None] > NOTHING
    return _to_destination(
        network, namespace(flows.orders).where(placed, network.costs.fixed_cost, 0.0 * network.costs.fixed_cost)
    )


@term(lambda network: bool(network.costs.trucks))
def trucks(network: Network, state: State, flows: Flows) -> Array:
    """Trucks that left, in equal parts for those lanes whose goods were on them."""
    moved = flows.shipments if network.limits.negligible is None else positive(flows.shipments - network.limits.negligible)
    on, paid = _something(tree_sum(moved, axis=1)[:, None]), 0.0 * flows.shipments[:, :1]
    for truck in network.costs.trucks:
        there = on[truck.lanes]
        parts = tree_sum(there)[None]
        each = namespace(there).where(
            parts > 0, truck.cost / namespace(parts).where(parts > 0, parts, parts + 1.0), 0.0 * parts
        )
        paid = put_rows(paid, truck.lanes, there * each)
    return _to_destination(network, paid)


@term(lambda network: network.costs.setup is not None)
def setup(network: Network, state: State, flows: Flows) -> Array:
    """Products ordered in a period, whatever the amount."""
    return _to_destination(network, network.costs.setup * _something(flows.orders))


@term(
    lambda network: (
        network.costs.overtime is not None or (network.machines is not None and network.machines.overtime is not None)
    )
)
def overtime(network: Network, state: State, flows: Flows) -> Array:
    """What left beyond the regular throughput, and what machines ran beyond their regular hours."""
    found = 0.0 * state.on_hand[:, 0]
    if network.costs.overtime is not None:
        leaving = network.topology.outbound.total(tree_sum(_volume(network, flows.shipments), axis=1))[:, None]
        found = (network.costs.overtime * positive(leaving - network.costs.regular))[:, 0]
    if network.machines is not None and network.machines.overtime is not None and network.recipes is not None:
        ran = network.machines.used(network.recipes.made(flows.shipments))
        regular = network.machines.regular * network.machines.left(flows.conditions.limits, flows.shipments)
        found = found + network.machines.of_site.total(network.machines.overtime * positive(ran - regular))[:, 0]
    return found


@term(lambda network: network.costs.variety is not None)
def variety(network: Network, state: State, flows: Flows) -> Array:
    """Products that were on the shelf or asked for."""
    there = state.on_hand + network.topology.buyers.total(flows.demand)
    return tree_sum(_something(there) * network.costs.variety, axis=1)


@term(lambda network: network.costs.scrap is not None and network.mechanisms.shelf is not None)
def scrap(network: Network, state: State, flows: Flows) -> Array:
    """Stock past its shelf life."""
    assert flows.scrapped is not None  # as the term applies
    return tree_sum(flows.scrapped * network.costs.scrap, axis=1)


@term(lambda network: network.mechanisms.spill is not None and bool(network.mechanisms.spill.cost.any()))
def spill(network: Network, state: State, flows: Flows) -> Array:
    """Customers served by another site, at the expense of their own."""
    assert network.mechanisms.spill is not None  # as the term applies
    return _at_customers_site(network, network.mechanisms.spill.cost * flows.spilled)


@term(lambda network: emits(network) and network.costs.carbon is not None and network.costs.carbon.price > 0)
def carbon(network: Network, state: State, flows: Flows) -> Array:
    """The price of the carbon emitted, in proportion to it as far as the network has an allowance."""
    keys, kg = network.costs.carbon, emissions(network, state, flows)
    assert keys is not None  # as the term applies
    if keys.allowance is None:
        return keys.price * kg
    total = tree_sum(kg)[None]
    some = total > 0
    above = namespace(kg).where(some, positive(total - keys.allowance) / namespace(kg).where(some, total, total + 1.0), total)
    return keys.price * kg * above


def emits(network: Network) -> bool:
    """Whether anything in a network emits carbon."""
    return network.costs.lane_carbon is not None or network.costs.site_carbon is not None


def emissions(network: Network, state: State, flows: Flows) -> Array:
    """Carbon of a period by site (N, B) [kg]: of what it holds, and of what was shipped to it."""
    kg = 0.0 * state.on_hand[:, 0]
    if network.costs.lane_carbon is not None:
        kg = kg + _to_destination(network, network.costs.lane_carbon * flows.shipments)
    if network.costs.site_carbon is not None:
        kg = kg + tree_sum(network.costs.site_carbon * state.on_hand, axis=1)
    return kg


@term(lambda network: network.limits.storage is not None and bool(network.costs.overflow.any()))
def overflow(network: Network, state: State, flows: Flows) -> Array:
    """Stock that does not fit at the period's end, and what full stores turned away."""
    stock = tree_sum(_volume(network, state.on_hand), axis=1)[:, None]
    above = namespace(stock).maximum(stock - network.limits.storage, 0.0 * stock)
    if flows.turned_away is not None:
        turned = network.topology.inbound.total(tree_sum(_volume(network, flows.turned_away), axis=1)[:, None])
        above = above + turned
    return (above * network.costs.overflow)[:, 0]


@term(lambda network: bool(network.costs.price.any()))
def revenue(network: Network, state: State, flows: Flows) -> Array:
    """Units sold, as a cost below zero: with prices the ledger's sum is minus the profit."""
    return _at_customers_site(network, flows.served * -network.costs.price)


@term(lambda network: network.mechanisms.ending is not None)
def salvage(network: Network, state: State, flows: Flows) -> Array:
    """What goods are worth when the episode ends, as a cost below zero, less what it costs then to serve who is owed."""
    assert network.mechanisms.ending is not None  # as the term applies
    assert flows.ends is not None
    return (
        network.mechanisms.ending.cost(
            state.on_hand, state.in_transit, state.backlog, network.topology.inbound, network.topology.buyers
        )
        * flows.ends[0]
    )


def _volume(network: Network, amounts: Array) -> Array:
    return amounts if network.limits.volume is None else amounts * network.limits.volume


def _unit_cost(network: Network, flows: Flows) -> Array:
    """Of a unit shipped now (L, K, 1) or (L, K, B)."""
    factor = network.on_lanes("price", flows.conditions, flows.shipments)
    return network.costs.unit_cost if factor is None else network.costs.unit_cost * factor


def _something(amounts: Array) -> Array:
    """1 where there is anything, else 0; of the type of `amounts`."""
    one = 0.0 * amounts + 1.0
    return namespace(amounts).where(amounts > NOTHING, one, 0.0 * one)


def _at_customers_site(network: Network, amounts: Array) -> Array:
    return network.topology.buyers.total(tree_sum(amounts, axis=1))


def _trade(network: Network) -> Trade:
    assert network.mechanisms.trade is not None  # as the terms apply
    return network.mechanisms.trade


def _paid_by_source(network: Network, flows: Flows, paid: Array) -> Array:
    """Payments of lanes with terms (D, B) as what each site pays (N, B): the source that much, the destination minus that."""
    every = among_zeros(paid[:, None], _trade(network).lanes, flows.shipments.shape[0])
    return _to_source(network, every) - _to_destination(network, every)


def _to_source(network: Network, amounts: Array) -> Array:
    return network.topology.outbound.total(tree_sum(amounts, axis=1))


def _to_destination(network: Network, amounts: Array) -> Array:
    return network.topology.inbound.total(tree_sum(amounts, axis=1))
