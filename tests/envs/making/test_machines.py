"""Machines whose hours recipes share, worked by hand, and against a supplier's capacity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..by_hand import SILO, Play, demand, scenario

GOODS = ["a", "b", "c"]


def plant(*, hours: float = 8, rule: str = "proportional", machine: Any = None, **of: Any) -> Scenario:
    """A plant that makes three goods of nothing on one press, an hour each unless `of` says more of one."""
    lanes = [
        {"make": name, "at": "plant_1", "name": name, "machine": "press", "hours": 1, "lead_time": 1, **of.get(name, {})}
        for name in GOODS
    ]
    site = {"rationing": rule, "machines": {"press": {"hours": hours, **(machine or {})}}}
    events = of.get("events", {})
    return scenario({"plant_1": site}, lanes, [{"site": "plant_1", "demand": demand(0)}], products=GOODS, **events)


def made(play: Play) -> list[float]:
    return [play.shipments[name][number] for number, name in enumerate(GOODS)]


def test_where_hours_reach_everything_is_made() -> None:
    assert made(Play(plant()).step(quantities={"a": 3, "b": 4, "c": 1})) == [3, 4, 1]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("proportional", [32 / 13, 64 / 13, 8 / 13]),  # 8 of the 13 hours that were asked for
        ("priority", [4, 4, 0]),
        ("uniform", [3.5, 3.5, 1]),  # nobody more than three and a half
        ("linear", [2, 6, 0]),  # two taken off each
    ],
)
def test_hours_that_are_short_are_shared_by_the_sites_rule(rule: str, expected: list[float]) -> None:
    """Claims of 4, 8 and 1 hours on a press that runs 8; what is not made stays open."""
    of: dict[str, Any] = {"b": {"priority": 1}, "c": {"priority": 2, "hours": 0.5}}
    play = Play(plant(rule=rule, **of)).step(quantities={"a": 4, "b": 8, "c": 2})
    hours = [units * each for units, each in zip(made(play), (1, 1, 0.5), strict=True)]
    np.testing.assert_allclose(hours, expected)
    np.testing.assert_allclose([sum(play.open_orders[name]) for name in GOODS], np.array([4, 8, 2]) - made(play))


def test_hours_for_a_good_whose_parts_are_missing_go_to_the_others() -> None:
    """By their claims each would get 4 hours; c has parts for one unit only, so that the others share what it leaves."""
    lanes = [
        {"make": name, "at": "plant_1", "name": name, "machine": "press", "hours": 1, "lead_time": 1, "uses": uses}
        for name, uses in (("a", {}), ("b", {}), ("c", {"part": 1}))
    ]
    lanes.append({"from": "supplier", "to": "plant_1", "products": ["part"]})
    site = {"machines": {"press": {"hours": 9}}, "initial": {"a": 0, "b": 0, "c": 0, "part": 1}}
    customers = [{"site": "plant_1", "products": GOODS, "demand": demand(0)}]
    play = Play(scenario({"plant_1": site}, lanes, customers, products=[*GOODS, "part"]))
    assert made(play.step(quantities={"a": 9, "b": 9, "c": 9})) == [4, 4, 1]


def test_a_machine_with_set_ups_makes_one_good_after_the_other_the_largest_order_first() -> None:
    """8 hours, 1 to set up: 5 of b take 6 hours; a, of which 3 were wanted, has 2 left, 1 of them to set up; c has none."""
    setups: dict[str, Any] = {name: {"setup_hours": 1} for name in GOODS}
    play = Play(plant(**setups)).step(quantities={"a": 3, "b": 5, "c": 2})
    assert made(play) == [1, 5, 0]
    assert made(play.step()) == [2, 0, 2]  # 2 of a and 2 of c are left: 3 hours each


def test_by_priority_the_first_is_set_up_first() -> None:
    of: dict[str, Any] = {name: {"setup_hours": 1, "priority": number} for number, name in enumerate(GOODS)}
    assert made(Play(plant(rule="priority", **of)).step(quantities={"a": 3, "b": 5, "c": 2})) == [3, 3, 0]


def test_who_has_waited_longest_is_set_up_first() -> None:
    """b is left open by 4 in the first period; in the second it comes before a and c, which want more."""
    of: dict[str, Any] = {name: {"setup_hours": 1} for name in GOODS}
    play = Play(plant(rule="first_come", **of)).step(quantities={"b": 11})
    assert made(play) == [0, 7, 0]
    assert made(play.step(quantities={"a": 6, "c": 1})) == [2, 4, 0]


def test_a_set_up_that_leaves_no_hour_is_not_begun() -> None:
    of: dict[str, Any] = {"a": {"setup_hours": 3}, "b": {"setup_hours": 2}}
    play = Play(plant(hours=8, **of)).step(quantities={"a": 5, "b": 4})
    assert made(play) == [5, 0, 0]


def test_overtime_runs_where_regular_hours_do_not_suffice_and_is_paid_by_the_hour() -> None:
    more = {"overtime": {"hours": 2, "cost": 30}}
    play = Play(plant(machine=more)).step(quantities={"a": 8})
    assert (made(play)[0], play.cost("overtime")["plant_1"]) == (8, 0)
    play = Play(plant(machine=more)).step(quantities={"a": 9.5})
    assert (made(play)[0], play.cost("overtime")["plant_1"]) == (9.5, 45)
    play = Play(plant(machine=more, a={"setup_hours": 1})).step(quantities={"a": 20})
    assert (made(play)[0], play.cost("overtime")["plant_1"]) == (9, 60)


def test_a_machine_that_is_down_makes_nothing_and_one_that_is_slow_makes_less() -> None:
    """Overtime is cut like regular hours, so that half of 8 and half of 2 are left, and an hour of overtime is paid."""
    down = {"disruptions": [{"at": "plant_1/press", "keeps": 0, "when": {"type": "scheduled", "from": 0, "until": 1}}]}
    play = Play(plant(events=down)).step(quantities={"a": 5})
    assert made(play) == [0, 0, 0]
    assert made(play.step()) == [5, 0, 0]
    slow = {"disruptions": [{"at": "plant_1/press", "keeps": 0.5, "when": {"type": "scheduled", "from": 0}}]}
    play = Play(plant(machine={"overtime": {"hours": 2, "cost": 30}}, events=slow)).step(quantities={"a": 20})
    assert (made(play)[0], play.cost("overtime")["plant_1"]) == (5, 30)


def test_a_site_that_is_down_makes_nothing_either() -> None:
    down = {"disruptions": [{"at": "plant_1", "pauses": "shipments", "when": {"type": "scheduled", "from": 0}}]}
    assert made(Play(plant(events=down)).step(quantities={"a": 5})) == [0, 0, 0]


def test_each_machine_has_hours_of_its_own() -> None:
    given = plant().model_dump(by_alias=True)
    given["sites"]["plant_1"]["machines"]["oven"] = {"hours": 3}
    given["lanes"][2]["machine"] = "oven"
    play = Play(Scenario.model_validate(given)).step(quantities={"a": 8, "b": 8, "c": 8})
    assert made(play) == [4, 4, 3]


def test_a_press_is_shared_as_a_suppliers_capacity_is() -> None:
    """In proportion to the orders, hour for unit: the same costs in every period, whatever is asked for."""
    rng, quantities = np.random.default_rng(1), []
    lanes = [{"from": "supplier", "to": "plant_1", "name": name, "products": [name], "lead_time": 1} for name in GOODS]
    bought = scenario(
        {"plant_1": {}},
        lanes,
        [{"site": "plant_1", "demand": demand(2)}],
        products=GOODS,
        suppliers={"supplier": {"capacity": 8}},
    ).model_dump(by_alias=True)
    own = plant().model_dump(by_alias=True) | {"customers": bought["customers"]}
    simulators = [Simulator(keys, SILO) for keys in (bought, own)]
    for simulator in simulators:
        simulator.reset(seed=0)
    for _ in range(20):
        quantities.append(rng.choice([0, 0, 3, 8], size=(3, 3)) * rng.random((3, 3)))
        costs = [simulator.step(Decision(quantity=quantities[-1]))[1].cost for simulator in simulators]
        np.testing.assert_allclose(costs[0], costs[1], rtol=1e-12)
