"""`optimal` is not beaten and costs what its solver says, whatever the demand: it is the demand that is drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.exact import Lattice, lost_sales_optimum, newsvendor, zheng_federgruen
from orderup.agents.exact.serial import clark_scarf
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator
from orderup.evaluation import Traces, clark_scarf_bound

from ...simulation import Interval, simulated

WHOLE: dict[str, dict[str, Any]] = {
    "constant": {"type": "constant", "value": 10},
    "poisson": {"type": "poisson", "mean": 6},
    "slow poisson": {"type": "poisson", "mean": 0.2},
    "negative binomial": {"type": "negative_binomial", "mean": 5, "variance_to_mean": 6},
    "geometric": {"type": "geometric", "mean": 4},
    "uniform": {"type": "uniform_integer", "low": 2, "high": 9},
    "bursts": {"type": "discrete", "values": [0, 1, 15], "probabilities": [0.6, 0.3, 0.1]},
}
SMOOTH: dict[str, dict[str, Any]] = {
    "constant fraction": {"type": "constant", "value": 2.5},
    "normal": {"type": "normal", "mean": 10, "sd": 2},
    "rough normal": {"type": "normal", "mean": 10, "sd": 6},
    "very rough normal": {"type": "normal", "mean": 10, "sd": 15},
    "half normal": {"type": "normal", "mean": 0, "sd": 5},
    "lognormal": {"type": "lognormal", "mean": 10, "sd": 8},
    "packs": {"type": "discrete", "values": [0, 2.5, 10], "probabilities": [0.7, 0.2, 0.1]},
}
KEYS: dict[str, Any] = {"episodes": 250, "periods": 80, "warmup": 40, "dtype": "float64"}


@lru_cache(maxsize=64)
def _store(family: str, fixed: float, lead_time: int, unmet: str) -> Any:
    return load_scenario(
        {
            "name": "a_store",
            "horizon": 120,
            "warmup": 40,
            "sites": {"store_1": {"holding": 1}},
            "lanes": [{"from": "supplier", "to": "store_1", "lead_time": lead_time, "fixed_cost": fixed}],
            "customers": [{"site": "store_1", "shortage": 9, "unmet": unmet, "demand": {**WHOLE, **SMOOTH}[family]}],
        }
    )


def store(family: str, fixed: float = 0.0, lead_time: int = 1, unmet: str = "backlog") -> Any:
    return _store(family, fixed, lead_time, unmet)


def not_beaten(scenario: Any, agents: list[Any], cost: float) -> None:
    """Nobody is below the optimum, nor what its solver says it costs, beyond chance; the optimum is at it."""
    best = simulated(scenario, "optimal", **KEYS).cost
    cycle = scenario.lanes[0].fixed_cost / KEYS["periods"]  # an order more or less, as the last cycle is cut off
    assert abs(best.mean() - cost) <= Interval.of(best).half_width + 1e-4 * cost + 1e-6 + cycle
    for agent in agents:
        beyond = Interval.of(simulated(scenario, agent, **KEYS).cost - best)
        assert beyond.mean >= -beyond.half_width - 1e-6 - cycle * (best.std() == 0), agent


@pytest.mark.parametrize("family", [*WHOLE, *SMOOTH])
def test_no_level_beats_the_optimum_of_a_store_that_backlogs(family: str) -> None:
    scenario = store(family)
    demand = scenario.customers[0].demand.over(scenario.products, 1)
    best = clark_scarf([1.0], 9.0, [1], demand)
    others = [{"type": "base_stock", "levels": {"store_1": share * best.echelon_levels[0]}} for share in (0.9, 0.97, 1.03, 1.1)]
    not_beaten(scenario, ["base_stock", *others], best.cost)
    assert clark_scarf_bound(Traces(scenario, 10_000, 1, "test", 120)).cost[0] == pytest.approx(best.cost, rel=1e-5)


@pytest.mark.parametrize("family", [*WHOLE, *SMOOTH])
def test_no_rule_beats_the_optimum_of_a_store_that_pays_for_orders(family: str) -> None:
    scenario = store(family, fixed=40.0)
    best = zheng_federgruen(1.0, 9.0, 40.0, 1, scenario.customers[0].demand.over(scenario.products, 1))
    near = [
        {"type": "s_s", "reorder": {"store_1": best.reorder + low}, "up_to": {"store_1": best.up_to + high}}
        for low, high in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    not_beaten(scenario, ["s_s", "r_q", "base_stock", *near], best.cost)


@pytest.mark.parametrize("family", [name for name in WHOLE if name != "bursts"])
def test_no_rule_beats_the_optimum_of_a_store_that_loses_sales(family: str) -> None:
    scenario = store(family, unmet="lost")
    best = lost_sales_optimum(1.0, 9.0, 1, scenario.customers[0].demand.over(scenario.products, 1))
    not_beaten(scenario, ["base_stock", {"type": "capped_base_stock", "up_to": {"store_1": 12}}], best.cost)


@pytest.mark.parametrize("family", [*WHOLE, *SMOOTH])
def test_no_level_beats_the_optimum_of_a_store_that_loses_sales_and_is_supplied_at_once(family: str) -> None:
    scenario = store(family, unmet="lost", lead_time=0)
    level, cost = (part.item() for part in newsvendor(1.0, 9.0, scenario.customers[0].demand.over(scenario.products, 1)))
    others = [{"type": "base_stock", "levels": {"store_1": share * level}} for share in (0.9, 1.1)]
    not_beaten(scenario, others, cost)


@pytest.mark.parametrize("demand", [WHOLE["poisson"] | {"mean": 2}, {"type": "uniform_integer", "low": 0, "high": 4}])
def test_no_pair_of_levels_beats_the_optimum_of_a_store_with_an_express_lane(demand: dict[str, Any]) -> None:
    keys = load_scenario("dual_source").model_dump(by_alias=True, exclude_none=True)
    keys |= {"name": "two_lanes"}
    keys["customers"][0]["demand"] = demand
    keys["sites"]["store_1"]["initial"] = 3.4
    scenario = load_scenario(keys)
    best = simulated(scenario, "optimal", **KEYS).cost
    for agent in ("dual_index", "single_index", "tailored_base_surge", "base_stock"):
        beyond = Interval.of(simulated(scenario, agent, **KEYS).cost - best)
        assert beyond.mean >= -beyond.half_width, agent


@pytest.mark.parametrize("family", list(SMOOTH))
def test_what_the_table_of_states_cannot_hold_is_refused_in_words(family: str) -> None:
    with pytest.raises(InputError, match="whole units") as refused:
        make_agent("optimal").reset(Simulator(store(family, unmet="lost")).context())
    assert " at 0x" not in str(refused.value)
    assert "demand" in str(refused.value)


def test_messages_show_demand_by_its_moments_and_nothing_by_where_it_is_kept() -> None:
    found = [load_scenario("serial_clark_scarf").customers[0].demand.over(("product",), 2), Lattice(np.ones(1), 3)]
    found += [store(family).customers[0].demand.over(("product",), 2) for family in [*WHOLE, *SMOOTH]]
    for demand in [*found, test_messages_show_demand_by_its_moments_and_nothing_by_where_it_is_kept, object()]:
        assert "0x" not in str(InputError("demand", demand, "another"))
    assert "mean 10, standard deviation 1.414" in str(InputError("demand", found[0], "another"))
