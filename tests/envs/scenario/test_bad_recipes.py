"""Recipes and machines that cannot be: one InputError that names the key, what was found and what would be accepted."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build

PLANT: dict[str, Any] = {
    "name": "mine",
    "horizon": 10,
    "products": ["bike", "frame", "wheel", "scrap"],
    "sites": {
        "plant_1": {"holding": 1, "machines": {"press": {"hours": 8, "overtime": {"hours": 2, "cost": 30}}}},
        "store_1": {"holding": 1},
    },
    "lanes": [
        {
            "make": "bike",
            "at": "plant_1",
            "uses": {"frame": 1, "wheel": 2},
            "co_products": {"scrap": 0.1},
            "machine": "press",
            "hours": 0.2,
            "setup_hours": 1,
            "lead_time": 1,
        },
        {"from": "supplier", "to": "plant_1", "lead_time": 2, "products": ["frame", "wheel"], "unit_cost": 1},
        {"from": "plant_1", "to": "store_1", "lead_time": 1, "products": ["bike"]},
    ],
    "customers": [{"site": "store_1", "products": ["bike"], "shortage": 5, "demand": {"type": "poisson", "mean": 4}}],
}
"""The keys of a scenario in which nothing is wrong."""

Path = tuple[Any, ...]
BAD: list[tuple[Path, Any, str, str]] = [
    # where, what is put there, the key as the message names it, and a part of the rest of the message
    (("lanes", 0, "uses", "bike"), 1, "lanes[0].uses", "found 'bike'; accepted: other products than bike"),
    (("lanes", 0, "co_products", "bike"), 1, "lanes[0].co_products", "found 'bike'"),
    (("lanes", 0, "co_products", "wheel"), 1, "lanes[0].co_products", "found 'wheel'; accepted: other products than the parts"),
    (("lanes", 0, "uses", "saddle"), 1, "lanes[0].uses", "found 'saddle'"),
    (("lanes", 0, "uses", "wheel"), -2, "lanes[0].uses.wheel", "found -2"),
    (("lanes", 0, "uses", "wheel"), 0, "lanes[0].uses.wheel", "found 0"),
    (("lanes", 0, "co_products", "scrap"), -1, "lanes[0].co_products.scrap", "found -1"),
    (("lanes", 0, "hours"), -1, "lanes[0].hours", "found -1"),
    (("lanes", 0, "setup_hours"), -1, "lanes[0].setup_hours", "found -1"),
    (("lanes", 0, "make"), "trike", "lanes[0].make", "found 'trike'; accepted: one of bike"),
    (("lanes", 0, "make"), 7, "lanes[0].make", "found 7"),
    (("lanes", 0, "at"), "plant_2", "lanes[0].at", "found 'plant_2'; accepted: one of plant_1"),
    (("lanes", 0, "at"), None, "lanes[0].at", "found None; accepted: the name of the site"),
    (("lanes", 0, "from"), "supplier", "lanes[0].from", "found 'supplier'; accepted: nothing on a lane that makes goods"),
    (("lanes", 0, "to"), "store_1", "lanes[0].to", "found 'store_1'; accepted: nothing on a lane that makes goods"),
    (("lanes", 0, "products"), ["bike", "scrap"], "lanes[0].products", "accepted: nothing on a lane that makes goods"),
    (("lanes", 0, "machine"), "oven", "lanes[0].machine", "found 'oven'; accepted: one of press"),
    (("lanes", 0, "machine"), None, "lanes[0].hours", "found 0.2; accepted: 0, or the `machine`"),
    (("lanes", 0, "setup_hours"), 10, "lanes[0].setup_hours", "accepted: less than the 10 hours of press"),
    (("lanes", 0, "multiple"), 50, "lanes[0].multiple", "accepted: packs that press can make in its 10 hours"),
    (("lanes", 0, "lateral"), True, "lanes[0].lateral", "found True"),
    (("lanes", 0, "transfer_price"), 2, "lanes[0].transfer_price", "found 2"),
    (("lanes", 0, "reserve"), 2, "lanes[0].reserve", "found 2"),
    (("lanes", 0, "terms"), {"late": 1}, "lanes[0].terms", "there is one site alone"),
    (("lanes", 2, "uses"), {"wheel": 1}, "lanes[2].uses", "accepted: nothing on a lane that brings goods"),
    (("lanes", 2, "machine"), "press", "lanes[2].machine", "found 'press'"),
    (("lanes", 2, "at"), "plant_1", "lanes[2].at", "found 'plant_1'"),
    (("lanes", 1, "products"), ["frame"], "lanes[0].uses", "found 'wheel at plant_1, where no lane from a supplier brings it"),
    (("lanes", 2, "products"), ["frame"], "customers[0].products", "found 'bike at store_1"),
    (("sites", "plant_1", "machines", "press", "hours"), 0, "sites.plant_1.machines.press.hours", "found 0"),
    (
        ("sites", "plant_1", "machines", "press", "overtime", "cost"),
        -1,
        "sites.plant_1.machines.press.overtime.cost",
        "found -1",
    ),
    (("sites", "plant_1", "machines", "oven"), {"hours": 2}, "sites.plant_1.machines.oven", "the `machine` of a lane there"),
    (
        ("disruptions",),
        [{"at": "plant_1/oven", "keeps": 0.5, "when": {"type": "scheduled", "from": 0}}],
        "disruptions[0].at",
        "found 'plant_1/oven'; accepted: .*plant_1/press",
    ),
    (
        ("disruptions",),
        [{"at": "plant_1:bike", "keeps": 0.5, "when": {"type": "scheduled", "from": 0}}],
        "disruptions[0].keeps",
        "found 0.5; accepted: 0, or a place with a limit",
    ),
]


def changed(*changes: tuple[Path, Any]) -> dict[str, Any]:
    keys = copy.deepcopy(PLANT)
    for path, value in changes:
        inside = keys
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = value
    return keys


def test_the_plant_without_a_mistake_is_taken() -> None:
    assert build(load_scenario(PLANT)).recipes is not None


@pytest.mark.parametrize(
    ("path", "value", "key", "message"), BAD, ids=[f"{'.'.join(map(str, path))}: {value}" for path, value, *_ in BAD]
)
def test_what_cannot_be_is_refused_by_its_key(path: Path, value: Any, key: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        load_scenario(changed((path, value)))
    assert error.value.key == f"scenario.{key}"


def test_a_circle_of_recipes_is_refused_and_the_products_on_it_are_named() -> None:
    back = {"make": "wheel", "at": "plant_1", "uses": {"bike": 1}, "lead_time": 1}
    with pytest.raises(InputError, match="found '(wheel -> bike -> wheel|bike -> wheel -> bike) at plant_1'"):
        load_scenario(changed((("lanes",), [*PLANT["lanes"], back])))


def test_a_product_that_is_made_nowhere_and_bought_nowhere_is_refused() -> None:
    with pytest.raises(InputError, match="bike at store_1, where no lane from a supplier brings it"):
        load_scenario(changed((("lanes",), PLANT["lanes"][1:]), (("sites", "plant_1"), {"holding": 1})))


def test_two_recipes_of_one_product_at_a_site_need_names() -> None:
    second = {**PLANT["lanes"][0], "hours": 0.5}
    with pytest.raises(InputError, match="'plant_1:bike'; accepted: a name that no other lane has"):
        load_scenario(changed((("lanes",), [*PLANT["lanes"], second])))
    assert build(load_scenario(changed((("lanes",), [*PLANT["lanes"], {**second, "name": "slow"}])))).lanes[1:3]


def test_a_least_order_of_a_product_and_its_parts_together_is_refused_and_one_of_parts_alone_is_not() -> None:
    together = {"from": "supplier", "to": "plant_1", "name": "all", "lead_time": 2, "minimum_order": 9}
    with pytest.raises(InputError, match=r"lanes\[3\].minimum_order.*together") as error:
        load_scenario(changed((("lanes",), [*PLANT["lanes"], {**together, "products": ["bike", "wheel"]}])))
    assert error.value.accepted == "0, or a lane for the parts and one for what is made"
    for fine in (["wheel", "frame"], ["bike", "scrap"]):
        load_scenario(changed((("lanes",), [*PLANT["lanes"], {**together, "products": fine}])))


def test_a_scenario_is_the_same_when_it_is_written_down_and_read_again() -> None:
    loaded = load_scenario(PLANT)
    assert load_scenario(loaded.model_dump(by_alias=True)) == loaded
    assert load_scenario(loaded.model_dump(by_alias=True, exclude_unset=True)) == loaded
