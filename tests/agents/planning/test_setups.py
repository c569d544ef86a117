"""Plans of orders that cost something whatever their size, or come in certain sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents import make_agent
from orderup.agents.exact import zheng_federgruen
from orderup.agents.planning import mpc
from orderup.agents.planning.programs import Solution
from orderup.agents.planning.programs.lots import EconomicLots, LotRules
from orderup.agents.planning.programs.setups import SetupProgram
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.network.building import build
from orderup.envs.simulator import Simulator

DEMAND = [69, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]
PLANNED: dict[str, Any] = {"type": "mpc", "lot_seconds": 60}
"""Time enough on a busy machine, so that plans are the same on every one."""
FEW: dict[str, Any] = {**PLANNED, "scenarios": 8}


def store(demand: Any, lane: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """One site, with goods that are there in the period they are ordered in."""
    products = keys.pop("products", ["product"])
    return {
        "name": "a_store",
        "horizon": 60,
        "products": products,
        "sites": {"store_1": {"holding": keys.pop("holding", 1), "initial": keys.pop("initial", 0)}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 0, **lane}],
        "customers": [{"site": "store_1", "shortage": keys.pop("shortage", 1000), "demand": demand}],
    }


def played(scenario: Any, agent: Any, periods: int, batch: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64], Any]:
    """Cost (T, B) and orders (T, B, L, K) of every period, and the agent."""
    sim, policy = Simulator(scenario, "central_ideal", batch=batch, horizon=periods), make_agent(agent)
    sim.reset(seed=3)
    policy.reset(sim.context(seed=1))
    costs, orders = [], []
    for _ in range(periods):
        decision = policy.act(sim.information)
        orders.append(np.array(decision.quantity))
        costs.append(np.array(sim.step(decision)[1].cost))
    return np.array(costs), np.array(orders), policy


@pytest.mark.parametrize(
    ("values", "holding", "fixed", "window", "optimum"),
    [(DEMAND, 1, 102, 12, 897), (DEMAND, 1, 102, 6, 897), ([90, 120, 80, 70], 2, 500, 4, 1380)],
    ids=["twelve periods seen", "six at a time", "Snyder and Shen 3.9"],
)
def test_what_is_known_is_ordered_in_the_lots_of_wagner_and_whitin(
    values: list[int], holding: float, fixed: float, window: int, optimum: float
) -> None:
    demand = {"type": "replay", "values": values + [0] * len(values), "then": "hold"}
    scenario = store(demand, {"fixed_cost": fixed}, holding=holding)
    agent = {**PLANNED, "scenarios": 1, "horizon": window, "gap": 0}
    assert played(scenario, agent, len(values))[0].sum() == pytest.approx(optimum)
    assert played(scenario, "wagner_whitin", len(values))[0].sum() == pytest.approx(optimum)


def test_the_first_lot_is_near_the_best_order_up_to_level_and_none_is_ordered_well_above_the_reorder_point() -> None:
    best = zheng_federgruen(1, 9, 64, 0, stats.poisson(5))
    assert (best.reorder, best.up_to) == (2, 27)
    for stock, least, most in ((0, 24, 28), (6, 0, 0)):
        scenario = store({"type": "poisson", "mean": 5}, {"fixed_cost": 64}, shortage=9, initial=stock)
        order = played(scenario, {**PLANNED, "scenarios": 30}, 1, batch=2)[1]
        assert least <= order.min() <= order.max() <= most, stock


@pytest.mark.slow
@pytest.mark.parametrize(("fixed", "shortage"), [(64, 9), pytest.param(400, 2, marks=pytest.mark.exhaustive)])
def test_orders_in_unknown_demand_cost_little_more_than_the_best_reorder_policy(fixed: float, shortage: float) -> None:
    scenario = store({"type": "poisson", "mean": 5}, {"fixed_cost": fixed}, shortage=shortage, initial=20)
    planned, best = (played(scenario, agent, 80, batch=3)[0][20:].mean() for agent in (PLANNED, "s_s"))
    assert planned < 1.05 * best


def test_products_that_share_the_cost_of_an_order_are_ordered_together() -> None:
    demand = {"type": "constant", "value": 10}
    shared = store(demand, {"fixed_cost": 60}, products=["tea", "coffee"])
    apart = store(demand, {"setup": {"tea": 60, "coffee": 5}}, products=["tea", "coffee"])
    keys = {**PLANNED, "scenarios": 1, "horizon": 6}
    placed = {name: played(keys_of, keys, 8)[1][:, 0, 0] > 0 for name, keys_of in (("shared", shared), ("apart", apart))}
    assert (placed["shared"][:, 0] == placed["shared"][:, 1]).all()
    assert 2 <= placed["shared"][:, 0].sum() <= 4
    tea, coffee = placed["apart"].sum(axis=0).tolist()
    assert tea in (2, 3)  # every three periods costs 60/3 + 10, every four 60/4 + 15
    assert coffee == 8


def test_orders_keep_minima_and_packs_as_planned() -> None:
    scenario = store({"type": "poisson", "mean": 5}, {"minimum": 12, "multiple": 4}, shortage=9)
    orders = played(scenario, FEW, 10)[1]
    assert set(np.unique(orders)) <= {0.0, 12.0, 16.0, 20.0}
    together = store({"type": "poisson", "mean": 5}, {"minimum_order": 30}, shortage=9, products=["tea", "coffee"])
    of_both = played(together, {**FEW, "scenarios": 2}, 4)[1].sum(axis=3)
    assert ((of_both == 0) | (of_both >= 29)).all()


def test_a_stores_lots_are_brought_to_its_warehouse_just_in_time() -> None:
    scenario = {
        "name": "just_in_time",
        "horizon": 24,
        "sites": {"store_1": {"holding": 1, "initial": 0}, "warehouse_1": {"holding": 0.5, "initial": 0}},
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 1, "fixed_cost": 40},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
        ],
        "customers": [{"site": "store_1", "shortage": 20, "demand": {"type": "constant", "value": 10}}],
    }
    costs, orders, _ = played(scenario, {**FEW, "scenarios": 1}, 18)
    assert orders[9:, 0].max(axis=0).ravel().tolist() == [30, 30]
    # every three periods 40 for the order, 15 a period at the warehouse and under way, and 20 + 10 at the store
    assert costs[9:].mean() == pytest.approx((40 + 15 + 15 + 20 + 10) / 3)


def test_what_a_site_has_ordered_leaves_its_source_later_without_another_order() -> None:
    scenario = {
        "name": "ordered_before",
        "horizon": 6,
        "sites": {"store_1": {"holding": 1, "initial": 0}, "warehouse_1": {"holding": 0.5, "initial": 0}},
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 0, "fixed_cost": 500},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
        ],
        "customers": [{"site": "store_1", "shortage": 20, "demand": {"type": "constant", "value": 10}}],
    }
    sim, agent = Simulator(scenario, "central_ideal", horizon=6), make_agent({**FEW, "scenarios": 1, "horizon": 6})
    sim.reset(seed=0)
    agent.reset(sim.context())
    sim.step(Decision(quantity=np.array([[[60.0], [60.0]]])))  # the source has nothing yet
    assert agent.act(sim.information).quantity[0, 0, 0] == 0


def test_a_plan_that_is_not_proven_is_said_and_one_without_lots_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = store({"type": "poisson", "mean": 5}, {"fixed_cost": 64}, shortage=9)
    solve = SetupProgram.solve

    def unproven(*arguments: Any) -> Solution:
        found = solve(*arguments)
        return Solution(found.values, found.cost, "time", proven=False)

    monkeypatch.setattr(SetupProgram, "solve", unproven)
    _, _, agent = played(scenario, FEW, 2)
    assert (agent.solved, agent.unproven, agent.without_lots) == (2, 2, 0)
    monkeypatch.setattr(SetupProgram, "solve", lambda *arguments: Solution(None, float("nan"), "time"))
    _, orders, agent = played(scenario, FEW, 2)
    assert (agent.solved, agent.unproven, agent.without_lots) == (2, 0, 2)
    lot = np.sqrt(2 * 64 * 5 * (1 + 1 / 9))
    assert orders[0, 0, 0, 0] == round(lot)
    sim = Simulator(scenario, "central_ideal")
    assert "plans without lots, raised to economic ones, stood in for 2" in " ".join(agent.caveats(sim.context()))


def test_a_network_without_lots_is_planned_by_the_linear_program_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpc, "SetupProgram", None)
    assert played("newsvendor", FEW, 3)[2].solved == 3


def test_economic_lots_are_those_of_the_square_root_formula() -> None:
    network = build(load_scenario(store({"type": "constant", "value": 10}, {"fixed_cost": 80}, shortage=4)))
    lots = EconomicLots.of(network, LotRules.of(network))
    assert 10 * lots.interval[0, 0] == pytest.approx(np.sqrt(2 * 80 * 10 * (4 + 1) / 4))
    assert 10 * lots.saved[0, 0] == pytest.approx(np.sqrt(2 * 80 * 10 * 4 / (4 + 1)))
    assert lots.most[0, 0] == pytest.approx(10 * lots.interval[0, 0] * 4 / 5)


@pytest.mark.parametrize("keys", [{"gap": -0.1}, {"gap": 2}, {"lot_seconds": 0}, {"lot_periods": 0}])
def test_what_is_no_gap_time_or_number_of_periods_is_refused(keys: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(keys))):
        make_agent({"type": "mpc", **keys})


def on_a_truck(**lane: Any) -> dict[str, Any]:
    """Two stores whose orders cost nothing but the truck that they have in common."""
    return {
        "name": "on_a_truck",
        "horizon": 60,
        "warmup": 0,
        "sites": {name: {"holding": 1.0, "initial": 0} for name in ("store_1", "store_2")},
        "lanes": [{"from": "supplier", "to": name, "lead_time": 0, **lane} for name in ("store_1", "store_2")],
        "trucks": [{"lanes": ["supplier->store_1", "supplier->store_2"], "cost": 60}],
        "customers": [
            {"site": name, "shortage": 100, "demand": {"type": "constant", "value": 5}} for name in ("store_1", "store_2")
        ],
    }


def test_lanes_that_have_a_truck_in_common_order_together_and_as_seldom_as_the_economic_lot() -> None:
    sim, agent = Simulator(on_a_truck(), "central_ideal", horizon=12), make_agent({"type": "mpc", "scenarios": 1})
    sim.reset(seed=0)
    agent.reset(sim.context())
    placed = []
    for _ in range(12):
        decision = agent.act(sim.information)
        placed.append(np.asarray(decision.quantity)[0, :, 0].tolist())
        sim.step(decision)
    # 3 periods of 10 units: 60 / 3 + 10 · (0 + 1 + 2) / 3 is 30 a period, as is 60 / 4 + 10 · (0 + 1 + 2 + 3) / 4
    assert [index for index, orders in enumerate(placed) if sum(orders) > 0] in ([0, 3, 6, 9], [0, 4, 8])
    assert all(one == other for one, other in placed)
