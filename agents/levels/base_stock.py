"""Order up to constant levels: each site by its own inventory records, or each echelon by all sites'."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.information import Information, inventory_level, on_order
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace, positive

from ..base import Agent, agents
from .base_stock_levels import Tree, by_tree, echelon_levels, installation_levels
from .explosion import Explosion
from .ignored import ignored
from .serial_line import serial_optimum
from .sources import Sharing, whole_levels

Levels = dict[str, float | list[float]]
"""Levels by lane or by site, one number for every product or one for each."""


def _overridden(network: Network, levels: NDArray[np.float64], given: Levels, sites: bool) -> NDArray[np.float64]:
    """`levels` (N, K) or (L, K) with those replaced that the user gave; a site's name stands for its products' main lanes."""
    if not sites:
        return replaced(network, levels, given, "levels")
    for name, value in given.items():
        if name not in network.sites:
            raise UnknownName("agent.levels", name, network.sites)
        levels[network.sites.index(name)] = _each_product(value, levels.shape[1], f"agent.levels.{name}")
    return levels


def replaced(network: Network, values: NDArray[np.float64], given: Levels, key: str) -> NDArray[np.float64]:
    """`values` (L, K) with those replaced that are given by the names of lanes, and of sites for their products' main lanes.

    Raises InputError for a name that is not there, or a list that is not one number for each product.
    """
    found, products = values.copy(), np.arange(values.shape[1])
    supplied = [name for name, lanes in zip(network.sites, network.topology.main_lanes, strict=True) if (lanes >= 0).any()]
    for name, value in given.items():
        if name not in network.lanes and name not in supplied:
            raise UnknownName(f"agent.{key}", name, [*supplied, *network.lanes])
        numbers = _each_product(value, len(products), f"agent.{key}.{name}")
        if name in network.lanes:
            found[network.lanes.index(name)] = numbers
        else:
            lanes = network.topology.main_lanes[network.sites.index(name)]
            found[lanes[lanes >= 0], products[lanes >= 0]] = numbers[lanes >= 0]
    return found


def _each_product(value: float | list[float], products: int, key: str) -> NDArray[np.float64]:
    if isinstance(value, list) and len(value) != products:
        raise InputError(key, value, f"one number, or {products}: one for each product")
    return np.broadcast_to(np.asarray(value, float), products)


@agents.register("base_stock")
class BaseStock(Agent):
    """Every site orders up to a constant level, by its own records: closed-form levels, unless `levels` gives others."""

    levels: Levels = {}
    _level: Array = PrivateAttr()
    _sharing: Sharing | None = PrivateAttr(default=None)

    def reset(self, context: Context) -> None:
        """Work out the levels."""
        closed_form = closed_form_levels(context)
        self._sharing = None if self.levels else Sharing(context)
        whole = whole_levels(context.network, closed_form) if self._sharing else closed_form
        levels = _overridden(context.network, whole, self.levels, sites=False)
        self._level = context.backend.asarray(levels)[None]

    def act(self, information: Information) -> Decision:
        """The same levels in every period."""
        decision = Decision(level=self._level)
        return self._sharing.decision(decision, lambda: site_position(information)) if self._sharing else decision

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What closed-form levels do not know of."""
        return () if self.levels else ignored(context.network)


class EchelonLevels(Agent):
    """Every echelon, a site with all that is downstream of it, is ordered up to a constant level."""

    _position: EchelonPosition = PrivateAttr()
    _main: Array = PrivateAttr()
    _destination: Array = PrivateAttr()
    _echelon: Array = PrivateAttr()
    _local: Array | None = PrivateAttr(default=None)
    _usual: Array = PrivateAttr()
    _ahead: Array | None = PrivateAttr(default=None)
    _sharing: Sharing = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Work out the levels."""
        network, asarray = context.network, context.backend.asarray
        self._usual, ahead = asarray(network.loads.mean[None, :, :, 0]), periods_ahead(context)
        self._ahead = asarray(1.0 + np.arange(ahead)[None, :, None, None]) if ahead else None
        self._position, self._destination = EchelonPosition(context), asarray(network.topology.destination)
        self._main = asarray(1.0 * network.topology.is_main)[None]
        echelon, local = self._levels(context)
        self._echelon = asarray(echelon)[None]
        self._sharing, self._local = Sharing(context, by_main_lanes=True), None
        if self._is_local(context):
            self._sharing = Sharing(context)
            self._local = asarray(whole_levels(network, local) if self._sharing else local)[None]

    def act(self, information: Information) -> Decision:
        """Order what each echelon's position lacks, by main lanes; or set the levels that do so locally."""
        if self._local is not None:
            return self._sharing.decision(Decision(level=self._local), lambda: site_position(information))
        gap = self._echelon - self._position.of(information)
        quantity = self._sharing.quantities(positive(gap)[:, self._destination] * self._main)
        return Decision(quantity=quantity, later=None if self._ahead is None else self._later(gap))

    def _later(self, gap: Array) -> Array:
        """What each echelon's position will lack in later periods (B, P, L, K), its customers having taken their mean."""
        assert self._ahead is not None  # as above
        lacks = gap[:, None] + self._ahead * self._usual[:, None]
        new = positive(lacks) - positive(lacks - self._usual[:, None])
        return self._sharing.quantities(new[:, :, self._destination] * self._main[:, None])

    def _levels(self, context: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Echelon levels (N, K), and the same policy as each lane's own (L, K)."""
        raise NotImplementedError

    def _is_local(self, context: Context) -> bool:
        """Whether sites carry out levels of their own: those that a planner hands out, who does not order."""
        return context.seats == (PLANNER,) and not context.autonomy.acts.places_orders


@agents.register("echelon_base_stock")
class EchelonBaseStock(EchelonLevels):
    """Every echelon, a site with all that is downstream of it, is ordered up to a constant level. Needs all sites' records."""

    levels: Levels = {}

    def _levels(self, context: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        network = context.network
        levels = echelon_levels(network, wait=waiting_time(context), ahead=mean_ahead(context))
        echelon = _overridden(network, levels, self.levels, sites=True)
        return echelon, installation_levels(network, echelon)

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What closed-form levels do not know of."""
        return () if self.levels else ignored(context.network)


@agents.register("clark_scarf")
class ClarkScarf(EchelonLevels):
    """The exact optimum of a serial line: echelon levels where all records are shared, the same as local levels elsewhere."""

    asked_for: ClassVar[str] = "clark_scarf"
    """The agent's name in what it refuses."""

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What its levels do not know of."""
        feed = context.autonomy.feed_latency or context.autonomy.feed_noise
        late = waiting_time(context) or periods_ahead(context) or (context.seats == (PLANNER,) and feed)
        return ("its levels are those of a line whose centre learns and decides everything at once",) if late else ()

    def _levels(self, context: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Raises InputError for a network that is not a line."""
        network = context.network
        best = serial_optimum(network, self.asked_for)
        local = np.zeros((len(network.lanes), 1))
        local[network.topology.main_lane] = np.array(best.installation_levels)[:, None]
        return np.array(best.reachable)[:, None], local

    def _is_local(self, context: Context) -> bool:
        """Whether others' records are not seen, or not to be relied on: by their own records sites do as well."""
        autonomy, planner = context.autonomy, context.seats == (PLANNER,)
        closed = autonomy.visibility in ("silo", "neighbours")
        return closed or bool(not planner and (autonomy.feed_latency or autonomy.feed_noise)) or super()._is_local(context)


def waiting_time(context: Context) -> int:
    """How many periods an order is late at an autonomy level, on top of its lane: where a centre orders or approves orders."""
    autonomy = context.autonomy
    if context.seats != (PLANNER,):
        return 0
    if autonomy.acts.places_orders:
        between = 0 if autonomy.plans_ahead else autonomy.cadence - 1
        return autonomy.feed_latency + autonomy.approval_latency + between
    return autonomy.feed_latency if autonomy.acts.judges_orders else 0


def periods_ahead(context: Context) -> int:
    """For how many periods after this one these seats date orders: a centre's, until it decides again."""
    return context.autonomy.plans_ahead if context.seats == (PLANNER,) else 0


def mean_ahead(context: Context) -> int:
    """How many periods before it leaves an order is dated, on average, rounded."""
    return (periods_ahead(context) + 1) // 2


def closed_form_levels(context: Context) -> NDArray[np.float64]:
    """Order-up-to levels in closed form (L, K), as they suit these seats at their level of autonomy.

    A centre that judges orders hears of them when they are placed, as one that places them does.
    """
    all_known = context.seats == (PLANNER,) and context.autonomy.acts.sees_orders
    return installation_levels(context.network, all_known=all_known, wait=waiting_time(context), ahead=mean_ahead(context))


def site_position(information: Information) -> Array:
    """Inventory position of each seat's site (B, N, K): a centre adds what it has ordered since its feed's age."""
    position = inventory_level(information) + on_order(information)
    if information.seats == (PLANNER,) and information.age and information.autonomy.acts.sees_orders:
        return position + information.own("ordered_since", summed=True)
    return position


class EchelonPosition:
    """Echelon inventory positions: a site's stock, everything downstream of it or made of it, and what it has on order."""

    def __init__(self, context: Context) -> None:
        network = context.network
        self._trees = Tree.each(network)
        self._content = None
        if network.recipes is not None:
            self._content = context.backend.asarray(Explosion(network).content)

    def of(self, information: Information) -> Array:
        """Of all sites (B, N, K) [units], as the feed has them."""
        stock = information.everywhere("on_hand") - information.everywhere("backlog")
        transit = information.everywhere("pipeline", summed=True)
        if self._content is not None:
            echelon = namespace(stock).einsum("nkml,bml->bnk", self._content, stock + transit) - transit
        else:
            echelon = by_tree(self._trees, lambda tree: _echelon_stock(tree, stock, transit))
        position = echelon + transit + information.everywhere("unfilled", summed=True)
        return position + information.own("ordered_since", summed=True) if information.planner and information.age else position


def _echelon_stock(tree: Tree, stock: Array, transit: Array) -> Array:
    level: dict[int, Array] = {}
    for site in range(stock.shape[1]):
        level[site] = stock[:, site]
        for child in tree.children(site):
            level[site] = level[site] + level[child] + transit[:, child]
    return namespace(stock).stack([level[site] for site in sorted(level)], axis=1)
