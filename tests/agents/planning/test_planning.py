from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.agents.planning import mpc
from orderup.agents.planning.futures import Futures
from orderup.agents.planning.programs import (
    ColdSolver,
    InitialState,
    PlanningProblem,
    Program,
    Solution,
    SplitSolver,
    WarmSolver,
    solver_of,
)
from orderup.agents.planning.programs.objective import _of_safety
from orderup.agents.planning.programs.solve import parts_of
from orderup.agents.planning.programs.worth import worth
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.simulator import Simulator

from ...at_once import at_once

FEW: dict[str, Any] = {"type": "mpc", "scenarios": 8}
TWO_WAYS: dict[str, Any] = {
    "name": "two_ways",
    "horizon": 20,
    "sites": {
        "store_1": {"holding": 1, "initial": 9},
        "store_2": {"holding": 1, "initial": 9},
        "warehouse_1": {"holding": 0.5, "initial": 12},
    },
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 2},
        {"from": "supplier", "to": "store_1", "lead_time": 1, "unit_cost": 2},
        {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        {"from": "store_2", "to": "store_1", "lead_time": 1, "unit_cost": 0.5, "lateral": True},
    ],
    "customers": [
        {"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 4}},
        {"site": "store_2", "shortage": 9, "demand": {"type": "poisson", "mean": 3}},
    ],
}
"""A slow and a fast way into one store, and one from a peer."""
LATE: dict[str, Any] = {"name": "late", "visibility": "shared", "authority": "central", "feed_latency": 2}


def played(scenario: Any, level: Any, agent: Any, batch: int = 2, periods: int = 12) -> NDArray[np.float64]:
    """Cost of every period (T, B)."""
    sim = Simulator(scenario, level, batch=batch, horizon=periods)
    policy = make_agent(agent)
    sim.reset(seed=3)
    policy.reset(sim.context(seed=1))
    return np.array([_stepped(sim, policy) for _ in range(periods)])


def _stepped(sim: Simulator, policy: Any) -> NDArray[np.float64]:
    return np.array(sim.step(policy.act(sim.information))[1].cost)


def first_position(scenario: Any, level: Any, scenarios: int) -> NDArray[np.float64]:
    """What a store's inventory position is raised to in the first period (B,)."""
    sim = Simulator(scenario, level, batch=4)
    information, agent = sim.reset(seed=0), make_agent({"type": "mpc", "scenarios": scenarios})
    agent.reset(sim.context(seed=5))
    decision = agent.act(information)
    return np.array(decision.quantity[:, 0, 0] + sim.numpy_network.start.initial[0, 0, 0])


def test_the_first_order_reaches_the_newsvendors_level() -> None:
    scenario = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "from_little"}
    scenario["sites"] = {"store_1": {**scenario["sites"]["store_1"], "initial": 10}}
    for lead_time, level in ((0, 14), (2, 37), (4, 59)):
        scenario["lanes"] = [{"from": "supplier", "to": "store_1", "lead_time": lead_time}]
        assert first_position(scenario, "central_ideal", 150) == pytest.approx(level, abs=1)


@pytest.mark.parametrize("axis", ["feed_latency", "approval_latency"])
def test_what_a_late_centre_orders_covers_its_latency_and_counts_its_own_orders(axis: str) -> None:
    level = {"name": "late", "visibility": "shared", "authority": "central", axis: 2}
    sim = Simulator("newsvendor", level, batch=3, horizon=12)
    agent = make_agent({"type": "mpc", "scenarios": 60})
    sim.reset(seed=0)
    agent.reset(sim.context(seed=5))
    for _ in range(12):
        sim.step(agent.act(sim.information))
    feed, since = sim.feed.state, sim.feed.since
    position = feed.on_hand[0, 0] - feed.backlog[0, 0] + feed.on_order[0, 0] + (0 if since is None else since[0, 0])
    lead_time = sim.numpy_network.times.lead_time[0] + 2
    assert lead_time == 4
    # the level for lead time 4 is 59; what stands before the next order is a period's demand, or what of it was seen, less
    assert 59 - 26 < position.mean() < 59 + 4


def test_where_sites_execute_its_levels_on_fresh_books_they_order_what_it_would_have_ordered() -> None:
    central = played(TWO_WAYS, {"name": "c", "visibility": "shared", "authority": "central"}, FEW)
    target = played(TWO_WAYS, {"name": "t", "visibility": "shared", "authority": "target"}, FEW)
    sites = played(TWO_WAYS, {"name": "s", "visibility": "shared", "authority": "autonomous"}, FEW)
    assert target == pytest.approx(central, abs=1e-9)
    assert sites == pytest.approx(central, abs=1e-9)


def test_a_program_that_is_not_solved_leaves_base_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def solve(self, limits: Any, series: int = 0) -> Solution:
            return Solution(None, float("nan"), "out of time")

    monkeypatch.setattr(mpc, "solver_of", lambda program, seconds: Failing())
    agent = make_agent(FEW)
    for scenario, level in ((TWO_WAYS, "central_ideal"), ("serial_poisson", "central_ideal"), ("newsvendor", LATE)):
        assert played(scenario, level, agent).tolist() == played(scenario, level, "base_stock").tolist()
        assert (agent.solved, agent.failed) == (0, 24)  # type: ignore[attr-defined]  # of mpc alone


def test_certainty_equivalence_costs_more_than_futures() -> None:
    mean, futures = (played("newsvendor", "central_ideal", agent, 4, 30)[5:].mean() for agent in ("certainty_equivalent", FEW))
    assert mean > 1.3 * futures


def test_stock_is_not_run_down_towards_the_horizon_where_units_cost_more_than_shortage() -> None:
    scenario = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "dear"}
    scenario["lanes"] = [{"from": "supplier", "to": "store_1", "lead_time": 0, "unit_cost": 100}]
    assert first_position(
        {**scenario, "sites": {"store_1": {"holding": 1, "initial": 0}}}, "central_ideal", 100
    ) == pytest.approx(14, abs=1)


def test_it_needs_everybodys_books() -> None:
    with pytest.raises(InputError, match="shared or integrated"):
        make_agent("mpc").reset(Simulator("owmr", "autonomous_silo").context())


@pytest.mark.usefixtures("recorded_twin")
@pytest.mark.parametrize("name", ["beer_game", "reference", "lost_sales", "dual_source", "serial_clark_scarf", "stale_centre"])
@pytest.mark.parametrize("level", ["central_stale", "central_periodic", "central_single", "hybrid_soe", "autonomous_shared"])
def test_it_solves_every_program_of_any_scenario_and_level(name: str, level: str) -> None:
    autonomy = load_autonomy(level)
    party = "planner" if autonomy.has_planner else "sites"
    sim = Simulator(name, autonomy, horizon=9)
    agent = make_agent({"type": "mpc", "scenarios": 2, "lot_seconds": 0.1})
    sim.reset(seed=0)
    agent.reset(sim.context(0, party))  # type: ignore[arg-type]  # one of the two
    for _ in range(9):
        decision = agent.act(sim.information_of(party))  # type: ignore[arg-type]  # as above
        values = decision.quantity if decision.level is None else decision.level
        assert np.isfinite(values).all()
        sim.step(_everybodys(sim, decision))
    assert agent.failed == 0  # type: ignore[attr-defined]  # of mpc alone
    assert agent.solved > 0  # type: ignore[attr-defined]  # as above


def _everybodys(sim: Simulator, decision: Any) -> Any:
    from orderup.envs.information.policy import Decision, Decisions

    return (
        Decisions(decision, Decision(level=sim.numpy_network.usual_level))
        if sim.autonomy.has_sites and sim.autonomy.has_planner
        else decision
    )


def test_futures_of_autocorrelated_demand_begin_where_the_last_one_ended() -> None:
    network = build(load_scenario("stale_centre"))
    futures = Futures(network, 8, 2000, 1, seed=4)
    high = network.loads.mean[:, :, 0] + 10.0
    drawn = futures.after(period=5, age=1, latest=high, episode=0)[:, 0, 0]
    # the last demand seen is that of period 3, two before the first that is drawn
    expected = 12 + 10 * 0.7 ** np.arange(2, 10)
    assert drawn.mean(axis=1) == pytest.approx(expected, abs=0.5)
    assert drawn[0].std() == pytest.approx(4.9 * np.sqrt(1 - 0.7**4), rel=0.1)


def test_futures_of_autocorrelated_demand_are_not_raised_by_a_shift_of_what_they_are_raised_by() -> None:
    shift = {"at": "store_1", "factor": 1.5, "when": {"type": "scheduled", "from": 0}}
    keys = load_scenario("stale_centre").model_dump(by_alias=True) | {"name": "shifted", "card": None, "shifts": [shift]}
    network = build(load_scenario(keys))
    drawn = Futures(network, 8, 500, 1, seed=4).after(0, 0, network.loads.mean[:, :, 0], 0)
    assert drawn.mean(axis=(0, 3))[:, 0] == pytest.approx(network.loads.mean[network.topology.customer_site, 0, 0], rel=0.1)


def test_futures_of_seasonal_demand_know_the_season() -> None:
    scenario = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "seasons"}
    demand = {"type": "seasonal", "base": {"type": "poisson", "mean": 10}, "profile": [0, 1, 2]}
    scenario["customers"] = [{"site": "store_1", "shortage": 9, "demand": demand}]
    drawn = Futures(build(load_scenario(scenario)), 4, 400, 1, seed=4).after(4, 0, np.zeros((1, 1)), 0)[:, 0, 0]
    assert drawn.mean(axis=1) == pytest.approx([10, 20, 0, 10], abs=0.6)


def test_a_weekly_centre_plans_for_the_week_and_for_what_goods_need_two_weeks_for() -> None:
    for scenario, at_most in (("newsvendor", 0.9), ("owmr", 1.0)):
        planned, levels = (played(scenario, "central_single", agent, 4, 100)[30:].mean() for agent in (FEW, "base_stock"))
        assert planned < at_most * levels, scenario


@pytest.mark.parametrize(
    ("level", "lane"),
    [
        ({"type": "central_single", "approval_latency": 0}, {"capacity": 20}),
        ({"type": "central_ideal", "approval_latency": 5}, {}),
    ],
    ids=["behind a limit", "after an approval that takes long"],
)
def test_a_centre_whose_orders_are_late_to_be_of_use_orders_all_the_same(level: Any, lane: dict[str, Any]) -> None:
    scenario = {
        "name": "late_to_be_of_use",
        "horizon": 60,
        "sites": {"store_1": {"holding": 1, "initial": 60}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1, **lane}],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
    }
    planned, levels = (played(scenario, level, agent, 4, 60)[20:].mean() for agent in (FEW, "base_stock"))
    assert planned < 1.2 * levels


def test_what_a_weekly_centre_orders_from_a_site_may_leave_it_until_the_next_order() -> None:
    network = build(load_scenario("owmr"))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (20, 1)), np.ones(20), network.times.order_delay, 2, True, 7, worth(network)
    )
    program = Program(network, problem)
    inside = network.topology.source[program.columns.lane] >= 0
    most = program.limits(InitialState.of_episode(network, 20), np.zeros((20, *network.costs.price.shape[:2], 2))).most
    possible = most[program.place[0][program.columns.ship]] > 0
    assert possible[inside].all()
    assert np.flatnonzero(possible[~inside][0]).tolist() == [0, 7, 14]
    assert (program.columns.order >= 0).tolist() == inside.tolist()
    assert ((program.columns.opened[inside] >= 0) == (np.arange(20) < 7)).all()


def test_dated_orders_are_the_same_in_all_futures_and_each_reaches_its_source_in_its_period() -> None:
    network = build(load_scenario("owmr"))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (20, 1)),
        np.ones(20),
        network.times.order_delay,
        3,
        True,
        dated=6,
        terminal=worth(network),
    )
    program = Program(network, problem)
    columns, inside = program.columns, network.topology.source[program.columns.lane] >= 0
    assert ((columns.dated >= 0).all(axis=1) == inside).all()
    assert ((columns.opened[inside] >= 0) == (np.arange(20) < 7)).all()
    for shared in (columns.dated[inside], columns.ship[~inside, :7], columns.order[inside]):
        assert (program.place[:, shared] == program.place[0, shared]).all()
    assert (program.place[0, columns.ship[:, 7:]] != program.place[1, columns.ship[:, 7:]]).all()


@pytest.mark.parametrize("late", [{}, {"approval_latency": 2}, {"feed_latency": 1}], ids=str)
def test_where_demand_is_known_a_weekly_plan_costs_what_daily_ones_do(late: dict[str, int]) -> None:
    line = {
        "name": "known",
        "horizon": 40,
        "sites": {"store_1": {"holding": 2, "initial": 12}, "warehouse_1": {"holding": 1, "initial": 20}},
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 2},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 3},
        ],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "constant", "value": 5}}],
    }
    daily, weekly = (
        played(line, {"type": "central_ideal", "cadence": cadence, **late}, {"type": "mpc", "scenarios": 2}, 1, 40)[15:]
        for cadence in (1, 7)
    )
    np.testing.assert_allclose(weekly, daily, atol=1e-6)
    np.testing.assert_allclose(weekly, 15.0, atol=1e-6)  # 5 at the warehouse until the next period, and 10 on their way


@pytest.mark.usefixtures("recorded_twin")
def test_futures_of_recorded_demand_come_from_the_training_window() -> None:
    network = build(load_scenario("orange_juice"))
    drawn = Futures(network, 6, 10, 1, seed=4).after(0, 0, network.loads.mean[:, :, 0], 0)
    entry = network.scenario.customers[0]
    history = entry.demand.at(entry.site).history("train", network.products)  # type: ignore[attr-defined]  # of recorded demand
    site = network.customers.index(f"{entry.site}/all")
    assert np.isin(drawn[:, site, 0], history[:, 0]).all()


@pytest.mark.usefixtures("recorded_twin")
def test_recorded_demand_that_runs_faster_than_its_record_is_expected_to_go_on() -> None:
    network = build(load_scenario("orange_juice"))
    usual, fast = (Futures(network, 6, 10, 1, seed=4) for _ in range(2))
    latest = network.loads.mean[:, :, 0] * np.where(np.arange(11) == 0, 3.0, 1.0)  # of the first product
    assert np.array_equal(usual.after(0, 0, latest, 0), fast.after(0, 0, latest, 0))  # before the first period nothing is known
    for period in range(1, 9):
        expected = usual.after(period, 0, network.loads.mean[:, :, 0], 0)
        drawn = fast.after(period, 0, latest, 0)
        pace = (8 + 3 * period) / (8 + period)
        np.testing.assert_allclose(drawn[:, :, 0], pace * expected[:, :, 0])
        np.testing.assert_allclose(drawn[:, :, 1:], expected[:, :, 1:])


def test_spread_futures_have_the_quantiles_of_many() -> None:
    network = build(load_scenario("newsvendor"))
    errors = {}
    for strata in (1, 16):
        futures = [Futures(network, 3, 20, 1, seed, strata).after(0, 0, np.zeros((1, 1)), 0) for seed in range(30)]
        totals = [np.quantile(drawn.sum(axis=0)[0, 0], 0.9) for drawn in futures]
        errors[strata] = np.std(totals)
    assert errors[16] < 0.6 * errors[1]


def test_a_warm_start_finds_what_a_cold_one_does() -> None:
    pytest.importorskip("highspy")
    network = build(load_scenario("stale_centre"))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (8, 1)), np.ones(8), network.times.order_delay, 10, True, 1, worth(network)
    )
    program, futures = Program(network, problem), Futures(network, 8, 10, 1, seed=1)
    warm, cold, start = WarmSolver(program), ColdSolver(program), InitialState.of_episode(network, 8)
    for period in range(4):
        limits = program.limits(start, futures.after(period, 0, network.loads.mean[:, :, 0], 0))
        assert warm.solve(limits).cost == pytest.approx(cold.solve(limits).cost, rel=1e-9)


def test_what_cannot_be_done_is_said_and_not_raised() -> None:
    network = build(load_scenario("newsvendor"))
    program = Program(network, PlanningProblem.hindsight(network, np.tile(network.times.lead_time, (4, 1)), 0))
    limits = program.limits(InitialState.of_episode(network, 4), np.full((4, 1, 1, 1), 10.0))
    limits.low[:] = limits.high[:] = -1e6
    limits.most[:] = 0.0
    solution = ColdSolver(program).solve(limits)
    assert not solution.solved
    assert "infeasible" in solution.message.lower()


def test_products_that_share_nothing_are_solved_one_by_one_with_the_same_result() -> None:
    pair = load_scenario("stale_centre").model_dump(by_alias=True) | {"name": "pair", "products": ["tea", "coffee"]}
    network = build(load_scenario(pair))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (6, 1)), np.ones(6), network.times.order_delay, 4, True, 1, worth(network)
    )
    program, futures, start = Program(network, problem), Futures(network, 6, 4, 1, seed=1), InitialState.of_episode(network, 6)
    assert len(parts_of(program)) == 2
    split, whole = solver_of(program), ColdSolver(program)
    assert isinstance(split, SplitSolver)
    for period in range(3):
        limits = program.limits(start, futures.after(period, 0, network.loads.mean[:, :, 0], 0))
        found = split.solve(limits)
        assert found.cost == pytest.approx(whole.solve(limits).cost, rel=1e-9)
        assert found.values is not None
        assert program.cost @ found.values + limits.given.mean() == pytest.approx(found.cost)


def test_a_part_that_cannot_be_done_leaves_the_whole_undone() -> None:
    network = build(load_scenario("pooling"))
    program = Program(network, PlanningProblem.hindsight(network, np.tile(network.times.lead_time, (4, 1)), 0))
    limits = program.limits(InitialState.of_episode(network, 4), np.full((4, 4, 1, 1), 10.0))
    limits.low[:1] = limits.high[:1] = -1e6
    limits.most[:] = 0.0
    assert not solver_of(program).solve(limits).solved


def test_safety_stock_below_costs_what_is_added_above_until_the_order_of_now_is_there() -> None:
    network = build(at_once("seasonal"))
    problem = PlanningProblem(np.tile(network.times.lead_time, (8, 1)), np.ones(8), network.times.order_delay, 1, True)
    charged = _of_safety(network, problem)[:, 0]
    store, warehouse = network.sites.index("store_1"), network.sites.index("warehouse_1")
    # what the store orders now is there in period 1; what the warehouse orders now comes in 2, leaves in 3 and is there in 4
    assert charged[store].tolist() == [1, 1, 0.5, 0.5, 0.5, 0, 0, 0]
    assert charged[warehouse].tolist() == [0.5, 0.5, 0.5, 0.5, 0.5, 0, 0, 0]


def shared_later(keys: Any, periods: int = 12) -> dict[str, list[int]]:
    """Later periods whose shipments all futures have in common, by the lane (and its product, where there are several)."""
    network = build(load_scenario(keys))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (periods, 1)), np.ones(periods), network.times.order_delay, 2, True, 1, worth(network)
    )
    program = Program(network, problem)
    places, columns = program.place[:, program.columns.ship], program.columns
    found: dict[str, list[int]] = {}
    for lane, period in np.argwhere(places[0] == places[1]).tolist():
        if period:
            found.setdefault(f"{network.lanes[columns.lane[lane]]} {network.products[columns.product[lane]]}", []).append(
                period
            )
    return found


def test_an_express_is_planned_for_all_futures_as_long_as_it_can_stand_in_for_what_is_ordered_now() -> None:
    # what is ordered now from the supplier is at the warehouse in 2, leaves in 3 and is at the store in 5; the express takes 1
    assert shared_later(TWO_WAYS) == {"supplier->store_1 product": [1, 2, 3, 4]}
    cheap = {**TWO_WAYS, "lanes": [{**lane, "unit_cost": 0} for lane in TWO_WAYS["lanes"]]}
    assert shared_later(cheap) == {}  # what is quicker and no dearer knows as much as any other order
    source = {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 2}
    dear = [source if lane["to"] == "warehouse_1" else lane for lane in TWO_WAYS["lanes"]]
    assert shared_later({**TWO_WAYS, "lanes": dear}) == {}  # goods for the warehouse cost as much


def test_products_with_a_lane_of_their_own_each_have_no_express() -> None:
    keys = {
        "name": "tea_and_coffee",
        "horizon": 20,
        "products": ["tea", "coffee"],
        "sites": {"store_1": {"holding": 1}},
        "lanes": [
            {"from": "supplier_a", "to": "store_1", "lead_time": 1, "products": ["tea"], "unit_cost": 3},
            {"from": "supplier_b", "to": "store_1", "lead_time": 4, "products": ["coffee"]},
        ],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
    }
    assert shared_later(keys) == {}
    planned, levels = (played(keys, "central_ideal", agent, 2, 40)[15:].mean() for agent in (FEW, "base_stock"))
    assert planned < 1.1 * levels


def test_stock_is_held_although_an_express_could_always_help_in_time() -> None:
    keys = {
        "name": "printer",
        "horizon": 60,
        "sites": {"base_1": {"holding": 1.0, "initial": 3}},
        "lanes": [
            {"from": "supplier_overseas", "to": "base_1", "lead_time": 8, "unit_cost": 10},
            {"from": "supplier_print", "to": "base_1", "lead_time": 1, "unit_cost": 30, "capacity": 1},
        ],
        "customers": [{"site": "base_1", "shortage": 60, "demand": {"type": "poisson", "mean": 0.4}}],
    }
    # with each future known from tomorrow on, and a printer for it, the position was raised to 4; nine periods need 3.6
    assert first_position(keys, "central_ideal", 60) == pytest.approx(6.25, abs=0.8)


def test_many_expresses_are_planned_for_1_2_4_periods_at_a_time() -> None:
    stores = [f"store_{number}" for number in range(7)]
    keys = {
        "name": "many",
        "horizon": 20,
        "sites": {store: {"holding": 1} for store in stores},
        "lanes": [{"from": "supplier", "to": store, "lead_time": 8} for store in stores]
        + [{"from": "supplier_near", "to": store, "lead_time": 1, "unit_cost": 1} for store in stores],
        "customers": [{"site": store, "shortage": 9, "demand": {"type": "poisson", "mean": 4}} for store in stores],
    }
    network = build(load_scenario(keys))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (12, 1)), np.ones(12), network.times.order_delay, 2, True, 1, worth(network)
    )
    program = Program(network, problem)
    place = program.place[:, program.columns.ship[7]]
    assert (place[0] == place[1]).tolist() == 8 * [True] + 4 * [False]
    assert np.diff(place[0, :8]).astype(bool).tolist() == [True, True, False, True, False, False, False]
    assert program.matrix.shape[1] == program.cost.size == program.place.max() + 1


def caveats(keys: Any, level: str = "central_ideal") -> tuple[str, ...]:
    sim, agent = Simulator(keys, level, horizon=3), make_agent({"type": "mpc", "scenarios": 1})
    sim.reset(seed=0)
    agent.reset(sim.context())
    return agent.caveats(sim.context())


def test_what_a_plan_leaves_out_is_said() -> None:
    assert caveats("stale_centre") == ()
    closures = "closures are planned for once they are seen or announced, and not before"
    assert caveats("disruption_storm") == (closures, "its plan ignores delays")
    assert caveats("tariff_reshoring") == ()
    assert caveats("perishable") == ("its plan ignores shelf_life, scrap_cost, goodwill",)
    assert caveats("flexible_contract") == ("its plan ignores contract",)
    assert caveats("micro_segments") == ("its plan ignores reserve",)
    assert caveats("local_promotions") == ()


def test_of_every_key_a_scenario_may_have_a_plan_says_what_it_does_not_know() -> None:
    assert caveats("reference") == (
        "its plan ignores returns, carbon, shelf_life, issue, scrap_cost, variety, salvage, storage_hard, storage_full, "
        "overtime, price_breaks, expires, vehicles, yield, reroute, lost_orders, lost_known, contract, reserve, "
        "promise, goodwill, spill_to",
        "machines that are set up are planned to make everything in turn, in a fixed cycle",
        "promised lead times are taken to be kept",
        "closures are planned for once they are seen or announced, and not before",
        "its plan ignores delays",
        "its futures are without promotions and shifts that nobody reports",
    )
