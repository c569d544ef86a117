"""What mpc makes of events: as announced, then as what it sees may be expected to go on, and of nothing that it may not see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.envs.simulator import Simulator

PLANNER: dict[str, Any] = {"type": "mpc", "scenarios": 1}
SHARED = {"name": "shared", "visibility": "shared", "authority": "central"}
NOW = 6
"""The period in which something begins."""


def store(**keys: Any) -> dict[str, Any]:
    """One store with a demand of 10 in every period, a unit for 10, and a period on the shelf for 1."""
    return {
        "name": "known_demand",
        "horizon": 20,
        "sites": {"store_1": {"holding": 1.0, "initial": 0}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 0, "unit_cost": 10}],
        "customers": [{"site": "store_1", "shortage": 100, "demand": {"type": "constant", "value": 10}}],
        **keys,
    }


def orders(scenario: Any, level: Any = "central_ideal", agent: Any = PLANNER, periods: int = 12) -> NDArray[np.float64]:
    """What is ordered by each lane in each period (T, L)."""
    sim, policy = Simulator(scenario, level, horizon=periods), make_agent(agent)
    sim.reset(seed=1)
    policy.reset(sim.context(seed=1))
    return np.array([_ordered(sim, policy) for _ in range(periods)])


def _ordered(sim: Simulator, policy: Any) -> NDArray[np.float64]:
    decision = policy.act(sim.information)
    sim.step(decision)
    return np.asarray(decision.quantity[0, :, 0])


def of_price(**keys: Any) -> dict[str, Any]:
    return store(prices=[{"at": "supplier", "when": {"type": "scheduled", "from": NOW}, **keys}])


def test_a_tariff_that_is_announced_is_bought_ahead_of_for_as_long_as_holding_costs_less() -> None:
    found = orders(of_price(tariff=0.25, announced=4))[:, 0]
    # 2.5 saved pay for two periods on the shelf, and not for three
    assert found.tolist() == [10.0] * (NOW - 1) + [30.0, 0.0, 0.0] + [10.0] * 4


def test_a_tariff_that_comes_as_a_surprise_changes_nothing_where_there_is_no_other_way() -> None:
    assert orders(of_price(tariff=0.25))[:, 0].tolist() == [10.0] * 12


def test_a_deal_that_is_announced_is_waited_for_where_waiting_is_cheaper() -> None:
    keys = of_price(factor=0.7, announced=4)
    keys["customers"][0]["shortage"] = 2
    # a unit that is 3 cheaper in a period is worth a period of waiting at 2, and not two
    assert orders(keys)[:, 0].tolist() == [10.0] * (NOW - 1) + [0.0, 20.0] + [10.0] * 5


def test_while_a_deal_is_on_that_may_end_so_much_is_bought_as_the_rise_to_be_expected_pays_for() -> None:
    deal = {"at": "supplier", "factor": 0.7, "when": {"type": "markov", "begins": 1.0, "ends": 0.8}}
    found = orders(store(prices=[deal]))[:, 0]
    # it is on in the first period; in the next a unit costs 3 × 0.8 more on average, and in that after it 3 × 0.16
    assert found[0] == 20.0


def closed(**keys: Any) -> dict[str, Any]:
    return store(disruptions=[{"at": "supplier", "when": {"type": "scheduled", "from": NOW, "until": NOW + 3}, **keys}])


@pytest.mark.parametrize("pauses", ["orders", "shipments"])
def test_a_closure_that_is_announced_is_stocked_up_for(pauses: str) -> None:
    found = orders(closed(pauses=pauses, announced=4))[:, 0]
    assert found.tolist() == [10.0] * (NOW - 1) + [40.0, 0.0, 0.0, 0.0] + [10.0] * 3


@pytest.mark.parametrize("pauses", ["orders", "shipments"])
def test_who_does_not_see_what_is_announced_to_others_orders_as_if_it_were_not(pauses: str) -> None:
    told, untold = (orders(closed(pauses=pauses, **keys), SHARED) for keys in ({"announced": 3}, {}))
    assert told.tolist() == untold.tolist()
    assert told[:NOW, 0].tolist() == [10.0] * NOW


def test_orders_for_a_time_in_which_they_are_not_taken_are_placed_before_where_they_travel() -> None:
    keys = closed(pauses="orders", announced=4)
    keys["lanes"][0] |= {"order_delay": 2, "initial": 10}
    found = orders(keys)[:, 0]
    assert found[: NOW + 3].tolist() == [10.0] * (NOW - 1) + [40.0, 0.0, 0.0, 0.0]


def two_suppliers(**keys: Any) -> dict[str, Any]:
    """A supplier of 12 in a period, which is down to a share of that, and a dearer one that takes as long."""
    lanes = [
        {"name": "first", "from": "supplier_first", "to": "store_1", "lead_time": 1, "unit_cost": 10, "initial": 10},
        {"name": "second", "from": "supplier_second", "to": "store_1", "lead_time": 1, "unit_cost": 12.5},
    ]
    return store(lanes=lanes, suppliers={"supplier_first": {"capacity": 12}}, disruptions=[{"at": "supplier_first", **keys}])


def test_what_a_supplier_cannot_ship_is_ordered_elsewhere_by_those_who_see_it() -> None:
    when = {"type": "markov", "begins": 1.0, "ends": 0.0}
    found = orders(two_suppliers(keeps=0.25, when=when), periods=4)
    assert found.tolist() == [[3.0, 7.0]] * 4


def test_what_is_announced_of_a_suppliers_capacity_is_planned_for_by_those_who_hear_of_it() -> None:
    when = {"type": "scheduled", "from": NOW, "until": NOW + 2}
    keys = two_suppliers(keeps=0.0, when=when, announced=6)
    integrated, shared = (orders(keys, level, periods=NOW) for level in ("central_ideal", SHARED))
    # each of the two periods before has 2 units to spare, which two periods on the shelf make 2 dearer, and the other 2.5
    assert integrated[:, 0].tolist() == [10.0, 10.0, 10.0, 10.0, 12.0, 12.0]
    assert shared[:, 0].tolist() == [10.0] * NOW


def test_a_supplier_whose_state_is_not_shown_is_counted_on_by_its_share_of_all_periods() -> None:
    when = {"type": "markov", "begins": 0.5, "ends": 0.5}
    found = orders(two_suppliers(keeps=0.5, when=when), SHARED, periods=1)
    assert found[0].tolist() == [9.0, 1.0]  # 12 × (1 + 0.5) / 2


def test_nothing_that_happens_later_than_it_is_known_changes_what_is_ordered() -> None:
    late = store(prices=[{"at": "supplier", "tariff": 0.25, "announced": 2, "when": {"type": "scheduled", "from": 9}}])
    never = store(prices=[{"at": "supplier", "tariff": 0.25, "announced": 2, "when": {"type": "scheduled", "from": 19}}])
    known_from = 9 - 2
    one, other = orders(late), orders(never)
    assert one[:known_from].tobytes() == other[:known_from].tobytes()
    assert one[known_from:].tolist() != other[known_from:].tolist()


def test_a_late_feed_is_read_as_what_it_was_and_counts_from_then() -> None:
    late = {"name": "late", "visibility": "integrated", "authority": "central", "feed_latency": 2}
    found = orders(closed(pauses="shipments", announced=6), late)[:, 0]
    # at six periods' notice, of which two are gone when it is heard of
    assert found[: NOW + 3].sum() == pytest.approx(10.0 * (NOW + 3))
    assert found[NOW - 1] > 20.0


def promoted(reported: float, latency: int = 0) -> NDArray[np.float64]:
    """Stock and backlog after each period (T, 2) where promotions double demand and are known three periods ahead."""
    keys = store(promotions=[{"at": "store_1", "uplift": 2, "chance": 0.3, "known_ahead": 4, "reported": reported}])
    keys["lanes"][0] |= {"lead_time": 1, "initial": 10}
    level = {"name": "centre", "visibility": "shared", "authority": "central", "feed_latency": latency}
    sim, policy = Simulator(keys, level, horizon=20), make_agent({"type": "mpc", "scenarios": 8})
    sim.reset(seed=4)
    policy.reset(sim.context(seed=1))
    found = []
    for _ in range(20):
        sim.step(policy.act(sim.information))
        found.append([sim.now.state.on_hand[0, 0, 0], sim.now.state.backlog[0, 0, 0]])
    return np.array(found)


@pytest.mark.parametrize("latency", [0, 2])
def test_promotions_that_are_reported_in_time_are_supplied_to_the_unit(latency: int) -> None:
    assert (promoted(1.0, latency)[4:] == 0).all()


def test_promotions_that_are_not_reported_are_no_more_than_a_risk() -> None:
    assert promoted(0.0)[4:].any()
