from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from orderup.envs.simulator import Simulator
from orderup.evaluation import Result, evaluate
from orderup.evaluation.measures.accumulator import Accumulator
from orderup.evaluation.measures.kpis import kpis_of
from orderup.evaluation.measures.structure import customers_behind

from ..cases import RANDOM, TWO_SITES, Levels, Moody, Scripted


@pytest.fixture(scope="module")
def by_hand() -> Result:
    """Orders of 6 and 2 by the store, 4 and 9 by the warehouse; its first lane is the store's.

    Period 1: the warehouse ships 6 of its 20; the store serves 10 of the 12, owes 2 and is empty; 6 + 4 are under way.
    Period 2: 6 arrive at the store, which serves the 2 and the 3 and keeps 1; 4 arrive at the warehouse, which ships 2 of its
    14 and keeps 16; 2 + 9 are under way.
    """
    return evaluate(TWO_SITES, "autonomous_silo", Scripted(quantities=[[6, 4], [2, 9]]), episodes=3)


@pytest.mark.parametrize(
    ("kpi", "value"),
    [
        ("cost", 19.0),
        ("cost_holding", (7 + 9) / 2),
        ("cost_in_transit", (3 + 1) / 2),
        ("cost_shortage", 18 / 2),
        ("fill_rate", (10 + 3) / 15),
        ("cycle_service_level", 0.5),
        ("stockout_periods", 1.0),
        ("stockout_length", 1.0),
        ("on_hand", (14 + 17) / 2),
        ("in_transit", (10 + 11) / 2),
        ("backlog", 1.0),
        ("turns", 15 / 31),
        ("days_of_supply", 31 / 15),
        ("bullwhip", 12.5 / 40.5),
        ("order_frequency", 1.0),
        ("expedite_share", 0.0),
        ("worst_fill", 13 / 15),
        ("fill_spread", 0.0),
        ("order_inflation", math.nan),
        ("plan_nervousness", math.nan),
        ("override_rate", math.nan),
        ("override_distance", math.nan),
    ],
)
def test_every_kpi_of_two_sites_in_two_periods_is_as_worked_by_hand(by_hand: Result, kpi: str, value: float) -> None:
    assert by_hand.kpis[kpi] == pytest.approx(value, nan_ok=True)
    assert by_hand.episodes[kpi].to_numpy() == pytest.approx([value] * 3, nan_ok=True)


@pytest.mark.parametrize(
    ("kpi", "store", "warehouse"),
    [
        ("echelon", 0, 1),
        ("cost", (18 + 1) / 2, (7 + 3 + 8 + 1) / 2),
        ("fill_rate", 13 / 15, math.nan),
        ("cycle_service_level", 0.5, math.nan),
        ("on_hand", 0.5, 15.0),
        ("in_transit", (6 + 2) / 2, (4 + 9) / 2),
        ("turns", 15 / 1, 8 / 30),
        ("days_of_supply", 1 / 15, 30 / 15),
        ("bullwhip", 8 / 40.5, 12.5 / 40.5),
    ],
)
def test_every_kpi_of_a_site_is_as_worked_by_hand(by_hand: Result, kpi: str, store: float, warehouse: float) -> None:
    assert by_hand.sites.loc["store_1", kpi] == pytest.approx(store)
    assert by_hand.sites.loc["warehouse_1", kpi] == pytest.approx(warehouse, nan_ok=True)


def test_all_kpis_have_been_worked_by_hand(by_hand: Result) -> None:
    assert list(by_hand.kpis) == [kpi.name for kpi in kpis_of(["holding", "in_transit", "shortage"], map(str, by_hand.sums))]


@pytest.mark.parametrize(
    ("table", "row", "kpi", "value"),
    [
        ("echelons", 0, "cost", 19 / 2),
        ("echelons", 1, "on_hand", 15.0),
        ("products", "product", "fill_rate", 13 / 15),
        ("products", "product", "in_transit", (10 + 11) / 2),
        ("products", "product", "stockout_periods", 1.0),
        ("segments", "all", "demanded", 15 / 2),
        ("segments", "all", "backlog", 1.0),
        ("lanes", "warehouse_1->store_1", "shipped", 8 / 2),
        ("lanes", "supplier->warehouse_1", "share", 1.0),
    ],
)
def test_echelons_products_segments_and_lanes_are_as_worked_by_hand(
    by_hand: Result, table: str, row: Any, kpi: str, value: float
) -> None:
    assert getattr(by_hand, table).loc[row, kpi] == pytest.approx(value)


def test_products_and_segments_add_up_to_the_network() -> None:
    result = evaluate(RANDOM, agents=Moody(), episodes=20, batch=7)
    for kpi in ("on_hand", "in_transit", "backlog"):
        assert result.products[kpi].sum() == pytest.approx(result.kpis[kpi])
    assert result.segments["backlog"].sum() == pytest.approx(result.kpis["backlog"])
    assert list(result.segments.index) == ["first", "all", "second"]
    assert result.product_sums["on_time"].sum() == pytest.approx(result.sums["on_time"].sum())
    assert result.segment_sums["on_time"].sum() == pytest.approx(result.sums["on_time"].sum())
    assert result.product_sums["pair_periods"].sum() == pytest.approx(result.sums["pair_periods"].sum())


def test_echelons_add_up_to_the_network_and_keep_their_periods() -> None:
    result = evaluate(RANDOM, agents=Moody(), episodes=20, batch=7)
    assert result.echelons["cost"].sum() == pytest.approx(result.cost)
    assert result.echelons.loc[0, "fill_rate"] == pytest.approx(result.kpis["fill_rate"])
    assert result.echelons.loc[0, "order_frequency"] == pytest.approx(
        result.sites.loc[["store_1", "store_2"], "order_frequency"].mean()
    )


def test_the_worst_site_of_every_episode_is_found() -> None:
    steps = played(RANDOM, Moody(), batch=4)[RANDOM["warmup"] :]
    demand, served, owed = (
        np.array(rows) for rows in zip(*((f.demand, f.served, before.backlog) for before, f in steps), strict=True)
    )
    on_time, asked = np.maximum(served - owed, 0).sum(axis=(0, 2)), demand.sum(axis=(0, 2))
    fill = np.array([(on_time[0] + on_time[2]) / (asked[0] + asked[2]), on_time[1] / asked[1]])
    result = evaluate(RANDOM, agents=Moody(), episodes=4, batch=4)
    assert result.episodes["worst_fill"].to_numpy() == pytest.approx(fill.min(axis=0))
    assert result.episodes["fill_spread"].to_numpy() == pytest.approx(np.ptp(fill, axis=0))


BANDED: dict[str, Any] = {"name": "banded", "visibility": "neighbours", "authority": "band", "band": 1}


def test_what_sites_and_centre_owe_each_other_is_as_worked_by_hand() -> None:
    # The centre moves its levels by 4 and 3; the warehouse goes 3 from it, then the store 6, of 7.5 mean demand.
    centre, sites = Levels(levels=[[10, 30], [14, 27]]), Levels(levels=[[10, 33], [20, 27]])
    result = evaluate(TWO_SITES, BANDED, {"type": "team", "planner": centre, "sites": sites}, episodes=2)
    assert result.kpis["plan_nervousness"] == pytest.approx((4 + 3) / 2)
    assert result.kpis["override_rate"] == pytest.approx(2 / 4)
    assert result.kpis["override_distance"] == pytest.approx((3 + 6) / 7.5 / 4)
    assert result.sites["plan_nervousness"].to_list() == pytest.approx([4, 3])
    assert result.sites["override_rate"].to_list() == pytest.approx([0.5, 0.5])


def test_a_centre_whose_levels_stay_is_not_nervous_and_nobody_departs_from_it() -> None:
    kpis = evaluate(RANDOM, "hybrid_soe", "base_stock", episodes=3).kpis
    assert kpis["plan_nervousness"] == kpis["override_rate"] == kpis["override_distance"] == 0
    assert math.isnan(evaluate(RANDOM, "central_ideal", "base_stock", episodes=3).kpis["override_rate"])


def test_what_comes_by_a_faster_lane_than_the_main_one_is_expedited() -> None:
    slow, fast = {"from": "supplier", "to": "store_1"}, {"from": "supplier_2", "to": "store_1"}
    lanes = [{**slow, "lead_time": 1, "unit_cost": 1}, {**fast, "lead_time": 0, "unit_cost": 3}]
    scenario = {**TWO_SITES, "sites": {"store_1": {"holding": 1, "initial": 10}}, "lanes": lanes}
    result = evaluate(scenario, agents=Scripted(quantities=[[6, 2], [1, 3]]), episodes=2)
    assert result.kpis["expedite_share"] == pytest.approx(5 / 12)
    assert result.lanes["share"].to_list() == pytest.approx([7 / 12, 5 / 12])


def test_the_sites_costs_sum_to_the_networks_and_terms_to_the_cost() -> None:
    result = evaluate(RANDOM, agents=Moody(), episodes=20)
    assert result.sites["cost"].sum() == pytest.approx(result.cost)
    assert result.sites["cost_transfer"].abs().max() > 1
    assert sum(value for name, value in result.kpis.items() if name.startswith("cost_")) == pytest.approx(result.cost)


def test_a_policy_that_never_runs_out_serves_everything_on_time() -> None:
    generous = {**RANDOM, "sites": {name: {**site, "initial": 10_000} for name, site in RANDOM["sites"].items()}}
    result = evaluate(generous, agents="hold", episodes=5)
    assert result.kpis["fill_rate"] == result.kpis["cycle_service_level"] == 1
    assert result.kpis["stockout_periods"] == result.kpis["backlog"] == result.kpis["order_frequency"] == 0
    assert math.isnan(result.kpis["stockout_length"])


def test_a_policy_without_stock_serves_nothing_on_time() -> None:
    empty = {**RANDOM, "sites": {name: {**site, "initial": 0} for name, site in RANDOM["sites"].items()}}
    result = evaluate(empty, agents="hold", episodes=5)
    assert result.kpis["fill_rate"] == result.kpis["turns"] == 0 or math.isnan(result.kpis["turns"])
    assert result.kpis["stockout_length"] > 5


def test_units_on_time_are_those_of_a_queue_that_is_served_oldest_first() -> None:
    flows = [flow for _, flow in played(RANDOM, Moody(), batch=4)]
    on_time = np.zeros_like(flows[0].demand)
    owed: list[Any] = []
    for period, flow in enumerate(flows):
        owed.append(flow.demand.copy())
        left = flow.served.copy()
        for entry in owed:
            given = np.minimum(left, entry)
            entry -= given
            left -= given
        on_time += (flow.demand - owed[-1]) * (period >= RANDOM["warmup"])
        owed = [entry * backlogged() for entry in owed]
    result = evaluate(RANDOM, agents=Moody(), episodes=4, batch=4)
    assert result.sums["on_time"].to_numpy() == pytest.approx(on_time.sum(axis=(0, 1)))
    assert 0.2 < result.kpis["fill_rate"] < 0.9


def test_the_bullwhip_is_the_ratio_of_the_variances_of_orders_and_demand() -> None:
    steps = played(RANDOM, Moody(), batch=4)[RANDOM["warmup"] :]
    orders = np.array([flow.orders for _, flow in steps])
    demand = np.array([flow.demand for _, flow in steps])
    result = evaluate(RANDOM, agents=Moody(), episodes=4, batch=4)
    network = Simulator(RANDOM).numpy_network
    into = {name: [lane for lane in range(4) if network.lanes[lane].endswith(f"->{name}")] for name in network.sites}
    into["store_2"].remove(network.lanes.index("store_1->store_2"))
    for site, behind in (("store_1", [0, 2]), ("store_2", [1]), ("warehouse_1", [0, 1, 2])):
        expected = variance(orders[:, into[site]]) / variance(demand[:, behind])
        assert result.sites.loc[site, "bullwhip"] == pytest.approx(expected)
    assert result.kpis["bullwhip"] == pytest.approx(result.sites.loc["warehouse_1", "bullwhip"])


def test_stockouts_are_counted_by_site_product_and_spell() -> None:
    flows = [flow for _, flow in played(RANDOM, Moody(), batch=4)][RANDOM["warmup"] :]
    unmet = np.array([flow.unmet for flow in flows])
    short = np.stack([unmet[:, 0] + unmet[:, 2], unmet[:, 1]], axis=1) > 0
    starts = short & ~np.concatenate([np.zeros_like(short[:1]), short[:-1]])
    kpis = evaluate(RANDOM, agents=Moody(), episodes=4, batch=4).kpis
    assert kpis["cycle_service_level"] == pytest.approx(1 - short.mean())
    assert kpis["stockout_periods"] == pytest.approx(short.sum() / (4 * 4))
    assert kpis["stockout_length"] == pytest.approx(short.sum() / starts.sum())


def test_constant_demand_has_no_bullwhip() -> None:
    constant = {**TWO_SITES, "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "constant", "value": 0.1}}]}
    assert math.isnan(evaluate(constant, horizon=40, episodes=2).kpis["bullwhip"])


def test_where_nothing_is_ordered_from_outside_the_network_has_no_bullwhip_and_its_sites_have() -> None:
    """A plant makes what it sells of nothing: its orders are to itself."""
    made = {
        "name": "made",
        "horizon": 40,
        "warmup": 5,
        "sites": {"plant_1": {"holding": 1, "initial": 20}},
        "lanes": [{"make": "product", "at": "plant_1", "lead_time": 1}],
        "customers": [{"site": "plant_1", "shortage": 9, "demand": {"type": "poisson", "mean": 5}}],
    }
    result = evaluate(made, episodes=2)
    assert math.isnan(result.kpis["bullwhip"])
    assert result.episodes["bullwhip"].isna().all()
    assert result.sites.loc["plant_1", "bullwhip"] == pytest.approx(1, abs=0.1)


def test_one_period_has_no_variance_and_no_bullwhip() -> None:
    assert math.isnan(evaluate(TWO_SITES, horizon=1, episodes=2).kpis["bullwhip"])


def test_an_order_that_is_only_rounding_is_not_counted() -> None:
    result = evaluate(TWO_SITES, agents=Scripted(quantities=[[1e-12, 4], [0, 9]]), episodes=1)
    assert result.sites["order_frequency"].to_list() == [0, 1]


def test_a_customer_is_behind_the_sites_its_stock_mainly_comes_through() -> None:
    network = Simulator(RANDOM).numpy_network
    assert network.customers == ("store_1/first", "store_2/all", "store_1/second")
    assert customers_behind(network).tolist() == [[True, False, True], [False, True, False], [True, True, True]]


def test_nothing_counted_says_nothing() -> None:
    sim = Simulator(TWO_SITES)
    sim.reset(seed=0)
    with pytest.raises(RuntimeError, match="nothing has been counted"):
        Accumulator(sim).sums()


def played(scenario: Any, agent: Any, batch: int) -> list[Any]:
    """State before and flows of every period, as the evaluation's first batch sees them."""
    sim = Simulator(scenario, batch=batch, split="test")
    sim.reset(seed=10_000)
    agent.reset(sim.context(int(np.random.SeedSequence([10_000, 0]).generate_state(1)[0])))
    steps = []
    while not sim.done:
        before = sim.now.state
        sim.step(agent.act(sim.information))
        steps.append((before, sim.now.flows))
    return steps


def backlogged() -> Any:
    """1 for customers who wait, 0 for those who do not (C, 1, 1)."""
    return np.array([1.0, 0.0, 1.0])[:, None, None]


def variance(rows: Any) -> float:
    """Variance over time of the sum of rows (T, rows, K, B), summed over products and episodes."""
    return float(rows.sum(axis=1).var(axis=0, ddof=1).sum())
