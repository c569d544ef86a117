"""How far ahead a plan has to look: until what is ordered now has served, and until what is announced has come."""

from __future__ import annotations

import numpy as np

from orderup.envs.events.conditions import NEUTRAL
from orderup.envs.network.loads import Item, needed_for
from orderup.envs.network.network import Network

from ..levels.base_stock_levels import Tree
from ..levels.explosion import Explosion
from ..prospects.prospects import Prospects

FURTHEST = 20
"""Most periods that are planned beyond those that the orders of now serve, to buy before a lane closes or becomes dearer."""


def longest_protection(network: Network) -> int:
    """The most periods from an order to the last demand that what it brings, or is made of it, can serve."""
    if network.recipes is not None:
        explosion = Explosion(network)
        there = {item: explosion.until_there(explosion.main_lane(item)) for item in explosion.takes}
        return max((there[item] + use.span).longest for item, uses in explosion.uses.items() for use in uses)
    trees, sites = Tree.each(network), range(len(network.sites))
    return max(tree.interval(top, below, delays_below=True) for tree in trees for top in sites for below in tree.below(top))


def foresight(network: Network, prospects: Prospects) -> int:
    """Periods ahead for which it may pay to buy before a lane becomes dearer, or is known to close."""
    holding = network.costs.holding[network.topology.destination, :, 0]
    found = prospects.notice
    for one in network.events.influences:
        if one.told and one.channel in ("price", "tariff"):
            saved = network.costs.unit_cost[list(one.rows), :, 0] * abs(one.value - NEUTRAL[one.channel])
            pays = np.divide(
                saved, holding[list(one.rows)], out=np.where(saved > 0, np.inf, 0.0), where=holding[list(one.rows)] > 0
            )
            found = max(found, int(min(pays.max(), FURTHEST)))
    return min(found, FURTHEST)


def stages(network: Network) -> int:
    """Items that goods are on their longest way, a product at a site each; they may wait for the next orders at each."""
    found = dict[Item, int]()
    for item, takes in reversed(needed_for(network.topology, network.recipes)):
        found[item] = 1 + max((found[part] for part in takes), default=0)
    return max(found.values())
