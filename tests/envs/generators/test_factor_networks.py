"""Networks are as their factors say, whoever is beside them."""

from __future__ import annotations

from typing import Any

import pytest

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.evaluation.advising.facts import facts

POINT: dict[str, Any] = {
    "sites": 9,
    "depth": 3,
    "lead_time": 2.0,
    "order_delay": 2,
    "demand": 20.0,
    "variation": 0.25,
    "memory": 0.6,
    "correlation": 0.4,
    "critical_ratio": 0.9,
    "holding_ratio": 0.5,
    "slack": 1.4,
    "outage": 0.1,
    "uplift": 2.0,
    "known_ahead": 3,
    "reported": 0.5,
}


def scenario(*points: dict[str, Any], seed: int = 0) -> Scenario:
    generator = {"type": "factor_networks", "points": list(points), "seed": seed}
    return load_scenario({"name": "factors", "horizon": 60, "warmup": 10, "generator": generator})


def test_what_is_found_of_a_network_is_what_it_was_made_by() -> None:
    plain = {name: value for name, value in POINT.items() if name not in ("uplift", "known_ahead", "reported")}
    found = facts(Simulator(scenario(plain), "autonomous_silo").numpy_network)
    exact = ("sites", "depth", "order_delay", "memory", "correlation", "holding_ratio", "slack", "outage")
    assert {name: found[name] for name in exact} == pytest.approx({name: POINT[name] for name in exact}, rel=2e-2)
    assert found["demand"] == pytest.approx(20.0, rel=2e-2)  # the mean of stores that differ
    assert found["variation"] == pytest.approx(0.25, rel=2e-2)
    assert found["critical_ratio"] == pytest.approx(0.9, abs=1e-3)
    assert found["lead_time"] == pytest.approx(2.0, abs=1.0)  # of a few lanes, whole numbers
    assert found["inequality"] == pytest.approx(0.0, abs=1e-2)


def test_promotions_are_as_they_were_asked_for() -> None:
    found = facts(Simulator(scenario(POINT), "autonomous_silo").numpy_network)
    assert (found["uplift"], found["known_ahead"], found["reported"]) == (2.0, 3.0, 0.5)


def test_the_first_network_is_the_same_whoever_is_beside_it() -> None:
    alone, beside = scenario(POINT), scenario(POINT, {"sites": 4})
    assert all(beside.sites[name] == site for name, site in alone.sites.items())
    assert [lane for lane in beside.lanes if lane.destination in alone.sites] == list(alone.lanes)


def test_shortage_costs_differ_more_the_more_unequal_they_are_to_be() -> None:
    spread = [
        facts(Simulator(scenario({"sites": 40, "inequality": wanted}), "autonomous_silo").numpy_network)["inequality"]
        for wanted in (0.0, 0.5, 1.5)
    ]
    assert spread[0] < 0.05 < 0.3 < spread[1] < 0.7 < 1.0 < spread[2] < 2.0


def test_all_stores_lose_sales_or_none_does() -> None:
    for share in (0.0, 1.0):
        assert facts(Simulator(scenario({"lost": share}), "autonomous_silo").numpy_network)["lost"] == share


def test_a_factor_out_of_range_is_refused_by_its_key() -> None:
    with pytest.raises(InputError, match=r"points\[1\].memory"):
        scenario(POINT, {"memory": 1.5})
