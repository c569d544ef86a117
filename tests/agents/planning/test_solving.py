"""How programs are solved: warm or cold, whole or in parts."""

from __future__ import annotations

import numpy as np
import pytest

from orderup.agents.planning.futures import Futures
from orderup.agents.planning.programs import (
    AssembledProgram,
    ColdSolver,
    InitialState,
    PlanningProblem,
    SplitSolver,
    WarmSolver,
    solver_of,
)
from orderup.agents.planning.programs.objective import _of_safety
from orderup.agents.planning.programs.solve import parts_of
from orderup.agents.planning.programs.worth import worth
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build

from ...at_once import at_once


def test_a_warm_start_finds_what_a_cold_one_does() -> None:
    pytest.importorskip("highspy")
    network = build(load_scenario("stale_centre"))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (8, 1)), np.ones(8), network.times.order_delay, 10, True, 1, worth(network)
    )
    program, futures = AssembledProgram(network, problem), Futures(network, 8, 10, 1, seed=1)
    warm, cold, start = WarmSolver(program), ColdSolver(program), InitialState.of_episode(network, 8)
    for period in range(4):
        limits = program.limits(start, futures.after(period, 0, network.loads.mean[:, :, 0], 0))
        assert warm.solve(limits).cost == pytest.approx(cold.solve(limits).cost, rel=1e-9)


def test_what_cannot_be_done_is_said_and_not_raised() -> None:
    network = build(load_scenario("newsvendor"))
    program = AssembledProgram(network, PlanningProblem.hindsight(network, np.tile(network.times.lead_time, (4, 1)), 0))
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
    program, futures, start = (
        AssembledProgram(network, problem),
        Futures(network, 6, 4, 1, seed=1),
        InitialState.of_episode(network, 6),
    )
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
    program = AssembledProgram(network, PlanningProblem.hindsight(network, np.tile(network.times.lead_time, (4, 1)), 0))
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
