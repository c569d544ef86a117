"""Periods worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orderup.envs.policy import Decision, Decisions
from orderup.envs.simulator import Simulator

from .by_hand import Play, demand, scenario


def one_store(lane: dict[str, Any], *demands: float, **site: Any) -> Play:
    lanes = [{"from": "supplier", "to": "store_1", **lane}]
    return Play(scenario({"store_1": site}, lanes, [{"site": "store_1", "demand": demand(*demands)}]))


def two_stores(stock: float, rationing: str, lanes: tuple[dict[str, Any], dict[str, Any]] = ({}, {}), **keys: Any) -> Play:
    """A warehouse with so much stock over two stores with mean demands 2 and 4, which has not come yet."""
    sites = {
        "store_1": {"initial": 1},
        "store_2": {"initial": 8},
        "warehouse_1": {"initial": stock, "rationing": rationing, **keys},
    }
    out = [{"from": "warehouse_1", "to": f"store_{n}", "lead_time": 1, **lane} for n, lane in zip((1, 2), lanes, strict=True)]
    customers = [{"site": f"store_{n}", "demand": {"type": "replay", "values": [0, 4 * n]}} for n in (1, 2)]
    return Play(scenario(sites, [*out, {"from": "supplier", "to": "warehouse_1"}], customers))


# When things arrive


def test_without_lead_time_an_order_serves_the_demand_of_its_own_period() -> None:
    play = one_store({}, 3, 4, 10, initial=5)
    play.step({"supplier->store_1": 6})
    assert (play.orders["supplier->store_1"], play.receipts["supplier->store_1"], play.on_hand["store_1"]) == (1, 1, 3)
    play.step({"supplier->store_1": 6})
    assert (play.orders["supplier->store_1"], play.on_hand["store_1"]) == (3, 2)
    play.step({"supplier->store_1": 6})
    assert (play.orders["supplier->store_1"], play.on_hand["store_1"], play.backlog["store_1/all"]) == (4, 0, 4)
    play.step({"supplier->store_1": 6})
    assert play.orders["supplier->store_1"] == 10  # 6 − (0 − 4)


@pytest.mark.parametrize("lead_time", [1, 2])
def test_a_shipment_is_on_the_shelf_before_the_demand_of_its_lead_time_later(lead_time: int) -> None:
    play = one_store({"lead_time": lead_time}, 0, 0, 0, 0)
    stock, transit = [], []
    for quantity in (5, 7, 0, 0):
        play.step(quantities={"supplier->store_1": quantity})
        stock.append(play.on_hand["store_1"])
        transit.append(play.in_transit["supplier->store_1"])
    assert stock == {1: [0, 5, 12, 12], 2: [0, 0, 5, 12]}[lead_time]
    assert transit == {1: [5, 7, 0, 0], 2: [5, 12, 7, 0]}[lead_time]


def test_the_pipeline_at_the_start_arrives_period_by_period() -> None:
    play = one_store({"lead_time": 2, "order_delay": 1, "initial": 4}, 0)
    assert (play.in_transit["supplier->store_1"], play.on_order["supplier->store_1"]) == (8, 12)
    assert [play.step().on_hand["store_1"] for _ in range(4)] == [4, 8, 12, 12]


def test_a_level_counts_what_is_on_order() -> None:
    play = one_store({"lead_time": 2}, 3, 1, 0, initial=4)
    assert play.step({"supplier->store_1": 10}).orders["supplier->store_1"] == 6
    assert play.step({"supplier->store_1": 10}).orders["supplier->store_1"] == 3
    assert play.step({"supplier->store_1": 10}).orders["supplier->store_1"] == 1


def test_a_delayed_order_is_known_and_shipped_later() -> None:
    play = one_store({"lead_time": 1, "order_delay": 2}, 0)
    seen = []
    for quantity in (5, 0, 0, 0):
        play.step(quantities={"supplier->store_1": quantity})
        lane = "supplier->store_1"
        seen.append((play.known[lane], play.shipments[lane], play.receipts[lane], play.on_order[lane], play.in_transit[lane]))
    assert seen == [(0, 0, 0, 5, 0), (0, 0, 0, 5, 0), (5, 5, 0, 5, 5), (0, 0, 5, 0, 0)]


def test_shipments_may_overtake_one_another() -> None:
    play = one_store({"lead_time": {"type": "uniform_integer", "low": 0, "high": 3}}, 0)
    trace = play.simulator.trace
    assert trace is not None
    assert trace.lead_time is not None
    times = np.array([3, 1, 0, 0]).reshape(-1, 1, 1, 1)
    play.simulator.replay(replace(trace, demand=trace.demand[:4], lead_time=times))
    receipts, transit = [], []
    for quantity in (5, 7, 2, 0):
        play.step(quantities={"supplier->store_1": quantity})
        receipts.append(play.receipts["supplier->store_1"])
        transit.append(play.in_transit["supplier->store_1"])
    assert receipts == [0, 0, 9, 5]  # 7 of period 1 and 2 of period 2 come before the 5 of period 0
    assert transit == [5, 12, 5, 0]


# Who orders what


def line(**lanes: Any) -> Play:
    sites = {"store_1": {"initial": 7}, "warehouse_1": {"initial": 8}}
    inner = {"from": "warehouse_1", "to": "store_1", "lead_time": 1, **lanes}
    outer = {"from": "supplier", "to": "warehouse_1"}
    return Play(scenario(sites, [outer, inner], [{"site": "store_1", "demand": demand(2, 6, 0)}]))


def test_orders_are_worked_out_downstream_first() -> None:
    play = line().step({"warehouse_1->store_1": 10, "supplier->warehouse_1": 8})
    assert play.orders == {"warehouse_1->store_1": 3, "supplier->warehouse_1": 3}  # 8 − (8 − 3), known in the same period
    play.step({"warehouse_1->store_1": 10, "supplier->warehouse_1": 8})
    assert play.orders == {"warehouse_1->store_1": 2, "supplier->warehouse_1": 2}


def test_a_site_orders_for_a_delayed_order_when_it_learns_of_it() -> None:
    play = line(order_delay=2)
    levels = {"warehouse_1->store_1": 10, "supplier->warehouse_1": 8}
    seen = [tuple(play.step(levels).orders.values()) for _ in range(5)]
    assert seen == [(3, 0), (2, 0), (6, 3), (0, 2), (0, 6)]


def test_what_arrives_is_shipped_on_from_the_next_period() -> None:
    sites: dict[str, dict[str, Any]] = {"store_1": {}, "warehouse_1": {}}
    lanes = [{"from": "supplier", "to": "warehouse_1"}, {"from": "warehouse_1", "to": "store_1"}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}]))
    play.step(quantities={"supplier->warehouse_1": 5, "warehouse_1->store_1": 5})
    assert (play.on_hand, play.open_orders["warehouse_1->store_1"]) == ({"store_1": 0, "warehouse_1": 5}, 5)
    assert play.step().on_hand == {"store_1": 5, "warehouse_1": 0}


def dual(fast: int = 0, slow: int = 3) -> Play:
    lanes = [
        {"from": "supplier_slow", "to": "store_1", "lead_time": slow, "initial": 1},
        {"from": "supplier_fast", "to": "store_1", "lead_time": fast},
    ]
    return Play(scenario({"store_1": {"initial": 2}}, lanes, [{"site": "store_1", "demand": demand(4, 1, 6, 2)}]))


def test_of_two_lanes_each_looks_at_what_arrives_within_its_own_lead_time() -> None:
    levels = {"supplier_slow->store_1": 12, "supplier_fast->store_1": 5}
    play = dual().step(levels)
    # 2 + 1 arriving now: fast orders 2. With 2 more on the way and those 2 the position is 7: slow orders 5. Then 5 − 4 = 1.
    assert play.orders == {"supplier_slow->store_1": 5, "supplier_fast->store_1": 2}
    assert play.on_hand["store_1"] == 1
    play.step(levels)
    # 1 + 1 now: fast 3. Position 1 + 1 + 1 + 5 + 3 = 11: slow 1. Then 5 − 1 = 4.
    assert play.orders == {"supplier_slow->store_1": 1, "supplier_fast->store_1": 3}
    play.step(levels)
    # 4 + 1 now: fast 0. Position 4 + 1 + 5 + 1 = 11: slow 1. Then 5 − 6: 1 owed.
    assert play.orders == {"supplier_slow->store_1": 1, "supplier_fast->store_1": 0}
    assert play.backlog["store_1/all"] == 1
    play.step(levels)
    # −1 + 5 now: fast 1. Position −1 + 5 + 1 + 1 + 1 = 7: slow 5.
    assert play.orders == {"supplier_slow->store_1": 5, "supplier_fast->store_1": 1}


def test_open_orders_count_for_a_lane_that_is_no_faster() -> None:
    sites = {"store_1": {"initial": 1}, "warehouse_1": {}}
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 2},
        {"from": "supplier", "to": "store_1", "lead_time": 0, "name": "express"},
        {"from": "supplier", "to": "warehouse_1"},
    ]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}])).step(quantities={"warehouse_1->store_1": 6})
    play.step({"warehouse_1->store_1": 10, "express": 4})
    # The 6 that the warehouse could not ship come too late for the express lane (1 on hand), but not for another order there.
    assert (play.orders["express"], play.orders["warehouse_1->store_1"]) == (3, 0)  # 10 − (1 + 6 + 3)


def peers(lateral: int = 0) -> Play:
    sites = {"store_1": {"initial": 1}, "store_2": {"initial": 9}}
    lanes = [
        {"from": "supplier", "to": "store_1", "lead_time": 1, "name": "regular_1"},
        {"from": "supplier", "to": "store_2", "lead_time": 1, "name": "regular_2"},
        {"from": "store_2", "to": "store_1", "lead_time": lateral, "lateral": True, "name": "across"},
        {"from": "store_1", "to": "store_2", "lead_time": lateral, "lateral": True, "name": "back"},
    ]
    return Play(scenario(sites, lanes, [{"site": "store_1", "demand": demand(3)}, {"site": "store_2"}]))


def test_what_is_ordered_of_a_peer_counts_for_both_at_once() -> None:
    play = peers().step({"regular_1": 10, "regular_2": 10}, {"across": 4})
    assert play.orders == {"across": 4, "back": 0, "regular_1": 5, "regular_2": 5}  # 10 − (1 + 4) and 10 − (9 − 4)
    assert play.on_hand == {"store_1": 2, "store_2": 5}


def test_what_is_ordered_of_a_slow_peer_does_not_count_for_a_faster_lane() -> None:
    assert peers(lateral=3).step({"regular_1": 10}, {"across": 4}).orders["regular_1"] == 9


def approved(sites: dict[str, Any], lanes: list[dict[str, Any]], levels: dict[str, float]) -> list[dict[str, float]]:
    """What is released of orders that all wait three periods for approval, with demand of 5 in every period at store_1."""
    autonomy = {"name": "test", "visibility": "silo", "authority": "approve", "approval_threshold": 0, "approval_latency": 3}
    simulator = Simulator(scenario(sites, lanes, [{"site": "store_1", "demand": demand(5)}]), autonomy)
    simulator.reset(seed=0)
    ours = np.array([[levels[label]] for label in simulator.plan.lanes])
    released = []
    for _ in range(8):
        simulator.step(Decisions(Decision(level=0.0 * ours - 99), Decision(level=ours)))
        assert simulator.now.flows is not None
        released.append(dict(zip(simulator.plan.lanes, simulator.now.flows.orders[:, 0, 0].tolist(), strict=True)))
    return released


def test_what_waits_for_approval_on_a_slow_lane_is_no_use_to_a_fast_one() -> None:
    lanes = [
        {"from": "supplier", "to": "store_1", "lead_time": 4, "name": "slow"},
        {"from": "supplier", "to": "store_1", "name": "fast"},
    ]
    released = approved({"store_1": {"initial": 5}}, lanes, {"slow": 30, "fast": 5})
    assert [orders["slow"] for orders in released] == [0, 0, 0, 25, 0, 0, 0, 0]  # 30 − 5, once
    assert [orders["fast"] for orders in released] == [0, 0, 0, 0, 5, 5, 5, 5]  # proposed since period 1


def test_a_source_counts_on_a_proposal_once_and_for_good() -> None:
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "name": "inner"},
        {"from": "supplier", "to": "warehouse_1", "name": "outer"},
    ]
    released = approved({"store_1": {"initial": 20}, "warehouse_1": {"initial": 20}}, lanes, {"inner": 20, "outer": 20})
    for lane in ("inner", "outer"):
        assert [orders[lane] for orders in released] == [0, 0, 0, 0, 5, 5, 5, 5]


def test_peers_may_ask_each_other_for_stock() -> None:
    play = peers().step(quantities={"across": 4, "back": 1})
    assert play.on_hand == {"store_1": 1, "store_2": 6}  # 1 − 1 + 4 − 3 and 9 − 4 + 1


def test_a_lane_takes_its_minimum_and_whole_multiples() -> None:
    lane = "supplier->store_1"
    play = one_store({"minimum": 5, "multiple": 4}, 0)
    orders = [play.step(quantities={lane: quantity}).orders[lane] for quantity in (0, 3, 8, 8.5)]
    assert orders == [0, 8, 8, 12]


def test_a_rounding_error_is_no_order() -> None:
    play = one_store({"minimum": 5, "fixed_cost": 7}, 0.1, 0, initial=0.3)
    play.step()
    play.step({"supplier->store_1": 0.2})
    assert 0.2 - (0.3 - 0.1) > 0
    assert (play.orders["supplier->store_1"], play.cost("fixed")["store_1"]) == (0, 0)


def test_a_lane_brings_only_the_products_that_it_carries() -> None:
    lanes = [
        {"from": "supplier", "to": "store_1", "products": ["tea"], "lead_time": 1, "initial": 3, "unit_cost": {"tea": 2}},
        {"from": "supplier", "to": "store_1", "name": "other"},
    ]
    play = Play(scenario({"store_1": {}}, lanes, [{"site": "store_1"}], products=["tea", "coffee"]))
    play.step({"supplier->store_1": [9, 9], "other": [0, 0]})
    assert play.orders["supplier->store_1"] == [6, 0]
    assert play.on_hand["store_1"] == [3, 0]
    assert play.cost("purchase")["store_1"] == 12


# Who gets what


@pytest.mark.parametrize(
    ("rationing", "lanes", "shares"),
    [
        ("proportional", ({}, {}), (4, 8)),
        ("priority", ({"priority": 1}, {"priority": 0}), (0, 12)),
        ("priority", ({"priority": 0}, {"priority": 1}), (10, 2)),
        # Means 2 and 4, positions 1 and 8: 2c − 1 + 4c − 8 = 12 at c = 3.5 periods of cover.
        ("even_cover", ({}, {}), (6, 6)),
        # The first can take only 3: the second gets the rest.
        ("even_cover", ({"capacity": 3}, {}), (3, 9)),
    ],
)
def test_a_source_divides_what_it_has(rationing: str, lanes: Any, shares: tuple[float, float]) -> None:
    play = two_stores(12, rationing, lanes).step(quantities={"warehouse_1->store_1": 10, "warehouse_1->store_2": 20})
    shipped = (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"])
    assert shipped == pytest.approx(shares)
    assert play.open_orders["warehouse_1->store_1"] == pytest.approx(10 - shares[0])
    assert play.on_hand["warehouse_1"] == 0


def test_even_cover_gives_nothing_to_who_has_more_than_the_others_can_reach() -> None:
    # 2c − 1 = 2 at c = 1.5, and the second store has 8 / 4 = 2 periods already.
    play = two_stores(2, "even_cover").step(quantities={"warehouse_1->store_1": 10, "warehouse_1->store_2": 20})
    assert (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"]) == (2, 0)


def test_even_cover_counts_what_is_under_way_and_not_what_is_merely_ordered() -> None:
    orders = {"warehouse_1->store_1": 20, "warehouse_1->store_2": 20}
    play = two_stores(12, "even_cover", ({"order_delay": 1}, {"order_delay": 1})).step(quantities=orders)
    play.step()
    assert (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"]) == (6, 6)


def test_where_stock_reaches_everybody_gets_what_was_asked() -> None:
    for rationing in ("proportional", "priority", "even_cover"):
        play = two_stores(31, rationing).step(quantities={"warehouse_1->store_1": 10, "warehouse_1->store_2": 20})
        assert (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"]) == (10, 20)
        assert play.on_hand["warehouse_1"] == 1


def test_what_a_source_could_not_ship_waits_or_is_cancelled() -> None:
    play = two_stores(12, "proportional", ({}, {"unfilled": "cancelled"}))
    play.step(quantities={"warehouse_1->store_1": 10, "warehouse_1->store_2": 20})
    assert (play.open_orders["warehouse_1->store_1"], play.open_orders["warehouse_1->store_2"]) == (6, 0)
    assert (play.on_order["warehouse_1->store_1"], play.on_order["warehouse_1->store_2"]) == (10, 8)
    play.step(quantities={"supplier->warehouse_1": 20})
    assert (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"]) == (0, 0)
    assert play.step().shipments["warehouse_1->store_1"] == 6


def test_what_may_leave_a_site_is_shared_by_its_lanes() -> None:
    play = two_stores(60, "proportional", throughput=12).step(
        quantities={"warehouse_1->store_1": 10, "warehouse_1->store_2": 20}
    )
    assert (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"]) == (4, 8)
    assert play.on_hand["warehouse_1"] == 48


def test_a_lanes_capacity_is_shared_by_its_products() -> None:
    lanes = [{"from": "supplier", "to": "store_1", "capacity": 12}]
    play = Play(scenario({"store_1": {}}, lanes, [{"site": "store_1"}], products=["tea", "coffee"]))
    play.step(quantities={"supplier->store_1": [10, 20]})
    assert (play.shipments["supplier->store_1"], play.open_orders["supplier->store_1"]) == ([4, 8], [6, 12])


def test_a_suppliers_capacity_is_shared_by_its_lanes() -> None:
    lanes = [{"from": "supplier", "to": f"store_{n}"} for n in (1, 2)]
    customers = [{"site": f"store_{n}"} for n in (1, 2)]
    play = Play(scenario({"store_1": {}, "store_2": {}}, lanes, customers, suppliers={"supplier": {"capacity": 12}}))
    play.step(quantities={"supplier->store_1": 10, "supplier->store_2": 20})
    assert list(play.shipments.values()) == [4, 8]


def test_who_comes_first_is_served_first_and_the_rest_waits_or_is_lost() -> None:
    customers = [
        {"site": "store_1", "segment": "basic", "priority": 1, "demand": demand(6, 0)},
        {"site": "store_1", "segment": "gold", "priority": 0, "demand": demand(5, 1)},
        {"site": "store_1", "segment": "passing", "priority": 2, "demand": demand(3, 0), "unmet": "lost"},
    ]
    play = Play(scenario({"store_1": {"initial": 7}}, [{"from": "supplier", "to": "store_1"}], customers)).step()
    assert play.served == {"store_1/gold": 5, "store_1/basic": 2, "store_1/passing": 0}
    assert play.unmet == {"store_1/gold": 0, "store_1/basic": 4, "store_1/passing": 3}
    assert play.backlog == {"store_1/gold": 0, "store_1/basic": 4, "store_1/passing": 0}
    play.step({"supplier->store_1": 0})
    assert play.orders["supplier->store_1"] == 4  # 0 − (0 − 4); what was lost is not ordered
    assert play.served == {"store_1/gold": 1, "store_1/basic": 3, "store_1/passing": 0}


# What it costs


def test_every_term_of_the_ledger() -> None:
    sites = {
        "store_1": {"holding": 2, "initial": 6, "storage": 4, "overflow": 3},
        "warehouse_1": {"holding": 0.5, "initial": 20},
    }
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 2, "unit_cost": 0.25, "transfer_price": 4, "fixed_cost": 7},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 1, "unit_cost": 1.5, "fixed_cost": 9},
    ]
    play = Play(scenario(sites, lanes, [{"site": "store_1", "price": 11, "demand": demand(1, 8)}]))
    play.step(quantities={"warehouse_1->store_1": 8, "supplier->warehouse_1": 10})
    assert play.on_hand == {"store_1": 5, "warehouse_1": 12}
    assert play.cost("holding") == {"store_1": 10, "warehouse_1": 6}
    assert play.cost("in_transit") == {"store_1": 0, "warehouse_1": 4}  # 8 at its source's rate; from outside nothing
    assert play.cost("overflow") == {"store_1": 3, "warehouse_1": 0}
    assert play.cost("purchase") == {"store_1": 0, "warehouse_1": 15}
    assert play.cost("transport") == {"store_1": 2, "warehouse_1": 0}
    assert play.cost("transfer") == {"store_1": 32, "warehouse_1": -32}
    assert play.cost("fixed") == {"store_1": 7, "warehouse_1": 9}
    assert play.cost("revenue") == {"store_1": -11, "warehouse_1": 0}
    assert play.cost("shortage") == {"store_1": 0, "warehouse_1": 0}
    assert play.ledger.cost == pytest.approx(10 + 6 + 4 + 3 + 15 + 2 + 7 + 9 - 11)
    play.step()
    assert play.cost("shortage") == {"store_1": 30, "warehouse_1": 0}
    assert play.cost("fixed") == {"store_1": 0, "warehouse_1": 0}
    assert play.cost("revenue") == {"store_1": -55, "warehouse_1": 0}


def test_an_order_of_several_products_costs_its_fixed_cost_once() -> None:
    lanes = [{"from": "supplier", "to": "store_1", "fixed_cost": 7}]
    play = Play(scenario({"store_1": {}}, lanes, [{"site": "store_1"}], products=["tea", "coffee"]))
    assert play.step(quantities={"supplier->store_1": [10, 20]}).cost("fixed") == {"store_1": 7}


def test_lost_demand_costs_once_and_owed_demand_every_period() -> None:
    for unmet, costs in (("lost", [40, 0]), ("backlog", [40, 40])):
        customers = [{"site": "store_1", "unmet": unmet, "demand": demand(4, 0)}]
        play = Play(scenario({"store_1": {}}, [{"from": "supplier", "to": "store_1"}], customers))
        assert [play.step().cost("shortage")["store_1"] for _ in range(2)] == costs
