"""What a period costs whom: named money terms whose sum is the cost.

Letters: N sites, L lanes, K products, B batch. Every term is a function to (N, B) [money]; a term that a network cannot incur
is left out, so that it costs nothing. Money paid from site to site cancels in the sum over sites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from .arrays import Array, namespace, tree_sum
from .network import Network
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
    return tree_sum(state.on_hand * network.holding, axis=1)


@term(lambda network: bool(network.transit_rate[network.lead_time > 0].any()))
def in_transit(network: Network, state: State, flows: Flows) -> Array:
    """Stock under way at the period's end, on the books of the site that shipped it."""
    return _to_source(network, state.in_transit * network.transit_rate)


@term(lambda network: bool(network.shortage.any()))
def shortage(network: Network, state: State, flows: Flows) -> Array:
    """Demand owed at the period's end, or lost in it."""
    return _at_customers_site(network, flows.unmet * network.shortage)


@term(lambda network: bool(network.unit_cost[network.source < 0].any()))
def purchase(network: Network, state: State, flows: Flows) -> Array:
    """Units shipped by outside suppliers."""
    return _to_destination(network, flows.shipments * (network.unit_cost * network.is_outside))


@term(lambda network: bool(network.unit_cost[network.source >= 0].any()))
def transport(network: Network, state: State, flows: Flows) -> Array:
    """Units shipped between sites."""
    return _to_destination(network, flows.shipments * (network.unit_cost * (1.0 - network.is_outside)))


@term(lambda network: bool(network.transfer_price.any()))
def transfer(network: Network, state: State, flows: Flows) -> Array:
    """What sites pay each other; sums to nothing over the sites."""
    paid = flows.shipments * network.transfer_price
    return _to_destination(network, paid) - _to_source(network, paid)


@term(lambda network: bool(network.fixed_cost.any()))
def fixed(network: Network, state: State, flows: Flows) -> Array:
    """Orders placed, whatever their size and products."""
    placed = tree_sum(flows.orders, axis=1)[:, None] > NOTHING
    return _to_destination(network, namespace(flows.orders).where(placed, network.fixed_cost, 0.0 * network.fixed_cost))


@term(lambda network: network.storage is not None and bool(network.overflow.any()))
def overflow(network: Network, state: State, flows: Flows) -> Array:
    """Stock that does not fit at the period's end."""
    stock = tree_sum(state.on_hand, axis=1)[:, None]
    above = namespace(stock).maximum(stock - network.storage, 0.0 * stock)
    return (above * network.overflow)[:, 0]


@term(lambda network: bool(network.price.any()))
def revenue(network: Network, state: State, flows: Flows) -> Array:
    """Units sold, as a cost below zero: with prices the ledger's sum is minus the profit."""
    return _at_customers_site(network, flows.served * -network.price)


def _at_customers_site(network: Network, amounts: Array) -> Array:
    return network.buyers.total(tree_sum(amounts, axis=1))


def _to_source(network: Network, amounts: Array) -> Array:
    return network.outbound.total(tree_sum(amounts, axis=1))


def _to_destination(network: Network, amounts: Array) -> Array:
    return network.inbound.total(tree_sum(amounts, axis=1))
