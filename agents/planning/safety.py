"""Safety stock that a network will need in later periods too, by the futures that are looked at.

Letters: T periods, N sites, C customers, K products, S futures.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.network.loads import Item
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from ..levels.base_stock_levels import Tree
from ..levels.explosion import Explosion
from .programs.problem import Places


class SafetyStock:
    """How much more than the mean each site holds, by its main lane, so that it reaches its newsvendor's quantile.

    An echelon's is by the demand of all customers below over the periods that its order takes to get there, as the futures have
    it; a site's is its echelon's less those of the sites it supplies. After what is ordered now has arrived, a program that
    knows the future would hold nothing, and would charge today's order for safety stock that any plan has to have tomorrow.
    """

    def __init__(self, network: Network, cadence: int = 1, between: Places | None = None) -> None:
        """Where orders are placed every `cadence` periods, and so many pass between those of each lane, less one (L,)."""
        self._shape = network.loads.mean.shape[:2]
        self._items = None if network.recipes is None else _OfItems(network, cadence - 1, between)
        self._trees = [_OfTree(tree, cadence - 1) for tree in Tree.each(network)] if self._items is None else []

    def of(self, demand: Floats) -> Floats:
        """Safety stock of each site (N, K) [units], by the futures' demand (T, C, K, S)."""
        if self._items is not None:
            return self._items.of(demand)
        found = np.zeros(self._shape)
        for own in self._trees:
            found[:, own.products] = own.of(demand[:, :, own.products])
        return found


class _OfTree:
    """The same of products that come by the same lanes everywhere."""

    def __init__(self, tree: Tree, between: int) -> None:
        self._network, self._tree, self._between, self.products = tree.network, tree, between, list(tree.products)
        sites = range(len(tree.network.sites))
        self._ratio, self._rows = [self._critical(site) for site in sites], [self._customers_below(site) for site in sites]

    def of(self, demand: Floats) -> Floats:
        echelon = np.stack([self._echelon(site, demand) for site in range(len(self._rows))])
        below = [sum((echelon[child] for child in self._tree.children(site)), 0.0 * echelon[0]) for site in range(len(echelon))]
        found: Floats = np.maximum(echelon - np.stack(below), 0.0)
        return found

    def _echelon(self, site: int, demand: Floats) -> Floats:
        """Safety stock of a site and all below it (its products,) [units]."""
        total = sum((demand[:periods, row].sum(axis=0) for row, periods in self._rows[site]), 0.0 * demand[0, 0])
        beyond = np.quantile(total, self._ratio[site], axis=-1) - total.mean(axis=-1)
        found: Floats = np.maximum(beyond, 0.0)
        return found

    def _customers_below(self, site: int) -> list[tuple[int, int]]:
        """Each customer row below a site, with the periods from the site's order to the last demand that it serves there."""
        buying = self._network.topology.customer_site
        return [
            (int(row), self._tree.interval(site, below, delays_below=False) + self._between)
            for below in self._tree.below(site)
            for row in np.flatnonzero(buying == below)
        ]

    def _critical(self, site: int) -> float:
        """Shortage over shortage and holding, of the customers below on average."""
        network, below = self._network, np.isin(self._network.topology.customer_site, self._tree.below(site))
        if not below.any():
            return 0.5
        shortage = float((network.costs.shortage + network.costs.price)[below][:, self.products].mean())
        holding = float(network.costs.holding[network.topology.customer_site[below]][:, self.products].mean())
        return shortage / (shortage + holding) if shortage + holding else 0.5


class _OfItems:
    """The same where goods are made: with an item, a product at a site, counts what is made of it, wherever that is."""

    def __init__(self, network: Network, between: int, turns: Places | None = None) -> None:
        self._turns = np.zeros(len(network.lanes), dtype=np.int64) if turns is None else turns
        self._shape, self._explosion = network.loads.mean.shape[:2], Explosion(network, delays_below=False)
        needed = [item for item in self._explosion.takes if self._explosion.uses[item]]
        self._asked = {item: self._asked_for(item, between) for item in needed}
        self._ratio = {item: self._critical(item) for item in needed}

    def of(self, demand: Floats) -> Floats:
        echelon, so_far = np.zeros(self._shape), np.cumsum(demand, axis=0)
        for item, (periods, row, product, content) in self._asked.items():
            total = content @ so_far[np.minimum(periods, len(demand)) - 1, row, product]
            echelon[item] = max(float(np.quantile(total, self._ratio[item]) - total.mean()), 0.0)
        found = echelon.copy()
        for whole, parts in self._explosion.takes.items():
            for part, amount in parts.items():
                found[part] -= amount * echelon[whole]
        return np.maximum(found, 0.0)

    def _asked_for(self, item: Item, between: int) -> tuple[Places, Places, Places, Floats]:
        """For how many periods an item's order serves which customers of which product, and units of it in one of that."""
        explosion = self._explosion
        lane = explosion.main_lane(item)
        there = explosion.until_there(lane) + (int(self._turns[lane]) if lane >= 0 else 0)
        found = [
            ((there + use.span).longest + between, row, use.sold[1], use.content)
            for use in explosion.uses[item]
            for row, _ in explosion.buyers(use.sold)
        ]
        periods, row, product, content = zip(*found, strict=True)
        return np.array(periods), np.array(row), np.array(product), np.array(content, dtype=float)

    def _critical(self, item: Item) -> float:
        """Shortage over shortage and holding of what the item is sold in, on average by the units of it that this takes."""
        explosion, costs = self._explosion, self._explosion.network.costs
        found = np.zeros(2)
        for use in explosion.uses[item]:
            rows, product = [row for row, _ in explosion.buyers(use.sold)], use.sold[1]
            shortage = float((costs.shortage + costs.price)[rows, product].mean())
            weight = use.content * float(explosion.network.demand.own_mean[use.sold])
            found += weight * np.array([shortage, float(costs.holding[*use.sold, 0])])
        shortage, holding = found
        return shortage / (shortage + holding) if shortage + holding > 0 else 0.5
