"""What a centre plans that decides once a week."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents.planning.programs import AssembledProgram, InitialState, PlanningProblem
from orderup.agents.planning.programs.worth import worth
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build

from .plans import FEW, played


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
    program = AssembledProgram(network, problem)
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
    program = AssembledProgram(network, problem)
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
