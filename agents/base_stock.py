"""Order up to constant levels: each site by its own books, or each echelon by everybody's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from orderup.envs.arrays import Array, namespace
from orderup.envs.autonomy import PLANNER
from orderup.envs.demand.stationary import Stationary
from orderup.envs.errors import InputError, UnknownName
from orderup.envs.information import Information
from orderup.envs.network import Network
from orderup.envs.policy import Context, Decision

from .base import Agent, agents
from .exact.clark_scarf import clark_scarf
from .levels import Tree, echelon_levels, installation_levels

Levels = dict[str, float | list[float]]
"""Levels by lane or by site, one number for every product or one for each."""


def _overridden(network: Network, levels: NDArray[np.float64], given: Levels, sites: bool) -> NDArray[np.float64]:
    """`levels` (N, K) or (L, K) with those replaced that the user gave; a site's name stands for its main lane."""
    names = list(network.sites) if sites else list(network.lanes)
    supplied = [name for name, lane in zip(network.sites, network.main_lane, strict=True) if lane >= 0]
    for name, value in given.items():
        if name not in names and (sites or name not in supplied):
            raise UnknownName("agent.levels", name, network.sites if sites else [*supplied, *network.lanes])
        row = names.index(name) if name in names else int(network.main_lane[network.sites.index(name)])
        if isinstance(value, list) and len(value) != levels.shape[1]:
            raise InputError(f"agent.levels.{name}", value, f"one number, or {levels.shape[1]}: one for each product")
        levels[row] = value
    return levels


@agents.register("base_stock")
class BaseStock(Agent):
    """Every site orders up to a constant level, by its own books: closed-form levels, unless `levels` gives others."""

    levels: Levels = {}
    _level: Array = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Work out the levels."""
        all_known = context.autonomy.authority == "central"
        closed_form = installation_levels(context.network, all_known=all_known, wait=waiting_time(context))
        levels = _overridden(context.network, closed_form, self.levels, sites=False)
        self._level = context.backend.asarray(levels)[None]

    def act(self, information: Information) -> Decision:
        """The same levels in every period."""
        return Decision(level=self._level)


@agents.register("echelon_base_stock")
class EchelonBaseStock(Agent):
    """Every echelon, a site with all that is downstream of it, is ordered up to a constant level. Needs everybody's books."""

    levels: Levels = {}
    _tree: Tree = PrivateAttr()
    _echelon: Array = PrivateAttr()
    _target: Array | None = PrivateAttr(default=None)
    _backend: Any = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Work out the levels."""
        self._tree = Tree.of(context.network)
        levels = _overridden(
            context.network, self._closed_form(context.network, waiting_time(context)), self.levels, sites=True
        )
        self._echelon, self._backend = context.backend.asarray(levels)[None], context.backend
        plans = context.seats == (PLANNER,) and context.autonomy.authority != "central"
        self._target = context.backend.asarray(installation_levels(context.network, levels))[None] if plans else None

    def act(self, information: Information) -> Decision:
        """Order what each echelon's position lacks, by each site's main lane; a planner sets the levels that do so locally."""
        if self._target is not None:
            return Decision(level=self._target)
        gap = self._echelon - echelon_position(information, self._tree)
        xp = namespace(gap)
        quantity = self._backend.zeros(gap.shape[0], len(self._tree.network.lanes), gap.shape[2])
        supplied = [site for site, lane in enumerate(self._tree.lane) if lane >= 0]
        quantity[:, [self._tree.lane[site] for site in supplied]] = xp.maximum(gap, xp.zeros_like(gap))[:, supplied]
        return Decision(quantity=quantity)

    def _closed_form(self, network: Network, wait: int) -> NDArray[np.float64]:
        return echelon_levels(network, wait=wait)


@agents.register("clark_scarf")
class ClarkScarf(EchelonBaseStock):
    """The exact optimum of a serial line: echelon levels where all books are open, the same as local levels elsewhere."""

    _local: Array | None = PrivateAttr(default=None)

    def reset(self, context: Context) -> None:
        """Solve the line. Raises InputError for a network that is not one."""
        super().reset(context)
        closed = context.autonomy.visibility in ("silo", "neighbours")
        levels = installation_levels(context.network, np.asarray(self._closed_form(context.network, 0)))
        self._local = context.backend.asarray(levels)[None] if closed else None

    def act(self, information: Information) -> Decision:
        """Order up to the optimal levels."""
        return super().act(information) if self._local is None else Decision(level=self._local)

    def _closed_form(self, network: Network, wait: int) -> NDArray[np.float64]:
        line = [0, *range(1, len(network.sites))]
        _check_serial(network)
        (entry,) = network.scenario.customers
        optimum = clark_scarf(
            [float(network.holding[site, 0, 0]) for site in line],
            float(network.shortage[0, 0, 0]),
            [int(network.lead_time[network.main_lane[site]]) for site in line],
            entry.demand.at(entry.site).over(network.products, 1),
        )
        return np.array(optimum.echelon_levels)[:, None]


def _check_serial(network: Network) -> None:
    sites, lanes, products, customers = network.shape
    chain = sites == lanes and customers == 1 and network.source.tolist() == [*range(1, sites), -1]
    plain = network.channels is None and not network.has_customs and not network.scenario.promotions
    simple = (
        not network.is_random.any() and network.backlogged is None and network.capacity is None and not network.shared_limits
    )
    steady = not network.is_delayed and all(isinstance(entry.demand, Stationary) for entry in network.scenario.customers)
    if not (chain and simple and steady and plain and products == 1):
        wanted = (
            "a serial line of one product, with backlog, fixed lead times, demand that is independent and alike from period to "
            "period, no order delays, no capacities and no events"
        )
        raise InputError("agent", f"clark_scarf on {network.scenario.name}", wanted)


def waiting_time(context: Context) -> int:
    """How many periods an order is late at a level, on top of its lane: where a centre orders, or judges what is ordered."""
    autonomy = context.autonomy
    if context.seats != (PLANNER,):
        return 0
    if autonomy.authority == "central":
        return autonomy.feed_latency + autonomy.approval_latency + autonomy.cadence - 1
    return autonomy.feed_latency if autonomy.authority == "approve" else 0


def echelon_position(information: Information, tree: Tree) -> Array:
    """Echelon inventory position (B, N, K): the site's stock, everything downstream of it, and what it has on order."""
    on_hand, backlog = information.everywhere("on_hand"), information.everywhere("backlog")
    transit = information.everywhere("pipeline", summed=True)
    level: dict[int, Array] = {}
    for site in range(on_hand.shape[1]):
        stock = on_hand[:, site] - backlog[:, site]
        for child in tree.children(site):
            stock = stock + level[child] + transit[:, child]
        level[site] = stock
    xp = namespace(on_hand)
    echelon = xp.stack([level[site] for site in sorted(level)], axis=1)
    position = echelon + transit + information.everywhere("unfilled", summed=True)
    return position + information.own("ordered_since", summed=True) if information.planner and information.age else position
