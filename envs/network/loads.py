"""Who has to cover whose demand: each site's main source, and the mean and spread of what comes through it.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand.base import places
from ..foundation.errors import InputError
from ..scenario.scenario import Customers, Lane, Scenario
from .network import entries
from .promotion_moments import with_promotions
from .stacking import Segment, carried_by, lane_stack


def loads_of(
    scenario: Scenario, parents: NDArray[np.int64], customer_site: NDArray[np.int64], segments: list[Segment], correlation: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the demand each site has to cover; `parents` (K, N) is each site's main source."""
    own = np.equal.outer(np.arange(parents.shape[1]), customer_site).astype(float)
    covered = np.stack([_covered(parent, own) for parent in parents])
    mean, deviation = (np.zeros((len(segments), len(scenario.products))) for _ in range(2))
    place = places(scenario.products)
    for row, segment in enumerate(segments):
        for entry in entries(scenario, *segment):
            bought = tuple(entry.products or scenario.products)
            columns = [place[product] for product in bought]
            scaled = partial(_moments, scenario, entry, bought)
            mean[row, columns], deviation[row, columns] = with_promotions(scenario.promotions, segment[0], scaled)
    covariance = np.einsum("ck,dk,cd->cdk", deviation, deviation, correlation)
    spread = np.sqrt(np.maximum(np.einsum("knc,knd,cdk->nk", covered, covered, covariance), 0.0))
    return np.einsum("knc,ck->nk", covered, mean)[:, :, None], spread[:, :, None]


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


def _moments(
    scenario: Scenario, entry: Customers, bought: tuple[str, ...], factor: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of what the customers of an entry buy, each (K,), where its mean is multiplied by a factor."""
    try:
        demand = entry.demand.at(entry.site)
        return demand.moments(bought) if factor == 1 else demand.scaled_moments(bought, factor)
    except InputError as error:
        where = f"customers[{scenario.customers.index(entry)}]"
        raise error.under(where if error.key.startswith("demand") else f"{where}.demand") from None


def main_lanes_of(lanes: list[Lane], sites: tuple[str, ...], products: tuple[str, ...]) -> NDArray[np.int64]:
    """Main lane of each product at each site (N, K), −1 where none brings it."""
    costs, carried = (values[:, :, 0] for values in (lane_stack(lanes, "unit_cost", products), carried_by(lanes, products)))
    return np.stack([_counted_on(lanes, _inbound(lanes, name), costs, carried > 0, sites) for name in sites])


def main_lane_of(lanes: list[Lane], sites: Sequence[str], site: str) -> int:
    """The lane a site is counted on to use for what it gets on the whole; −1 where no lane brings it anything."""
    costs = np.array([[_mean_cost(lane)] for lane in lanes])
    return int(_counted_on(lanes, _inbound(lanes, site), costs, np.ones_like(costs, dtype=bool), sites)[0])


def _inbound(lanes: list[Lane], site: str) -> NDArray[np.int64]:
    return np.array([number for number, lane in enumerate(lanes) if lane.destination == site], dtype=np.int64)


def _mean_cost(lane: Lane) -> float:
    return sum(lane.unit_cost.values()) / len(lane.unit_cost) if isinstance(lane.unit_cost, Mapping) else lane.unit_cost


def _counted_on(
    lanes: list[Lane], inbound: NDArray[np.int64], costs: NDArray[np.float64], carried: NDArray[np.bool_], sites: Sequence[str]
) -> NDArray[np.int64]:
    """Of the lanes into a site that carry a product the one to count on (K,): the cheapest, of equals the slowest, the first.

    Lanes from peers come after all others; so, before these, does what only customers bring back.
    """
    none = np.full(costs.shape[1], -1)
    if not inbound.size:
        return none
    collecting = set(sites) - {lane.destination for lane in lanes}
    ranks = np.array([2 * lanes[number].lateral + (lanes[number].source in collecting) for number in inbound])
    slowest = np.array([-lanes[number].lead_time.longest for number in inbound])
    turn = np.argsort(np.lexsort((inbound, slowest)))
    left = carried[inbound]
    for key in (ranks[:, None], costs[inbound], turn[:, None]):
        values = np.where(left, key, np.inf)
        left = left & (values == values.min(axis=0))
    return np.where(left.any(axis=0), inbound[left.argmax(axis=0)], none)


def correlation_of(scenario: Scenario, segments: list[Segment]) -> NDArray[np.float64]:
    """Correlation of the customers' normal scores (C, C)."""
    if scenario.correlation is None:
        return np.eye(len(segments))
    buying = [site for site in scenario.sites if any(site == place for place, _ in segments)]
    at = [buying.index(site) for site, _ in segments]
    full = scenario.correlation.matrix(buying)[np.ix_(at, at)]
    shared = np.array([1 - scenario.correlation.weights(buying, site).get(site, 0.0) ** 2 for site, _ in segments])
    return np.where(np.equal.outer(at, at) & ~np.eye(len(at), dtype=bool), shared[:, None], full)
