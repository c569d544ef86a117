"""Order up to constant levels: each site by its own books, or each echelon by everybody's."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from orderup.envs.arrays import Array, namespace
from orderup.envs.autonomy import PLANNER
from orderup.envs.errors import InputError, UnknownName
from orderup.envs.information import Information
from orderup.envs.network import Network
from orderup.envs.policy import Context, Decision

from .base import Agent, agents
from .levels import Tree, echelon_levels, installation_levels
from .line import serial_optimum

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


class EchelonLevels(Agent):
    """Every echelon, a site with all that is downstream of it, is ordered up to a constant level."""

    _tree: Tree = PrivateAttr()
    _echelon: Array = PrivateAttr()
    _local: Array | None = PrivateAttr(default=None)
    _backend: Any = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Work out the levels."""
        self._tree, self._backend = Tree.of(context.network), context.backend
        echelon, local = self._levels(context)
        self._echelon = context.backend.asarray(echelon)[None]
        self._local = context.backend.asarray(local)[None] if self._is_local(context) else None

    def act(self, information: Information) -> Decision:
        """Order what each echelon's position lacks, by each site's main lane; or set the levels that do so locally."""
        if self._local is not None:
            return Decision(level=self._local)
        gap = self._echelon - echelon_position(information, self._tree)
        xp = namespace(gap)
        quantity = self._backend.zeros(gap.shape[0], len(self._tree.network.lanes), gap.shape[2])
        supplied = [site for site, lane in enumerate(self._tree.lane) if lane >= 0]
        quantity[:, [self._tree.lane[site] for site in supplied]] = xp.maximum(gap, xp.zeros_like(gap))[:, supplied]
        return Decision(quantity=quantity)

    def _levels(self, context: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Echelon levels (N, K), and the same policy as each lane's own (L, K)."""
        raise NotImplementedError

    def _is_local(self, context: Context) -> bool:
        """Whether sites carry out levels of their own: those that a planner hands out, who does not order."""
        return context.seats == (PLANNER,) and context.autonomy.authority != "central"


@agents.register("echelon_base_stock")
class EchelonBaseStock(EchelonLevels):
    """Every echelon, a site with all that is downstream of it, is ordered up to a constant level. Needs everybody's books."""

    levels: Levels = {}

    def _levels(self, context: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        network = context.network
        echelon = _overridden(network, echelon_levels(network, wait=waiting_time(context)), self.levels, sites=True)
        return echelon, installation_levels(network, echelon)


@agents.register("clark_scarf")
class ClarkScarf(EchelonLevels):
    """The exact optimum of a serial line: echelon levels where all books are open, the same as local levels elsewhere."""

    asked_for: ClassVar[str] = "clark_scarf"
    """The agent's name in what it refuses."""

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What its levels do not know of."""
        feed = context.autonomy.feed_latency or context.autonomy.feed_noise
        late = waiting_time(context) or (context.seats == (PLANNER,) and feed)
        return ("its levels are those of a line whose centre learns and decides everything at once",) if late else ()

    def _levels(self, context: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Raises InputError for a network that is not a line."""
        network = context.network
        best = serial_optimum(network, self.asked_for)
        local = np.zeros((len(network.lanes), 1))
        local[network.main_lane] = np.array(best.installation_levels)[:, None]
        return np.array(best.reachable)[:, None], local

    def _is_local(self, context: Context) -> bool:
        """Whether others' books are closed, or not to be relied on: by their own books sites do as well."""
        autonomy, planner = context.autonomy, context.seats == (PLANNER,)
        closed = autonomy.visibility in ("silo", "neighbours")
        return closed or bool(not planner and (autonomy.feed_latency or autonomy.feed_noise)) or super()._is_local(context)


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
