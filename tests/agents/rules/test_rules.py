from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import orderup
from orderup.agents import list_agents, make_agent
from orderup.agents.exact import best_capped_base_stock, best_constant_order, best_lots, lost_sales_optimum, zheng_federgruen
from orderup.agents.rules.rule import Rule
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...simulation import Interval, simulated

LOCAL: dict[str, tuple[str, str]] = {
    "s_s": ("reference", "autonomous_silo"),
    "r_q": ("reference", "autonomous_silo"),
    "periodic": ("owmr", "autonomous_silo"),
    "guaranteed_service": ("owmr", "autonomous_silo"),
    "smoothing": ("owmr", "autonomous_silo"),
    "capped_base_stock": ("owmr", "autonomous_silo"),
    "constant_order": ("lost_sales", "autonomous_silo"),
    "myopic": ("lost_sales", "autonomous_silo"),
    "can_order": ("reference", "autonomous_silo"),
    "dual_index": ("dual_source", "autonomous_silo"),
    "single_index": ("dual_source", "autonomous_silo"),
    "tailored_base_surge": ("dual_source", "autonomous_silo"),
    "forecast_newsvendor": ("stale_centre", "autonomous_silo"),
    "transship_to_balance": ("reference", "autonomous_shared"),
}
"""Where each rule has a place: scenario and level."""


def store(
    demand: Any, lead_time: int = 0, initial: float = 10, unmet: str = "backlog", shortage: float = 9, **lane: Any
) -> Scenario:
    process = {"type": "replay", "values": demand} if isinstance(demand, list) else demand
    keys = {"from": "supplier", "to": "store_1", "lead_time": lead_time, **lane}
    customer = {"site": "store_1", "shortage": shortage, "unmet": unmet, "demand": process}
    sites = {"store_1": {"role": "store", "holding": 1, "initial": initial}}
    return changed(load_scenario("newsvendor"), name="a_store", sites=sites, lanes=[keys], customers=[customer])


def orders(scenario: Any, agent: Any, periods: int, autonomy: str = "autonomous_silo", **options: Any) -> Any:
    """What is ordered by every lane in the first periods (T, L, K, B)."""
    sim = Simulator(scenario, autonomy, **options)
    policy, found = make_agent(agent), []
    information = sim.reset(seed=0)
    policy.reset(sim.context())
    for _ in range(periods):
        information, _, _ = sim.step(policy.act(information))
        assert sim.now.flows is not None
        found.append(np.asarray(sim.now.flows.orders))
    return np.array(found)


def test_every_rule_is_tried_here() -> None:
    ours = {name for name in list_agents() if issubclass(type(make_agent_or_none(name)), Rule)}
    assert ours | {"myopic"} == set(LOCAL)


def make_agent_or_none(name: str) -> Any:
    try:
        return make_agent(name)
    except InputError:  # a team, a trained run: nothing without keys
        return None


@pytest.mark.parametrize("name", LOCAL)
def test_numpy_and_pytorch_order_the_same(name: str) -> None:
    pytest.importorskip("torch")
    scenario, level = LOCAL[name]
    numpy, torch = (orders(scenario, name, 12, level, batch=3, backend=backend) for backend in ("numpy", "torch"))
    np.testing.assert_allclose(numpy, torch, atol=1e-9)
    assert numpy.sum() > 0


@pytest.mark.parametrize("name", LOCAL)
def test_a_row_of_a_batch_is_what_it_would_be_alone(name: str) -> None:
    scenario, level = LOCAL[name]
    together, alone = (orders(scenario, name, 12, level, batch=batch) for batch in (4, 1))
    np.testing.assert_allclose(together[..., :1], alone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("level", ["central_ideal", "central_stale", "hybrid_sop", "management_by_exception", "federated"])
@pytest.mark.parametrize("name", ["s_s", "periodic", "forecast_newsvendor"])
def test_rules_that_set_levels_have_a_place_at_every_level_of_autonomy(name: str, level: str) -> None:
    assert np.isfinite(orderup.evaluate("serial_poisson", level, name, episodes=3, horizon=70).cost)


@pytest.mark.parametrize("name", ["r_q", "smoothing", "capped_base_stock"])
def test_rules_that_set_quantities_are_refused_where_only_levels_are_executed(name: str) -> None:
    with pytest.raises(InputError, match="quantities"):
        orderup.evaluate("serial_poisson", "hybrid_sop", name, episodes=2)


def test_a_store_goes_up_to_its_level_once_its_position_is_at_the_reorder_point() -> None:
    found = orders(store([3, 4, 1, 5, 2, 4], lead_time=1), {"type": "s_s", "reorder": 5, "up_to": 12}, 6)
    np.testing.assert_array_equal(found[:, 0, 0, 0], [0, 0, 9, 0, 0, 8])


def test_a_store_orders_the_fewest_lots_that_lift_it_above_the_reorder_point() -> None:
    found = orders(store([3, 4, 9, 1, 2, 4]), {"type": "r_q", "reorder": 3, "lot": 4}, 6)
    np.testing.assert_array_equal(found[:, 0, 0, 0], [0, 0, 4, 8, 0, 4])


def test_a_store_that_reviews_every_third_period_orders_only_then() -> None:
    found = orders(store([3, 4, 2, 1, 6, 2]), {"type": "periodic", "review": 3, "offset": 1, "up_to": 9}, 6)
    np.testing.assert_array_equal(found[:, 0, 0, 0], [0, 2, 0, 0, 7, 0])


def test_no_order_is_above_the_cap() -> None:
    found = orders(store([9, 9, 1, 0, 0, 0]), {"type": "capped_base_stock", "up_to": 10, "cap": 4}, 6)
    np.testing.assert_array_equal(found[:, 0, 0, 0], [0, 4, 4, 4, 4, 3])


def test_a_constant_order_is_the_same_whatever_happens() -> None:
    found = orders(store([9, 0, 30]), {"type": "constant_order", "order": {"store_1": 4.5}}, 3)
    np.testing.assert_array_equal(found, 4.5)


def test_the_closed_forms_are_those_of_theory() -> None:
    poisson = {"type": "poisson", "mean": 10}
    paying = store(poisson, lead_time=1, fixed_cost=64)
    pair, lots = zheng_federgruen(1, 9, 64, 1, stats.poisson(10)), best_lots(1, 9, 64, 1, stats.poisson(10))
    assert numbers(paying, "s_s") == {"reorder": pair.reorder, "up_to": pair.up_to}
    assert numbers(paying, "r_q") == {"reorder": lots.reorder, "lot": lots.lot}
    losing = load_scenario("lost_sales")
    capped = best_capped_base_stock(1, 4, 4, stats.poisson(5))
    assert numbers(losing, "capped_base_stock") == {"up_to": capped.level, "cap": capped.cap}
    assert numbers(losing, "constant_order") == {"order": pytest.approx(best_constant_order(1, 4, stats.poisson(5)).order)}


def numbers(scenario: Any, agent: Any) -> dict[str, float]:
    """What a rule settles on for a lone store's lane and product."""
    rule = make_agent(agent)
    assert isinstance(rule, Rule)
    found = rule.numbers(Simulator(scenario, "autonomous_silo").context())
    return {name: values.item() for name, values in found.items()}


@pytest.mark.parametrize(("agent", "solve"), [("s_s", zheng_federgruen), ("r_q", best_lots), ("optimal", zheng_federgruen)])
def test_paying_for_orders_costs_in_simulation_what_theory_says(agent: str, solve: Any) -> None:
    paying = store({"type": "poisson", "mean": 10}, lead_time=1, fixed_cost=64)
    assert solve(1, 9, 64, 1, stats.poisson(10)).cost in Interval.of(simulated(paying, agent, episodes=1500).cost)


def test_lots_start_from_the_stock_that_is_there() -> None:
    lumps, (cheap, paying) = {"type": "discrete", "values": [0, 20], "probabilities": [0.9, 0.1]}, (0, 300)
    off, on = (numbers(store(lumps, lead_time=1, fixed_cost=cheap, initial=stock), "r_q") for stock in (21, 20))
    assert (off, on) == ({"reorder": 20.0, "lot": 0.0}, {"reorder": 0.0, "lot": 20.0})  # 20 either way, where lots never lead
    off, on = (numbers(store(lumps, lead_time=1, fixed_cost=paying, initial=stock), "r_q") for stock in (21, 20))
    assert (off["reorder"], off["lot"]) == (on["reorder"] + 1, on["lot"])


def test_no_optimum_is_claimed_for_a_line_that_pays_for_orders() -> None:
    lanes = [lane.model_dump(by_alias=True) | {"fixed_cost": 5} for lane in load_scenario("serial_poisson").lanes]
    paying = changed(load_scenario("serial_poisson"), name="paying", lanes=lanes)
    with pytest.raises(InputError, match="no cost for an order"):
        make_agent("optimal").reset(Simulator(paying, "autonomous_silo").context())


def test_without_a_cost_of_ordering_reorder_points_are_base_stock() -> None:
    closed = {name: orders("serial_poisson", name, 30, batch=2) for name in ("s_s", "periodic")}
    np.testing.assert_array_equal(closed["periodic"], closed["s_s"])


def test_smoothing_damps_orders_by_the_square_root_of_its_share_and_costs_what_that_takes() -> None:
    share, sd = 0.4, 10.0
    normal = store({"type": "normal", "mean": 100, "sd": sd}, lead_time=1, initial=100)
    run = simulated(normal, {"type": "smoothing", "share": share}, episodes=3000)
    assert share / (2 - share) in Interval.of(run.orders[0] / sd**2)
    spread = sd * np.sqrt(2 + (1 - share) ** 2 / (share * (2 - share)))
    assert 10 * stats.norm.pdf(stats.norm.ppf(0.9)) * spread == pytest.approx(Interval.of(run.cost).mean, rel=5e-3)


def test_on_lost_sales_a_cap_beats_myopia_and_both_beat_base_stock() -> None:
    losing = store({"type": "poisson", "mean": 5}, lead_time=3, initial=5, unmet="lost", shortage=4)
    run = {name: simulated(losing, name, episodes=1000).cost.mean() for name in ("capped_base_stock", "myopic", "base_stock")}
    optimum = lost_sales_optimum(1, 4, 3, stats.poisson(5)).cost
    assert optimum < run["capped_base_stock"] < run["myopic"] < run["base_stock"]
    assert run["capped_base_stock"] < 1.012 * optimum


def test_a_myopic_order_makes_the_period_of_its_arrival_cheapest() -> None:
    losing = store({"type": "poisson", "mean": 5}, lead_time=2, initial=3, unmet="lost")
    found = orders(losing, "myopic", 1)[0].item()
    rng = np.random.default_rng(0)
    left = np.full(200_000, 3)
    for _ in range(2):
        left = np.maximum(left - rng.poisson(5, left.size), 0)
    wanted = rng.poisson(5, left.size)
    costs = [(np.maximum(left + order - wanted, 0) + 9 * np.maximum(wanted - left - order, 0)).mean() for order in range(15)]
    assert found == int(np.argmin(costs))


def test_products_are_ordered_along_when_another_one_must_be() -> None:
    keys = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "two", "products": ["a", "b"]}
    keys["sites"]["store_1"]["initial"] = {"a": 10, "b": 8}
    keys["lanes"] = [{"from": "supplier", "to": "store_1", "lead_time": 0, "fixed_cost": 20}]
    keys["customers"] = [
        {"site": "store_1", "products": [name], "shortage": 9, "demand": {"type": "constant", "value": value}}
        for name, value in (("a", 4), ("b", 1))
    ]
    agent = {"type": "can_order", "reorder": 3, "can": {"store_1": [5, 6]}, "up_to": 12}
    found = orders(keys, agent, 5)[:, 0, :, 0]
    np.testing.assert_array_equal(found, [[0, 0], [0, 0], [10, 6], [0, 0], [0, 0]])


def test_a_store_that_must_order_takes_along_the_others_on_its_truck_where_it_may_see_them() -> None:
    keys = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "one_truck"}
    demand = {"store_1": 4, "store_2": 1, "store_3": 1}
    keys["sites"] = {name: {"holding": 1, "initial": 12} for name in demand}
    keys["lanes"] = [{"from": "supplier", "to": name, "lead_time": 0} for name in demand]
    keys["customers"] = [
        {"site": name, "shortage": 9, "demand": {"type": "constant", "value": value}} for name, value in demand.items()
    ]
    keys["trucks"] = [{"lanes": ["supplier->store_1", "supplier->store_2"], "cost": 20}]
    agent = {"type": "can_order", "reorder": 4, "can": 10, "up_to": 12}
    # store_1 is at 4 in the third period, store_2 at 10, as store_3 is, which has its goods by another truck
    together, alone = [[0, 0, 0], [0, 0, 0], [8, 2, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [8, 0, 0], [0, 0, 0]]
    for level, expected in (("central_ideal", together), ("autonomous_shared", together), ("autonomous_silo", alone)):
        np.testing.assert_array_equal(orders(keys, agent, 4, level)[:, :, 0, 0], expected, level)


def test_peers_even_out_their_stock_in_whole_units() -> None:
    lane = {"lead_time": 0, "lateral": True}
    keys = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "peers"}
    keys["sites"] = {f"store_{n}": {"holding": 1, "initial": stock} for n, stock in ((1, 20), (2, 1), (3, 6))}
    keys["lanes"] = [{"from": "supplier", "to": name, "lead_time": 2, "initial": 5} for name in keys["sites"]]
    keys["lanes"] += [{"from": one, "to": other, **lane} for one in keys["sites"] for other in keys["sites"] if one != other]
    keys["customers"] = [{"site": name, "shortage": 9, "demand": {"type": "poisson", "mean": 5}} for name in keys["sites"]]
    agent: dict[str, Any] = {"type": "transship_to_balance", "slack": 0.3}
    sim = Simulator(keys, "autonomous_shared")
    for slack, expected in ((0.3, {"store_1->store_2": 8.0, "store_1->store_3": 3.0}), (1, {"store_1->store_2": 8.0})):
        moved = orders(keys, agent | {"slack": slack}, 1, "autonomous_shared")[0, :, 0, 0]
        found = {
            name: units for name, units in zip(sim.numpy_network.lanes, moved, strict=True) if units and "supplier" not in name
        }
        assert found == expected
    balanced, alone = (
        simulated(keys, name, "autonomous_shared", episodes=400, periods=60).cost.mean() for name in (agent, "base_stock")
    )
    assert balanced < alone


@pytest.mark.parametrize("lane", [{"lead_time": 0}, {"lead_time": 1, "order_delay": 2}])
def test_a_peer_is_asked_once_for_what_it_has_on_the_shelf(lane: dict[str, Any]) -> None:
    stores = ("store_1", "store_2")
    scenario = {
        "name": "two_peers",
        "horizon": 8,
        "sites": {"store_1": {"holding": 1, "initial": 40}, "store_2": {"holding": 1}},
        "lanes": [
            *({"from": "supplier", "to": name, "lead_time": 0} for name in stores),
            {"from": "store_1", "to": "store_2", "lateral": True, **lane},
        ],
        "customers": [{"site": name, "shortage": 9, "demand": {"type": "constant", "value": 0.001}} for name in stores],
    }
    agent = {"type": "transship_to_balance", "levels": 0, "slack": 0}
    sim = Simulator(scenario, "autonomous_shared")
    lateral = sim.numpy_network.lanes.index("store_1->store_2")
    moved = orders(scenario, agent, 6, "autonomous_shared")[:, lateral, 0, 0]
    assert moved.sum() == pytest.approx(20, abs=0.1)


def test_what_peers_have_sent_is_not_asked_for_again_while_it_is_under_way() -> None:
    rules = ("transship_to_balance", "base_stock")
    balanced, alone = (orderup.evaluate("transship", "autonomous_shared", rule, episodes=50) for rule in rules)
    assert balanced.cost < 0.9 * alone.cost
    assert balanced.kpis["fill_rate"] > alone.kpis["fill_rate"]


def test_a_forecast_finds_trend_and_season() -> None:
    season = [5.0, -5.0, 0.0]
    demand = [20 + 0.5 * t + season[t % 3] for t in range(120)]
    keys = {"type": "forecast_newsvendor", "level": 0.3, "trend": 0.2, "seasonal": 0.3, "season": 3, "score": 0}
    sim, agent = Simulator(changed(store(demand, lead_time=1), horizon=120), "autonomous_silo"), make_agent(keys)
    information = sim.reset(seed=0)
    agent.reset(sim.context())
    decision = Decision(level=0.0)
    for _ in range(118):
        decision = agent.act(information)
        information, _, _ = sim.step(decision)
    assert decision.level.item() == pytest.approx(demand[117] + demand[118], rel=0.02)


@pytest.mark.parametrize("method", ["moving_average", "holt_winters"])
def test_forecasts_of_steady_demand_cost_a_little_more_than_knowing_it(method: str) -> None:
    normal = store({"type": "normal", "mean": 100, "sd": 10}, lead_time=1, initial=100)
    learnt, known = (
        simulated(normal, agent, episodes=400).cost.mean()
        for agent in ({"type": "forecast_newsvendor", "method": method}, "base_stock")
    )
    assert known < learnt < 1.25 * known


def test_a_forecast_takes_the_calendar_as_its_season_and_pays_less_for_it() -> None:
    weekly = {"type": "replay", "values": [10, 12, 30, 8, 4, 20, 60]}
    shop = changed(store(weekly["values"], lead_time=0), calendar=7, horizon=210)
    seasonal, blind = (
        simulated(shop, {"type": "forecast_newsvendor", **keys}, episodes=1, periods=160).cost.mean()
        for keys in ({}, {"method": "moving_average"})
    )
    assert seasonal < 0.6 * blind


@pytest.mark.parametrize(
    ("agent", "scenario", "level", "key"),
    [
        ("constant_order", "newsvendor", "autonomous_silo", "agent.order"),
        ("myopic", "newsvendor", "autonomous_silo", "agent"),
        ("dual_index", "newsvendor", "autonomous_silo", "agent"),
        ("single_index", "lost_sales", "autonomous_silo", "agent"),
        ("tailored_base_surge", "owmr", "autonomous_silo", "agent"),
        ("transship_to_balance", "owmr", "autonomous_shared", "agent"),
        ({"type": "s_s", "reorder": {"store_1": [1, 2]}}, "newsvendor", "autonomous_silo", "agent.reorder.store_1"),
        ({"type": "s_s", "fitted": True, "reorder": 3, "up_to": 9}, "newsvendor", "autonomous_silo", "agent.fitted"),
    ],
)
def test_a_rule_refuses_what_it_is_not_for_by_the_keys_name(agent: Any, scenario: str, level: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        make_agent(agent).reset(Simulator(scenario, level).context())
    assert caught.value.key == key


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnknownName, match="store_1"):
        make_agent({"type": "s_s", "up_to": {"store_9": 4}}).reset(Simulator("newsvendor", "autonomous_silo").context())


def test_what_a_level_does_not_show_is_refused_by_the_fields_name() -> None:
    with pytest.raises(InputError) as caught:
        orders("reference", "transship_to_balance", 1)
    assert caught.value.key == "information.on_hand"
