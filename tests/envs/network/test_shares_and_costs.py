"""Periods worked by hand: who gets what, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from ..by_hand import Play, demand, scenario


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
        # Orders of 10 and 20: 6 each of the 12; or the 18 that are missing taken off, 9 each; or 4, and 8 are left.
        ("uniform", ({}, {}), (6, 6)),
        ("linear", ({}, {}), (1, 11)),
        ("uniform", ({"capacity": 4}, {}), (4, 8)),
    ],
)
def test_a_source_divides_what_it_has(rationing: str, lanes: Any, shares: tuple[float, float]) -> None:
    play = two_stores(12, rationing, lanes).step(quantities={"warehouse_1->store_1": 10, "warehouse_1->store_2": 20})
    shipped = (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"])
    assert shipped == pytest.approx(shares)
    assert play.open_orders["warehouse_1->store_1"] == pytest.approx(10 - shares[0])
    assert play.on_hand["warehouse_1"] == 0


def test_under_uniform_allocation_asking_for_more_gains_nothing_and_under_the_others_it_does() -> None:
    """Stores want 8 and 20 of 12: what the first gets when it asks for 8, and when it asks for 16."""
    gained = {}
    for rule in ("uniform", "proportional", "linear"):
        got = [
            two_stores(12, rule)
            .step(quantities={"warehouse_1->store_1": asked, "warehouse_1->store_2": 20})
            .shipments["warehouse_1->store_1"]
            for asked in (8, 16)
        ]
        gained[rule] = got[1] - got[0]
    assert gained["uniform"] == 0
    assert gained["proportional"] == pytest.approx(12 * 16 / 36 - 12 * 8 / 28)
    assert gained["linear"] == pytest.approx(4)


def test_linear_allocation_gives_nothing_to_who_has_asked_for_less_than_an_equal_part_of_the_shortage() -> None:
    """Orders of 2 and 20, 12 there: 10 are missing, 5 each would leave the first below nothing, so the second gets all 12."""
    play = two_stores(12, "linear").step(quantities={"warehouse_1->store_1": 2, "warehouse_1->store_2": 20})
    assert (play.shipments["warehouse_1->store_1"], play.shipments["warehouse_1->store_2"]) == pytest.approx((0, 12))


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
