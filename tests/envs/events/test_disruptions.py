"""Failures worked by hand, on a two-stage line whose lanes take two periods, in force in periods 1 and 2."""

from __future__ import annotations

from typing import Any

import pytest

from ..by_hand import Play, demand, scenario

LANE, IMPORT = "warehouse_1->store_1", "supplier->warehouse_1"


def line(*disruptions: dict[str, Any], lane: dict[str, Any] | None = None) -> Play:
    """A store that sells 2 a period out of 10 and a warehouse with 20; both lanes take 2 periods."""
    sites = {"store_1": {"initial": 10}, "warehouse_1": {"initial": 20}}
    out = {"from": "warehouse_1", "to": "store_1", "lead_time": 2, **(lane or {})}
    lanes = [out, {"from": "supplier", "to": "warehouse_1", "lead_time": 2}]
    when = {"type": "scheduled", "from": 1, "until": 3}
    customers = [{"site": "store_1", "demand": demand(2)}]
    return Play(scenario(sites, lanes, customers, disruptions=[{"when": when, **event} for event in disruptions]))


def seen(play: Play, *fields: tuple[str, str], periods: int = 6) -> list[list[float]]:
    """What happens to each (field, name) when both lanes order 3 in every period."""
    rows = []
    for _ in range(periods):
        play.step(quantities={LANE: 3, IMPORT: 3})
        rows.append([getattr(play, field)[name] for field, name in fields])
    return [list(column) for column in zip(*rows, strict=True)]


def test_without_a_failure_three_arrive_in_every_period() -> None:
    stock, hub = seen(line(), ("on_hand", "store_1"), ("on_hand", "warehouse_1"))
    assert (stock, hub) == ([8, 6, 7, 8, 9, 10], [17, 14, 14, 14, 14, 14])


@pytest.mark.parametrize("place", [LANE, "store_1"])
def test_orders_paused_are_not_taken_and_not_made_up_for(place: str) -> None:
    play = line({"at": place, "pauses": "orders"})
    orders, receipts, stock, hub = seen(
        play, ("orders", LANE), ("receipts", LANE), ("on_hand", "store_1"), ("on_hand", "warehouse_1")
    )
    assert orders == [3, 0, 0, 3, 3, 3]
    assert receipts == [0, 0, 3, 0, 0, 3]
    assert stock == [8, 6, 7, 5, 3, 4]
    assert hub == [17, 17, 20, 20, 20, 20]


def test_a_level_makes_up_for_orders_that_were_paused_once_they_are_taken() -> None:
    play = line({"at": LANE, "pauses": "orders"})
    assert [play.step({LANE: 10}).orders[LANE] for _ in range(4)] == [0, 0, 0, 6]
    assert play.on_hand["store_1"] == 2


@pytest.mark.parametrize("place", [LANE, "warehouse_1"])
def test_shipments_paused_wait_at_their_source(place: str) -> None:
    play = line({"at": place, "pauses": "shipments"})
    shipments, waiting, stock = seen(play, ("shipments", LANE), ("open_orders", LANE), ("on_hand", "store_1"))
    assert shipments == [3, 0, 0, 9, 3, 3]
    assert waiting == [0, 3, 6, 0, 0, 0]
    assert stock == [8, 6, 7, 5, 3, 10]


def test_shipments_paused_are_gone_where_what_is_unfilled_is_cancelled() -> None:
    play = line({"at": "warehouse_1", "pauses": "shipments"}, lane={"unfilled": "cancelled"})
    assert seen(play, ("shipments", LANE), ("open_orders", LANE)) == [[3, 0, 0, 3, 3, 3], [0] * 6]


@pytest.mark.parametrize("place", [LANE, "store_1"])
def test_goods_held_in_transit_stay_where_they_are_while_others_join_them(place: str) -> None:
    """What left in period 0 takes two periods more; what leaves meanwhile has not gone far enough to be held twice."""
    play = line({"at": place, "pauses": "transit"})
    receipts, under_way, stock = seen(play, ("receipts", LANE), ("in_transit", LANE), ("on_hand", "store_1"), periods=7)
    assert receipts == [0, 0, 0, 0, 9, 3, 3]
    assert under_way == [3, 6, 9, 12, 6, 6, 6]
    assert stock == [8, 6, 4, 2, 9, 10, 11]


@pytest.mark.parametrize("place", [LANE, "store_1"])
def test_receipts_paused_wait_at_the_door_and_come_in_together(place: str) -> None:
    play = line({"at": place, "pauses": "receipts"})
    receipts, under_way, stock = seen(play, ("receipts", LANE), ("in_transit", LANE), ("on_hand", "store_1"))
    assert receipts == [0, 0, 0, 6, 3, 3]
    assert under_way == [3, 6, 9, 6, 6, 6]
    assert stock == [8, 6, 4, 8, 9, 10]


def test_goods_are_held_although_the_door_is_shut() -> None:
    held, shut = ({"at": LANE, "pauses": effect} for effect in ("transit", "receipts"))
    assert seen(line(held, shut), ("receipts", LANE)) == seen(line(held), ("receipts", LANE))


def test_a_lane_that_keeps_half_of_its_capacity_catches_up_later() -> None:
    play = line({"at": LANE, "keeps": 0.5}, lane={"capacity": 4})
    assert seen(play, ("shipments", LANE)) == [[3, 2, 2, 4, 4, 3]]


def test_a_site_that_keeps_a_quarter_divides_it_among_its_lanes() -> None:
    sites = {"store_1": {}, "store_2": {}, "warehouse_1": {"initial": 90, "throughput": 8, "overtime": {"extra": 4, "cost": 1}}}
    lanes = [{"from": "supplier", "to": "warehouse_1"}, *({"from": "warehouse_1", "to": f"store_{n}"} for n in (1, 2))]
    cut = {"at": "warehouse_1", "keeps": 0.25, "when": {"type": "scheduled", "from": 0, "until": 1}}
    customers = [{"site": f"store_{n}"} for n in (1, 2)]
    play = Play(scenario(sites, lanes, customers, disruptions=[cut]))
    orders = {"warehouse_1->store_1": 6, "warehouse_1->store_2": 12}
    play.step(quantities=orders)
    assert [play.shipments[label] for label in orders] == pytest.approx([1, 2])  # a quarter of 8 + 4
    play.step(quantities=orders)
    assert sum(play.shipments[label] for label in orders) == pytest.approx(12)


def test_what_happens_at_an_origin_hits_its_suppliers_with_and_without_a_capacity() -> None:
    suppliers = {"supplier_a": {"origin": "overseas", "capacity": 8}, "supplier_b": {"origin": "overseas"}}
    lanes = [{"from": name, "to": f"store_{n}"} for n, name in enumerate((*suppliers, "supplier_c"), start=1)]
    sites: dict[str, Any] = {f"store_{n}": {} for n in (1, 2, 3)}
    out = {"at": "overseas", "keeps": 0, "when": {"type": "scheduled", "from": 0, "until": 1}}
    customers = [{"site": name} for name in sites]
    play = Play(scenario(sites, lanes, customers, suppliers=suppliers, disruptions=[out]))
    orders = {lane["from"] + "->" + lane["to"]: 5 for lane in lanes}
    assert list(play.step(quantities=orders).shipments.values()) == [0, 0, 5]
    assert list(play.step(quantities=orders).shipments.values()) == [8, 10, 5]


def test_what_leaves_during_a_delay_is_overtaken() -> None:
    play = line({"at": LANE, "delay": 2, "when": {"type": "scheduled", "from": 1, "until": 2}})
    receipts, stock = seen(play, ("receipts", LANE), ("on_hand", "store_1"), periods=7)
    assert receipts == [0, 0, 3, 0, 3, 6, 3]
    assert stock == [8, 6, 7, 5, 6, 10, 11]


def test_a_delay_that_never_comes_changes_nothing_of_what_is_under_way_at_the_start() -> None:
    play = line({"at": LANE, "delay": 3, "when": {"type": "scheduled", "from": 9}}, lane={"initial": 4})
    assert play.in_transit[LANE] == 8
    assert seen(play, ("receipts", LANE)) == [[4, 4, 3, 3, 3, 3]]


def test_a_delay_that_grows_is_in_whole_periods() -> None:
    play = line({"at": LANE, "delay": 2, "when": {"type": "gradual", "from": 0, "until": 5}})
    (receipts,) = seen(play, ("receipts", LANE), periods=12)
    assert sum(receipts) + play.in_transit[LANE] == 36
    assert receipts[:7] == [0, 0, 3, 3, 0, 3, 3]  # 0, 0.4, 0.8, 1.2, 1.6, 2 periods more: 0, 0, 1, 1, 2, 2


def test_two_failures_of_one_kind_at_one_place_have_luck_and_times_of_their_own() -> None:
    two = [{"at": LANE, "pauses": "orders", "when": {"type": "scheduled", "from": n, "until": n + 1}} for n in (0, 2)]
    assert seen(line(*two), ("orders", LANE)) == [[0, 3, 0, 3, 3, 3]]
