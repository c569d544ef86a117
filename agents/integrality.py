"""Whether a scenario deals in whole units."""

from __future__ import annotations

import numpy as np

from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

LOOKED_AT = 4
"""Episodes whose demand is looked at."""


def is_integral(scenario: Scenario) -> bool:
    """Whether demand and all stock at the start are whole units, so that orders had better be."""
    trial = Simulator(scenario, "autonomous_silo", batch=LOOKED_AT)
    trial.reset(0)
    assert trial.trace is not None
    found = (trial.trace.demand, trial.numpy_network.start.initial, trial.numpy_network.start.lane_initial)
    known = () if trial.numpy_network.start.owed is None else (trial.numpy_network.start.owed,)
    under_way = () if trial.numpy_network.start.opening is None else trial.numpy_network.start.opening.shipped
    return all(bool((values == np.round(values)).all()) for values in (*found, *known, *under_way))
