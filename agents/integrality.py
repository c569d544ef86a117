"""Whether a scenario deals in whole units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from orderup.envs.demand.file import FileDemand
from orderup.envs.numerics.arrays import Mask
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

LOOKED_AT = 4
"""Episodes whose demand is looked at."""
PERIODS = 64
"""And how many of each at most, where it is looked at item by item."""


@dataclass(frozen=True, eq=False)
class _ByIdentity:
    """A scenario as a key of what is known of it."""

    scenario: Scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and self.scenario is other.scenario


def is_integral(scenario: Scenario) -> bool:
    """Whether demand and all stock at the start are whole units, so that orders had better be."""
    trial = Simulator(scenario, "autonomous_silo", batch=LOOKED_AT)
    trial.reset(0)
    assert trial.trace is not None
    found = (trial.trace.demand, trial.numpy_network.start.initial, trial.numpy_network.start.lane_initial)
    known = () if trial.numpy_network.start.owed is None else (trial.numpy_network.start.owed,)
    under_way = () if trial.numpy_network.start.opening is None else trial.numpy_network.start.opening.shipped
    return all(bool((values == np.round(values)).all()) for values in (*found, *known, *under_way))


@lru_cache(maxsize=16)
def _whole(scenario: _ByIdentity) -> Mask:
    is_recorded = any(isinstance(entry.demand, FileDemand) for entry in scenario.scenario.customers)
    size = (PERIODS, 1) if is_recorded else (LOOKED_AT, min(scenario.scenario.horizon, PERIODS))  # a record may be short
    trial = Simulator(scenario.scenario, "autonomous_silo", batch=size[0], horizon=size[1])
    trial.reset(0)
    assert trial.trace is not None
    network, demand = trial.numpy_network, np.asarray(trial.trace.demand)
    own = np.ones((len(network.sites), len(network.products)), dtype=bool)
    for row, site in enumerate(network.topology.customer_site):
        own[site] &= (demand[:, row] == np.round(demand[:, row])).all(axis=(0, 2))
    for _ in range(1 + max(network.topology.echelon)):
        for source, site in zip(network.topology.source, network.topology.destination, strict=True):
            if source >= 0:
                own[source] &= own[site]
    return own


def whole_items(scenario: Scenario) -> Mask:
    """Which products come and go in whole units at each site (N, K): there and everywhere below it."""
    return _whole(_ByIdentity(scenario))
