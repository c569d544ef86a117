"""Closed forms are what they say: exact where they say so, within their size, and frank about the rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import orderup
from orderup.agents import make_agent
from orderup.agents.exact import best_capped_base_stock, best_constant_order, best_lots, zheng_federgruen
from orderup.agents.exact.constant_order import best_base_surge, diffusion_order, diffusion_surge
from orderup.agents.exact.dual_index import best_dual_index, best_single_index
from orderup.agents.exact.lattice import Lattice, on_lattice
from orderup.agents.rules.rule import Rule
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ...simulation import simulated

POISSON = {"type": "poisson", "mean": 5}
MILLIONS = {"type": "poisson", "mean": 2_000_000}


def store(demand: Any, shortage: float = 9.0, unmet: str = "backlog", **lane: Any) -> dict[str, Any]:
    return {
        "name": "a_store",
        "horizon": 60,
        "warmup": 20,
        "sites": {"store_1": {"holding": 1}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1, **lane}],
        "customers": [{"site": "store_1", "shortage": shortage, "unmet": unmet, "demand": demand}],
    }


def with_express(demand: Any, shortage: float = 9.0, **express: Any) -> dict[str, Any]:
    lone = store(demand, shortage)
    lone["lanes"].append({"from": "supplier_b", "to": "store_1", "lead_time": 0, "unit_cost": 2, **express})
    return lone


def numbers(scenario: Any, agent: Any) -> dict[str, NDArray[np.float64]]:
    rule = make_agent(agent)
    assert isinstance(rule, Rule)
    return rule.numbers(Simulator(scenario).context())


def best_of_all_policies(shortage: float, fixed: float, lead_time: int, mean: float) -> tuple[float, int, int]:
    """By value iteration over what to order up to from each position: its cost, and where it orders and up to what."""
    low, high = -90, 110
    levels, demand = np.arange(low, high + 1), np.arange(40)
    over = stats.poisson(mean * (lead_time + 1))
    cover = np.arange(200)
    paid = np.maximum(levels[:, None] - cover, 0) + shortage * np.maximum(cover - levels[:, None], 0)
    expected, chance = paid @ over.pmf(cover), stats.poisson(mean).pmf(demand)
    following = np.clip(levels[:, None] - demand - low, 0, None)
    value = np.zeros(len(levels))
    for _ in range(20_000):
        ahead = expected + value[following] @ chance
        up_to = fixed + np.minimum.accumulate(ahead[::-1])[::-1]
        new = np.minimum(ahead, up_to)
        change = new - value
        value = new - new[-low]
        if np.ptp(change[-low - 40 :]) < 1e-9:
            break
    orders = up_to < ahead - 1e-9
    return float(change[-low]), int(levels[orders].max()), int(levels[int(np.argmin(ahead))])


@pytest.mark.parametrize(
    ("shortage", "fixed", "lead_time"), [(2, 400, 0), (2, 100, 2), (0.5, 64, 1), (9, 64, 0), (9, 5, 3), (1, 200, 1)]
)
def test_s_s_is_the_best_of_all_policies_also_where_customers_should_wait_first(
    shortage: float, fixed: float, lead_time: int
) -> None:
    cost, reorder, up_to = best_of_all_policies(shortage, fixed, lead_time, 5)
    found = numbers(store(POISSON, shortage, lead_time=lead_time, fixed_cost=fixed), "s_s")
    assert (found["reorder"].item(), found["up_to"].item()) == (reorder, up_to)
    assert zheng_federgruen(1, shortage, fixed, lead_time, stats.poisson(5)).cost == pytest.approx(cost, abs=1e-6)


def test_orders_that_are_dear_wait_for_customers_who_wait_cheaply() -> None:
    dear = store(POISSON, 2, fixed_cost=400, lead_time=0)
    assert numbers(dear, "s_s")["reorder"].item() == -21
    start = 5 + 2 * 5**0.5
    assert best_lots(1, 2, 400, 0, stats.poisson(5)).reorder == -21
    assert numbers(dear, "r_q")["reorder"].item() == best_lots(1, 2, 400, 0, stats.poisson(5), start=start).reorder
    assert numbers(dear, "can_order")["reorder"].item() == -21
    run = simulated(dear, "s_s", episodes=600, periods=800)
    assert run.cost.mean() == pytest.approx(51.7043, rel=5e-3)


EXACT: dict[str, tuple[Any, dict[str, float]]] = {}


def _exact(name: str, scenario: Any, **expected: float) -> None:
    EXACT[name] = (scenario, expected)


_lots = best_lots(1, 2, 100, 1, stats.poisson(5), start=10 + 2 * 10**0.5)
_capped = best_capped_base_stock(1, 9, 1, stats.poisson(5))
_dual, _single = (best(1, 9, 2, 0, 1, stats.poisson(5)) for best in (best_dual_index, best_single_index))
_surge = best_base_surge(1, 9, 2, 0, stats.poisson(5))
_exact("r_q", store(POISSON, 2, fixed_cost=100), reorder=_lots.reorder, lot=_lots.lot)
_exact("capped_base_stock", store(POISSON, unmet="lost"), up_to=_capped.level, cap=_capped.cap)
_exact("constant_order", store(POISSON, unmet="lost"), order=best_constant_order(1, 9, stats.poisson(5)).order)


@pytest.mark.parametrize("name", EXACT)
def test_a_rule_of_one_lane_has_the_numbers_of_its_solver(name: str) -> None:
    scenario, expected = EXACT[name]
    assert {key: values.item() for key, values in numbers(scenario, name).items()} == pytest.approx(expected)


def test_rules_of_two_lanes_have_the_numbers_of_their_solvers() -> None:
    express, regular = (
        Simulator(with_express(POISSON)).numpy_network.lanes.index(f"{name}->store_1") for name in ("supplier_b", "supplier")
    )
    for name, best in (("dual_index", _dual), ("single_index", _single)):
        levels = numbers(with_express(POISSON), name)["levels"][:, 0]
        assert (levels[express], levels[regular]) == (best.express, best.regular)
    surge = numbers(with_express(POISSON), "tailored_base_surge")
    assert surge["order"][regular].item() == pytest.approx(_surge.order)
    assert surge["up_to"][express].item() == pytest.approx(_surge.level)


def test_express_waits_for_customers_to_wait_where_it_costs_more_than_their_waiting() -> None:
    levels = numbers(with_express(POISSON, 1, unit_cost=25), "dual_index")["levels"][:, 0]
    best = best_dual_index(1, 1, 25, 0, 1, stats.poisson(5))
    assert levels.min() == best.express == -3


@pytest.mark.parametrize("demand", [2.3, 0.37, 1e6 + 0.5])
@pytest.mark.parametrize("name", ["s_s", "r_q"])
def test_certain_demand_in_parts_of_units_is_ordered_for_whole_periods_at_once(name: str, demand: float) -> None:
    fixed, begun = 40.0 * demand, time.process_time()
    sure = store({"type": "constant", "value": demand}, fixed_cost=fixed)
    run = simulated(sure, name, episodes=1, warmup=360, periods=2520, dtype="float64")
    cycles = [
        (fixed + sum(demand * (level if level > 0 else -9 * level) for level in range(top, top - length, -1))) / length
        for length in range(1, 40)
        for top in range(length)
    ]
    assert run.cost.mean() == pytest.approx(min(cycles), rel=5e-3)
    assert time.process_time() - begun < 10


ONE_LANE = ["base_stock", "s_s", "r_q", "periodic", "can_order", "smoothing", "forecast_newsvendor", "moving_average"]


@pytest.mark.parametrize("fixed", [0, 1e6])
@pytest.mark.parametrize("name", ONE_LANE)
def test_millions_of_units_take_no_longer_and_cost_what_the_normal_limit_says(name: str, fixed: float) -> None:
    begun = time.process_time()
    found = orderup.evaluate(store(MILLIONS, fixed_cost=fixed), "autonomous_silo", name, episodes=20)
    newsvendors = 10 * stats.norm.pdf(stats.norm.ppf(0.9)) * np.sqrt(2 * 2e6)
    assert found.cost - fixed == pytest.approx(newsvendors, rel=0.4 if name in ONE_LANE[5:] else 0.15)
    assert time.process_time() - begun < 15


def test_a_coarser_grid_and_a_limit_are_named_beside_the_result() -> None:
    told = {
        name: orderup.evaluate(scenario, "autonomous_silo", name, episodes=2).caveats
        for name, scenario in {
            "s_s": store(MILLIONS, fixed_cost=1e6),
            "constant_order": store(MILLIONS, unmet="lost"),
            "tailored_base_surge": with_express(MILLIONS),
        }.items()
    }
    assert any("on a grid" in caveat for caveat in told["s_s"])
    assert any("heavy-traffic limit" in caveat for caveat in told["constant_order"])
    assert any("heavy-traffic limit" in caveat for caveat in told["tailored_base_surge"])


def test_the_limit_is_where_exact_orders_go() -> None:
    for mean in (20, 200):
        demand = stats.poisson(mean)
        best, limit = best_constant_order(1, 9, demand, grain=1.0).order, diffusion_order(1, 9, demand)
        assert abs(best - limit) < 1.0
    hundred = stats.poisson(100)
    exact, near = best_base_surge(1, 9, 2, 0, hundred, grain=1.0), diffusion_surge(1, 9, 2, 0, hundred)
    assert abs(exact.order - near.order) < 1.5
    assert abs(exact.level - near.level) < 0.5 * hundred.std()


TOO_LARGE: dict[str, Callable[[], Any]] = {
    "a cap": lambda: best_capped_base_stock(1, 9, 1, stats.poisson(100_000)),
    "a single index": lambda: best_single_index(1, 9, 2, 0, 1, stats.poisson(2_000_000)),
    "two indices": lambda: best_dual_index(1, 9, 2, 0, 3, stats.poisson(20_000)),
    "myopia": lambda: orderup.evaluate(store(MILLIONS, unmet="lost"), "autonomous_silo", "myopic", episodes=1),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused_before_memory_is_asked_for(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(InputError, match="at most"):
        TOO_LARGE[name]()
    assert time.process_time() - begun < 10


def test_a_coarser_lattice_keeps_its_mean() -> None:
    fine = on_lattice(stats.poisson(1234.5))
    coarse = fine.coarsened(50)
    assert coarse.mean() == pytest.approx(1234.5)
    assert coarse.probability.sum() == pytest.approx(1.0)
    assert fine.std() < coarse.std() < np.sqrt(fine.std() ** 2 + 50**2 / 4)
    assert Lattice(np.ones(1), 7).coarsened(2).probability.tolist() == [0.5, 0.5]
