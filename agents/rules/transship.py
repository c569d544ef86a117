"""Peers that share what they have.

Letters: B batch, N sites, P lanes from peer to peer, A ages of what is under way, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, minimum, namespace, positive, tree_sum

from ..base import agents
from ..integrality import is_integral
from ..levels.base_stock_levels import installation_levels
from .fitted import Numbers
from .rule import Amounts, Rule


@agents.register("transship_to_balance")
class TransshipToBalance(Rule):
    """Peers linked by lateral lanes even out their stock: whoever has less than the group's cover asks those who have more.

    A site's fair share of the stock of its group, all that lateral lanes join, is in proportion to mean demand; what arrives no
    later than a peer's help would counts as there, or sites would ask again every day for what is on its way. One that is
    `slack` periods of its mean demand short of it asks its peers for what it lacks, who give of what they have above theirs, in
    proportion. All other lanes keep base-stock's levels. Needs everybody's stock, so an autonomy level whose visibility is
    shared or more.
    """

    names = ("levels",)
    dates_ahead = False
    slack: float = Field(1.0, ge=0, description="How much less than its share a site has when it asks [periods of mean demand]")
    levels: Amounts = Field(None, description="Levels of the other lanes [units]; left out: base-stock's")
    _lateral: NDArray[np.int64] = PrivateAttr()
    _mean: Array = PrivateAttr()
    _groups: Array = PrivateAttr()
    _same_source: Array = PrivateAttr()
    _same_destination: Array = PrivateAttr()
    _in_reach: Array = PrivateAttr()
    _between_peers: Array = PrivateAttr()
    _whole: bool = PrivateAttr(default=False)

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Find out who is whose peer. Raises InputError where there are no lateral lanes."""
        super().begin(context, numbers)
        network, backend = context.network, context.backend
        self._lateral = np.flatnonzero(network.topology.is_lateral)
        if not len(self._lateral):
            raise InputError("agent", f"transship_to_balance on {network.scenario.name}", "a network with lateral lanes")
        source, destination = network.topology.source[self._lateral], network.topology.destination[self._lateral]
        self._mean = backend.asarray(network.loads.mean[None, :, :, 0])
        self._groups = backend.asarray(_groups(network, self._lateral))
        self._same_source, self._same_destination = (
            backend.asarray(1.0 * (ends[:, None] == ends[None, :])) for ends in (source, destination)
        )
        reach = int((network.times.known_lead_time + network.times.order_delay)[self._lateral].max())
        self._in_reach = backend.asarray(_in_reach(network, reach)[None, :, :, None])
        self._between_peers = backend.asarray(_between_peers(network))
        self._whole = is_integral(network.scenario)

    def act(self, information: Information) -> Decision:
        """Levels from above, and from peers what would balance."""
        there = information.everywhere("on_hand") - information.everywhere("backlog")
        moved = self._moved(there, there + self._soon(information))
        level = self._number["levels"]
        batch, lanes, products = moved.shape[0], len(self._network.lanes), moved.shape[2]
        quantity = self._backend.zeros(batch, lanes, products)
        quantity[:, self._lateral.tolist()] = namespace(moved).floor(moved + 1e-6) if self._whole else moved
        lateral = self._backend.asarray(self._network.topology.is_lateral)
        return Decision(level=level, quantity=quantity, by_quantity=lateral, later=self.nothing_later)

    def _soon(self, information: Information) -> Array:
        """What arrives no later than what a peer would send now, and what has been asked of peers (B, N, K)."""
        unfilled, under_way = information.everywhere("unfilled"), information.everywhere("pipeline")
        batch, sites, products = unfilled.shape[0], unfilled.shape[1], unfilled.shape[-1]
        asked = self._between_peers @ unfilled.reshape((batch, -1, products))
        if not self._in_reach.shape[2]:
            return asked
        by_entry = under_way.reshape((batch, sites, -1, products)) * self._in_reach
        return asked + tree_sum(by_entry.swapaxes(0, 2)).swapaxes(0, 1)

    def _moved(self, there: Array, net: Array) -> Array:
        """What each lateral lane should bring (B, P, K), from what is there and what soon will be (B, N, K)."""
        total, demand = self._groups @ net, self._groups @ self._mean
        share = total * self._mean / (demand + 1e-12)
        extra, lacking = minimum(positive(net - share), positive(there)), positive(share - net)
        lacking = lacking * (lacking >= self.slack * self._mean)
        source, destination = (
            self._backend.asarray(ends[self._lateral])
            for ends in (self._network.topology.source, self._network.topology.destination)
        )
        wanted = lacking[:, destination]
        offered = extra[:, source] * wanted / (self._same_source @ wanted + 1e-12)
        arriving = self._same_destination @ offered
        return offered * minimum(wanted / (arriving + 1e-12), 0.0 * wanted + 1.0)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """Base-stock's."""
        return {"levels": installation_levels(network, wait=wait)}


def _between_peers(network: Network) -> NDArray[np.float64]:
    """What orders on lateral lanes (N × lanes) will bring a site, 1, or take from it, −1 (N, N × lanes)."""
    sites, degree = len(network.sites), network.topology.inbound.degree
    found = np.zeros((sites, sites, degree))
    for site, lanes in enumerate(network.topology.inbound.lists()):
        for slot, lane in enumerate(lanes):
            if network.topology.is_lateral[lane]:
                found[site, site, slot] += 1.0
                found[network.topology.source[lane], site, slot] -= 1.0
    return found.reshape(sites, -1)


def _in_reach(network: Network, periods: int) -> NDArray[np.float64]:
    """1 for goods that arrive at a site within so many periods, by when they were shipped and on which lane (N, A × lanes)."""
    ages = np.arange(1, int(network.times.lead_time.max()) + 1)
    found = np.zeros((len(network.sites), len(ages), network.topology.inbound.degree))
    for site, lanes in enumerate(network.topology.inbound.lists()):
        found[site, :, : len(lanes)] = network.times.known_lead_time[lanes] - ages[:, None] <= periods
    return found.reshape(len(network.sites), -1)


def _groups(network: Network, lateral: NDArray[np.int64]) -> NDArray[np.float64]:
    """1 where lateral lanes join two sites, by whatever steps (N, N)."""
    joined = np.eye(len(network.sites), dtype=bool)
    joined[network.topology.source[lateral], network.topology.destination[lateral]] = True
    joined |= joined.T
    for _ in range(len(network.sites).bit_length()):
        joined = (joined.astype(int) @ joined.astype(int)) > 0
    return joined.astype(float)
