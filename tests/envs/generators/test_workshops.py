"""Networks drawn at random whose plants make what they send on: possible, playable, and as they were asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.generators import RandomNetwork
from orderup.envs.network.building import build
from orderup.envs.scenario.scenario import Scenario
from orderup.evaluation import evaluate

from ...examples import some
from ..networks import Case
from ..physics.test_conservation import obeys_every_law

KINDS = ("assembly", "process")


def drawn(sites: int = 7, seed: int = 0, **making: Any) -> Scenario:
    generator = {"type": "random_network", "sites": sites, "seed": seed, "making": making}
    return load_scenario({"name": "drawn", "horizon": 15, "generator": generator})


def recipes(scenario: Scenario, plant: str = "plant_1") -> dict[str, dict[str, float]]:
    return {str(lane.make): lane.uses for lane in scenario.lanes if lane.at == plant}


making = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "products": st.integers(1, 4),
        "parts": st.integers(1, 4),
        "stages": st.integers(1, 3),
        "co_products": st.sampled_from([0.0, 0.5, 1.0]),
        "machines": st.integers(1, 5),
        "load": st.sampled_from([0.3, 0.8, 0.95]),
        "set_ups": st.sampled_from([0.0, 0.2, 0.6]),
    }
)


@settings(max_examples=some(60))
@given(st.integers(3, 12), st.integers(0, 1000), making)
def test_every_network_is_possible_plays_and_breaks_no_law(sites: int, seed: int, keys: dict[str, Any]) -> None:
    obeys_every_law(Case(drawn(sites, seed, **keys), frozenset(), "level", seed))


def test_a_seed_makes_the_same_network_and_another_seed_another() -> None:
    assert drawn(seed=3) == drawn(seed=3)
    assert recipes(drawn(seed=3, products=4)) != recipes(drawn(seed=4, products=4))


@pytest.mark.parametrize("kind", KINDS)
def test_all_else_is_as_without_it(kind: str) -> None:
    plain, made = RandomNetwork(sites=9, seed=5).build(), drawn(9, 5, kind=kind, products=3)
    between = [lane for lane in plain["lanes"] if lane["from"] != "supplier"]
    found = [lane for lane in made.lanes if lane.source in made.sites and not lane.makes]
    assert [(lane["from"], lane["to"], lane["lead_time"], lane["unit_cost"]) for lane in between] == [
        (lane.source, lane.destination, lane.lead_time.longest, lane.unit_cost) for lane in found
    ]
    means = [sum(entry.demand.moments(made.products[:3])[0]) for entry in made.customers]
    assert means == pytest.approx([entry["demand"]["mean"] for entry in plain["customers"]], abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 5, 1), (5, 2, 2), (3, 4, 3), (1, 7, 2)])
def test_everything_is_made_or_bought_and_goes_into_something(kind: str, shape: tuple[int, int, int]) -> None:
    products, parts, stages = shape
    scenario = drawn(kind=kind, products=products, parts=parts, stages=stages)
    made = recipes(scenario)
    used = {part for uses in made.values() for part in uses}
    sold = {f"product_{number + 1}" for number in range(products)}
    into = [lane.products or [] for lane in scenario.lanes if lane.destination == "plant_1" and not lane.makes]
    bought = {name for products in into for name in products}
    assert used | sold == set(scenario.products) == set(made) | bought
    assert not set(made) & bought
    if kind == "process":
        assert all(len(uses) == 1 and min(uses.values()) >= 1 for uses in made.values())


@pytest.mark.parametrize("kind", KINDS)
def test_parts_cost_less_to_hold_than_what_they_are_in(kind: str) -> None:
    scenario = drawn(kind=kind, products=4, parts=3, stages=3)
    holding: Any = scenario.sites["plant_1"].holding
    for product, uses in recipes(scenario).items():
        assert sum(units * holding[part] for part, units in uses.items()) < holding[product]


@pytest.mark.parametrize("machines", [1, 2, 9])
def test_machines_have_the_hours_for_what_customers_ask_for_on_average(machines: int) -> None:
    network = build(drawn(9, 1, products=3, parts=2, stages=2, machines=machines, load=0.6, set_ups=0.25))
    assert network.machines is not None
    assert network.recipes is not None
    each = network.recipes.made(network.loads.mean[network.topology.destination])
    plants = sum(name.startswith("plant") for name in network.sites)
    assert len(network.machines.names) == plants * min(machines, 5)
    assert network.machines.running(each).ravel() == pytest.approx(0.6 * 8, rel=1e-6)
    assert network.machines.set_up(each).ravel() == pytest.approx(0.25 * 8)


def test_rules_that_know_of_recipes_serve_its_customers() -> None:
    scenario = drawn(6, 2, kind="process", products=3, stages=2, machines=2)
    found = evaluate(scenario, "autonomous_silo", "base_stock", episodes=8, horizon=15)
    assert found.episodes["fill_rate"].mean() > 0.8


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kind": "disassembly"}, r"generator.making.kind: found 'disassembly'; accepted: .*assembly"),
        ({"products": 0}, r"generator.making.products: found 0"),
        ({"part": 3}, r"generator.making: found 'part'; .*did you mean 'parts'"),
        ({"load": 1.0}, r"generator.making.load: found 1.0"),
        ({"machines": -1}, r"generator.making.machines: found -1"),
        ({"machines": 0, "set_ups": 0.1}, r"set_ups: found 0.1; accepted: 0 where there are no machines"),
        ({"stages": 1.5}, r"generator.making.stages: found 1.5"),
    ],
)
def test_what_cannot_be_made_is_refused_by_its_key(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        drawn(**keys)


def test_products_are_drawn_or_given_and_not_both() -> None:
    generator = {"type": "random_network", "making": {}}
    with pytest.raises(InputError, match=r"scenario.products: found .*; accepted: nothing beside `generator`"):
        load_scenario({"name": "both", "horizon": 5, "products": ["tea"], "generator": generator})
    plain = load_scenario({"name": "given", "horizon": 5, "products": ["tea"], "generator": {"type": "random_network"}})
    assert plain.products == ["tea"]
