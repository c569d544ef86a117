"""What a plan decides: its first order, under every level of autonomy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.planning import mpc
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from .plans import FEW, LATE, TWO_WAYS, Failing, first_position, played


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
    monkeypatch.setattr(mpc, "solver_of", lambda program, seconds: Failing())
    agent = make_agent(FEW)
    for scenario, level in ((TWO_WAYS, "central_ideal"), ("serial_poisson", "central_ideal"), ("newsvendor", LATE)):
        assert played(scenario, level, agent) == pytest.approx(played(scenario, level, "base_stock"), rel=1e-12)
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
