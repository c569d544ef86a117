"""Where demand comes from: for every customer row its processes, how those of different sites move together, what is forecast.

Letters as in orderup.envs.network.network: N sites, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..demand import DemandProcess
from ..demand.file import FileDemand
from ..forecasts.forecast_file import read_forecasts
from ..forecasts.keys import Forecasts
from ..forecasts.quantiles import Levels
from ..forecasts.source import ForecastSource
from ..foundation.errors import InputError
from ..numerics.arrays import Floats
from ..scenario.scenario import Correlation, Scenario
from .lane_times import LaneTimes
from .topology import Topology

SAME = ("path", "windows", "block", "bootstrap", "columns", "frequency")
"""What all recorded demand has in common, so that forecasts are of the same periods everywhere."""


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
    segments = dict(reversed([place.rsplit("/", 1) for place in topology.customers]))
    buying = [name for name in scenario.sites if name in segments]
    weights = correlation.weights(buying)
    independent = {name for found in weights.values() for name in found}
    return CorrelatedScores(weights, {name: f"{name}/{segments[name]}" if name in segments else name for name in independent})


def compile_forecasts(scenario: Scenario, topology: Topology, demand: DemandSources, times: LaneTimes) -> ForecastSource | None:
    """The forecasts of a scenario; None where it has none. Raises InputError for a file that is not about its customers."""
    keys = scenario.forecasts
    if keys is None:
        return None
    recorded = {source.key: source.process for source in demand.sources if isinstance(source.process, FileDemand)}
    first = next(iter(recorded.values()))
    for key, process in recorded.items():
        for name in SAME:
            if getattr(process, name) != getattr(first, name):
                raise InputError(f"{key}.demand.{name}", getattr(process, name), "the same for all customers, with forecasts")
    selling = {topology.sites[site] for site in demand.site_of_row.tolist()}
    alone = _alone(keys, "site", selling), _alone(keys, "product", set(topology.products))
    table = read_forecasts(keys, first.table.calendar, *alone)
    known = {(site, product) for site in selling for product in topology.products}
    if not known & set(table.series):
        one = " of ".join(reversed(table.series[0]))
        accepted = f"forecasts of what is sold here, such as {topology.products[0]} of {sorted(selling)[0]}"
        raise InputError("forecasts.path", f"{table.path}, which has {one}", accepted)
    levels = Levels(table.levels)
    ahead = keys.ahead or int(times.protection.max())
    return ForecastSource(table, first, topology.sites, topology.products, levels, ahead, _usual(demand, levels))


def _alone(keys: Forecasts, what: Literal["site", "product"], names: set[str]) -> str:
    """Whose forecasts a file without a column for it has. Raises InputError where that can be several."""
    if keys.columns.series is None and getattr(keys.columns, what) is None and len(names) > 1:
        raise InputError(f"forecasts.columns.{what}", None, f"a column: it can be {', '.join(sorted(names)[:5])}")
    return min(names)


def _usual(demand: DemandSources, levels: Levels) -> Floats:
    """Quantiles of a period's demand as it usually is (Q, N, K), none below nothing.

    Those of several kinds of customers add up, as if they moved together.
    """
    found = np.zeros((len(levels.levels), *demand.shape))
    for source in demand.sources:
        over = source.process.over(source.products, 1)
        rows = np.stack([over.ppf(np.full(len(source.products), level)) for level in levels.levels])
        found[:, demand.site_of_row[source.row], source.columns] += np.maximum(rows, 0.0)
    return found
