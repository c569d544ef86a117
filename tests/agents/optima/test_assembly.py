"""Assembly in the simulator costs what Rosling's line says: three networks, in balance, and by local levels too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import make_agent
from orderup.agents.exact.structures import Assembly
from orderup.agents.optima.assembly import Assembled
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ...simulation import Interval, simulated

Keys = dict[str, Any]
FIVE: Keys = {"type": "poisson", "mean": 5}


def network(sites: Keys, lanes: list[Keys], site: str, products: list[str], shortage: float, demand: Keys) -> Keys:
    return {
        "name": "an_assembly",
        "horizon": 300,
        "warmup": 50,
        "products": products,
        "sites": sites,
        "lanes": lanes,
        "customers": [{"site": site, "products": [products[0]], "shortage": shortage, "demand": demand}],
    }


def bought(site: str, product: str, lead_time: int) -> Keys:
    return {"from": "supplier", "to": site, "products": [product], "lead_time": lead_time, "name": f"{product}_to_{site}"}


def bike() -> Keys:
    """A frame and two wheels that take equally long."""
    holding = {"bike": 10, "frame": 4, "wheel": 2}
    return network(
        {"plant_1": {"role": "plant", "holding": holding, "initial": {"bike": 10, "frame": 15, "wheel": 30}}},
        [
            {"make": "bike", "at": "plant_1", "uses": {"frame": 1, "wheel": 2}, "lead_time": 0},
            bought("plant_1", "frame", 2),
            bought("plant_1", "wheel", 2),
        ],
        "plant_1",
        [*holding],
        60,
        FIVE,
    )


def uneven() -> Keys:
    """Three parts, one of which takes four periods and one none."""
    holding = {"lamp": 9, "bulb": 1, "shade": 2, "foot": 3}
    return network(
        {"plant_1": {"role": "plant", "holding": holding, "initial": {"lamp": 12, "bulb": 15, "shade": 20, "foot": 25}}},
        [
            {"make": "lamp", "at": "plant_1", "uses": {"bulb": 3, "shade": 1, "foot": 1}, "lead_time": 1},
            bought("plant_1", "bulb", 0),
            bought("plant_1", "shade", 2),
            bought("plant_1", "foot", 4),
        ],
        "plant_1",
        [*holding],
        40,
        {"type": "negative_binomial", "mean": 4, "variance_to_mean": 2},
    )


def three_levels() -> Keys:
    """Two assemblies, one of them made elsewhere and brought, go into the product, and parts into these."""
    holding = {"bike": 12, "frame": 4, "wheels": 4, "tube": 0.5, "paint": 0.2, "rim": 0.6, "hub": 0.4}
    other, none = {**holding, "wheels": 3.5}, dict.fromkeys(holding, 0)
    return network(
        {
            "plant_1": {
                "role": "plant",
                "holding": holding,
                "initial": {**none, "bike": 15, "frame": 15, "tube": 50, "paint": 15},
            },
            "plant_2": {"role": "plant", "holding": other, "initial": {**none, "wheels": 10, "rim": 30, "hub": 30}},
        },
        [
            {"make": "bike", "at": "plant_1", "uses": {"frame": 1, "wheels": 1}, "lead_time": 1},
            {"make": "frame", "at": "plant_1", "uses": {"tube": 4, "paint": 1}, "lead_time": 2},
            {"make": "wheels", "at": "plant_2", "uses": {"rim": 2, "hub": 2}, "lead_time": 0},
            {"from": "plant_2", "to": "plant_1", "products": ["wheels"], "lead_time": 1},
            bought("plant_1", "tube", 3),
            bought("plant_1", "paint", 0),
            bought("plant_2", "rim", 1),
            bought("plant_2", "hub", 2),
        ],
        "plant_1",
        [*holding],
        60,
        FIVE,
    )


NETWORKS = {"bike": bike, "uneven": uneven, "three levels": three_levels}


def assembled(keys: Keys | str) -> Assembled:
    found = Assembled.of(Simulator(keys).numpy_network)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_the_simulator_costs_what_the_line_says(name: str) -> None:
    keys = NETWORKS[name]()
    best = assembled(keys).assembly.optimum()
    run = simulated(keys, "optimal", "autonomous_shared", episodes=4000, warmup=60)
    assert best.cost in Interval.of(run.cost)


@pytest.mark.parametrize("name", NETWORKS)
def test_local_levels_cost_what_theory_says_and_no_more_than_the_optimum_where_they_keep_the_balance(name: str) -> None:
    keys = NETWORKS[name]()
    found = assembled(keys)
    best, labels = found.assembly.optimum(), Simulator(keys).numpy_network.lanes
    levels = {}
    for lane, product, level in zip(found.lanes, found.products, best.installation_levels, strict=True):
        levels[labels[lane]] = (level * np.eye(len(keys["products"]))[product]).tolist()
    run = simulated(keys, {"type": "base_stock", "levels": levels}, "autonomous_silo", episodes=4000, warmup=60)
    expected = found.assembly.cost_of(best.installation_levels)
    assert expected in Interval.of(run.cost)
    assert (name == "bike") == best.is_local == (expected == pytest.approx(best.cost, abs=1e-6))


def test_the_scenario_assembly_costs_what_its_description_says() -> None:
    description = load_scenario("assembly").description
    found = assembled("assembly").assembly
    best = found.optimum()
    local = found.cost_of(best.installation_levels)
    searched = found.cost_of(_searched(found, best.installation_levels))
    assert [f"{cost:.2f}" in description for cost in (best.cost, local, searched)] == [True] * 3
    run = simulated("assembly", "optimal", "autonomous_shared", episodes=6700)
    assert best.cost in Interval.of(run.cost)


def _searched(assembly: Assembly, levels: Sequence[float]) -> list[float]:
    """Installation levels that a move of one of them by one or two units makes no better."""
    found, moves = list(levels), [(item, step) for item in range(len(levels)) for step in (-2, -1, 1, 2)]
    best, better = assembly.cost_of(found), True
    while better:
        better = False
        for item, step in moves:
            tried = [level + step * (place == item) * assembly.content[item] for place, level in enumerate(found)]
            if (cost := assembly.cost_of(tried)) < best:
                best, found, better = cost, tried, True
    return found


def test_what_starts_out_of_balance_comes_into_it() -> None:
    keys = uneven()
    keys["sites"]["plant_1"]["initial"] = {"lamp": 0, "bulb": 200, "shade": 0, "foot": 60}
    best = assembled(keys).assembly.optimum()
    run = simulated(keys, "optimal", episodes=1500, warmup=120)
    assert best.cost in Interval.of(run.cost)


def test_sites_that_cannot_see_each_other_keep_no_balance_and_are_refused() -> None:
    late = {"type": "autonomous_shared", "feed_latency": 1}
    for level in ("autonomous_silo", late):
        with pytest.raises(InputError, match="records are shared"):
            orderup.evaluate(three_levels(), level, "optimal", episodes=1)
    assert orderup.evaluate(bike(), "autonomous_silo", "optimal", episodes=2).cost > 0


def _second_product(keys: Keys) -> None:
    keys["customers"].append({**keys["customers"][0], "products": ["frame"]})


def _common_part(keys: Keys) -> None:
    keys["products"].append("stand")
    for amounts in (keys["sites"]["plant_1"]["holding"], keys["sites"]["plant_1"]["initial"]):
        amounts["stand"] = 5
    keys["lanes"].append({"make": "stand", "at": "plant_1", "uses": {"wheel": 1}, "lead_time": 0})


def _two_ways(keys: Keys) -> None:
    keys["lanes"].append({**bought("plant_1", "frame", 1), "from": "supplier_b", "name": "frames_too"})


def _machine(keys: Keys) -> None:
    keys["sites"]["plant_1"]["machines"] = {"press": {"hours": 8}}
    keys["lanes"][0] |= {"machine": "press", "hours": 1}


def _cheaper_than_its_parts(keys: Keys) -> None:
    keys["sites"]["plant_1"]["holding"]["bike"] = 7


REFUSED = {
    _second_product: "go into nothing else",
    _common_part: "go into nothing else",
    _two_ways: "go into nothing else",
    _machine: "machines",
    _cheaper_than_its_parts: "held more cheaply",
}


@pytest.mark.parametrize("change", REFUSED)
def test_what_is_no_pure_assembly_is_refused(change: Any) -> None:
    keys = bike()
    change(keys)
    with pytest.raises(InputError, match=REFUSED[change]):
        make_agent("optimal").reset(Simulator(keys).context())
