"""Goods that are made of parts, worked by hand, and against networks that do the same without recipes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from orderup.envs.information.policy import Decision
from orderup.envs.network.building import build
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..by_hand import SILO, Play, demand, scenario

FRAME, WHEEL, BIKE = 0, 1, 2
PRODUCTS = ["frame", "wheel", "bike"]


def workshop(*others: dict[str, Any], initial: Any = 0, parts: Any = None, plant: Any = None, **bike: Any) -> Scenario:
    """A plant that makes bikes of a frame and two wheels, in a period, and may make other things."""
    recipe = {"make": "bike", "at": "plant_1", "uses": {"frame": 1, "wheel": 2}, "lead_time": 1, **bike}
    bring = {"from": "supplier", "to": "plant_1", "name": "parts", "lead_time": 1, "products": PRODUCTS[:2], **(parts or {})}
    site = {"holding": {"frame": 3, "wheel": 1, "bike": 10, "toy": 2}, "initial": initial, **(plant or {})}
    customers = [{"site": "plant_1", "products": ["bike"], "demand": demand(0)}]
    return scenario({"plant_1": site}, [recipe, bring, *others], customers, products=[*PRODUCTS, "toy"])


def stock(frame: float = 0, wheel: float = 0, bike: float = 0, toy: float = 0) -> dict[str, float]:
    return {"frame": frame, "wheel": wheel, "bike": bike, "toy": toy}


def test_parts_leave_the_shelf_when_work_begins_and_the_product_arrives_after_the_lead_time() -> None:
    play = Play(workshop(initial=stock(frame=9, wheel=9))).step(quantities={"plant_1:bike": 4})
    assert play.on_hand["plant_1"] == [5, 1, 0, 0]
    assert play.in_transit["plant_1:bike"] == [0, 0, 4, 0]
    assert play.step().on_hand["plant_1"] == [5, 1, 4, 0]


def test_the_scarcest_part_decides_and_the_rest_of_the_order_waits() -> None:
    play = Play(workshop(initial=stock(frame=9, wheel=5))).step(quantities={"plant_1:bike": 4})
    assert play.shipments["plant_1:bike"] == [0, 0, 2.5, 0]
    assert play.open_orders["plant_1:bike"] == [0, 0, 1.5, 0]
    assert play.on_hand["plant_1"] == [6.5, 0, 0, 0]


def test_in_whole_packs_the_scarcest_part_is_left_over() -> None:
    play = Play(workshop(initial=stock(frame=9, wheel=5), multiple=1)).step(quantities={"plant_1:bike": 4})
    assert play.shipments["plant_1:bike"] == [0, 0, 2, 0]
    assert play.on_hand["plant_1"] == [7, 1, 0, 0]


def test_what_could_not_be_begun_lapses_where_the_lane_says_so() -> None:
    play = Play(workshop(initial=stock(frame=9, wheel=5), unfilled="cancelled")).step(quantities={"plant_1:bike": 4})
    assert play.open_orders["plant_1:bike"] == [0, 0, 0, 0]


def test_what_is_being_made_costs_what_its_parts_would_on_the_shelf() -> None:
    """A frame at 3 and two wheels at 1: the same 5 a bike in work as before, and 10 once it is made."""
    play = Play(workshop(initial=stock(frame=4, wheel=8), unit_cost=7)).step()
    assert play.cost("holding")["plant_1"] == 20
    play.step(quantities={"plant_1:bike": 4})
    assert (play.cost("holding")["plant_1"], play.cost("in_transit")["plant_1"]) == (0, 20)
    assert (play.cost("making")["plant_1"], play.ledger.cost.item()) == (28, 48)
    assert play.step().cost("holding")["plant_1"] == 40


def test_a_share_of_the_work_that_fails_uses_its_parts_all_the_same() -> None:
    play = Play(workshop(initial=stock(frame=9, wheel=9), **{"yield": {"mean": 0.75, "spread": 0}}))
    play.step(quantities={"plant_1:bike": 4})
    assert play.on_hand["plant_1"] == [5, 1, 0, 0]
    assert play.step().on_hand["plant_1"] == [5, 1, 3, 0]


def test_levels_explode_as_an_mrp_run_does() -> None:
    """Bikes up to 6: 6 are ordered, and parts in the same period up to their levels and for what these bikes will use.

    Frames: level 2 and 6 for the bikes, of which 3 are on the shelf. Wheels: level 4 and 12, none there.
    """
    play = Play(workshop(initial=stock(frame=3)))
    network = play.simulator.numpy_network
    levels = np.zeros((len(network.lanes), 4))
    levels[network.lanes.index("plant_1:bike")] = [0, 0, 6, 0]
    levels[network.lanes.index("parts")] = [2, 4, 0, 0]
    play.simulator.step(Decision(level=levels))
    assert play.orders == {"plant_1:bike": [0, 0, 6, 0], "parts": [5, 16, 0, 0]}
    play.simulator.step(Decision(level=levels))
    assert sum(map(sum, play.orders.values())) == 0


def test_parts_of_parts_are_ordered_in_one_pass() -> None:
    """A toy is made of two bikes: up to 3 toys are 6 bikes, 6 frames and 12 wheels, all ordered at once."""
    toys = {"make": "toy", "at": "plant_1", "uses": {"bike": 2}, "lead_time": 0}
    play = Play(workshop(toys))
    network = play.simulator.numpy_network
    levels = np.zeros((len(network.lanes), 4))
    levels[network.lanes.index("plant_1:toy"), 3] = 3
    play.simulator.step(Decision(level=levels))
    assert play.orders == {"plant_1:toy": [0, 0, 0, 3], "plant_1:bike": [0, 0, 6, 0], "parts": [6, 12, 0, 0]}


def test_what_comes_beside_a_product_is_on_order_with_it_and_is_not_ordered_again() -> None:
    """Every bike leaves half a toy; up to 4 bikes and up to 5 toys: 4 bikes bring 2 toys, so that 3 are made."""
    toys = {"make": "toy", "at": "plant_1", "lead_time": 1}
    play = Play(workshop(toys, initial=stock(frame=9, wheel=9), co_products={"toy": 0.5}))
    play.step(levels={"plant_1:bike": 4, "plant_1:toy": 5})
    assert play.orders["plant_1:toy"] == [0, 0, 0, 3]
    assert play.on_order["plant_1:bike"] == play.in_transit["plant_1:bike"] == [0, 0, 4, 2]
    assert play.step(levels={"plant_1:bike": 4, "plant_1:toy": 5}).on_hand["plant_1"] == [5, 1, 4, 5]


def test_what_comes_beside_a_product_too_late_is_not_counted_on() -> None:
    toys = {"make": "toy", "at": "plant_1", "lead_time": 0}
    play = Play(workshop(toys, initial=stock(frame=9, wheel=9), co_products={"toy": 0.5}))
    play.step(levels={"plant_1:bike": 4, "plant_1:toy": 5})
    assert play.orders["plant_1:toy"] == [0, 0, 0, 5]


def test_a_shortage_of_a_part_is_shared_by_the_sites_rule_and_no_part_lies_idle_that_somebody_could_use() -> None:
    """10 wheels for 4 bikes and 12 toys of one wheel each: 4 for the bikes, 6 for the toys, in proportion to the claims.

    With a single frame there is one bike, and the wheels that the other would have had go to the toys.
    """
    toys = {"make": "toy", "at": "plant_1", "uses": {"wheel": 1}, "lead_time": 1}
    orders = {"plant_1:bike": 4, "plant_1:toy": 12}
    play = Play(workshop(toys, initial=stock(frame=9, wheel=10))).step(quantities=orders)
    assert (play.shipments["plant_1:bike"][BIKE], play.shipments["plant_1:toy"][3]) == (2, 6)
    play = Play(workshop(toys, initial=stock(frame=1, wheel=10))).step(quantities=orders)
    assert (play.shipments["plant_1:bike"][BIKE], play.shipments["plant_1:toy"][3]) == (1, 8)
    assert play.on_hand["plant_1"] == [0, 0, 0, 0]


def test_by_priority_a_part_goes_to_the_first_recipe() -> None:
    toys = {"make": "toy", "at": "plant_1", "uses": {"wheel": 1}, "lead_time": 1, "priority": 1}
    play = Play(workshop(toys, initial=stock(frame=9, wheel=10), plant={"rationing": "priority"}))
    play.step(quantities={"plant_1:bike": 4, "plant_1:toy": 12})
    assert (play.shipments["plant_1:bike"][BIKE], play.shipments["plant_1:toy"][3]) == (4, 2)


def test_another_site_that_is_sent_a_part_has_its_share_like_a_recipe() -> None:
    """10 wheels, of which 8 are asked for by bikes and 8 by a store: 5 each."""
    lanes = [
        {"make": "bike", "at": "plant_1", "uses": {"wheel": 2}, "lead_time": 1},
        {"from": "plant_1", "to": "store_1", "products": ["wheel"], "lead_time": 1},
        {"from": "supplier", "to": "plant_1", "products": ["wheel"], "lead_time": 1},
    ]
    sites = {"plant_1": {"initial": {"wheel": 10, "bike": 0}}, "store_1": {}}
    given = scenario(sites, lanes, [{"site": "store_1", "products": ["wheel"]}], products=["wheel", "bike"])
    play = Play(given).step(quantities={"plant_1:bike": 4, "plant_1->store_1": [8, 0]})
    assert play.shipments["plant_1:bike"] == [0, 2.5]
    assert play.shipments["plant_1->store_1"] == [5, 0]


def test_mean_and_deviation_of_parts_are_those_of_what_is_made_of_them() -> None:
    """Bikes N(100, 3), toys N(60, 4) of three wheels: wheels 2·100 + 3·60 = 380, with a deviation of √(6² + 12²)."""
    toys = {"make": "toy", "at": "plant_1", "uses": {"wheel": 3}, "lead_time": 1}
    given = workshop(toys)
    normal = {"type": "normal", "mean": {"bike": 100, "toy": 60}, "sd": {"bike": 3, "toy": 4}}
    keys = given.model_dump(by_alias=True)
    keys["customers"] = [{"site": "plant_1", "products": ["bike", "toy"], "shortage": 1, "demand": normal}]
    loads = Simulator(keys).numpy_network.loads
    np.testing.assert_allclose(loads.mean[0, :, 0], [100, 380, 100, 60])
    np.testing.assert_allclose(loads.deviation[0, :, 0], [3, np.hypot(6, 12), 3, 4])


def test_parts_of_what_stores_sell_vary_as_these_do_together() -> None:
    """Bikes N(100, 3) at one store, N(100, 4) at another, correlated by ½: variance 3² + 4² + 3·4 = 37; two wheels each."""
    sites: dict[str, Any] = {"store_1": {}, "store_2": {}, "plant_1": {"initial": {"wheel": 0, "bike": 0}}}
    lanes = [
        *({"from": "plant_1", "to": name, "products": ["bike"], "lead_time": 1} for name in ("store_1", "store_2")),
        {"make": "bike", "at": "plant_1", "uses": {"wheel": 2}, "lead_time": 1},
        {"from": "supplier", "to": "plant_1", "products": ["wheel"], "lead_time": 1},
    ]
    customers = [
        {"site": f"store_{n}", "products": ["bike"], "demand": {"type": "normal", "mean": 100, "sd": sd}}
        for n, sd in ((1, 3), (2, 4))
    ]
    given = scenario(sites, lanes, customers, products=["wheel", "bike"], correlation={"rho": 0.5})
    loads, plant = Simulator(given).numpy_network.loads, 2
    np.testing.assert_allclose(loads.mean[plant, :, 0], [400, 200])
    np.testing.assert_allclose(loads.deviation[plant, :, 0], np.sqrt(37) * np.array([2, 1]))


def test_thousands_of_products_of_which_some_are_made_are_a_network_within_seconds() -> None:
    names = [f"product_{number}" for number in range(2000)]
    made = [{"make": names[n], "at": "plant_1", "name": f"r{n}", "uses": {names[n + 10]: 1}, "lead_time": 1} for n in range(10)]
    customers = [{"site": "plant_1", "demand": demand(1)}]
    begun = time.process_time()
    build(scenario({"plant_1": {}}, [{"from": "supplier", "to": "plant_1", "lead_time": 1}, *made], customers, products=names))
    assert time.process_time() - begun < 5.0


# Against networks without recipes


RULES = ("proportional", "priority", "even_cover", "first_come", "uniform", "linear")
COURSES = ((4, 9, 0, 7, 12, 3, 8, 1), (6, 0, 11, 2, 5, 9, 3, 14), (1, 3, 8, 15, 0, 2, 6, 4))


def as_sites(rule: str, **lane: Any) -> Scenario:
    """A warehouse that supplies three stores."""
    sites: dict[str, Any] = {f"store_{number}": {"holding": 3, "initial": 6} for number in (1, 2, 3)}
    sites["warehouse_1"] = {"holding": 1, "initial": 11, "rationing": rule}
    lanes: list[dict[str, Any]] = [
        {"from": "warehouse_1", "to": f"store_{number}", "lead_time": number, "priority": -number, **lane}
        for number in (1, 2, 3)
    ]
    lanes.append({"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 1})
    customers = [{"site": f"store_{n}", "demand": demand(*course)} for n, course in enumerate(COURSES, 1)]
    return scenario(sites, lanes, customers, horizon=16)


def as_recipes(rule: str, **lane: Any) -> Scenario:
    """A plant that makes three products of one part, of which each uses one."""
    products = ["good_1", "good_2", "good_3", "part"]
    holding, initial = ({**dict.fromkeys(products[:3], each), "part": part} for each, part in ((3, 1), (6, 11)))
    lanes: list[dict[str, Any]] = [
        {"make": f"good_{n}", "at": "plant_1", "uses": {"part": 1}, "lead_time": n, "priority": -n, **lane} for n in (1, 2, 3)
    ]
    lanes.append({"from": "supplier", "to": "plant_1", "lead_time": 2, "products": ["part"], "unit_cost": 1})
    customers = [
        {"site": "plant_1", "segment": f"s_{n}", "products": [f"good_{n}"], "demand": demand(*course)}
        for n, course in enumerate(COURSES, 1)
    ]
    site = {"holding": holding, "initial": initial, "rationing": rule}
    return scenario({"plant_1": site}, lanes, customers, products=products, horizon=16)


def costs(given: Scenario, autonomy: Any, levels: Floats) -> Floats:
    """What each period costs at four levels: of what leads to the three products, and of what leads to their part."""
    simulator = Simulator(given, autonomy)
    simulator.reset(seed=0)
    network, found = simulator.numpy_network, []
    level = np.zeros((len(network.lanes), len(network.products)))
    for lane, label in enumerate(network.lanes):
        number = 3 if label.startswith("supplier") else "123".index(label[-1])
        level[lane, number if len(network.products) > 1 else 0] = levels[number]
    while not simulator.done:
        _, ledger, _ = simulator.step(Decision(level=level))
        found.append(ledger.cost.item())
    return np.array(found)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "lane",
    [
        {},
        {"unfilled": "cancelled"},
        {"multiple": 3},
        {"minimum": 5, "fixed_cost": 2, "setup": 3},
        {"capacity": 7, "expires": 2},
        {"order_delay": 1},
        {"yield": {"mean": 0.8, "spread": 0}},
    ],
    ids=lambda keys: "+".join(keys) or "plain",
)
@pytest.mark.parametrize("authority", ["autonomous", "central"])
def test_products_of_one_part_cost_what_stores_of_one_warehouse_do(rule: str, lane: Any, authority: str) -> None:
    """A part is divided among recipes as stock is among stores, and is on the way at the same cost."""
    autonomy: dict[str, Any] = {**SILO, "visibility": "shared", "authority": authority}
    if authority == "central":
        autonomy |= {"feed_latency": 1}
    levels = np.array([14.0, 25.0, 31.0, 30.0])
    np.testing.assert_allclose(
        costs(as_recipes(rule, **lane), autonomy, levels), costs(as_sites(rule, **lane), autonomy, levels), rtol=1e-9
    )
