"""Order-up-to levels in closed form, for any network: newsvendor quantiles of the demand an echelon has to cover.

Letters: N sites, L lanes, K products. For a serial line these are the averages of the bounds of Shang and Song (Management
Science 49, 2003); for one site they are the newsvendor's exact level. A network of several customers is treated as the line
from each site down to its customers, with their mean costs, and normal demand. Where goods are made, `item_levels` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import device
from numpy.typing import NDArray

from orderup.envs.demand.distribution import Distribution, NormalDistribution
from orderup.envs.network.network import Network
from orderup.envs.network.stacking import entries
from orderup.envs.numerics.arrays import Array, Floats, namespace

from .covering import Span, between, replaced_losses
from .faster_lanes import Apart, LaneCosts, apart
from .item_levels import ItemLevels
from .sources import below_the_last, brings_enough, capacities, filling_in, slowest, splits


@dataclass(frozen=True)
class Tree:
    """A network as the regular lanes of some products make it: each site under their main source."""

    network: Network
    parent: tuple[int, ...]
    """Main source site of each site (N,), −1 for an outside supplier, or for none."""
    lane: tuple[int, ...]
    """The lane it comes by (N,), −1 where none brings it, or only what customers bring back comes."""
    products: tuple[int, ...]
    """Columns of the products it is about, which all come this way."""

    @classmethod
    def of(cls, network: Network) -> Tree:
        """Each site's main lane on the whole, whatever the product."""
        return cls._by(network, network.topology.main_lane, range(len(network.products)))

    @classmethod
    def each(cls, network: Network) -> tuple[Tree, ...]:
        """A tree for all products whose main lanes are the same at every site, the ones their loads were planned on."""
        ways, kind = np.unique(network.topology.main_lanes, axis=1, return_inverse=True)
        groups = [np.flatnonzero(kind.reshape(-1) == number) for number in range(ways.shape[1])]
        return tuple(cls._by(network, ways[:, number], group.tolist()) for number, group in enumerate(groups))

    @classmethod
    def _by(cls, network: Network, main: NDArray[np.int64], products: Sequence[int]) -> Tree:
        lanes = tuple(main.tolist())
        parent = tuple(int(network.topology.source[lane]) if lane >= 0 else -1 for lane in lanes)
        return cls(network, parent, lanes, tuple(products))

    @property
    def names(self) -> tuple[str, ...]:
        """What its products are called."""
        return tuple(self.network.products[product] for product in self.products)

    @property
    def share(self) -> Floats:
        """1 for its products, 0 for others (K,)."""
        return np.isin(np.arange(len(self.network.products)), self.products).astype(float)

    def numbers(self, values: Any, rows: int | list[int]) -> Floats:
        """Its products' part of some rows of an array (rows, K, 1)."""
        found: Floats = values[rows][..., list(self.products), 0]
        return found

    def children(self, site: int) -> list[int]:
        """The sites whose main source is `site`."""
        return [child for child, parent in enumerate(self.parent) if parent == site]

    def below(self, site: int) -> list[int]:
        """The site and all whose main sources lead to it."""
        return [site, *(found for child in self.children(site) for found in self.below(child))]

    def interval(self, site: int, below: int, delays_below: bool) -> int:
        """As many periods as `span` comes to at most."""
        return self.span(site, below, delays_below).longest

    def span(self, site: int, below: int, delays_below: bool, by: int | None = None) -> Span:
        """Periods from an order of `site` until what it brings can serve customers at a site below, that one included.

        Those below order ahead of their order delays when everybody's orders are known (`delays_below` false). The order goes
        by the main lane unless it is said `by` which.
        """
        network, span = self.network, Span(0)
        while True:
            lane = by if below == site and by is not None else self.lane[below]
            span = span + 1 + (Span.of(network, lane) if lane >= 0 else Span(0))
            if lane >= 0 and (below == site or delays_below):
                span = span + int(network.times.order_delay[lane])
            if below == site:
                return span
            below = self.parent[below]


def by_tree(trees: Sequence[Tree], values: Callable[[Tree], Array]) -> Array:
    """What each tree's values (…, K) say of its own products, in one array."""
    if len(trees) == 1:
        return values(trees[0])
    parts = [values(tree) for tree in trees]
    xp = namespace(parts[0])
    return sum(
        part * xp.asarray(tree.share, dtype=part.dtype, device=device(part)) for tree, part in zip(trees, parts, strict=True)
    )


def echelon_levels(network: Network, all_known: bool = True, wait: int = 0, ahead: int = 0) -> Floats:
    """Echelon order-up-to levels (N, K) by each site's main lanes.

    `all_known` says whether everybody's orders are known when they are placed; `wait` is how many periods an order is late on
    top, because of old data, approval or a slow cadence; `ahead` is how many periods before it leaves it is dated, whose mean
    demand it counts on, and whose spread it has to cover.
    """
    if network.recipes is not None:
        return ItemLevels(network, all_known, wait, ahead).echelons()
    levels = np.zeros((len(network.sites), len(network.products)))
    for tree in Tree.each(network):
        for site in range(len(network.sites)):
            levels[site, list(tree.products)] = _echelon_level(tree, site, not all_known, wait, ahead)
    return levels


def installation_levels(
    network: Network, echelon: Floats | None = None, all_known: bool = False, wait: int = 0, ahead: int = 0
) -> Floats:
    """The order-up-to levels (L, K) that leave every echelon at its level when they are executed downstream first.

    A site's main lane goes up to its echelon level less those of the sites it supplies, all as far as they can be reached. A
    faster lane beside it goes up to a lower one, and the main one's is lower for it (`faster_lanes`). Another regular lane goes
    up to what its own protection interval needs, at the price of not using the main one, but where it is no faster than a main
    one that brings enough no higher than that: it then fills in; a lateral lane to nothing. What does not arrive on the way is
    made up for. Where the main lane cannot ship what is needed the levels share the orders out.
    """
    echelon = echelon_levels(network, all_known, wait, ahead) if echelon is None else echelon
    if network.recipes is not None:
        return ItemLevels(network, all_known, wait, ahead).installations(echelon)
    shared = {(split.site, split.product): split for split in splits(network)}
    levels, most = np.zeros((len(network.lanes), echelon.shape[1])), capacities(network)
    capacity = _dependable(network, most)
    for tree in Tree.each(network):
        products = list(tree.products)
        own = _reachable(tree, echelon[:, products])
        below = [sum((own[child] for child in tree.children(site)), np.zeros(len(products))) for site in range(len(own))]
        for lane, site in enumerate(network.topology.destination):
            if lane == tree.lane[site]:
                levels[lane, products] = np.maximum(own[site] - below[site], 0.0)
            elif not network.topology.is_lateral[lane] and tree.lane[site] >= 0:
                levels[lane, products] = np.maximum(_alternative_level(tree, lane, wait, ahead) - below[site], 0.0)
        _expedite(levels, tree, capacity, not all_known, wait + ahead)
        _fill_in(levels, tree, most, wait + ahead)
        for place, product in enumerate(products):
            for site in range(len(own)):
                if (split := shared.get((site, product))) is not None:
                    slow = _echelon_level(tree, site, not all_known, wait, ahead, by=slowest(split, network))
                    whole = max(float(slow[place]), float(own[site, place])) - below[site][place]
                    for lane, less in below_the_last(network, split).items():
                        levels[lane, product] = max(whole - less, 0.0)
    return levels + replaced_losses(network)


def _expedite(levels: Floats, tree: Tree, capacity: Floats, delays_below: bool, late: int) -> None:
    """Let the fastest lane beside a site's main one help out, in place, where both can bring what is asked for."""
    network, products = tree.network, list(tree.products)
    for site, main in enumerate(tree.lane):
        fast = _faster_lane(tree, site)
        found = None if fast is None else _apart(tree, site, fast, delays_below, late)
        if fast is None or found is None:
            continue
        helps = brings_enough(network, main, products, capacity) & brings_enough(network, fast, products, capacity)
        lower = np.maximum(levels[main, products] - found.lower, 0.0)
        levels[main, products] = np.where(helps, lower, levels[main, products])
        levels[fast, products] = np.where(helps, np.maximum(lower - found.gap, 0.0), levels[fast, products])


def _apart(tree: Tree, site: int, fast: int, delays_below: bool, late: int) -> Apart | None:
    """What a faster lane changes at a site (of the tree's products); None where nobody buys, or it may not be faster at all."""
    network, main = tree.network, tree.lane[site]
    sites = [below for below in tree.below(site) if _customers(network, below)]
    if not sites:
        return None
    spans = [tree.span(site, below, delays_below, fast) + late for below in sites]
    by_main = tree.span(site, sites[0], delays_below, main) + late
    longer = Span(by_main.periods - spans[0].longest, by_main.further)
    if longer.periods < 1:
        return None
    dearer = tree.numbers(network.costs.unit_cost, fast) - tree.numbers(network.costs.unit_cost, main)
    costs = LaneCosts(
        shortage=np.mean([_shortage(tree, below) for below in sites], axis=0),
        holding=tree.numbers(network.costs.holding, site),
        premium=np.maximum(dearer, 0.0) / longer.mean,
    )
    return apart(_covered(tree, sites, spans), _covered(tree, sites, [longer] * len(sites)), costs)


def _faster_lane(tree: Tree, site: int) -> int | None:
    """The fastest regular lane into a site for all of the tree's products, if it is faster than the main one."""
    network, main = tree.network, tree.lane[site]
    if main < 0:
        return None
    into = np.flatnonzero((network.topology.destination == site) & ~network.topology.is_lateral).tolist()
    lanes = [lane for lane in into if all(network.limits.carries(lane, product) for product in tree.products)]
    fast = min(lanes, key=lambda lane: int(network.times.protection[lane]), default=main)
    return fast if network.times.protection[fast] < network.times.protection[main] else None


def _fill_in(levels: Floats, tree: Tree, capacity: Floats, late: int) -> None:
    """Keep lanes that are neither cheaper nor faster than a main one that brings enough from taking over, in place."""
    products = list(tree.products)
    for lane, site in enumerate(tree.network.topology.destination):
        if tree.lane[site] >= 0:
            main = levels[tree.lane[site], products]
            most = filling_in(tree.network, lane, products, capacity, main, late)
            levels[lane, products] = np.minimum(levels[lane, products], most)


def _dependable(network: Network, capacity: Floats) -> Floats:
    """What each lane can be counted on to bring (L, K) [units/period]: its capacity, but nothing where it fails at times."""
    found = capacity.copy()
    for influence in network.events.influences:
        if influence.fails and influence.channel in ("accepting", "available"):
            found[list(influence.rows)] = 0.0
    return found


def _reachable(tree: Tree, echelon: Floats) -> Floats:
    """The same echelon levels (N, K), those of the sites below one lowered in proportion until they come to no more than its.

    What an echelon is not filled to, nobody in it can hold. In a line this leaves the policy as it is (Axsäter and Rosling,
    Management Science 39, 1993).
    """
    found = np.array(echelon, dtype=float)
    for site in reversed(range(len(found))):
        children = tree.children(site)
        wanted = found[children].sum(axis=0)
        short = wanted > found[site]
        found[children] = np.where(short, found[children] / np.where(short, wanted, 1.0) * found[site], found[children])
    return found


def _echelon_level(tree: Tree, site: int, delays_below: bool, wait: int, ahead: int = 0, by: int | None = None) -> Floats:
    """Mean of the two quantiles between which the optimal level of a serial line lies (of the tree's products)."""
    network = tree.network
    sites = [below for below in tree.below(site) if _customers(network, below)]
    if not sites:
        return np.zeros(len(tree.products))
    demand = _covered(tree, sites, [tree.span(site, below, delays_below, by) + wait + ahead for below in sites])
    weight, shortage = _weights(tree, sites), shortage_below(tree, site)
    at_customers = (weight * tree.numbers(network.costs.holding, sites)).sum(axis=0)
    above = tree.numbers(network.costs.holding, tree.parent[site]) if tree.parent[site] >= 0 else np.zeros_like(shortage)
    level = between(demand, shortage, above, [at_customers, tree.numbers(network.costs.holding, site)])
    return np.maximum(level - ahead * tree.numbers(network.loads.mean, site), 0.0) if ahead else level


def shortage_below(tree: Tree, site: int, by_demand: bool = True) -> Floats:
    """Shortage cost of the customers at a site and below it (of the tree's products): the mean by demand, or by site."""
    sites = [below for below in tree.below(site) if _customers(tree.network, below)]
    if not sites:
        return np.zeros(len(tree.products))
    costs = np.array([_shortage(tree, below) for below in sites])
    found: Floats = (_weights(tree, sites) * costs).sum(axis=0) if by_demand else costs.mean(axis=0)
    return found


def _weights(tree: Tree, sites: list[int]) -> Floats:
    mean = tree.numbers(tree.network.loads.mean, sites)
    found: Floats = mean / np.maximum(mean.sum(axis=0), 1e-12)
    return found


def _alternative_level(tree: Tree, lane: int, wait: int, ahead: int = 0) -> Floats:
    """A lane that is not the main one: worth its extra cost only against a shortage within its own protection interval."""
    network, site = tree.network, int(tree.network.topology.destination[lane])
    sites = [below for below in tree.below(site) if _customers(network, below)]
    if not sites:
        return np.zeros(len(tree.products))
    demand = _covered(tree, sites, [tree.span(site, below, True, lane) + wait + ahead for below in sites])
    premium = np.maximum(
        tree.numbers(network.costs.unit_cost, lane) - tree.numbers(network.costs.unit_cost, tree.lane[site]), 0.0
    )
    shortage = np.mean([_shortage(tree, below) for below in sites], axis=0)
    level = between(
        demand,
        np.maximum(shortage - premium, 0.0),
        np.zeros_like(shortage),
        [tree.numbers(network.costs.holding, site) + premium],
    )
    return np.maximum(level - ahead * tree.numbers(network.loads.mean, site), 0.0) if ahead else level


def _covered(tree: Tree, sites: list[int], spans: list[Span]) -> Distribution:
    """Demand of some sites' customers, each over its own number of periods: exact where there is one customer."""
    network, names = tree.network, tree.names
    found = [
        (entry.demand.at(entry.site), bought, span, row)
        for site, span in zip(sites, spans, strict=True)
        for row in _customers(network, site)
        for entry in entries(network.scenario, *network.customers[row].rsplit("/", 1))
        if (bought := tuple(name for name in entry.products or network.products if name in names))
    ]
    if len(found) == 1 and found[0][1] == names:
        process, products, span, _ = found[0]
        return span.demand(process, products)
    return NormalDistribution(*_summed_moments(tree, found))


def _summed_moments(tree: Tree, found: list[tuple[Any, tuple[str, ...], Span, int]]) -> tuple[Floats, Floats]:
    network, names = tree.network, tree.names
    mean, covariance = np.zeros(len(names)), np.zeros(len(names))
    deviations = []
    for process, products, span, row in found:
        columns = [names.index(product) for product in products]
        total = span.demand(process, products)
        mean[columns] += total.mean()
        own = np.zeros(len(names))
        own[columns] = total.std()
        deviations.append((row, own))
    for row, own in deviations:
        for other, theirs in deviations:
            covariance += network.loads.correlation[row, other] * own * theirs
    return mean, np.sqrt(np.maximum(covariance, 0.0))


def _customers(network: Network, site: int) -> list[int]:
    return np.flatnonzero(network.topology.customer_site == site).tolist()


def _shortage(tree: Tree, site: int) -> Floats:
    """Shortage cost of a site's customers, the mean over segments that buy; the margin of a lost sale counts."""
    network, rows = tree.network, _customers(tree.network, site)
    price, shortage = tree.numbers(network.costs.price, rows), tree.numbers(network.costs.shortage, rows)
    lost = (
        np.ones_like(shortage) if network.fulfilment.backlogged is None else tree.numbers(network.fulfilment.backlogged, rows)
    )
    earned = price - network.landed_cost[site, list(tree.products)]
    mean: Floats = np.maximum((shortage + (1.0 - lost) * earned).mean(axis=0), 0.0)
    return mean
