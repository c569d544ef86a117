"""A source's stock where it is expected to save most: what balanced echelon allocation comes to when sites' costs differ.

Letters: B batch, N sites, K products; m the lanes of a source (padded), S sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.flows.rationing import Division, even_cover, proportional
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, Mask, constant, namespace, ndtri, tree_sum

from .base_stock_levels import Tree, shortage_below
from .explosion import Explosion

HALVINGS = 24
"""Of the range of savings; the step along the slope that follows squares what error is left."""
LEAST_SPREAD = 1e-3
"""Of a demand that is certain, as a share of its mean, so that cost bends everywhere."""
SURE, FAR = 1e-4, 100.0
"""How close to 0 and 1 a chance may be whose normal score is taken; beyond, levels go straight on, so many deviations far."""


class LeastCost:
    """Each site's expected cost, as a newsvendor's with normal demand over its protection interval.

    A unit that a source keeps costs its holding there; sent to site i, whose position is then y, it saves
    (b + h₀) − (b + h)·P(D ≤ y). Allocating so that this is the same wherever anything is sent is the myopic allocation of
    Eppen and Schrage (in Schwarz, Multi-Level Production/Inventory Control Systems, 1981) and Federgruen and Zipkin (Operations
    Research 32, 1984), for sites with costs of their own.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.shortage: Floats = np.zeros((len(network.sites), len(network.products)))
        """Shortage cost of the customers below each site, the mean by demand (N, K)."""
        if network.recipes is not None:
            self.shortage = Explosion(network).shortage
            return
        for tree in Tree.each(network):
            for site in range(len(network.sites)):
                self.shortage[site, list(tree.products)] = shortage_below(tree, site)

    def of(self, division: Division) -> Savings | EvenScores:
        """What a unit saves at the end of each lane of some sources; less to work out where it is the same function for all."""
        network, to, lanes = self._network, division.destination, division.lanes.members
        periods = network.times.protection[lanes][..., None, None]
        mean, spread = network.loads.mean[to] * periods, network.loads.deviation[to] * np.sqrt(periods)
        largest = np.maximum(mean.max(axis=0), 1e-9)
        shortage = self.shortage[to][..., None]
        at_source = network.costs.holding[network.topology.source[lanes]]
        everything = np.maximum(shortage + np.maximum(network.costs.holding[to], at_source), 1e-9)
        spread = np.maximum(spread, LEAST_SPREAD * largest)
        at_most, there = shortage + at_source, np.zeros(mean.shape[:2], dtype=bool)
        there.reshape(-1)[division.slot] = True
        if _alike(at_most, there) and _alike(everything, there):
            return EvenScores(mean, spread)
        return Savings(mean, spread, at_most, everything)


def _alike(values: Floats, there: Mask) -> bool:
    """Whether a source's lanes (m, S) have all the same values (m, S, K, 1)."""
    inside = np.broadcast_to(there[..., None, None], values.shape)
    least, most = (pick(np.where(inside, values, beyond), axis=0) for pick, beyond in ((np.min, np.inf), (np.max, -np.inf)))
    return bool((least >= most).all())


@dataclass(frozen=True)
class EvenScores:
    """Sites that some sources supply, all at the same costs: units save the same where normal scores (y − mean)/spread are."""

    mean: Array
    """Of the demand over the protection interval (m, S, K, 1) [units]."""
    spread: Array
    """Its standard deviation [units]."""

    def divide(self, wanted: Array, stock: Array, position: Array) -> Array:
        """As `Savings.divide`: positions are evened out, counted in deviations from the mean."""
        return even_cover(wanted, stock, position - self.mean, self.spread)


@dataclass(frozen=True)
class Savings:
    """What a unit saves at the sites that some sources supply, all (m, S, K, 1)."""

    mean: Array
    """Of the demand over the protection interval [units]."""
    spread: Array
    """Its standard deviation [units]."""
    at_most: Array
    """b + h₀: what a unit saves where there is nothing [money]."""
    falls: Array
    """b + h: how much less it saves where there is more than enough [money]."""

    def divide(self, wanted: Array, stock: Array, position: Array) -> Array:
        """What each site gets (m, S, K, B) of what is `wanted`, out of `stock` (S, K, B), by its `position` (m, S, K, B).

        Bisection finds the saving at which the stock is used up. Gradients pass as through that equation.
        """
        xp = namespace(stock)
        asked, have, held = constant(wanted), constant(stock), constant(position)
        one = 0.0 * have + 1.0
        low, high = one * xp.min(self.at_most - self.falls, axis=0), one * xp.max(self.at_most, axis=0)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            over = tree_sum(self._given(middle, asked, held)[0]) > have
            low, high = xp.where(over, middle, low), xp.where(over, high, middle)
        given, slope = self._given(high, asked, held)
        full, none = given >= asked, given <= 0.0
        part = ~(full | none)
        weight = xp.where(part, slope, 0.0 * slope)
        weight = xp.where(tree_sum(weight) > 0, weight, asked - given)
        total = tree_sum(weight)
        weight = weight / xp.where(total > 0, total, one)
        given = xp.where(full, wanted, xp.where(part, given + held - position, 0.0 * wanted))
        given = given + weight * (stock - tree_sum(given))
        given = xp.minimum(xp.maximum(given, 0.0 * wanted), wanted)
        return xp.where(tree_sum(asked) > have, proportional(given, stock), wanted)

    def _given(self, saving: Array, wanted: Array, position: Array) -> tuple[Array, Array]:
        """What goes to whom if every unit is to save so much (S, K, B), and how fast that falls with it."""
        xp = namespace(wanted)
        chance = (self.at_most - saving) / self.falls
        inside = xp.clip(chance, SURE, 1.0 - SURE)
        score, zero = ndtri(inside), 0.0 * wanted
        tail = (FAR * self.spread + 2.0 * self.mean) / SURE
        level = self.mean + self.spread * score + tail * (chance - inside)
        steep = xp.where(chance == inside, self.spread * xp.exp(0.5 * score * score), tail)
        return xp.minimum(xp.maximum(level - position, zero), wanted), zero + steep / self.falls
