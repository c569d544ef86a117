"""What a network works out from its scenario: loads, main lanes and stock at the start."""

from __future__ import annotations

import time

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.network.building import build
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario

from ..by_hand import scenario


def poisson(mean: float) -> dict[str, object]:
    return {"type": "poisson", "mean": mean}


def loads(network: Network) -> dict[str, list[float]]:
    return dict(zip(network.sites, network.loads.mean[:, :, 0].tolist(), strict=True))


def test_a_site_has_to_cover_everybody_downstream() -> None:
    sites: dict[str, dict[str, object]] = {name: {} for name in ("plant_1", "warehouse_1", "store_1", "store_2")}
    lanes = [
        {"from": "supplier", "to": "plant_1"},
        {"from": "plant_1", "to": "warehouse_1"},
        {"from": "warehouse_1", "to": "store_1"},
        {"from": "plant_1", "to": "store_2"},
    ]
    customers = [
        {"site": "store_1", "demand": poisson(4)},
        {"site": "store_2", "demand": poisson(9)},
        {"site": "warehouse_1", "demand": poisson(3)},
    ]
    network = build(scenario(sites, lanes, customers))
    assert loads(network) == {"store_1": [4], "store_2": [9], "warehouse_1": [7], "plant_1": [16]}
    np.testing.assert_allclose(network.loads.deviation[:, 0, 0] ** 2, network.loads.mean[:, 0, 0])


def test_correlated_demands_spread_more_in_sum() -> None:
    sites: dict[str, dict[str, object]] = {name: {} for name in ("warehouse_1", "store_1", "store_2")}
    lanes = [{"from": "supplier", "to": "warehouse_1"}, *({"from": "warehouse_1", "to": f"store_{n}"} for n in (1, 2))]
    customers = [{"site": f"store_{n}", "demand": {"type": "normal", "mean": 50, "sd": 3}} for n in (1, 2)]
    network = build(scenario(sites, lanes, customers, correlation={"rho": 0.5}))
    assert network.loads.deviation[network.sites.index("warehouse_1"), 0, 0] == pytest.approx(
        np.sqrt(3**2 + 3**2 + 2 * 0.5 * 3 * 3)
    )


def test_two_segments_of_a_site_share_what_all_sites_share() -> None:
    customers = [{"site": "store_1", "segment": name, "demand": {"type": "normal", "mean": 50, "sd": 3}} for name in ("a", "b")]
    network = build(scenario({"store_1": {}}, [{"from": "supplier", "to": "store_1"}], customers, correlation={"rho": 0.5}))
    np.testing.assert_allclose(network.loads.correlation, [[1, 0.5], [0.5, 1]])


def test_each_product_comes_by_the_cheapest_lane_that_carries_it() -> None:
    sites: dict[str, dict[str, object]] = {name: {} for name in ("store_1", "warehouse_1", "warehouse_2")}
    lanes = [
        {"from": "supplier", "to": "warehouse_1"},
        {"from": "supplier", "to": "warehouse_2"},
        {"from": "warehouse_1", "to": "store_1", "products": ["tea"]},
        {"from": "warehouse_2", "to": "store_1", "unit_cost": {"tea": 1, "coffee": 1}},
    ]
    customers = [{"site": "store_1", "demand": {"type": "constant", "value": {"tea": 3, "coffee": 5}}}]
    network = build(scenario(sites, lanes, customers, products=["tea", "coffee"]))
    assert loads(network) == {"store_1": [3, 5], "warehouse_1": [3, 0], "warehouse_2": [0, 5]}


def test_a_site_that_only_peers_supply_is_covered_by_them() -> None:
    lanes = [
        {"from": "supplier", "to": "store_1"},
        {"from": "store_1", "to": "store_2", "lateral": True},
        {"from": "store_2", "to": "store_3", "lateral": True},
    ]
    sites: dict[str, dict[str, object]] = {name: {} for name in ("store_1", "store_2", "store_3")}
    customers = [{"site": f"store_{n}", "demand": poisson(n)} for n in (1, 2, 3)]
    assert loads(build(scenario(sites, lanes, customers))) == {"store_1": [6], "store_2": [5], "store_3": [3]}


def test_the_main_lane_is_the_cheapest_and_of_equals_the_slowest() -> None:
    lanes = [
        {"from": "supplier", "to": "store_1", "name": "quick", "unit_cost": 2, "lead_time": 1},
        {"from": "supplier", "to": "store_1", "name": "slow", "unit_cost": 2, "lead_time": 3},
        {"from": "supplier", "to": "store_1", "name": "dear", "unit_cost": {"tea": 3, "coffee": 3}, "lead_time": 4},
    ]
    network = build(scenario({"store_1": {}}, lanes, [{"site": "store_1"}], products=["tea", "coffee"]))
    assert network.lanes[network.topology.main_lane[0]] == "slow"


def test_stock_at_the_start_covers_the_slowest_regular_lane() -> None:
    sites: dict[str, dict[str, object]] = {"store_1": {"initial": None}, "store_2": {"initial": 3}}
    lanes = [
        {"from": "supplier", "to": "store_1", "lead_time": 2, "order_delay": 1},
        {"from": "supplier", "to": "store_2"},
        {"from": "store_2", "to": "store_1", "lead_time": 9, "lateral": True},
    ]
    network = build(scenario(sites, lanes, [{"site": "store_1", "demand": poisson(9)}]))
    assert network.start.initial[:, 0, 0].tolist() == [9 * 4 + 2 * 3 * 2, 3]  # mean · periods + 2 sd · √periods


def test_a_number_missing_in_the_demand_is_named_with_its_path() -> None:
    customers = [{"site": "store_1", "demand": {"type": "poisson", "mean": {"tea": 3}}}]
    with pytest.raises(InputError, match=r"^customers\[0\].demand.mean: found 'nothing for coffee'"):
        scenario({"store_1": {}}, [{"from": "supplier", "to": "store_1"}], customers, products=["tea", "coffee"])


@pytest.mark.parametrize("apart", [False, True], ids=["together", "each_described_apart"])
def test_fifty_thousand_products_are_built_in_seconds(apart: bool) -> None:
    products = [f"article_{number}" for number in range(50_000)]
    costs = {product: 1.0 + number % 7 for number, product in enumerate(products)}
    buyers = {"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 5}}
    keys = {
        "name": "many_products",
        "horizon": 10,
        "products": products,
        "sites": {"store_1": {"holding": costs}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1}],
        "customers": [{**buyers, "products": [product]} for product in products] if apart else [buyers],
    }
    start = time.process_time()
    network = build(validated(Scenario, keys))
    assert time.process_time() - start < 10
    assert network.costs.holding[0, :8, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 1]
    assert (network.loads.mean == 5).all()
