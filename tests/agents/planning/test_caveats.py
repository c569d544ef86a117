"""What a plan says that it leaves out."""

from __future__ import annotations

from typing import Any

from orderup.agents import make_agent
from orderup.envs.simulator import Simulator


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
