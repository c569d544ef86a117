"""Who has to cover whose demand: the mean and the spread of what comes through each site.

Letters as in orderup.envs.network.network: N sites, K products, C customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import Array
from ..scenario.scenario import Scenario
from .demand_sources import DemandSources
from .promotion_moments import with_promotions
from .topology import Topology


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


def compile_loads(scenario: Scenario, topology: Topology, demand: DemandSources) -> Loads:
    """What each site has to cover by each product's main lanes, promotions included."""
    own = np.equal.outer(np.arange(len(topology.sites)), topology.customer_site).astype(float)
    covered = np.stack([_covered(parent, own) for parent in topology.main_sources.T])
    mean, deviation = (np.zeros((len(topology.customers), len(topology.products))) for _ in range(2))
    for source in demand.sources:
        found = with_promotions(scenario.promotions, source.site, source.moments)
        mean[source.row, source.columns], deviation[source.row, source.columns] = found
    correlation = _correlation(scenario, topology)
    covariance = np.einsum("ck,dk,cd->cdk", deviation, deviation, correlation)
    spread = np.sqrt(np.maximum(np.einsum("knc,knd,cdk->nk", covered, covered, covariance), 0.0))
    return Loads(np.einsum("knc,ck->nk", covered, mean)[:, :, None], spread[:, :, None], correlation)


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
    segments = [name.split("/")[0] for name in topology.customers]
    if scenario.correlation is None:
        return np.eye(len(segments))
    buying = [site for site in scenario.sites if site in segments]
    at = [buying.index(site) for site in segments]
    full = scenario.correlation.matrix(buying)[np.ix_(at, at)]
    shared = np.array([1 - scenario.correlation.weights(buying, site).get(site, 0.0) ** 2 for site in segments])
    return np.where(np.equal.outer(at, at) & ~np.eye(len(at), dtype=bool), shared[:, None], full)
