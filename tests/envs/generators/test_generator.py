"""Networks drawn at random: the same from the same seed, connected, and refused where they cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.generators import MADE, Generator, RandomNetwork, expanded
from orderup.envs.scenario.topology import echelons
from orderup.envs.simulator import Simulator

BASE: dict[str, Any] = {"name": "drawn", "horizon": 20, "generator": {"type": "random_network", "sites": 7}}


class Pair(Generator):
    """Two stores, from somebody else's project."""

    shortage: float = 9.0

    def build(self) -> dict[str, Any]:
        """One supplier for both."""
        stores = ("store_1", "store_2")
        demand = {"type": "poisson", "mean": 5}
        return {
            "sites": {name: {"role": "store", "holding": 1} for name in stores},
            "lanes": [{"from": "supplier", "to": name, "lead_time": 1} for name in stores],
            "customers": [{"site": name, "shortage": self.shortage, "demand": demand} for name in stores],
        }


def drawn(**keys: Any) -> Mapping[str, Any]:
    return RandomNetwork(**keys).build()


def test_a_seed_makes_the_same_network_and_another_seed_another() -> None:
    assert drawn(seed=3) == drawn(seed=3)
    assert drawn(seed=3) != drawn(seed=4)


@given(st.integers(2, 40), st.integers(2, 6), st.integers(0, 1000), st.floats(0, 1))
def test_every_network_has_the_sites_and_levels_asked_for_and_is_one(sites: int, depth: int, seed: int, share: float) -> None:
    depth = min(depth, sites)
    keys = {"type": "random_network", "sites": sites, "depth": depth, "seed": seed, "second_sources": share}
    scenario = load_scenario({**BASE, "generator": keys})
    heights = echelons(scenario)
    assert len(scenario.sites) == sites
    assert max(heights.values()) == depth - 1
    assert {entry.site for entry in scenario.customers} == {name for name, height in heights.items() if height == 0}
    assert all(lane.source in scenario.sites or heights[lane.destination] == depth - 1 for lane in scenario.lanes)


def test_costs_rise_downstream() -> None:
    scenario = load_scenario({**BASE, "generator": {"type": "random_network", "sites": 15, "depth": 4}})
    for lane in scenario.lanes:
        if lane.source in scenario.sites:
            above, below = (scenario.sites[name].holding for name in (lane.source, lane.destination))
            assert isinstance(above, float)
            assert isinstance(below, float)
            assert above < below


def test_second_sources_are_there_as_often_as_asked() -> None:
    below_the_top = sum(not name.startswith("plant_") for name in drawn(sites=40)["sites"])
    for share, extra in ((0.0, 0), (1.0, below_the_top)):
        assert len(drawn(sites=40, second_sources=share)["lanes"]) == 40 + extra


def test_it_plays_and_is_whole_once_it_is_loaded() -> None:
    scenario = load_scenario(BASE)
    assert load_scenario(scenario.model_dump(by_alias=True)) == scenario
    sim = Simulator(scenario, batch=3)
    sim.reset(seed=0)
    assert sim.trace is not None
    assert sim.trace.demand.shape[0] == scenario.horizon


def test_another_projects_generator_is_found_by_its_path() -> None:
    scenario = load_scenario({**BASE, "generator": {"type": f"{__name__}:Pair", "shortage": 3}})
    assert [entry.shortage for entry in scenario.customers] == [3.0, 3.0]


def test_without_a_generator_nothing_is_changed() -> None:
    keys = {key: value for key, value in BASE.items() if key != "generator"}
    assert expanded(keys, "scenario") == keys


@pytest.mark.parametrize(
    ("generator", "said"),
    [
        (5, r"scenario.generator: found 5; accepted: a mapping with `type`: one of factor_networks, network_family, random_"),
        ({"sites": 5}, r"scenario.generator: found .*accepted: a mapping with `type`"),
        ({"type": "random_netwrk"}, r"scenario.generator.type: found 'random_netwrk'; .*did you mean 'random_network'"),
        ({"type": "os:system"}, r"scenario.generator.type: found 'os:system'; accepted: a subclass of .*Generator"),
        ({"type": "random_network", "site": 5}, r"scenario.generator: found 'site'; .*did you mean 'sites'"),
        ({"type": "random_network", "sites": 1}, r"scenario.generator.sites: found 1"),
        ({"type": "random_network", "sites": 3, "depth": 4}, r"depth: found 4; accepted: at most as many echelons as sites, 3"),
        ({"type": "random_network", "seed": -1}, r"scenario.generator.seed: found -1"),
        ({"type": "random_network", "second_sources": 1.5}, r"scenario.generator.second_sources: found 1.5"),
        ({"type": "random_network", "lead_times": [3, 1]}, r"lead_times: found \[3, 1\]; accepted: shortest and longest"),
        ({"type": "random_network", "means": [9, 2]}, r"means: found \[9.0, 2.0\]; accepted: the least, then the greatest"),
        ({"type": "random_network", "demands": []}, r"scenario.generator.demands: found \[\]"),
        ({"type": "random_network", "demands": ["poison"]}, r"scenario.generator.demands\[0\]: found 'poison'"),
    ],
)
def test_a_bad_generator_is_refused_with_its_key(generator: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_scenario({**BASE, "generator": generator})


@pytest.mark.parametrize("key", MADE)
def test_a_network_is_drawn_or_given_and_not_both(key: str) -> None:
    with pytest.raises(InputError, match=rf"scenario.{key}: found .*; accepted: nothing beside `generator`"):
        load_scenario({**BASE, key: drawn()[key]})
