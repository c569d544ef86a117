"""Customers worked by hand: segments, promises, goodwill, a second choice, and what they bring back."""

from __future__ import annotations

from typing import Any

import pytest

from ..by_hand import Play, demand, scenario

LANE = "supplier->store_1"
SUPPLY = [{"from": "supplier", "to": "store_1"}]


def store(*customers: dict[str, Any], stock: float = 0, **keys: Any) -> Play:
    return Play(scenario({"store_1": {"initial": stock}}, SUPPLY, [{"site": "store_1", **one} for one in customers], **keys))


def test_a_segment_gets_only_what_is_above_the_stock_reserved_for_those_before_it() -> None:
    play = store(
        {"segment": "gold", "priority": 0, "demand": demand(3, 0, 4)},
        {"segment": "basic", "priority": 1, "reserve": 4, "demand": demand(5, 0, 0), "unmet": "lost"},
        stock=9,
    ).step()
    assert play.served == {"store_1/gold": 3, "store_1/basic": 2}
    assert play.unmet == {"store_1/gold": 0, "store_1/basic": 3}
    assert play.on_hand["store_1"] == 4
    assert play.step().step().served == {"store_1/gold": 4, "store_1/basic": 0}


def test_customers_who_were_promised_a_time_cost_nothing_until_it_is_over() -> None:
    """Of 3 owed at the end of the third period one was asked for in the first and two in the second."""
    for promise, costs in ((0, [40, 60, 30]), (1, [0, 40, 30]), (2, [0, 0, 10]), (3, [0, 0, 0])):
        play = store({"demand": demand(4, 2, 0), "promise": promise})
        found = [play.step(quantities={LANE: units}).cost("shortage")["store_1"] for units in (0, 0, 3)]
        assert found == costs
        assert play.backlog["store_1/all"] == 3


def test_promises_are_kept_with_the_oldest_first_whoever_serves() -> None:
    play = store({"demand": demand(4, 2, 0), "promise": 1})
    play.step().step(quantities={LANE: 4})
    assert (play.unmet["store_1/all"], play.late["store_1/all"]) == (2, 0)
    assert play.step().late["store_1/all"] == 2


def test_goodwill_falls_with_the_share_not_served_and_comes_back_slowly() -> None:
    goodwill = {"loss": 0.5, "recovery": 0.1, "least": 0.2}
    play = store({"demand": {"type": "constant", "value": 10}, "unmet": "lost", "goodwill": goodwill}, stock=5)
    asked, left = [], []
    for quantity in (0, 0, 0, 100, 0):
        play.step(quantities={LANE: quantity})
        asked.append(play.demand["store_1/all"])
        left.append(play.goodwill["store_1/all"])
    # 1 − 0.5 · 5/10; 0.75 + 0.1 · 0.25 − 0.5; 0.275 + 0.0725 − 0.5 is below the least; 0.2 + 0.1 · 0.8
    assert left == pytest.approx([0.75, 0.275, 0.2, 0.28, 0.352])
    assert asked == pytest.approx([10, 7.5, 2.75, 2, 2.8])


def test_demand_that_waits_counts_against_goodwill_once() -> None:
    goodwill = {"loss": 0.5, "recovery": 0.0}
    play = store({"demand": demand(10, 0, 4), "goodwill": goodwill}, stock=4)
    assert [play.step().goodwill["store_1/all"] for _ in range(3)] == pytest.approx([0.7, 0.7, 0.2])


def two_stores(*stock: float, cost: float = 0, **keys: Any) -> Play:
    """Whoever is out sends customers to the other one, at a cost; holding 1, shortage 10."""
    sites = {f"store_{n}": {"initial": units} for n, units in enumerate(stock, start=1)}
    lanes = [{"from": "supplier", "to": name} for name in sites]
    customers = [
        {"site": f"store_{n}", "spill_to": {"site": f"store_{3 - n}", "cost": cost}, "demand": demand(units, 0), **keys}
        for n, units in ((1, 9), (2, 2))
    ]
    return Play(scenario(sites, lanes, customers))


@pytest.mark.parametrize("unmet", ["backlog", "lost"])
def test_customers_of_an_empty_site_are_served_at_once_by_the_other(unmet: str) -> None:
    play = two_stores(4, 5, cost=1.5, unmet=unmet).step()
    assert play.served == {"store_1/all": 7, "store_2/all": 2}
    assert play.spilled == {"store_1/all": 3, "store_2/all": 0}
    assert play.on_hand == {"store_1": 0, "store_2": 0}
    assert play.cost("spill") == {"store_1": 4.5, "store_2": 0}
    assert play.cost("shortage") == {"store_1": 20, "store_2": 0}
    assert play.backlog["store_1/all"] == (2 if unmet == "backlog" else 0)


def test_a_site_serves_its_own_customers_before_others() -> None:
    play = two_stores(0, 2).step()
    assert play.served == {"store_1/all": 0, "store_2/all": 2}


def test_of_two_sites_customers_who_go_to_a_third_those_of_the_first_come_first() -> None:
    sites = {"store_1": {}, "store_2": {}, "store_3": {"initial": 5}}
    customers = [{"site": f"store_{n}", "demand": demand(3), "spill_to": {"site": "store_3"}} for n in (1, 2)]
    play = Play(scenario(sites, [{"from": "supplier", "to": name} for name in sites], customers)).step()
    assert play.spilled == {"store_1/all": 3, "store_2/all": 2}
    assert play.on_hand["store_3"] == 0


def test_a_share_of_what_is_sold_comes_back_after_the_delay_and_can_be_sold_in_the_same_period() -> None:
    sites = {"store_1": {"initial": 20}, "depot_1": {"initial": 0}}
    lanes = [{"from": "supplier", "to": name} for name in sites]
    customers = [{"site": "store_1", "demand": demand(4, 6, 0)}, {"site": "depot_1", "demand": demand(0, 0, 1, 0)}]
    back = [{"from": "store_1", "to": "depot_1", "share": 0.5, "delay": 2}]
    play = Play(scenario(sites, lanes, customers, returns=back))
    returned, stock = [], []
    for _ in range(5):
        play.step()
        returned.append(play.returned["depot_1"])
        stock.append(play.on_hand["depot_1"])
    assert returned == [0, 0, 2, 3, 0]
    assert stock == [0, 0, 1, 4, 4]


def test_what_comes_back_can_be_broken_and_is_made_as_new_by_a_recipe() -> None:
    holding = {"pump": 1, "broken": 1}
    sites = {"store_1": {"role": "plant", "holding": holding, "initial": {"pump": 20, "broken": 0}}}
    repair = {"make": "pump", "at": "store_1", "uses": {"broken": 1}, "lead_time": 1, "name": "repair"}
    new = {"from": "supplier", "to": "store_1", "products": ["pump"], "name": "new"}
    back = [{"from": "store_1", "to": "store_1", "share": 0.5, "delay": 1, "becomes": "broken"}]
    customers = [{"site": "store_1", "products": ["pump"], "demand": demand(4)}]
    play = Play(scenario(sites, [repair, new], customers, products=[*holding], returns=back))
    made = [play.step(quantities={"repair": [9, 0]}).shipments["repair"] for _ in range(4)]
    assert made == [[0, 0], [0, 0], [2, 0], [2, 0]]


def test_a_site_may_live_on_what_comes_back_alone() -> None:
    sites = {"store_1": {"initial": 20}, "depot_1": {"initial": 3}}
    lanes = [*SUPPLY, {"from": "depot_1", "to": "store_1", "lead_time": 1, "name": "as_new"}]
    back = [{"from": "store_1", "to": "depot_1", "share": 0.5, "delay": 1}]
    play = Play(scenario(sites, lanes, [{"site": "store_1", "demand": demand(4)}], returns=back))
    shipped = [play.step(quantities={"as_new": 5}).shipments["as_new"] for _ in range(4)]
    assert shipped == [3, 0, 2, 2]  # what came back in one period can leave in the next
    assert play.simulator.site_seats == ("store_1",)
    assert play.simulator.numpy_network.topology.main_lane.tolist() == [
        play.simulator.numpy_network.lanes.index("supplier->store_1"),
        -1,
    ]
