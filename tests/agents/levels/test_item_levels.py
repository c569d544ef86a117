"""Levels of parts: those of the line that an assembly is equivalent to, and of the demand that recipes pass on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import orderup
from orderup.agents.exact.serial import shang_song
from orderup.agents.levels.base_stock_levels import echelon_levels, installation_levels
from orderup.agents.levels.downstream import CustomersBelow
from orderup.agents.levels.explosion import Explosion
from orderup.agents.levels.ignored import ignored
from orderup.agents.levels.item_levels import ItemLevels
from orderup.agents.rules.rule import Rule
from orderup.envs.numerics.backend import Backend
from orderup.envs.simulator import Simulator

from ..optima.test_assembly import NETWORKS, assembled
from ..optima.test_machines import by_name
from ..optima.test_shared_part import pair

Keys = dict[str, Any]


@pytest.mark.parametrize("name", NETWORKS)
def test_echelon_levels_of_an_assembly_are_half_way_between_the_bounds_on_its_line(name: str) -> None:
    keys = NETWORKS[name]()
    found = assembled(keys)
    assembly, levels = found.assembly, echelon_levels(Simulator(keys).numpy_network)
    since, place = np.unique(assembly.total_lead_times, return_inverse=True)
    holding = [float(assembly.added_rates[assembly.total_lead_times >= periods].sum()) for periods in since]
    line = shang_song(holding, assembly.shortage, (np.diff(since, prepend=0) - 1).tolist(), assembly.demand).average
    expected = assembly.content * np.array(line)[place]
    np.testing.assert_allclose(levels[list(found.sites), list(found.products)], expected)


def test_local_levels_of_parts_that_take_equally_long_are_the_optimum() -> None:
    keys = NETWORKS["bike"]()
    found = assembled(keys)
    levels = installation_levels(Simulator(keys).numpy_network)
    best = np.zeros_like(levels)
    best[list(found.lanes), list(found.products)] = found.assembly.optimum().installation_levels
    np.testing.assert_array_equal(levels, best)


@pytest.mark.parametrize("name", ["serial_poisson", "beer_game", "owmr", "newsvendor", "serial_clark_scarf"])
@pytest.mark.parametrize(("all_known", "wait", "ahead"), [(True, 0, 0), (False, 2, 0), (False, 0, 3)])
def test_item_by_item_plain_networks_have_the_levels_they_have_as_trees(
    name: str, all_known: bool, wait: int, ahead: int
) -> None:
    network = Simulator(name).numpy_network
    items, echelon = ItemLevels(network, all_known, wait, ahead), echelon_levels(network, all_known, wait, ahead)
    assert items.echelons() == pytest.approx(echelon)
    assert items.installations(echelon) == pytest.approx(installation_levels(network, None, all_known, wait, ahead))


def test_a_part_of_two_products_covers_both_with_the_mean_of_what_they_cost() -> None:
    keys = pair(lead_time=1, takes=2)
    network = Simulator(keys).numpy_network
    level = echelon_levels(network)[0, network.products.index("bulb")]
    mean, deviation = 3 * (2 + 2 * 1.5), np.sqrt(3 * (2 + 2**2 * 1.5))
    lamps = 2 / 5
    shortage = lamps * 20 + (1 - lamps) * 40 / 2
    held = lamps * 3 + (1 - lamps) * 6 / 2
    ratios = [shortage / (shortage + rate) for rate in (held, 1.0)]
    assert level == pytest.approx(np.mean(stats.norm.ppf(ratios, mean, deviation)))


def test_who_sees_the_customers_knows_what_they_ask_for_of_parts() -> None:
    network = Simulator(NETWORKS["three levels"]()).numpy_network
    bikes = np.zeros((2, *network.loads.mean.shape[:2]))
    place = network.sites.index("plant_1"), network.products.index("bike")
    bikes[(slice(None), *place)] = [3.0, 7.0]
    below = CustomersBelow(network, Backend()).total(bikes)
    wanted = {
        "plant_1": {"bike": 1, "frame": 1, "wheels": 1, "tube": 4, "paint": 1},
        "plant_2": {"wheels": 1, "rim": 2, "hub": 2},
    }
    for site, products in wanted.items():
        for product in network.products:
            column = below[:, network.sites.index(site), network.products.index(product)]
            assert column.tolist() == [3.0 * products.get(product, 0), 7.0 * products.get(product, 0)]
    assert network.loads.mean[:, :, 0] == pytest.approx(below[0] * 5 / 3)


@pytest.mark.parametrize("name", NETWORKS)
def test_echelons_of_all_records_order_what_local_levels_do(name: str) -> None:
    keys = NETWORKS[name]()
    echelons, local = (
        orderup.evaluate(keys, "central_ideal", agent, episodes=10).cost for agent in ("echelon_base_stock", "base_stock")
    )
    assert echelons == pytest.approx(local)


def selling(**keys: Any) -> Keys:
    """A kit of two parts, whose buyers go away."""
    return {
        "name": "kits",
        "horizon": 60,
        "warmup": 20,
        "products": ["kit", "part"],
        "sites": {"plant_1": {"holding": {"kit": 1, "part": 0.3}}},
        "lanes": [
            {"make": "kit", "at": "plant_1", "uses": {"part": 2}, "lead_time": 0, "unit_cost": 1},
            {"from": "supplier", "to": "plant_1", "products": ["part"], "lead_time": 0, "unit_cost": 2},
        ],
        "customers": [
            {
                "site": "plant_1",
                "products": ["kit"],
                "shortage": 0,
                "price": 9,
                "unmet": "lost",
                "demand": {"type": "poisson", "mean": 10},
            }
        ],
        **keys,
    }


def test_a_lost_sale_of_what_is_made_is_worth_its_margin_over_its_parts() -> None:
    network = Simulator(selling()).numpy_network
    assert network.landed_cost.tolist() == [[5.0, 2.0]]
    rule = orderup.make_agent("s_s")
    assert isinstance(rule, Rule)
    numbers = rule.numbers(Simulator(selling()).context())
    made = network.lanes.index("plant_1:kit")
    assert numbers["up_to"][made, 0] == stats.poisson(10).ppf(4 / 5)
    levels = echelon_levels(network)[0]
    half = [stats.poisson(10).ppf((4 + 0.6) / (4 + rate)) for rate in (1.0, 1.0)]
    assert levels[0] == np.mean(half)
    assert levels[1] == 2 * np.mean([stats.poisson(20).ppf(4 / (4 + rate)) for rate in (1.0, 0.6)])


def test_what_recipes_do_to_each_other_is_named() -> None:
    told = {
        "bike": None,
        "uneven": "that parts for plant_1:lamp wait for those that take longer",
        "pair": "that bulb may be short for one of several uses",
        "machine": "hours of machines at plant_1",
        "setup": "hours of machines at plant_1; setup hours",
        "beside": "what comes beside the products of plant_1:bike",
    }
    keys = {name: NETWORKS[name]() for name in ("bike", "uneven")}
    keys |= {"pair": pair(), "machine": by_name(), "setup": by_name(setup_hours=0.1), "beside": NETWORKS["bike"]()}
    keys["beside"]["products"].append("chips")
    keys["beside"]["sites"]["plant_1"]["holding"]["chips"] = keys["beside"]["sites"]["plant_1"]["initial"]["chips"] = 0
    keys["beside"]["lanes"][0]["co_products"] = {"chips": 0.1}
    for name, text in told.items():
        found = ignored(Simulator(keys[name]).numpy_network)
        assert found == (() if text is None else (f"its levels in closed form leave out of account: {text}",))


def test_another_routing_is_used_against_shortages_at_what_it_costs_more_with_its_parts() -> None:
    keys = selling()
    keys["products"].append("ready_part")
    keys["sites"]["plant_1"]["holding"]["ready_part"] = 0.2
    keys["lanes"][0]["lead_time"] = 2
    keys["lanes"] += [
        {"make": "kit", "at": "plant_1", "uses": {"ready_part": 1}, "lead_time": 0, "unit_cost": 2, "name": "quick"},
        {"from": "supplier", "to": "plant_1", "products": ["ready_part"], "lead_time": 0, "unit_cost": 5, "name": "ready"},
    ]
    network = Simulator(keys).numpy_network
    quick = installation_levels(network)[network.lanes.index("quick"), 0]
    premium = 2 + 5 - (1 + 2 * 2)
    assert quick == stats.poisson(10).ppf((4 - premium) / (4 - premium + 1 + premium))
    assert Explosion(network).content[0, 1, 0, 0] == 2
