"""What a trace draws from: the network's own sources, and nothing of the scenario's keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orderup.envs import trace
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build, drawing_from
from orderup.envs.network.network import Network
from orderup.envs.numerics.backend import Backend
from orderup.envs.trace.trace import draw_trace


def drawn(network: Network) -> list[NDArray[np.float64]]:
    found = draw_trace(network, Backend("numpy"), 5, np.arange(3), 12)
    conditions = [values for values in found.conditions if values is not None]
    foreseen = [values for _, values in (*found.promotions, *found.reported)]
    return [np.asarray(values) for values in (found.demand, *conditions, *foreseen)]


def test_no_module_of_the_trace_reads_a_scenario() -> None:
    modules = sorted(Path(next(iter(trace.__path__))).glob("*.py"))
    assert len(modules) > 3
    assert [path.name for path in modules if ".scenario" in path.read_text(encoding="utf-8")] == []


def test_a_network_that_draws_from_its_own_scenario_again_draws_the_same() -> None:
    network = build(load_scenario("reference-small"))
    again = drawing_from(network, network.scenario)
    for one, other in zip(drawn(network), drawn(again), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_trace_stays_the_same_whatever_becomes_of_the_scenario() -> None:
    network = build(load_scenario("reference-small"))
    emptied = network.scenario.model_copy(update={"customers": [], "disruptions": [], "promotions": [], "correlation": None})
    for one, other in zip(drawn(network), drawn(replace(network, scenario=emptied)), strict=True):
        np.testing.assert_array_equal(one, other)
