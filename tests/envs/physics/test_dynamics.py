"""Periods worked by hand: when things arrive, and who orders what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.simulator import Simulator

from ..by_hand import Play, demand, scenario


def one_store(lane: dict[str, Any], *demands: float, **site: Any) -> Play:
    lanes = [{"from": "supplier", "to": "store_1", **lane}]
    return Play(scenario({"store_1": site}, lanes, [{"site": "store_1", "demand": demand(*demands)}]))


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


def approved(sites: dict[str, Any], lanes: Sequence[Any], levels: dict[str, float]) -> list[dict[str, float]]:
    """What is released of orders that all wait three periods for approval, with demand of 5 in every period at store_1."""
    autonomy = {"name": "test", "visibility": "silo", "authority": "approve", "approval_threshold": 0, "approval_latency": 3}
    simulator = Simulator(scenario(sites, lanes, [{"site": "store_1", "demand": demand(5)}]), autonomy)
    simulator.reset(seed=0)
    ours = np.array([[levels[label]] for label in simulator.numpy_network.lanes])
    released = []
    for _ in range(8):
        simulator.step(Decisions(Decision(level=0.0 * ours - 99), Decision(level=ours)))
        assert simulator.now.flows is not None
        released.append(dict(zip(simulator.numpy_network.lanes, simulator.now.flows.orders[:, 0, 0].tolist(), strict=True)))
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
