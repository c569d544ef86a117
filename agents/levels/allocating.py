"""A centre's orders up to levels, limited to what a source has: who gets what is then its decision, not the source's rule.

Letters: B batch, N sites, L lanes, K products; m the lanes of a source (padded), S sources.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.flows.rationing import divisions
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.loads import needed_for
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, batch_first, batch_last, positive, put_rows, tree_sum
from orderup.envs.numerics.conversion import converted

from .base_stock import site_position
from .least_cost import LeastCost

AllocationRule: TypeAlias = Literal["least_cost", "priority", "even_cover", "uniform", "linear", "proportional"]
ALLOCATION = (
    "How a centre that places the orders divides the stock of a site that supplies several: "
    f"{', '.join(get_args(AllocationRule))}; left out: the site's own rule divides it"
)


class Allocating:
    """Turns a planner's levels into orders that every source with several sites below it can fill, its stock divided by a rule.

    `least_cost` gives each unit to where it is expected to save most; `priority` fills the site with the dearest shortage
    first; the others are rules by which sites divide stock themselves. What a source lacks is not ordered of it, but is still
    counted when its own order is worked out, and asked for again in the next period.

    Raises InputError where it is not a centre that places the orders, or where no site supplies several others.
    """

    def __init__(self, context: Context, rule: AllocationRule) -> None:
        if context.seats != (PLANNER,) or not divides(context.autonomy):
            raise no_allocation(rule, context.autonomy)
        network, asarray = context.network, context.backend.asarray
        shared = shared_lanes(network)
        if not shared.any():
            accepted = f"nothing in {network.scenario.name}, where no site supplies several others"
            raise InputError("agent.allocation", rule, accepted)
        topology = network.topology
        main = _inside(network) | (topology.is_made & topology.is_main.any(axis=1))
        self._leaving = _Taken(context, main)
        self._destination, self._shared = asarray(topology.destination), asarray(shared)
        self._is_shared = asarray(1.0 * shared[:, None])
        self._chain = longest_chain(network)
        self._records = _SourceRecords(context, shared)
        self._rule = _Rule(context, rule, shared)

    def decision(self, decision: Decision, information: Information) -> Decision:
        """The same levels (B, L, K), with quantities that the sources can fill on the lanes out of them."""
        position = site_position(information)
        wanted = 0.0 * position[:, self._destination]
        for _ in range(self._chain):  # each turn counts what is wanted one stage further down
            wanted = positive(decision.level - (position - self._leaving(wanted))[:, self._destination])
        given = self._rule.divide(wanted, self._records.stock(information), position)
        level = decision.level + self._leaving((wanted - given) * self._is_shared)[:, self._destination]
        if decision.by_quantity is None:
            return Decision(level, given, self._shared, response=decision.response)
        quantity = given * self._is_shared + decision.quantity * (1.0 - self._is_shared)
        return Decision(level, quantity, self._shared | decision.by_quantity, response=decision.response)


class _Taken:
    """What orders take of each site: what lanes bring to others, and the parts of what is made there."""

    def __init__(self, context: Context, lanes: NDArray[np.bool_]) -> None:
        """By some lanes (L,) of a network alone."""
        self._network = context.network.on(context.backend.asarray)
        self._counted = context.backend.asarray(1.0 * lanes[:, None, None])

    def __call__(self, orders: Array) -> Array:
        """Units of each product (B, N, K), of orders (B, L, K)."""
        return batch_first(self._network.drawn(batch_last(orders) * self._counted))


class _SourceRecords:
    """What a source can ship when an order reaches it, by the centre's records."""

    def __init__(self, context: Context, shared: NDArray[np.bool_]) -> None:
        network, asarray = context.network, context.backend.asarray
        topology, times = network.topology, network.times
        slot = np.array([(topology.destination[:lane] == site).sum() for lane, site in enumerate(topology.destination)])
        self._destination, self._slot = asarray(topology.destination), asarray(slot)
        self._owed = _Taken(context, np.ones(len(network.lanes), dtype=bool))
        ages = int(times.lead_time.max())
        due = np.zeros((len(network.sites), ages, topology.inbound.degree))
        for lane, site in enumerate(topology.destination):
            delays = times.order_delay[shared & (topology.source == site)]
            youngest = times.known_lead_time[lane] - (delays.min() if delays.size else 0) + 1
            due[site, max(int(youngest), 1) - 1 : times.lead_time[lane], slot[lane]] = 1.0
        self._due = asarray(due.reshape((len(network.sites), -1, 1, 1))) if due.any() else None

    def stock(self, information: Information) -> Array:
        """On hand, less what customers and other sites are owed, plus what comes in before an order gets there (B, N, K)."""
        unfilled = information.own("unfilled")
        unfilled = unfilled[:, :, None] if unfilled.ndim == 3 else unfilled
        stock = information.own("on_hand") - information.own("backlog")
        stock = stock - self._owed(unfilled[:, self._destination, self._slot])
        if self._due is not None:
            under_way = information.own("pipeline")
            under_way = batch_last(under_way[:, :, None] if under_way.ndim == 3 else under_way)
            stock = stock + batch_first(tree_sum(self._due[:, : under_way.shape[1]] * under_way, axis=1))
        return positive(stock)


class _Rule:
    """A rule, over all sources at once."""

    def __init__(self, context: Context, rule: AllocationRule, shared: NDArray[np.bool_]) -> None:
        network = context.network
        least_cost = LeastCost(network)
        source, destination = np.where(shared, network.topology.source, -1), network.topology.destination
        dearest_first = np.argsort(np.argsort(-least_cost.shortage.mean(axis=1), kind="stable"))[destination].tolist()
        name = "even_cover" if rule == "least_cost" else rule
        found = divisions(source, destination, [name] * len(network.sites), dearest_first, network.loads.mean)
        parts = [(division, least_cost.of(division) if rule == "least_cost" else None) for division in found]
        self._parts = converted(tuple(parts), context.backend.asarray)

    def divide(self, wanted: Array, stock: Array, position: Array) -> Array:
        """What is ordered on each lane (B, L, K) of what is wanted, from the `stock` of sites (B, N, K)."""
        asked, have, held = batch_last(wanted), batch_last(stock), batch_last(position)
        given = asked
        for division, best in self._parts:
            if best is None:
                part = division.divide(asked, have, lambda: held, lambda: (asked,))
            else:
                part = best.divide(division.lanes.each(asked), have[division.sites], held[division.destination])
                part = part.reshape((-1, *asked.shape[1:]))[division.slot]
            given = put_rows(given, division.members, part)
        return batch_first(given)


def divides(autonomy: Autonomy) -> bool:
    """Whether there is a centre that divides what is there now: one that places the orders, each in its own period."""
    return autonomy.acts.places_orders and not autonomy.plans_ahead


def no_allocation(rule: AllocationRule, autonomy: Autonomy) -> InputError:
    """Where no centre places the orders, or it dates them ahead."""
    found = f"{rule} at authority {autonomy.authority}{' with dated orders' if autonomy.plans_ahead else ''}"
    return InputError("agent.allocation", found, "nothing, unless a centre places the orders, each in its own period")


def shared_lanes(network: Network) -> NDArray[np.bool_]:
    """Main lanes out of sites that have several of them (L,)."""
    inside = _inside(network)
    several = np.bincount(network.topology.source[inside], minlength=len(network.sites)) > 1
    found: NDArray[np.bool_] = inside & several[np.maximum(network.topology.source, 0)]
    return found


def _inside(network: Network) -> NDArray[np.bool_]:
    """Lanes between sites that are the main ones of some product (L,)."""
    found: NDArray[np.bool_] = (
        (network.topology.source >= 0) & ~network.topology.is_lateral & network.topology.is_main.any(axis=1)
    )
    return found


def longest_chain(network: Network) -> int:
    """How many items, products at sites, are taken of each other at most, by main lanes and recipes."""
    stage = np.ones(network.topology.main_lanes.shape, dtype=int)
    for item, before in reversed(needed_for(network.topology, network.recipes)):
        stage[item] += max((int(stage[part]) for part in before), default=0)
    return int(stage.max())
