"""Orders worked by hand: who is served first when stock is short, and how large an order has to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from orderup.envs.flows.packs import handed_out
from orderup.envs.flows.rationing import REMEMBERED, by_turn, proportional
from orderup.envs.foundation.errors import InputError

from ..by_hand import Play, scenario

ONE, TWO = "warehouse_1->store_1", "warehouse_1->store_2"


def pair(rationing: str = "first_come", stock: float = 10, **lane: Any) -> Play:
    """A warehouse with some stock and none to come, over two stores that nobody buys from."""
    sites = {"store_1": {}, "store_2": {}, "warehouse_1": {"initial": stock, "rationing": rationing}}
    lanes = [{"from": "warehouse_1", "to": f"store_{n}", **lane} for n in (1, 2)] + [{"from": "supplier", "to": "warehouse_1"}]
    return Play(scenario(sites, lanes, [{"site": "store_1"}, {"site": "store_2"}]))


def test_whoever_ordered_first_is_served_first() -> None:
    """10 on the shelf: store 1 asks for 16 and gets 10. 8 come, and store 2 asks for 6: first store 1 gets the 6 it is owed."""
    play = pair().step(quantities={ONE: 16, "supplier->warehouse_1": 8})
    assert (play.shipments[ONE], play.open_orders[ONE]) == (10, 6)
    play.step(quantities={TWO: 6})
    assert (play.shipments[ONE], play.shipments[TWO], play.open_orders[TWO]) == (6, 2, 4)


@pytest.mark.parametrize(("rule", "shares"), [("first_come", (6, 2)), ("proportional", (4, 4)), ("priority", (6, 2))])
def test_the_rule_decides_who_waits(rule: str, shares: tuple[float, float]) -> None:
    play = pair(rule).step(quantities={ONE: 16, "supplier->warehouse_1": 8}).step(quantities={TWO: 6})
    assert (play.shipments[ONE], play.shipments[TWO]) == shares


def test_orders_of_one_period_get_the_same_share() -> None:
    play = pair().step(quantities={ONE: 15, TWO: 5})
    assert (play.shipments[ONE], play.shipments[TWO]) == (7.5, 2.5)


def test_what_a_lane_cannot_take_is_free_for_those_who_ordered_later() -> None:
    """Store 1 is owed 9 and can take 4 in a period; the 6 that are left are for store 2, though it ordered later."""
    play = pair(stock=0, capacity=4).step(quantities={ONE: 9, "supplier->warehouse_1": 10})
    play.step(quantities={TWO: 3})
    assert (play.shipments[ONE], play.shipments[TWO]) == (4, 3)
    assert (play.open_orders[ONE], play.open_orders[TWO]) == (5, 0)


def test_an_order_keeps_its_turn_while_it_is_filled_in_part() -> None:
    """Of 8, first the 4 that store 1 is owed of the first period, then half of the 3 and the 5 of the second."""
    play = pair(stock=2).step(quantities={ONE: 6}).step(quantities={ONE: 3, TWO: 5, "supplier->warehouse_1": 8}).step()
    assert (play.shipments[ONE], play.shipments[TWO]) == (4 + 1.5, 2.5)


def test_what_is_older_than_is_remembered_counts_as_equally_old() -> None:
    owed = np.array([6.0, 3.0])[:, None, None, None]
    nothing = 0.0 * owed
    given = by_turn(owed, np.array([[[3.0]]]), owed, [nothing] * REMEMBERED)
    assert given.ravel().tolist() == [2, 1]


def two_products(**lane: Any) -> Play:
    keys = {"from": "supplier", "to": "store_1", "unit_cost": {"tea": 1, "coffee": 4}, **lane}
    return Play(scenario({"store_1": {}}, [keys], [{"site": "store_1"}], products=["tea", "coffee"]))


@pytest.mark.parametrize(
    ("lane", "wanted", "ordered"),
    [
        ({"minimum_order": 30}, [6, 9], [12, 18]),  # 15 in all are doubled
        ({"minimum_order": 30}, [20, 10], [20, 10]),
        ({"minimum_order": 30}, [0, 0], [0, 0]),
        ({"minimum_order": 30}, [0, 3], [0, 30]),
        ({"minimum_value": 84}, [6, 9], [12, 18]),  # 6 · 1 + 9 · 4 = 42 are doubled
        ({"minimum_value": 84, "minimum_order": 60}, [6, 9], [24, 36]),
        ({"minimum_order": 30, "minimum": {"tea": 10, "coffee": 0}}, [2, 5], [20, 10]),  # 2 become 10, and 15 are doubled
        ({"minimum_order": 25, "multiple": 10}, [3, 7], [10, 20]),  # 7.5 and 17.5, in tens
    ],
)
def test_an_order_is_as_large_as_it_must_be_on_the_whole(
    lane: dict[str, Any], wanted: list[float], ordered: list[float]
) -> None:
    play = two_products(**lane).step(quantities={"supplier->store_1": wanted})
    assert play.orders["supplier->store_1"] == pytest.approx(ordered)


def test_each_product_has_its_own_setup() -> None:
    """100 for the order, 2 for tea and 7 for coffee, each if it is in it."""
    costs = {"fixed_cost": 100, "setup": {"tea": 2, "coffee": 7}}
    for wanted, paid in (([1, 0], (100, 2)), ([0, 5], (100, 7)), ([3, 3], (100, 9)), ([0, 0], (0, 0))):
        play = two_products(**costs).step(quantities={"supplier->store_1": wanted})
        assert (play.cost("fixed")["store_1"], play.cost("setup")["store_1"]) == paid


@pytest.mark.parametrize(
    ("lane", "complaint"),
    [
        ({"minimum_order": -1}, r"lanes\[0\]\.minimum_order: found -1"),
        ({"minimum_value": float("nan")}, r"lanes\[0\]\.minimum_value: found nan"),
        ({"minimum_value": 5, "unit_cost": 0}, r"lanes\[0\]\.minimum_value: found 5.*unit_cost"),
        ({"minimum_value": 5, "unit_cost": {"tea": 1, "coffee": 0}}, r"lanes\[0\]\.minimum_value: found 5"),
        ({"setup": -1}, r"lanes\[0\]\.setup: found -1"),
        ({"setup": {"tea": 1}}, r"lanes\[0\]\.setup: found 'nothing for coffee'"),
    ],
)
def test_an_impossible_minimum_is_refused_by_key(lane: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        two_products(**lane)


def test_an_unknown_rule_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match=r"sites\.warehouse_1\.rationing: found 'fifo'.*first_come"):
        pair("fifo")


def test_orders_are_served_by_turn_to_the_end() -> None:
    """However long it takes: what was ordered first has all left before the last of the second has."""
    play = pair(stock=0).step(quantities={ONE: 12}).step(quantities={TWO: 12})
    left = []
    for _ in range(6):
        play.step(quantities={"supplier->warehouse_1": 4})
        left.append((play.open_orders[ONE], play.open_orders[TWO]))
    assert left == [(12, 12), (8, 12), (4, 12), (0, 12), (0, 8), (0, 4)]


def packed(rationing: str = "proportional", stock: float = 100, packs: tuple[float, float] = (100, 100), **keys: Any) -> Play:
    """The same pair, with packs of these sizes."""
    sites = {"store_1": {}, "store_2": {}, "warehouse_1": {"initial": stock, "rationing": rationing, **keys.pop("site", {})}}
    lanes = [
        {"from": "warehouse_1", "to": f"store_{n}", "multiple": pack, **keys} for n, pack in zip((1, 2), packs, strict=True)
    ]
    lanes.append({"from": "supplier", "to": "warehouse_1"})
    return Play(scenario(sites, lanes, [{"site": "store_1"}, {"site": "store_2"}]))


def shipped(play: Play) -> tuple[float, float]:
    return play.shipments[ONE], play.shipments[TWO]


@pytest.mark.parametrize("rationing", ["proportional", "priority", "even_cover", "first_come", "uniform", "linear"])
def test_one_store_gets_the_only_pack_and_the_other_the_next(rationing: str) -> None:
    play = packed(rationing).step(quantities={ONE: 100, TWO: 100, "supplier->warehouse_1": 100})
    assert (*shipped(play), play.open_orders[ONE], play.open_orders[TWO]) == (100, 0, 0, 100)
    assert play.on_order[TWO] == 100
    play.step()
    assert (*shipped(play), play.open_orders[TWO], play.on_hand["store_2"]) == (0, 100, 0, 100)


def test_no_packs_are_nothing_and_not_less() -> None:
    """Rounding up leaves −0 of nothing, by which one site's records would show in another's, bit by bit."""
    play = packed().step(quantities={ONE: 0.0, TWO: 100})
    placed = [play.orders[ONE], play.orders[TWO]]
    assert placed == [0, 100]
    assert not np.signbit(placed).any()


def test_a_pack_that_cannot_leave_lapses_where_the_lane_says_so() -> None:
    play = packed(unfilled="cancelled").step(quantities={ONE: 100, TWO: 100, "supplier->warehouse_1": 100}).step()
    assert (*shipped(play), play.open_orders[TWO], play.on_hand["warehouse_1"]) == (0, 0, 0, 100)


@pytest.mark.parametrize(
    ("stock", "packs", "orders", "expected"),
    [
        (250, (100, 100), (100, 400), (0, 200)),  # shares 50 and 200: the half pack stays
        (300, (100, 100), (200, 300), (100, 200)),  # 120 and 180: the larger part of a pack is 80
        (105, (100, 10), (90, 60), (0, 60)),  # 65 and 39 of 100 and 60: no pack for the first, so all for the second
        (130, (100, 0), (100, 100), (0, 100)),  # 65 and 65: no pack for the first, so all that the second wants
    ],
)
def test_what_is_left_goes_out_pack_by_pack(stock: float, packs: Any, orders: Any, expected: tuple[float, float]) -> None:
    play = packed(stock=stock, packs=packs).step(quantities=dict(zip((ONE, TWO), orders, strict=True)))
    assert shipped(play) == expected


def test_an_only_lane_ships_the_packs_that_are_there() -> None:
    sites = {"store_1": {}, "warehouse_1": {"initial": 250}}
    lanes = [{"from": "warehouse_1", "to": "store_1", "multiple": 100}, {"from": "supplier", "to": "warehouse_1"}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}])).step(quantities={ONE: 300})
    assert (play.shipments[ONE], play.open_orders[ONE], play.on_hand["warehouse_1"]) == (200, 100, 50)


def test_whole_packs_leave_within_a_capacity_and_a_throughput() -> None:
    play = packed(stock=900, capacity=150).step(quantities={ONE: 100, TWO: 300})
    assert shipped(play) == (100, 100)
    play = packed(stock=900, site={"throughput": 350}).step(quantities={ONE: 200, TWO: 300})
    assert shipped(play) == (100, 200)  # 140 and 210: 40 and 10 of a pack, of which 50 are no pack


def test_a_reserve_is_left_whole() -> None:
    play = packed(stock=250, reserve=60).step(quantities={ONE: 200})
    assert (*shipped(play), play.open_orders[ONE]) == (100, 0, 100)


@pytest.mark.parametrize(
    ("lane", "site", "supplier", "key"),
    [
        ({"multiple": 100, "capacity": 60}, {}, {}, r"lanes\[1\].capacity: found 60.0; accepted: at least 100,"),
        (
            {"multiple": 100},
            {"throughput": 99},
            {},
            r"sites.warehouse_1.throughput: found 99.0; accepted: at least 100,",
        ),
        ({}, {}, {"capacity": 5}, r"suppliers.supplier.capacity: found 5.0; accepted: at least 10,"),
    ],
)
def test_a_limit_below_a_pack_is_refused(lane: Any, site: Any, supplier: Any, key: str) -> None:
    sites = {"store_1": {}, "warehouse_1": site}
    lanes = [{"from": "supplier", "to": "warehouse_1", "multiple": 10}, {"from": "warehouse_1", "to": "store_1", **lane}]
    with pytest.raises(InputError, match=key):
        scenario(sites, lanes, [{"site": "store_1"}], suppliers={"supplier": supplier})


def test_overtime_counts_towards_a_pack() -> None:
    play = packed(site={"throughput": 80, "overtime": {"extra": 20, "cost": 1}}).step(quantities={ONE: 100})
    assert shipped(play) == (100, 0)


def test_gradients_go_straight_through_packs() -> None:
    """Of 100, shares of 62.5 and 37.5: one pack of 20 and, since none of 100 is left, two more; the slopes are the shares'."""
    wanted = torch.tensor([100.0, 60.0], dtype=torch.float64, requires_grad=True)
    size, stock = torch.tensor([[100.0], [20.0]], dtype=torch.float64), torch.tensor([100.0], dtype=torch.float64)
    given = handed_out(proportional(wanted[:, None], stock), wanted[:, None], stock, size)
    assert given[:, 0].tolist() == [0.0, 60.0]
    given[0].sum().backward()
    assert wanted.grad is not None
    assert wanted.grad.tolist() == pytest.approx([100 * 60 / 160**2, -100 * 100 / 160**2])
