"""Who has to cover whose demand: each site's main source, and the mean and spread of what comes through it.

Letters as in orderup.envs.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .demand.base import places
from .errors import InputError
from .events.promotions import with_promotions
from .network import entries
from .schema import Customers, Lane, Scenario
from .stacking import Segment


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
    main = [[main_lane_of(lanes, sites, site, product) for product in products] for site in sites]
    return np.array([[-1 if lane is None else lane for lane in row] for row in main])


def main_lane_of(lanes: list[Lane], sites: Sequence[str], site: str, product: str | None = None) -> int | None:
    """The lane a site is counted on to use for a product, or for what it gets on the whole; None where no lane brings it.

    What only comes from customers who bring it back cannot be counted on.
    """
    collecting = set(sites) - {lane.destination for lane in lanes}
    inbound = [
        number
        for number, lane in enumerate(lanes)
        if lane.destination == site and (product is None or product in (lane.products or [product]))
    ]
    regular = [number for number in inbound if not lanes[number].lateral] or inbound
    regular = [number for number in regular if lanes[number].source not in collecting] or regular

    def cost(number: int) -> tuple[float, int]:
        unit = lanes[number].unit_cost
        numbers = [unit] if not isinstance(unit, Mapping) else [unit[product]] if product else [*unit.values()]
        return sum(numbers) / len(numbers), -lanes[number].lead_time.longest

    return min(regular, key=cost, default=None)


def correlation_of(scenario: Scenario, segments: list[Segment]) -> NDArray[np.float64]:
    """Correlation of the customers' normal scores (C, C)."""
    if scenario.correlation is None:
        return np.eye(len(segments))
    buying = [site for site in scenario.sites if any(site == place for place, _ in segments)]
    at = [buying.index(site) for site, _ in segments]
    full = scenario.correlation.matrix(buying)[np.ix_(at, at)]
    shared = np.array([1 - scenario.correlation.weights(buying, site).get(site, 0.0) ** 2 for site, _ in segments])
    return np.where(np.equal.outer(at, at) & ~np.eye(len(at), dtype=bool), shared[:, None], full)
