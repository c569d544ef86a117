"""Plans of goods that are made: parts in balance, machine hours and overtime, against plans made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.agents.levels.explosion import Explosion
from orderup.agents.planning import mpc
from orderup.agents.planning.horizon import longest_protection, stages
from orderup.agents.planning.programs.worth import worth
from orderup.agents.planning.safety import SafetyStock
from orderup.agents.prospects.prospects import Prospects
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build
from orderup.envs.simulator import Simulator
from orderup.evaluation import Traces, evaluate, hindsight_bound

from . import plans

SURE: dict[str, Any] = {"type": "mpc", "scenarios": 1}
FEW: dict[str, Any] = {"type": "mpc", "scenarios": 6}


def bikes(**keys: Any) -> dict[str, Any]:
    """A plant that puts bikes together from a frame and two wheels, which take longer to come."""
    return {
        "name": "bikes",
        "horizon": 20,
        "products": ["bike", "frame", "wheel"],
        "sites": {
            "plant_1": {"holding": {"bike": 4, "frame": 1, "wheel": 0.25}, "initial": {"bike": 10, "frame": 10, "wheel": 20}}
        },
        "lanes": [
            {"make": "bike", "at": "plant_1", "uses": {"frame": 1, "wheel": 2}, "lead_time": 1, "initial": 10, "unit_cost": 1},
            {"from": "supplier", "to": "plant_1", "products": ["frame"], "lead_time": 1, "unit_cost": 2, "initial": 10},
            {"from": "supplier_2", "to": "plant_1", "products": ["wheel"], "lead_time": 3, "unit_cost": 1, "initial": 20},
        ],
        "customers": [{"site": "plant_1", "products": ["bike"], "shortage": 50, "demand": {"type": "constant", "value": 10}}],
        **keys,
    }


def press(hours: float = 5, **keys: Any) -> dict[str, Any]:
    """A press, and what is asked for of it, which is known beforehand: nothing at first, and more than it makes in a period."""
    return {
        "name": "press",
        "horizon": 5,
        "sites": {
            "plant_1": {
                "holding": 1,
                "initial": 0,
                "machines": {"press": {"hours": hours, "overtime": {"hours": 4, "cost": 3}}},
            }
        },
        "lanes": [{"make": "product", "at": "plant_1", "lead_time": 0, "machine": "press", "hours": 1}],
        "customers": [{"site": "plant_1", "shortage": 50, "demand": {"type": "replay", "values": [0, 0, 0, 12, 0]}}],
        **keys,
    }


def played(
    scenario: Any, level: Any = "central_ideal", agent: Any = SURE, batch: int = 1, periods: int = 12
) -> NDArray[np.float64]:
    """Cost of every period (T, B)."""
    return plans.played(scenario, level, agent, batch, periods)


def test_parts_are_bought_for_when_they_are_used_and_no_earlier() -> None:
    """By hand: a bike's parts wait a period on the shelf (1.5), are worked on in the next (1.5), and cost 5 with the work."""
    paid = played(bikes())[:, 0]
    assert paid[4:] == pytest.approx(10 * (1.5 + 1.5 + 5))


def test_a_plan_for_what_is_known_costs_what_is_best_in_hindsight() -> None:
    """By hand every bike costs 3, whatever the waves in which they are asked for; so does a cycle more in hindsight."""
    waves = [10, 0, 25, 5, 0, 14, 0, 9, 31, 2]
    demand = {"type": "replay", "values": waves}
    scenario = bikes(customers=[{"site": "plant_1", "products": ["bike"], "shortage": 50, "demand": demand}], horizon=40)
    for lane in scenario["lanes"]:
        lane["unit_cost"] = 0
    paid = played(scenario, agent={**SURE, "horizon": 12}, periods=20)[:, 0]
    assert paid[10:].sum() == pytest.approx(3 * sum(waves))
    short, long = (hindsight_bound(Traces(load_scenario(scenario), 3, 1, "test", periods)).cost[0] for periods in (30, 40))
    assert 40 * long - 30 * short == pytest.approx(3 * sum(waves))


@pytest.mark.parametrize(("holding", "cost"), [(1.0, 9.0), (2.0, 16.0), (4.0, 24.0)])
def test_what_is_asked_for_beyond_a_machines_hours_is_made_before_or_in_overtime(holding: float, cost: float) -> None:
    """12 are asked for at once, of which 5 can be made then in regular hours, and 4 in overtime for 3 each.

    By hand: at 1 for a period on the shelf 5 are made one period before and 2 two; at 2 the last two are made in overtime; at 4
    as many as can be are, and only 3 are made before.
    """
    scenario = press()
    scenario["sites"]["plant_1"]["holding"] = holding
    assert played(scenario, periods=5).sum() == pytest.approx(cost)
    assert hindsight_bound(Traces(load_scenario(scenario), 3, 1, "test", 5)).cost * 5 == pytest.approx(cost)


def test_before_a_machine_is_known_to_stand_still_it_makes_what_will_be_missing() -> None:
    """4 of its 8 hours are free. Told three periods before, and not for how long, it makes all it can until it knows."""
    stands = {"at": "plant_1/press", "keeps": 0, "when": {"type": "scheduled", "from": 5, "until": 7}, "announced": 3}
    demand = {"type": "constant", "value": 4}
    customers = [{"site": "plant_1", "shortage": 50, "demand": demand}]
    scenario = press(8, horizon=12, customers=customers, disruptions=[stands])
    paid = played(scenario, periods=10)[:, 0]
    assert paid.tolist() == pytest.approx([0, 0, 4, 8, 8, 4, 0, 0, 0, 0])
    unannounced = press(8, horizon=12, customers=customers, disruptions=[{**stands, "announced": 0}])
    assert played(unannounced, periods=10)[4:7, 0].tolist() == pytest.approx([0, 200, 400])


MADE: dict[str, Any] = {
    "name": "made",
    "horizon": 20,
    "products": ["bike", "frame", "tube", "scrap"],
    "sites": {
        "store_1": {
            "holding": {"bike": 5, "frame": 0, "tube": 0, "scrap": 0},
            "initial": {"bike": 12, "frame": 0, "tube": 0, "scrap": 0},
        },
        "plant_1": {
            "holding": {"bike": 4, "frame": 2, "tube": 0.5, "scrap": 0.1},
            "initial": {"bike": 8, "frame": 9, "tube": 20, "scrap": 4},
            "machines": {"saw": {"hours": 7, "overtime": {"hours": 2, "cost": 4}}},
        },
        "plant_2": {
            "holding": {"bike": 4, "frame": 2, "tube": 0.5, "scrap": 0.1},
            "initial": {"bike": 0, "frame": 9, "tube": 9, "scrap": 0},
        },
    },
    "lanes": [
        {"from": "plant_1", "to": "store_1", "products": ["bike"], "lead_time": 1},
        {"make": "bike", "at": "plant_1", "uses": {"frame": 1, "tube": 1}, "lead_time": 1, "unit_cost": 0.5},
        {
            "make": "frame",
            "at": "plant_1",
            "uses": {"tube": 3},
            "lead_time": 1,
            "machine": "saw",
            "hours": 1,
            "co_products": {"scrap": 0.5},
        },
        {"make": "frame", "at": "plant_2", "uses": {"tube": 2.5}, "lead_time": 2, "unit_cost": 3},
        {"from": "plant_2", "to": "plant_1", "products": ["frame", "tube"], "lead_time": 1, "unit_cost": 0.1},
        {"from": "supplier", "to": "plant_1", "products": ["tube", "scrap"], "lead_time": 3, "unit_cost": 1, "order_delay": 1},
        {"from": "supplier_2", "to": "plant_2", "products": ["tube"], "lead_time": 1, "unit_cost": 1.5},
    ],
    "customers": [
        {"site": "store_1", "products": ["bike"], "shortage": 30, "demand": {"type": "poisson", "mean": 5}},
        {"site": "plant_1", "products": ["scrap"], "shortage": 1, "demand": {"type": "poisson", "mean": 2}},
    ],
}
"""Two ways to make a frame, on two levels, with a co-product that is also bought, and a machine."""


def test_where_sites_execute_its_levels_they_order_parts_as_it_would_have() -> None:
    central = played(MADE, {"name": "c", "visibility": "shared", "authority": "central"}, FEW, batch=2)
    target = played(MADE, {"name": "t", "visibility": "shared", "authority": "target"}, FEW, batch=2)
    sites = played(MADE, {"name": "s", "visibility": "shared", "authority": "autonomous"}, FEW, batch=2)
    assert target == pytest.approx(central, abs=1e-9)
    assert sites == pytest.approx(central, abs=1e-9)


def test_a_program_that_is_not_solved_leaves_base_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpc, "solver_of", lambda program, seconds: plans.Failing())
    for scenario in (MADE, "assembly"):
        levels = played(scenario, "central_ideal", "base_stock")
        assert played(scenario, "central_ideal", FEW) == pytest.approx(levels, rel=1e-9)


def test_what_is_made_is_worth_its_parts_and_the_work_and_a_co_product_no_more_than_it_costs() -> None:
    value, network = worth(build(load_scenario(MADE))), build(load_scenario(MADE))
    plant, other = network.sites.index("plant_1"), network.sites.index("plant_2")
    # scrap is bought for 1; half a unit of it comes beside a frame of three tubes
    frame = 3 * 1 - 0.5 * 1
    assert value[plant].tolist() == pytest.approx([frame + 1 + 0.5, frame, 1, 1])
    assert value[other].tolist() == pytest.approx([0, 2.5 * 1.5 + 3, 1.5, 0])


def test_the_window_reaches_as_far_as_the_longest_way_through_recipes() -> None:
    """By hand: tubes take 1 period to each plant, sawing 1, assembly 1, the way to the store 1; and 1 more for each of them."""
    network = build(load_scenario(MADE))
    assert longest_protection(network) == 5 * (1 + 1)
    assert stages(network) == 5


def test_parts_are_held_for_the_spread_of_what_is_made_of_them() -> None:
    """Where all parts take equally long, and a bike no time at all, parts need no safety stock beside that of bikes."""
    scenario = bikes(
        customers=[{"site": "plant_1", "products": ["bike"], "shortage": 50, "demand": {"type": "poisson", "mean": 10}}]
    )
    network = build(load_scenario(scenario))
    demand = np.random.default_rng(0).normal(10, 10**0.5, (12, 1, 1, 20_000)) * np.array([1.0, 0.0, 0.0])[None, None, :, None]
    found = SafetyStock(network).of(demand)[0]
    explosion = Explosion(network)
    sd, score = np.sqrt(10), 1.454  # of 50 / 54
    over = {
        item[1]: max((explosion.until_there(explosion.main_lane(item)) + use.span).longest for use in uses)
        for item, uses in explosion.uses.items()
    }
    assert over == {0: 2, 1: 4, 2: 6}
    bike, frame, wheel = (sd * score * np.sqrt(over[product]) for product in range(3))
    assert found.tolist() == pytest.approx([bike, frame - bike, 2 * (wheel - bike)], rel=0.05)


def test_mpc_is_cheaper_than_closed_forms_where_parts_are_scarce() -> None:
    keys: dict[str, Any] = {"episodes": 4, "horizon": 90}
    plan, levels = (
        evaluate("two_plants", "central_ideal", agent, **keys).cost for agent in ({"type": "mpc", "scenarios": 8}, "base_stock")
    )
    assert plan < levels


def test_what_is_left_of_machines_is_read_of_the_recipes_on_them() -> None:
    stands = {"at": "plant_1/saw", "keeps": 0.25, "when": {"type": "scheduled", "from": 1, "until": 3}, "announced": 1}
    sim = Simulator({**MADE, "disruptions": [stands]}, "central_ideal", horizon=4)
    sim.reset(seed=0)
    prospects, seen = Prospects(sim.context()), []
    for _ in range(4):
        limits = prospects.expect(prospects.look(sim.information), 0, 3).limits
        assert limits is not None
        seen.append(limits[:, 0].tolist())
        sim.step(decided(sim))
    assert seen == [[1, 0.25, 0.25], [0.25, 0.25, 0.25], [0.25, 1, 1], [1, 1, 1]]


def decided(sim: Simulator) -> Any:
    """Nothing ordered."""
    agent = make_agent("hold")
    agent.reset(sim.context())
    return agent.act(sim.information)


@pytest.mark.parametrize("kind", ["assembly", "process"])
@pytest.mark.parametrize("seed", [1, 2])
def test_on_networks_drawn_at_random_every_plan_is_found_and_no_rule_beats_hindsight(kind: str, seed: int) -> None:
    """Co-products would be made without end if they were worth more than what goes into them."""
    making = {"kind": kind, "products": 3, "parts": 2, "stages": 2, "machines": 2, "set_ups": 0.2 * seed, "co_products": 1.0}
    generator = {"type": "random_network", "sites": 5, "seed": seed, "making": making}
    scenario = load_scenario({"name": "drawn", "horizon": 20, "generator": generator})
    sim, policy = Simulator(scenario, "central_ideal", horizon=4), make_agent(FEW)
    sim.reset(seed=1)
    policy.reset(sim.context(seed=1))
    for _ in range(4):
        sim.step(policy.act(sim.information))
    assert isinstance(policy, mpc.ModelPredictive)
    assert (policy.solved, policy.failed) == (4, 0)
    bound = hindsight_bound(Traces(scenario, 10_000, 2, "test", 20)).cost
    paid = evaluate(scenario, "autonomous_silo", "base_stock", episodes=2, horizon=20).episodes["cost"].to_numpy()
    assert (paid >= bound - 1e-6).all()
