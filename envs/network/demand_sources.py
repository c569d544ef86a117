"""Where demand comes from: for every customer row its processes, and how those of different sites move together.

Letters as in orderup.envs.network.network: N sites, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand import DemandProcess
from ..foundation.errors import InputError
from ..scenario.scenario import Correlation, Scenario
from .topology import Topology


@dataclass(frozen=True)
class DemandSource:
    """The process by which the customers of a row ask for some products."""

    key: str
    """Where the scenario has it."""
    row: int
    place: str
    """`site/segment`, which is the key of its randomness."""
    site: str
    products: tuple[str, ...]
    columns: Any
    """Where these stand among all products."""
    process: DemandProcess

    def moments(self, factor: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and deviation of a period's demand, each (K,), where its mean is multiplied by a factor. Raises InputError."""
        try:
            return self.process.moments(self.products) if factor == 1 else self.process.scaled_moments(self.products, factor)
        except InputError as error:
            raise _blamed(error, self.key) from None


@dataclass(frozen=True)
class CorrelatedScores:
    """How the normal score of a site is made of independent ones."""

    weights: Mapping[str, Mapping[str, float]]
    """By site, how much each independent score counts."""
    places: Mapping[str, str]
    """The key of each independent score's randomness: of a site's, that of its first segment."""


@dataclass(frozen=True)
class DemandSources:
    """All demand that the customers of a network can have."""

    sources: tuple[DemandSource, ...]
    """By customer row; several of one row where its products are described apart."""
    scores: CorrelatedScores | None
    """None where sites are independent."""
    site_of_row: NDArray[np.int64]
    """Site of each customer row (C,)."""
    shape: tuple[int, int]
    """(N, K)."""

    @cached_property
    def own_deviation(self) -> NDArray[np.float64]:
        """Standard deviation of the same (N, K) [units], a site's segments taken as independent."""
        found = np.zeros(self.shape)
        for source in self.sources:
            found[self.site_of_row[source.row], source.columns] += source.moments()[1] ** 2
        return np.sqrt(found)

    @cached_property
    def own_mean(self) -> NDArray[np.float64]:
        """Mean demand of a period by each site's own customers (N, K) [units], before events change it."""
        found = np.zeros(self.shape)
        for source in self.sources:
            found[self.site_of_row[source.row], source.columns] += source.moments()[0]
        return found


def compile_demand(scenario: Scenario, topology: Topology) -> DemandSources:
    """The demand of a scenario's customers."""
    number = {id(entry): place for place, entry in enumerate(scenario.customers)}
    found = []
    for row, (place, parts) in enumerate(zip(topology.customers, topology.customers_of(scenario), strict=True)):
        for entry in parts:
            key = f"customers[{number[id(entry)]}]"
            bought = tuple(entry.products or topology.products)
            columns = slice(None) if bought == topology.products else [topology.product_place[name] for name in bought]
            try:
                process = entry.demand.at(entry.site)
            except InputError as error:
                raise _blamed(error, key) from None
            found.append(DemandSource(key, row, place, entry.site, bought, columns, process))
    scores = None if scenario.correlation is None else _scores(scenario, scenario.correlation, topology)
    return DemandSources(tuple(found), scores, topology.customer_site, (len(topology.sites), len(topology.products)))


def _blamed(error: InputError, key: str) -> InputError:
    return error.under(key if error.key.startswith("demand") else f"{key}.demand")


def _scores(scenario: Scenario, correlation: Correlation, topology: Topology) -> CorrelatedScores:
    segments = dict(reversed([place.split("/") for place in topology.customers]))
    buying = [name for name in scenario.sites if name in segments]
    weights = {site: correlation.weights(buying, site) for site in buying}
    independent = {name for found in weights.values() for name in found}
    return CorrelatedScores(weights, {name: f"{name}/{segments[name]}" if name in segments else name for name in independent})
