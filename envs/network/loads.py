"""Who has to cover whose demand: the mean and the spread of what comes through each site.

Letters as in orderup.envs.network.network: N sites, K products, C customers. Items are products at sites. They hang together by
main lanes, which bring an item from where the same product is, or from outside, or make it of its parts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..demand import DemandProcess
from ..demand.series import Seasonal
from ..events.promotion_moments import with_promotions
from ..flows.recipes import Recipes
from ..numerics.arrays import Array
from ..scenario.scenario import Scenario
from .demand_sources import DemandSources
from .topology import Topology

Item: TypeAlias = tuple[int, int]
"""A site and a product, by their numbers."""
Amounts: TypeAlias = dict[Item, float]
"""Units of each item."""
NEGLIGIBLE = 1e-6
"""An amount of this share of a site's usual demand is what floating-point sums leave of nothing at all."""


@dataclass(frozen=True)
class Loads:
    """Demand of a period that each site has to cover: its own customers' and everybody's downstream."""

    stays_in_numpy: ClassVar = ("correlation",)

    mean: Array
    """(N, K, 1) [units]"""
    deviation: Array
    """Standard deviation of the same (N, K, 1) [units]."""
    correlation: NDArray[np.float64]
    """Correlation of the customers' normal scores (C, C), which is close to that of their demands."""

    @cached_property
    def usual_amount(self) -> NDArray[np.float64]:
        """What a site usually needs at most in a period (N, K) [units]; of the network in NumPy."""
        return usual(self.mean, self.deviation)[:, :, 0]


def usual(mean: NDArray[np.float64], deviation: NDArray[np.float64], periods: Any = 1) -> NDArray[np.float64]:
    """Mean plus two standard deviations of the demand of some periods, taken as independent [units]."""
    amount: NDArray[np.float64] = mean * periods + 2 * deviation * np.sqrt(periods)
    return amount


def compile_loads(scenario: Scenario, topology: Topology, demand: DemandSources, recipes: Recipes | None) -> Loads:
    """What each site has to cover by each product's main lanes, promotions included; of parts, for what is made of them."""
    mean, deviation = (np.zeros((len(topology.customers), len(topology.products))) for _ in range(2))
    for source in demand.sources:
        found = with_promotions(scenario.promotions, source.site, source.moments)
        mean[source.row, source.columns], deviation[source.row, source.columns] = found
    correlation = _correlation(scenario, topology)
    covariance = np.einsum("ck,dk,cd->cdk", deviation, deviation, correlation)
    if recipes is not None:
        total, variance = exploded(topology, recipes, mean, covariance)
        return Loads(total[:, :, None], np.sqrt(np.maximum(variance, 0.0))[:, :, None], correlation)
    own = np.equal.outer(np.arange(len(topology.sites)), topology.customer_site).astype(float)
    covered = np.stack([_covered(parent, own) for parent in topology.main_sources.T])
    spread = np.sqrt(np.maximum(np.einsum("knc,knd,cdk->nk", covered, covered, covariance), 0.0))
    return Loads(np.einsum("knc,ck->nk", covered, mean)[:, :, None], spread[:, :, None], correlation)


def exploded(
    topology: Topology, recipes: Recipes, mean: NDArray[np.float64], covariance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of what each site has to cover of each product (N, K), of customers' (C, K) and (C, C, K).

    A unit that a customer wants asks for itself wherever its main lanes lead from, and where one of these makes it, for its
    parts. Different products' demands are independent.
    """
    sites, _, products, customers = topology.shape
    covered = _units_behind(topology, needed_for(topology, recipes))
    product, one, other = np.nonzero(np.moveaxis(covariance, -1, 0))
    pairs = (product * customers + one, product * customers + other)
    between = csr_array((covariance[one, other, product], pairs), shape=(products * customers,) * 2)
    variance = ((covered @ between) * covered).sum(axis=1)
    return (covered @ mean.T.ravel()).reshape(sites, products), variance.reshape(sites, products)


def _units_behind(topology: Topology, needed: list[tuple[Item, Amounts]]) -> csr_array:
    """Units of each item (N·K, row by row) for one of each product that a customer may want (K·C).

    It is the sum of what they want, of what that takes, of what this takes in turn, and so on. Where main lanes lead in a
    circle, between peers, it is cut at one of them.
    """
    number = np.arange(topology.main_lanes.size).reshape(topology.main_lanes.shape)
    turn = {item: row for row, (item, _) in enumerate(needed)}
    taken = [
        (number[part], number[item], amount)
        for item, takes in needed
        for part, amount in takes.items()
        if turn[part] > turn[item]
    ]
    rows, columns, amounts = zip(*taken, strict=True) if taken else ((), (), ())
    takes = csr_array((np.array(amounts, dtype=float), (rows, columns)), shape=(number.size, number.size))
    wanted = number[topology.customer_site].T.ravel()
    found = more = csr_array((np.ones(wanted.size), (wanted, np.arange(wanted.size))), shape=(number.size, wanted.size))
    while (more := takes @ more).nnz:
        found = found + more
    return found


def taken_of(topology: Topology, recipes: Recipes | None, lane: int, product: int) -> Amounts:
    """What a unit of a product by a lane takes: the same at its source, or its parts; nothing where it is from outside."""
    site, source = int(topology.destination[lane]), int(topology.source[lane])
    if recipes is not None and topology.is_made[lane]:
        uses = recipes.uses[int(np.flatnonzero(recipes.lanes == lane)[0]), :, 0]
        return {(site, int(part)): float(uses[part]) for part in np.flatnonzero(uses)}
    return {(source, product): 1.0} if source >= 0 else {}


def needed_for(topology: Topology, recipes: Recipes | None) -> list[tuple[Item, Amounts]]:
    """What a unit of each item takes by its main lane; those that nobody needs come first, and each after all that need it."""
    found: dict[Item, Amounts] = {}
    order: list[Item] = []

    def visit(item: Item) -> None:
        if item in found:
            return
        lane = int(topology.main_lanes[item])
        found[item] = before = {} if lane < 0 else taken_of(topology, recipes, lane, item[1])
        for part in before:
            visit(part)
        order.append(item)

    for item in np.ndindex(topology.main_lanes.shape):
        visit((int(item[0]), int(item[1])))
    return [(item, found[item]) for item in reversed(order)]


def expected_demand(scenario: Scenario, demand: DemandSources) -> NDArray[np.float64]:
    """Mean demand of each site's own customers in every period of the calendar's seasons, from period 0 on (P, N, K) [units].

    Promotions count by how often there are any. P is 1, and the mean that of all periods, where a scenario has no calendar; so
    it is for customers whose season has another length.
    """
    periods = math.lcm(*scenario.seasons)
    found = np.zeros((periods, *demand.shape))
    for source in demand.sources:
        mean, _ = with_promotions(scenario.promotions, source.site, source.moments)
        course = _course(source.process, source.products, periods)
        found[:, demand.site_of_row[source.row], source.columns] += mean * course
    return found


def _course(process: DemandProcess, products: tuple[str, ...], periods: int) -> NDArray[np.float64]:
    """What the mean is multiplied by in each period (P, K)."""
    if not isinstance(process, Seasonal) or periods % len(process.factors):
        return np.ones((periods, len(products)))
    mean, _ = process.moments(products)
    season, _ = process.by_phase(products)
    relative: NDArray[np.float64] = np.where(mean > 0, season / np.where(mean > 0, mean, 1.0), 1.0)
    return np.tile(relative, (periods // len(relative), 1))


def _covered(parent: NDArray[np.int64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which customers each site has to cover (N, C): its `own`, and those of every site whose sources lead up to it."""
    covered = own.copy()
    for site in range(len(parent)):
        above, passed = int(parent[site]), {site}
        while above >= 0 and above not in passed:
            covered[above] += own[site]
            passed.add(above)
            above = int(parent[above])
    return covered


def _correlation(scenario: Scenario, topology: Topology) -> NDArray[np.float64]:
    """Correlation of the customers' normal scores (C, C)."""
    segments = [name.rpartition("/")[0] for name in topology.customers]
    if scenario.correlation is None:
        return np.eye(len(segments))
    buying = [site for site in scenario.sites if site in segments]
    at = [buying.index(site) for site in segments]
    full = scenario.correlation.matrix(buying)[np.ix_(at, at)]
    weights = scenario.correlation.weights(buying)
    shared = np.array([1 - weights[site].get(site, 0.0) ** 2 for site in segments])
    return np.where(np.equal.outer(at, at) & ~np.eye(len(at), dtype=bool), shared[:, None], full)
