from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import newsvendor
from orderup.agents.exact.serial import shang_song
from orderup.agents.levels.base_stock_levels import Tree, echelon_levels, installation_levels
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.validation import validated
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...simulation import simulated

POISSON, NORMAL = {"type": "poisson", "mean": 8}, {"type": "normal", "mean": 5, "sd": 1}
LINES = [
    ([1, 0.5, 0.25, 0.1], 10, [1, 1, 1, 1], POISSON, stats.poisson(8)),
    ([7, 4, 2], 37.12, [0, 0, 1], NORMAL, stats.norm(5, 1)),
    ([3, 2, 1], 20, [2, 0, 4], {"type": "poisson", "mean": 3}, stats.poisson(3)),
]


def network(scenario: Any) -> Network:
    return Simulator(scenario).numpy_network


def serial(holding: list[float], shortage: float, lead_times: list[int], demand: dict[str, Any], **lane: Any) -> Scenario:
    names = [f"stage_{number + 1}" for number in range(len(holding))]
    ways = zip([*names[1:], "supplier"], names, lead_times, strict=True)
    keys = {
        "name": "serial",
        "horizon": 20,
        "sites": {name: {"holding": rate} for name, rate in zip(names, holding, strict=True)},
        "lanes": [{"from": source, "to": name, "lead_time": time, **lane} for source, name, time in ways],
        "customers": [{"site": names[0], "shortage": shortage, "demand": demand}],
    }
    return validated(Scenario, keys)


@pytest.mark.parametrize(("holding", "shortage", "lead_times", "process", "demand"), LINES)
def test_the_levels_of_a_line_are_half_way_between_the_bounds_of_shang_and_song(
    holding: list[float], shortage: float, lead_times: list[int], process: dict[str, Any], demand: Any
) -> None:
    line, average = (
        network(serial(holding, shortage, lead_times, process)),
        shang_song(holding, shortage, lead_times, demand).average,
    )
    np.testing.assert_allclose(echelon_levels(line)[:, 0], average, rtol=2e-4)
    np.testing.assert_allclose(installation_levels(line)[:, 0], np.diff(average, prepend=0), rtol=1e-3)


@pytest.mark.parametrize(("lead_time", "level"), [(0, 14), (2, 37), (4, 59)])
def test_the_level_of_a_lone_site_is_the_newsvendors(lead_time: int, level: int) -> None:
    store = network(serial([1], 9, [lead_time], {"type": "poisson", "mean": 10}))
    assert echelon_levels(store) == installation_levels(store) == level
    assert newsvendor(1, 9, stats.poisson(10 * (lead_time + 1)))[0] == level


def test_an_order_that_is_late_is_a_longer_lead_time_to_every_echelon_once() -> None:
    holding, lead_times = [1, 0.5, 0.25, 0.1], [1, 1, 1, 1]
    late = echelon_levels(network(serial(holding, 10, lead_times, POISSON)), wait=3)
    np.testing.assert_array_equal(late, echelon_levels(network(serial(holding, 10, [4, 1, 1, 1], POISSON))))


def test_echelons_of_the_beer_game_cover_order_delays_once_where_all_orders_are_known() -> None:
    line = network("beer_game")
    np.testing.assert_array_equal(echelon_levels(line)[:, 0], [40, 64, 88, 104])
    np.testing.assert_array_equal(installation_levels(line, all_known=True)[:, 0], [40, 24, 24, 16])


def test_echelons_of_the_beer_game_cover_the_delays_of_all_below_where_orders_travel_first() -> None:
    line = network("beer_game")
    np.testing.assert_array_equal(echelon_levels(line, all_known=False)[:, 0], [40, 80, 120, 152])
    np.testing.assert_array_equal(installation_levels(line)[:, 0], [40, 40, 40, 32])


def test_steady_demand_is_met_from_what_is_under_way_and_costs_no_more_than_that() -> None:
    under_way = 0.5 * 8 * 3 * 2 + 0.5 * 8 * 3
    for policy in ("echelon_base_stock", "base_stock"):
        run = simulated("beer_game", policy, "central_ideal", episodes=1, warmup=60, periods=40)
        np.testing.assert_array_equal(run.cost, [36.0])
    assert under_way == 36.0


def test_levels_add_up_to_their_echelons() -> None:
    numpy_network = network("owmr")
    echelon, local = echelon_levels(numpy_network), installation_levels(numpy_network)
    warehouse = numpy_network.sites.index("warehouse_1")
    np.testing.assert_allclose(local.sum(axis=0), echelon[warehouse])
    given = np.array([[float(10 + site)] for site in range(len(numpy_network.sites))])
    given[warehouse] = 200.0
    np.testing.assert_allclose(installation_levels(numpy_network, given).sum(), 200.0)


def test_stores_whose_levels_add_up_to_more_than_their_warehouses_are_lowered_in_proportion() -> None:
    numpy_network = network(load_scenario("owmr"))
    echelon = np.array([[30.0]] * (len(numpy_network.sites) - 1) + [[100.0]])
    stores = installation_levels(numpy_network, echelon)[:, 0]
    assert stores.sum() == pytest.approx(100.0)
    assert sorted(set(stores.round(9))) == [0.0, round(100.0 / (len(numpy_network.sites) - 1), 9)]


def test_no_level_is_below_zero_and_peers_are_asked_for_nothing() -> None:
    store = serial([1, 1], 9, [1, 1], POISSON)
    keys = store.model_dump(by_alias=True)
    keys["lanes"].append({"from": "stage_1", "to": "stage_2", "lead_time": 0, "lateral": True})
    line = network(validated(Scenario, keys))
    small = installation_levels(line, np.array([[50.0], [20.0]]))
    found = dict(zip(line.lanes, small[:, 0], strict=True))
    assert found == {"stage_2->stage_1": 20.0, "supplier->stage_2": 0.0, "stage_1->stage_2": 0.0}


@pytest.mark.parametrize("name", ["owmr", "stale_centre", "serial_poisson"])
def test_everybody_is_below_exactly_one_supplier(name: str) -> None:
    tree = Tree.of(network(load_scenario(name)))
    (top,) = [site for site, parent in enumerate(tree.parent) if parent < 0]
    assert sorted(tree.below(top)) == list(range(len(tree.parent)))
    assert all(tree.parent[child] == site for site in range(len(tree.parent)) for child in tree.children(site))


def test_a_site_that_is_nobodys_main_source_is_asked_for_nothing_by_any_lane() -> None:
    keys: dict[str, Any] = {
        "name": "reserve",
        "horizon": 10,
        "sites": {"store_1": {"holding": 1}, "warehouse_1": {"holding": 0.5}},
        "lanes": [
            {"from": "supplier", "to": "store_1", "lead_time": 3},
            {"from": "warehouse_1", "to": "store_1", "lead_time": 1, "unit_cost": 1},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
            {"from": "supplier_b", "to": "warehouse_1", "lead_time": 1, "unit_cost": 1},
        ],
        "customers": [{"site": "store_1", "shortage": 9, "demand": POISSON}],
    }
    numpy_network = network(keys)
    into_warehouse = numpy_network.topology.destination == numpy_network.sites.index("warehouse_1")
    assert not installation_levels(numpy_network)[into_warehouse].any()
