from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import orderup
from orderup.agents import make_agent
from orderup.agents.exact import best_lost_sales_base_stock, newsvendor
from orderup.agents.levels.search.optimised import OptimisedBaseStock, _fit
from orderup.agents.levels.search.search import SearchProblem, better, try_neighbours
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import changed, load_autonomy, load_scenario
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...at_once import at_once
from ..optima.test_shared_part import pair

LATE = {"name": "central_two_late", "authority": "central", "visibility": "shared", "feed_latency": 2}
FEW: dict[str, Any] = {"type": "optimised_base_stock", "iterations": 2, "episodes": 4, "neighbours": False}


def fitted(scenario: Any, autonomy: Any, **keys: Any) -> Any:
    """Levels and gains (L, K) that the agent settles on."""
    agent = make_agent({"type": "optimised_base_stock", **keys})
    assert isinstance(agent, OptimisedBaseStock)
    agent.reset(Simulator(scenario, autonomy).context())
    return agent._rule


def costs(scenario: Any, autonomy: Any, agent: Any, **options: Any) -> Any:
    return orderup.evaluate(scenario, autonomy, agent, **options).episodes["cost"].to_numpy()


@pytest.mark.parametrize(
    ("autonomy", "lead_time", "optimum", "theory"), [("autonomous_silo", 2, 37, 9.9532), (LATE, 4, 59, 12.7591)]
)
def test_the_level_of_a_lone_site_is_found_by_simulation(autonomy: Any, lead_time: int, optimum: int, theory: float) -> None:
    assert newsvendor(1, 9, stats.poisson(10 * (lead_time + 1))) == pytest.approx((optimum, theory), abs=1e-4)
    assert fitted("newsvendor", autonomy, iterations=30).level.item() == optimum


@pytest.mark.parametrize(
    "autonomy",
    [
        "autonomous_silo",
        pytest.param("hybrid_soe", marks=[pytest.mark.slow, pytest.mark.exhaustive]),
        pytest.param("central_ideal", marks=pytest.mark.slow),
    ],
)
def test_the_levels_of_a_line_are_those_of_clark_and_scarf(autonomy: str) -> None:
    np.testing.assert_array_equal(fitted("serial_poisson", autonomy).level[:, 0], [23, 19, 19, 18])


@pytest.mark.parametrize(("shortage", "lead_time"), [(4, 1), (39, 1), (9, 2)])
def test_the_level_of_a_store_with_lost_sales_is_the_best_there_is(shortage: float, lead_time: int) -> None:
    lane = {"from": "supplier", "to": "store_1", "lead_time": lead_time, "initial": 5}
    customer = {"site": "store_1", "shortage": shortage, "unmet": "lost", "demand": {"type": "poisson", "mean": 5}}
    store = changed(load_scenario("lost_sales"), name=f"lost_{shortage}_{lead_time}", lanes=[lane], customers=[customer])
    best, _ = best_lost_sales_base_stock(1, shortage, lead_time, stats.poisson(5))
    assert fitted(store, "autonomous_silo").level.item() == best


def test_neighbours_alone_find_the_level_where_there_is_no_gradient_to_follow() -> None:
    """With lots of 5 and Poisson demand the best reorder level is found from the closed form by trying."""
    lane = {"from": "supplier", "to": "store_1", "lead_time": 1, "initial": 10, "multiple": 5, "fixed_cost": 10}
    store = changed(load_scenario("newsvendor"), name="lots", lanes=[lane])
    problem = SearchProblem(store, load_autonomy("autonomous_silo"), False, 0)
    assert not problem.differentiable
    found = fitted(store, "autonomous_silo").level.item()
    each = {
        level: costs(store, "autonomous_silo", {"type": "base_stock", "levels": {"store_1": level}}, episodes=400).mean()
        for level in (found - 4, found - 2, found, found + 2, found + 4)
    }
    assert each[found] <= min(each.values()) * 1.003


def test_levels_move_by_steps_as_long_as_that_is_cheaper() -> None:
    problem = SearchProblem(load_scenario("newsvendor"), load_autonomy("autonomous_silo"), False, 0)
    far = {"sites/level": np.array([[30.0]])}
    near = try_neighbours(problem, far, integral=True).numbers
    assert near["sites/level"].item() == 37
    assert better(problem, [far, near]) is near


def test_centre_and_sites_have_levels_of_their_own_where_both_decide() -> None:
    problem = SearchProblem(load_scenario("serial_poisson"), load_autonomy("management_by_exception"), False, 0)
    assert sorted(problem.start()) == ["planner/level", "sites/level"]


def test_a_level_follows_demand_by_what_the_latest_says_of_the_periods_to_cover() -> None:
    rho, keys = 0.6, {"forecast": True}
    customer = {"site": "store_1", "shortage": 9, "demand": {"type": "ar1", "mean": 20, "sd": 5, "rho": rho}}
    scenario = changed(load_scenario("newsvendor"), name="following", customers=[customer])
    found = fitted(scenario, "autonomous_silo", **keys)
    assert found.gain.item() == pytest.approx(rho + rho**2 + rho**3, abs=0.12)
    agents: list[Any] = ["base_stock", {"type": "optimised_base_stock", **keys}]
    constant, following = (costs(scenario, "autonomous_silo", agent, episodes=200) for agent in agents)
    forecast_errors = sum(((1 - rho ** (left + 1)) / (1 - rho)) ** 2 for left in range(3)) * (1 - rho**2)
    whole = 3 + 2 * sum((3 - lag) * rho**lag for lag in (1, 2))
    assert following.mean() / constant.mean() == pytest.approx(np.sqrt(forecast_errors / whole), abs=0.02)


def test_a_fit_is_done_once_for_a_scenario_a_level_and_settings() -> None:
    _fit.cache_clear()
    scenario = load_scenario("newsvendor")
    other = changed(scenario, horizon=60)
    asked: list[tuple[Scenario, Autonomy, int]] = [
        (scenario, load_autonomy("autonomous_silo"), 0),
        (scenario, load_autonomy(LATE), 0),
        (other, load_autonomy("autonomous_silo"), 0),
        (scenario, load_autonomy("autonomous_silo"), 1),
    ]
    for _ in range(2):
        for network, level, seed in asked:
            make_agent({**FEW, "seed": seed}).reset(Simulator(network, level).context())
    assert (_fit.cache_info().misses, _fit.cache_info().hits) == (4, 4)


def test_a_fit_is_the_same_every_time() -> None:
    found = []
    for _ in range(2):
        _fit.cache_clear()
        found.append(fitted("serial_poisson", "autonomous_silo", forecast=True, **{**FEW, "iterations": 5}))
    np.testing.assert_array_equal(found[0].level, found[1].level)
    np.testing.assert_array_equal(found[0].gain, found[1].gain)


def test_a_centre_that_is_late_is_a_network_whose_stores_are_that_much_further_away() -> None:
    scenario, levels = at_once("stale_centre"), {"warehouse_1": 320.0}
    levels |= {f"store_{number}": 40.0 + 12.0 * number for number in range(1, 6)}
    lanes = [lane.model_dump(by_alias=True) for lane in scenario.lanes]
    for lane in lanes:
        lane["lead_time"] = 1 + 2 if lane["from"] == "warehouse_1" else 2
    far = changed(scenario, name="far_stores", lanes=lanes)
    late, away = _held_and_owed(scenario, LATE, levels), _held_and_owed(far, "autonomous_silo", levels)
    np.testing.assert_allclose(late[40:, :-1], away[40:, :-1], atol=1e-9)
    np.testing.assert_allclose(late[42:, -1], away[40:-2, -1], atol=1e-9)
    assert late[40:].std() > 0


def _held_and_owed(scenario: Any, autonomy: Any, levels: dict[str, float]) -> Any:
    """Holding and shortage cost of every site, period by period (T, N, B)."""
    simulator = Simulator(scenario, autonomy, batch=8, horizon=100)
    agent, found = make_agent({"type": "base_stock", "levels": levels}), []
    information = simulator.reset(seed=3)
    agent.reset(simulator.context())
    while not simulator.done:
        information, ledger, _ = simulator.step(agent.act(information))
        found.append((ledger.terms["holding"] + ledger.terms["shortage"]).T)
    return np.array(found)


def test_where_a_cheap_source_is_short_optimised_levels_share_orders_out_as_closed_form_ones_do() -> None:
    short = {
        "name": "short_source",
        "horizon": 120,
        "warmup": 20,
        "sites": {"store_1": {"holding": 1}},
        "lanes": [
            {"from": "supplier_cheap", "to": "store_1", "lead_time": 1, "unit_cost": 1, "capacity": 5},
            {"from": "supplier_dear", "to": "store_1", "lead_time": 1, "unit_cost": 2},
        ],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
    }
    closed, optimised = (
        orderup.evaluate(short, agents=agent, episodes=100).cost for agent in ("base_stock", "optimised_base_stock")
    )
    assert optimised <= closed * 1.001
    assert closed < 24  # demand 10 at 1.5 on average is 15; holding and shortage of a newsvendor are the rest


def test_levels_of_what_is_made_are_the_best_of_their_kind_without_a_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderup.agents.levels.search.optimised.descend", None)
    scenario = load_scenario(pair())
    network = Simulator(scenario).numpy_network
    found = fitted(scenario, "autonomous_silo").level
    own = {network.lanes[lane]: float(found[lane].sum()) for lane in range(len(network.lanes))}
    best = {"supplier->plant_1": 10, "plant_1:lamp": 4, "plant_1:torch": 3}
    """Of all levels near them, by trying each."""
    assert own == pytest.approx(best, abs=1)
    assert (own["plant_1:lamp"], own["plant_1:torch"]) == (4, 3)
    moved = [
        {"type": "base_stock", "levels": {name: level + (by if name == changed_one else 0) for name, level in own.items()}}
        for changed_one in own
        for by in (-1, 1)
    ]
    given = {"type": "base_stock", "levels": own}
    cost = costs(scenario, "autonomous_silo", given, episodes=200)
    for other in moved:
        assert (costs(scenario, "autonomous_silo", other, episodes=200) - cost).mean() > -0.05


@pytest.mark.slow
def test_who_sees_all_may_follow_what_sites_follow_and_leave_dividing_to_them() -> None:
    """In a season orders received lead, and a division by means does not know of it: a centre that must not choose loses."""
    agent = {"type": "optimised_base_stock", "forecast": True, "iterations": 40, "episodes": 64, "neighbours": False}
    costs = {
        level: orderup.evaluate("seasonal", autonomy=level, agents=agent | more, episodes=100).cost
        for level, more in (("autonomous_silo", {}), ("central_ideal", {"allocation": "auto"}))
    }
    assert costs["central_ideal"] < 1.01 * costs["autonomous_silo"]
