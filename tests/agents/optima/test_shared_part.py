"""Products that share a part cost in the simulator what the program says, and no levels are cheaper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents import make_agent
from orderup.agents.exact.structures import Made, SharedPart
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ...simulation import Interval, simulated


def pair(lead_time: int = 1, making: int = 0, takes: int = 1) -> dict[str, Any]:
    holding = {"lamp": 3, "torch": 4 + takes, "bulb": 1}
    return {
        "name": "a_pair",
        "horizon": 300,
        "warmup": 50,
        "products": [*holding],
        "sites": {"plant_1": {"role": "plant", "holding": holding, "initial": {"lamp": 3, "torch": 3, "bulb": 8}}},
        "lanes": [
            {"from": "supplier", "to": "plant_1", "products": ["bulb"], "lead_time": lead_time},
            {"make": "torch", "at": "plant_1", "uses": {"bulb": takes}, "lead_time": making},
            {"make": "lamp", "at": "plant_1", "uses": {"bulb": 1}, "lead_time": making},
        ],
        "customers": [
            {"site": "plant_1", "products": ["lamp"], "shortage": 20, "demand": {"type": "poisson", "mean": 2}},
            {"site": "plant_1", "products": ["torch"], "shortage": 40, "demand": {"type": "poisson", "mean": 1.5}},
        ],
    }


def solved(lead_time: int = 1, making: int = 0, takes: int = 1) -> SharedPart:
    products = [Made(3, 20, stats.poisson(2), making), Made(4 + takes, 40, stats.poisson(1.5), making, takes)]
    return SharedPart(1, products, lead_time)


@pytest.mark.parametrize(("lead_time", "making", "takes"), [(0, 0, 1), (1, 0, 1), (1, 1, 1), (1, 0, 2)])
def test_the_simulator_costs_what_the_program_says(lead_time: int, making: int, takes: int) -> None:
    best = simulated(pair(lead_time, making, takes), "optimal").cost
    assert solved(lead_time, making, takes).optimum().cost in Interval.of(best)


def test_no_levels_are_cheaper_than_the_optimum() -> None:
    labels, best = Simulator(pair()).numpy_network.lanes, simulated(pair(), "optimal", episodes=800).cost
    whole, _ = solved().best_level()
    for lamp, torch in ((4, 4), (5, 4), (4, 5), (5, 5)):
        own = {"bulb": whole - lamp - torch, "lamp": lamp, "torch": torch}
        levels = {
            label: (own[product] * np.eye(3)[["lamp", "torch", "bulb"].index(product)]).tolist()
            for label in labels
            for product in own
            if label.endswith(product) or (product == "bulb" and ":" not in label)
        }
        beyond = simulated(pair(), {"type": "base_stock", "levels": levels}, episodes=800).cost - best
        assert beyond.mean() > -Interval.of(beyond).half_width


@pytest.mark.parametrize("change", [{"uses": {"bulb": 0.5}}, {"uses": {"bulb": 1, "lamp": 1}}, {"fixed_cost": 2}])
def test_what_it_does_not_know_is_refused(change: dict[str, Any]) -> None:
    keys = pair()
    keys["lanes"][1] |= change
    with pytest.raises(InputError, match="one part"):
        make_agent("optimal").reset(Simulator(keys).context())
