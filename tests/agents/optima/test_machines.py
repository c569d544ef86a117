"""A lane with a capacity is a machine: the optimum of its products costs in the simulator what the program says."""

from __future__ import annotations

from typing import Any

import pytest
from scipy import stats

import orderup
from orderup.agents import make_agent
from orderup.agents.exact.structures import Made, machine_optimum, modified_base_stock
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ...simulation import Interval, simulated

FIVE, TWO, ONE = ({"type": "poisson", "mean": mean} for mean in (5, 2, 1))


def machine(customers: list[dict[str, Any]], capacity: float, lead_time: int = 0, **keys: Any) -> dict[str, Any]:
    return {
        "name": "a_machine",
        "horizon": 260,
        "warmup": 60,
        "sites": {"plant_1": {"role": "plant", "holding": 1}},
        "lanes": [{"from": "supplier", "to": "plant_1", "lead_time": lead_time, "capacity": capacity}],
        "customers": [{"site": "plant_1", "shortage": 9, **entry} for entry in customers],
        **keys,
    }


def two(**keys: Any) -> dict[str, Any]:
    customers: list[dict[str, Any]] = [
        {"products": ["tea"], "demand": TWO},
        {"products": ["coffee"], "demand": ONE, "shortage": 30},
    ]
    found = machine(customers, 5, products=["tea", "coffee"], **{"volume": {"tea": 1, "coffee": 2}, **keys})
    found["sites"]["plant_1"]["holding"] = {"tea": 1, "coffee": 2}
    return found


@pytest.mark.parametrize(("capacity", "lead_time"), [(6, 0), (7, 2)])
def test_one_product_costs_what_the_modified_base_stock_level_does(capacity: int, lead_time: int) -> None:
    level, cost = modified_base_stock(Made(1, 9, stats.poisson(5), lead_time), capacity)
    scenario = machine([{"demand": FIVE}], capacity, lead_time)
    best = simulated(scenario, "optimal", episodes=5000).cost
    assert cost in Interval.of(best)
    by_levels = simulated(scenario, {"type": "base_stock", "levels": {"plant_1": level}}, episodes=5000).cost
    assert by_levels.mean() == pytest.approx(best.mean(), rel=1e-6), "what is ordered too early only waits"
    for near in (level - 1, level + 1):
        assert simulated(scenario, {"type": "base_stock", "levels": {"plant_1": near}}, episodes=5000).cost.mean() > best.mean()


def test_two_products_on_one_lane_cost_what_the_program_says_and_no_levels_are_cheaper() -> None:
    products = [Made(1, 9, stats.poisson(2)), Made(2, 30, stats.poisson(1), takes=2)]
    found = machine_optimum(products, 5)
    best = simulated(two(), "optimal", episodes=5000).cost
    assert found.cost in Interval.of(best)
    for move in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)):
        levels = [level + by for level, by in zip(found.levels, move, strict=True)]
        beyond = simulated(two(), {"type": "base_stock", "levels": {"plant_1": levels}}, episodes=1000).cost - best[:1000]
        assert beyond.mean() > -Interval.of(beyond).half_width


def by_name(**keys: Any) -> dict[str, Any]:
    """The same two products, made on a press."""
    found = two()
    del found["volume"]
    found["sites"]["plant_1"]["machines"] = {"press": {"hours": 1}}
    found["lanes"] = [
        {"make": "coffee", "at": "plant_1", "machine": "press", "hours": 0.4, "lead_time": 0, **keys},
        {"make": "tea", "at": "plant_1", "machine": "press", "hours": 0.2, "lead_time": 0, **keys},
    ]
    return found


def test_a_machine_by_name_is_as_good_as_a_lane() -> None:
    lane, press = (simulated(keys, "optimal", episodes=50).cost for keys in (two(), by_name()))
    assert press == pytest.approx(lane)


@pytest.mark.parametrize("key", ["setup_hours", "fixed_cost"])
def test_set_ups_are_beyond_what_is_known(key: str) -> None:
    with pytest.raises(InputError):
        make_agent("optimal").reset(Simulator(by_name(**{key: 0.1})).context())


def test_a_volume_is_counted_in_whatever_makes_it_whole() -> None:
    thirds = two(volume={"tea": 0.5, "coffee": 1.0})
    thirds["lanes"][0]["capacity"] = 2.5
    whole, parts = (simulated(keys, "optimal", episodes=50).cost for keys in (two(), thirds))
    assert parts == pytest.approx(whole)


def test_what_starts_in_parts_of_units_is_made_whole() -> None:
    keys = machine([{"demand": FIVE}], 8)
    keys["sites"]["plant_1"]["initial"] = 3.4
    cost = modified_base_stock(Made(1, 9, stats.poisson(5)), 8)[1]
    assert cost in Interval.of(simulated(keys, "optimal", episodes=3000).cost)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"capacity": 4}, "more hours than mean demand"),
        ({"capacity": 8, "fixed_cost": 3}, "share a lane's capacity"),
        ({"capacity": 8, "multiple": 2}, "without it"),
        ({"capacity": 8, "order_delay": 1}, "share a lane's capacity"),
    ],
)
def test_where_no_optimum_is_known_it_says_why(changes: dict[str, Any], said: str) -> None:
    keys = machine([{"demand": FIVE}], 8)
    keys["lanes"][0] |= changes
    with pytest.raises(InputError, match=said):
        make_agent("optimal").reset(Simulator(keys).context())


def test_lost_sales_behind_a_capacity_are_refused() -> None:
    with pytest.raises(InputError, match="share a lane's capacity"):
        orderup.evaluate(machine([{"demand": FIVE, "unmet": "lost"}], 8), "autonomous_silo", "optimal", episodes=1)
