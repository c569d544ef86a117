from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from orderup.agents.planning.programs import AssembledProgram, InitialState, solver_of
from orderup.envs.catalogue import list_scenarios, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.network.building import build
from orderup.envs.simulator import Simulator
from orderup.evaluation import Hindsight, Traces, clark_scarf_bound, compare, evaluate, hindsight_bound
from orderup.evaluation.bounds.hindsight import realised
from orderup.evaluation.bounds.lots import content
from orderup.evaluation.command import Evaluate, compared

from ..cases import RANDOM, TWO_SITES

TRACES, COUNTED = 3, 25
PLAIN_ONES = {
    *("newsvendor", "lost_sales", "dual_source", "pooling", "serial_clark_scarf", "serial_poisson", "beer_game"),
    *("owmr", "stale_centre", "seasonal", "orange_juice", "random_line"),
    *("disruption_single", "disruption_storm", "risk_diversification", "single_source", "tariff_reshoring", "local_promotions"),
    *("assembly", "two_plants", "bottleneck_plant", "parts_shortage", "modular_variety"),
}
"""Some of the scenarios without mechanisms that a bound could not do without knowing of."""
PLAIN: dict[str, Any] = {
    "name": "plain_tree",
    "horizon": 25,
    "products": ["tea", "coffee"],
    "sites": {
        "store_1": {"holding": 1, "initial": 9},
        "store_2": {"holding": 1.5, "initial": 9, "storage": 12, "overflow": 3},
        "warehouse_1": {"holding": 0.5, "initial": 12, "throughput": 22},
    },
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1, "unit_cost": 0.2, "transfer_price": 3},
        {"from": "warehouse_1", "to": "store_2", "lead_time": {"type": "uniform_integer", "low": 0, "high": 2}, "initial": 2},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 1, "capacity": 20, "initial": 8},
        {"from": "supplier", "to": "store_1", "lead_time": 0, "unit_cost": 4, "products": ["tea"]},
    ],
    "customers": [
        {"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 4}},
        {"site": "store_2", "shortage": 2, "price": 6, "unmet": "lost", "demand": {"type": "poisson", "mean": 4}},
    ],
}
"""Everything that costs in proportion, and nothing that a source or a customer could hold back."""


OFTEN = {"type": "markov", "begins": 0.2, "ends": 0.4}
EVENTFUL: dict[str, Any] = {
    **PLAIN,
    "name": "eventful_tree",
    "disruptions": [
        {"at": "supplier->warehouse_1", "pauses": "shipments", "when": OFTEN},
        {"at": "supplier->warehouse_1", "keeps": 0.5, "when": OFTEN},
        {"at": "warehouse_1", "keeps": 0.25, "when": OFTEN},
        {"at": "warehouse_1->store_1", "delay": 2, "when": OFTEN},
        {"at": "supplier->store_1", "pauses": "orders", "when": OFTEN},
    ],
    "prices": [
        {"at": "supplier->warehouse_1", "factor": 0.4, "when": OFTEN},
        {"at": "supplier->store_1", "tariff": 0.3, "when": OFTEN},
    ],
    "shifts": [{"at": "store_1", "factor": 1.5, "when": OFTEN}],
    "promotions": [{"at": "store_2", "uplift": 2, "chance": 0.1}],
}
"""The same, with events that change what can leave, when it arrives, what it costs and what is asked for."""


def traces_of(scenario: Any, episodes: int = TRACES, counted: int = COUNTED) -> Traces:
    loaded = load_scenario(scenario)
    horizon = min(loaded.warmup + counted, loaded.horizon)
    return Traces(loaded, 10_000, episodes, "test", horizon)


def bound_of(traces: Traces) -> Hindsight | None:
    """None where the scenario says something that the program does not know of."""
    try:
        return hindsight_bound(traces, seconds=1.0)
    except InputError as error:
        if error.key != "bound":
            raise
        return None


def costs(traces: Traces, agent: Any, level: str) -> Any:
    result = evaluate(traces.scenario, level, agent, episodes=traces.episodes, horizon=traces.horizon)
    return result.episodes["cost"].to_numpy()


@pytest.mark.usefixtures("recorded_twin")
@pytest.mark.parametrize("name", [*list_scenarios(), "random_line"])
def test_no_rule_beats_hindsight_on_any_trace(name: str) -> None:
    traces = traces_of(RANDOM if name == "random_line" else name)
    bound = bound_of(traces)
    if bound is None:
        assert name not in PLAIN_ONES
        return
    assert bound.on_every_trace
    for agent, level in (
        ("base_stock", "autonomous_silo"),
        ("moving_average", "autonomous_silo"),
        ("base_stock", "central_ideal"),
    ):
        regret = costs(traces, agent, level) - bound.cost
        assert (regret >= -1e-6 * np.maximum(abs(bound.cost), 1.0)).all(), (agent, level)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["owmr", pytest.param("stale_centre", marks=pytest.mark.exhaustive), "dual_source", "serial_poisson", "lost_sales"],
)
def test_no_optimised_levels_beat_hindsight_on_any_trace(name: str) -> None:
    traces = traces_of(name, 20, 150)
    searched = {"type": "optimised_base_stock", "iterations": 25}  # of owmr and stale_centre as cheap as a hundred, to 0.02 %
    regret = costs(traces, searched, "central_ideal") - hindsight_bound(traces).cost
    assert (regret >= -1e-6).all()


def test_hindsight_of_two_sites_is_what_it_is_by_hand() -> None:
    # 2 of 12 units are owed at first (18); 5 are sent (in transit 2.5), and 15 stay at the warehouse for two periods (7.5 each)
    assert hindsight_bound(traces_of(TWO_SITES, 1)).cost == pytest.approx([(18 + 2.5 + 7.5 + 7.5) / 2])


ENDING: dict[str, Any] = {
    **PLAIN,
    "name": "ending_tree",
    "discount": 0.95,
    "sites": {name: {**site, "salvage": 0.4} for name, site in PLAIN["sites"].items()},
    "customers": [{**entry, "backlog": 0 if "unmet" in entry else 5} for entry in PLAIN["customers"]],
    "arriving": [{"lane": "supplier->warehouse_1", "period": 1, "quantity": 7}],
}
"""The same from other beginnings, to an end that is worth something."""


SIZED: dict[str, Any] = {
    **PLAIN,
    "name": "sized_tree",
    "volume": {"tea": 1, "coffee": 1.5},
    "weight": {"tea": 2, "coffee": 0.5},
    "lanes": [PLAIN["lanes"][0] | {"capacity_weight": 9}, *PLAIN["lanes"][1:]],
}
"""The same for goods of different sizes."""


OF_PARTS: dict[str, Any] = {"tea": 1, "coffee": 1.5, "leaf": 0.2, "dust": 0.1}
MADE: dict[str, Any] = {
    "name": "made_of_parts",
    "horizon": 25,
    "products": [*OF_PARTS],
    "sites": {
        "store_1": {"holding": OF_PARTS, "initial": {"tea": 9, "coffee": 6, "leaf": 0, "dust": 0}},
        "plant_1": {
            "holding": OF_PARTS,
            "initial": {"tea": 3, "coffee": 0, "leaf": 30, "dust": 2},
            "machines": {"mill": {"hours": 6, "overtime": {"hours": 3, "cost": 1.5}}},
        },
    },
    "lanes": [
        {"from": "plant_1", "to": "store_1", "products": ["tea", "coffee"], "lead_time": 1, "unit_cost": 0.1},
        {"from": "supplier_2", "to": "store_1", "products": ["tea"], "lead_time": 0, "unit_cost": 6},
        {
            "make": "tea",
            "at": "plant_1",
            "uses": {"leaf": 2},
            "machine": "mill",
            "hours": 0.8,
            "lead_time": {"type": "uniform_integer", "low": 0, "high": 2},
            "initial": 2,
        },
        {"make": "coffee", "at": "plant_1", "uses": {"leaf": 1, "dust": 0.5}, "machine": "mill", "hours": 1, "lead_time": 1},
        {"name": "by_hand", "make": "tea", "at": "plant_1", "uses": {"leaf": 3}, "lead_time": 1, "co_products": {"dust": 0.4}},
        {"from": "supplier", "to": "plant_1", "products": ["leaf"], "lead_time": 2, "unit_cost": 0.5, "capacity": 14},
        {"from": "supplier_2", "to": "plant_1", "products": ["dust"], "lead_time": 1, "unit_cost": 1},
    ],
    "customers": [
        {"site": "store_1", "products": ["tea"], "shortage": 9, "demand": {"type": "poisson", "mean": 4}},
        {
            "site": "store_1",
            "segment": "guests",
            "products": ["coffee"],
            "shortage": 2,
            "price": 6,
            "unmet": "lost",
            "demand": {"type": "poisson", "mean": 3},
        },
    ],
    "disruptions": [
        {"at": "plant_1/mill", "keeps": 0.3, "when": OFTEN},
        {"at": "by_hand", "pauses": "shipments", "when": OFTEN},
    ],
}
"""Parts, co-products and overtime, two ways to make tea, and events on a machine and on a recipe."""


@pytest.mark.parametrize("scenario", [PLAIN, EVENTFUL, ENDING, SIZED, MADE], ids=lambda keys: keys["name"])
def test_the_plan_in_hindsight_costs_in_the_simulator_what_the_program_says(scenario: dict[str, Any]) -> None:
    traces = traces_of(scenario)
    sim = Simulator(scenario, batch=traces.episodes)
    sim.reset(seed=traces.seed)
    assert sim.trace is not None
    start, shipments = InitialState.of_episode(sim.numpy_network, sim.horizon), []
    for row in range(traces.episodes):
        program = AssembledProgram(sim.numpy_network, realised(sim.numpy_network, sim.trace, row, 0))
        solution = solver_of(program).solve(program.limits(start, sim.trace.demand[..., row : row + 1]))
        assert solution.values is not None
        planned = np.zeros((sim.horizon, len(sim.numpy_network.lanes), len(sim.numpy_network.products)))
        planned[:, program.columns.lane, program.columns.product] = solution.values[program.columns.ship].T
        shipments.append(planned)
    paid = sum(sim.step(Decision(quantity=np.stack(shipments)[:, period]))[1].discounted.cost for period in range(sim.horizon))
    assert np.asarray(paid) / sim.horizon == pytest.approx(hindsight_bound(traces).cost, rel=1e-7)


def one_store(**keys: Any) -> dict[str, Any]:
    lane = {"from": "supplier", "to": "store_1", **keys.pop("lane")}
    customers = [{"site": "store_1", "shortage": 9, "demand": {"type": "constant", "value": 10}}]
    sites = {"store_1": {"holding": 1, "initial": 10}}
    return {"name": "one_store", "horizon": 5, "sites": sites, "lanes": [lane], "customers": customers, **keys}


def test_what_is_under_way_at_first_is_what_it_is_without_delays() -> None:
    late = {"at": "supplier->store_1", "delay": 2, "when": {"type": "scheduled", "from": 3, "until": 5}}
    scenario = one_store(lane={"lead_time": 1, "initial": 30}, disruptions=[late])
    traces = traces_of(scenario, 1)
    assert hindsight_bound(traces).cost <= costs(traces, "hold", "autonomous_silo") + 1e-9


def test_what_was_ordered_while_nothing_left_may_leave_when_no_orders_are_taken() -> None:
    closed = {"at": "supplier->store_1", "pauses": "shipments", "when": {"type": "scheduled", "from": 0, "until": 1}}
    deaf = {"at": "supplier->store_1", "pauses": "orders", "when": {"type": "scheduled", "from": 1, "until": 5}}
    scenario = one_store(lane={"lead_time": 0}, disruptions=[closed, deaf])
    sim = Simulator(scenario)
    sim.reset(seed=10_000)
    paid = [float(sim.step(Decision(quantity=np.array([[[40.0 * (not period)]]])))[1].cost[0]) for period in range(5)]
    assert sim.now.state.on_hand.item() == 0
    assert hindsight_bound(traces_of(scenario, 1)).cost[0] <= np.mean(paid) + 1e-9


def test_goods_that_are_held_up_on_their_way_are_refused_by_key() -> None:
    held = [{"at": "supplier->warehouse_1", "pauses": "transit", "when": OFTEN}]
    with pytest.raises(InputError, match=r"^bound: .*disruptions\[0\]\.pauses=transit in held_up"):
        hindsight_bound(traces_of({**PLAIN, "name": "held_up", "disruptions": held}))


@pytest.mark.slow
def test_processes_find_the_same_bound_and_tell_how_far_they_are() -> None:
    traces, told = traces_of("newsvendor", 6), list[int]()
    several = hindsight_bound(traces, workers=2, progress=told.append)
    assert several.cost.tolist() == hindsight_bound(traces).cost.tolist()
    assert sum(told) == 6 * traces.horizon


def test_the_bound_says_what_it_leaves_free_and_what_of_the_scenario_it_leaves_out() -> None:
    plain = hindsight_bound(traces_of(TWO_SITES, 1))
    assert any("rationing" in entry for entry in plain.free)
    assert (plain.relaxed, plain.gap) == ((), 0.0)
    reserved = one_store(lane={"lead_time": 0, "contract": {"up": 0.2, "down": 0.2, "notice": 1}})
    assert hindsight_bound(traces_of(reserved, 1)).relaxed == ("contracts",)
    paid = one_store(lane={"lead_time": 0, "fixed_cost": 5, "multiple": 4, "capacity": 60})
    assert hindsight_bound(traces_of(paid, 1)).relaxed == ()
    assert clark_scarf_bound(traces_of(paid, 1)).relaxed == ("fixed costs of orders", "capacities", "lot sizes")


LOTS: dict[str, Any] = {
    "fixed": {"fixed_cost": 30},
    "setup": {"setup": 30},
    "minimum": {"minimum": 25},
    "multiple": {"multiple": 7},
    "minimum_order": {"minimum_order": 25},
    "all": {"fixed_cost": 10, "minimum": 12, "multiple": 8},
}


@pytest.mark.parametrize("keys", LOTS.values(), ids=LOTS)
@pytest.mark.parametrize("lead_time", [0, 2])
def test_costs_and_sizes_of_orders_are_in_the_bound_and_no_plan_of_whole_lots_is_below(
    keys: dict[str, Any], lead_time: int
) -> None:
    """Every plan of five periods that could be one, played in the simulator."""
    plain, scenario = one_store(lane={"lead_time": lead_time}), one_store(lane={"lead_time": lead_time, **keys})
    bound = hindsight_bound(traces_of(scenario, 1))
    assert bound.relaxed == ()
    assert bound.cost[0] > hindsight_bound(traces_of(plain, 1)).cost[0] + 0.1
    sizes = [0, 7, 8, 10, 14, 16, 20, 25, 30, 40]
    orders = np.array(list(itertools.product(sizes, repeat=5 - lead_time)), dtype=float)
    orders = np.concatenate([orders, np.zeros((len(orders), lead_time))], axis=1)
    sim = Simulator(scenario, batch=len(orders), horizon=5)
    sim.reset(seed=10_000)
    paid = sum(np.asarray(sim.step(Decision(quantity=orders[:, period, None, None]))[1].cost) for period in range(5))
    least = float(np.min(paid)) / 5
    assert bound.cost[0] <= least + 1e-6
    assert bound.cost[0] * (1 + bound.gap) >= least * (1 - 2e-3)


def test_bound_hindsight_gives_everybody_a_regret() -> None:
    keys = {"scenario": RANDOM, "agent": ["base_stock", "moving_average"], "episodes": 5, "bound": "hindsight"}
    found = compared(validated(Evaluate, keys))
    regrets = [price for price in found.prices if price.kind == "regret"]
    assert [price.against for price in regrets] == ["hindsight"] * 2
    assert all(price.interval.estimate > 0 for price in regrets)
    assert not compare(RANDOM, [("autonomous_silo", "base_stock")], episodes=5).prices


def test_a_plan_ships_whole_packs() -> None:
    """A pack of 100 for two stores that sell 50 each: one has 50 left over and the other misses 50, at 1 and 10 a unit."""
    sites = {name: {"holding": 1, "initial": 0} for name in ("store_1", "store_2")}
    lanes = [{"from": "warehouse_1", "to": name, "lead_time": 0, "multiple": 100} for name in sites]
    demand = {"type": "constant", "value": 50}
    scenario = {
        "name": "one_pack",
        "horizon": 1,
        "sites": {**sites, "warehouse_1": {"holding": 1, "initial": 100}},
        "lanes": [*lanes, {"from": "supplier", "to": "warehouse_1", "lead_time": 2}],
        "customers": [{"site": name, "shortage": 10, "demand": demand} for name in sites],
    }
    bound = hindsight_bound(traces_of(scenario, 1))
    assert (bound.cost[0], bound.relaxed) == (pytest.approx(550, rel=1e-3), ())


def test_set_up_hours_are_left_out_and_that_is_said() -> None:
    scenario = with_parts({"machine": "press", "hours": 0.5, "setup_hours": 1})
    scenario["sites"]["store_1"]["machines"] = {"press": {"hours": 6}}
    set_up = hindsight_bound(traces_of(scenario, 1))
    del scenario["lanes"][0]["setup_hours"]
    not_set_up = hindsight_bound(traces_of(scenario, 1))
    assert (set_up.relaxed, not_set_up.relaxed) == (("set-up hours",), ())
    assert set_up.cost.tolist() == not_set_up.cost.tolist()


def with_parts(lane: dict[str, Any]) -> dict[str, Any]:
    """A store that makes what it sells of three parts each, of which there are enough for 32 units."""
    made = {"make": "good", "at": "store_1", "uses": {"part": 3}, "lead_time": 1, **lane}
    parts = {"from": "supplier", "to": "store_1", "products": ["part"], "lead_time": 9}
    return {
        "name": "with_parts",
        "horizon": 5,
        "products": ["good", "part"],
        "sites": {"store_1": {"holding": {"good": 1, "part": 0.25}, "initial": {"good": 10, "part": 96}}},
        "lanes": [made, parts],
        "customers": [
            {"site": "store_1", "products": ["good"], "shortage": 9, "demand": {"type": "constant", "value": 10}},
        ],
    }


@pytest.mark.parametrize("keys", LOTS.values(), ids=LOTS)
def test_costs_and_sizes_of_what_is_made_are_in_the_bound_and_no_plan_is_below(keys: dict[str, Any]) -> None:
    """Every plan that could be one, played. The bound may begin by and by what was ordered at once, as it is free to."""
    scenario = with_parts(keys)
    bound, plain = hindsight_bound(traces_of(scenario, 1)), hindsight_bound(traces_of(with_parts({}), 1))
    sizes = [0, 7, 8, 10, 12, 14, 16, 20, 24, 25, 28, 30, 32]
    plans = [plan for plan in itertools.product(sizes, repeat=4) if sum(plan) <= 32]
    orders = np.zeros((len(plans), 5, 2, 2))
    orders[:, :4, 0, 0] = plans
    sim = Simulator(scenario, batch=len(plans), horizon=5)
    sim.reset(seed=10_000)
    paid = sum(np.asarray(sim.step(Decision(quantity=orders[:, period]))[1].cost) for period in range(5))
    least = float(np.min(paid)) / 5
    assert bound.relaxed == ()
    dearer = 0.1 * bool(keys.keys() - {"minimum", "minimum_order"})  # one order of all is large enough
    assert plain.cost[0] + dearer - 1e-6 <= bound.cost[0] <= least + 1e-6


def test_of_parts_as_many_may_be_ordered_as_all_that_is_made_of_them_takes() -> None:
    """By hand: tea takes up to 3 leaves; coffee one, and those of 1.25 units of tea, beside which its dust may have to come."""
    tea, coffee, leaf, dust = range(4)
    found = content(build(load_scenario(MADE)))
    assert found[leaf].tolist() == pytest.approx([3, 1 + 0.5 * 2.5 * 3, 1, 2.5 * 3])
    assert found[dust].tolist() == pytest.approx([0, 0.5, 0, 1])
    assert found[tea, dust] == pytest.approx(2.5)
    assert found[coffee].tolist() == [0, 1, 0, 0]
