"""A trace that several are judged on is drawn once, and is the one that each would have drawn."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.envs.catalogue import load_scenario, promised
from orderup.envs.network.building import drawing_from
from orderup.envs.numerics.backend import Backend
from orderup.envs.simulator import Simulator
from orderup.envs.trace.drawn_once import drawn_once
from orderup.envs.trace.trace import Trace, draw_trace

RANDOM: dict[str, Any] = {
    "name": "random",
    "horizon": 12,
    "products": ["tea", "rice"],
    "sites": {"store_1": {"holding": 1.0}, "store_2": {"holding": 1.0}},
    "lanes": [
        {"from": "supplier", "to": name, "lead_time": {"type": "uniform_integer", "low": 1, "high": 3}}
        for name in ("store_1", "store_2")
    ],
    "correlation": {"rho": 0.4},
    "customers": [
        {"site": name, "shortage": 9, "demand": {"type": "seasonal", "base": {"type": "poisson", "mean": 6}, "profile": [1, 2]}}
        for name in ("store_1", "store_2")
    ],
}


def drawn(scenario: Any, level: str = "autonomous_silo", draw: Any = draw_trace, seed: int = 5) -> Trace:
    found = Simulator(scenario, level, batch=4)
    found.reset(seed, np.arange(4), draw)
    assert found.trace is not None
    return found.trace


@pytest.mark.parametrize("level", ["autonomous_silo", "central_stale"])
def test_it_is_the_trace_that_would_have_been_drawn(level: str) -> None:
    once, again = (drawn(RANDOM, level, draw) for draw in (drawn_once, draw_trace))
    for field in fields(again):
        one, other = getattr(once, field.name), getattr(again, field.name)
        assert np.array_equal(one, other) if isinstance(other, np.ndarray) else one == other


def test_levels_and_targets_of_service_share_it_and_other_seeds_and_demands_do_not() -> None:
    demand = drawn(RANDOM, draw=drawn_once).demand
    assert drawn(RANDOM, "central_stale", drawn_once).demand is demand
    assert drawn(promised(load_scenario(RANDOM), {"fill": 0.9}), draw=drawn_once).demand is demand
    assert drawn(RANDOM, draw=drawn_once, seed=6).demand is not demand
    other = {**RANDOM, "customers": [{**entry, "demand": {"type": "poisson", "mean": 6}} for entry in RANDOM["customers"]]}
    assert not np.array_equal(drawn(other, draw=drawn_once).demand, demand)


def test_nobody_writes_into_what_others_are_judged_on() -> None:
    with pytest.raises(ValueError, match="read-only"):
        drawn(RANDOM, draw=drawn_once).demand[:] = 0


def test_with_disruptions_too_it_is_the_one_that_would_have_been_drawn() -> None:
    scenario = orderup.load_scenario("disruption_single")
    once, again = (drawn(scenario, draw=draw) for draw in (drawn_once, draw_trace))
    assert once.outage is not None
    assert again.outage is not None
    assert np.array_equal(once.outage, again.outage)
    assert np.array_equal(once.demand, again.demand)


def test_a_network_that_draws_from_other_sources_has_a_trace_of_its_own() -> None:
    network = Simulator(RANDOM).numpy_network
    other = {**RANDOM, "customers": [{**entry, "demand": {"type": "poisson", "mean": 6}} for entry in RANDOM["customers"]]}
    elsewhere = drawing_from(network, load_scenario(other))
    for one in (network, elsewhere):
        once, again = (draw(one, Backend("numpy"), 5, np.arange(3), 12) for draw in (drawn_once, draw_trace))
        assert np.array_equal(once.demand, again.demand)
