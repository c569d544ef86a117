"""Supply worked by hand: contracts, yields, breaks and changes of price, overtime, carbon, set-up, variety, shelf lives."""

from __future__ import annotations

from typing import Any

import pytest

from ..by_hand import Play, demand, scenario

LANE = "supplier->store_1"


def store(lane: dict[str, Any], stock: float = 0, **keys: Any) -> Play:
    """A store without customers' demand, but for its mean of 10 where that matters."""
    customers = keys.pop("customers", [{"site": "store_1"}])
    site = {"initial": stock, **keys.pop("site", {})}
    return Play(scenario({"store_1": site}, [{"from": "supplier", "to": "store_1", **lane}], customers, **keys))


def ordered(play: Play, *quantities: float) -> list[float]:
    return [play.step(quantities={LANE: quantity}).orders[LANE] for quantity in quantities]


TEN = [{"site": "store_1", "demand": {"type": "constant", "value": 10}}]
CONTRACT = {"notice": 2, "down": 0.2, "up": 0.5}


def test_an_order_stays_in_the_window_round_a_commitment_that_follows_it() -> None:
    play = store({"contract": CONTRACT}, customers=TEN)
    # 10 up to 15; 12.5 down to 10; 11.25: 12 is within 9 … 16.875; 11.625 down to 9.3
    assert ordered(play, 100, 0, 12, 0) == pytest.approx([15, 10, 12, 9.3])
    assert play.committed[LANE] == pytest.approx(10.4625)


def test_a_commitment_stands_still_while_no_orders_are_taken() -> None:
    out = [{"at": LANE, "pauses": "orders", "when": {"type": "scheduled", "from": 1, "until": 3}}]
    play = store({"contract": CONTRACT}, customers=TEN, disruptions=out)
    assert ordered(play, 100, 100, 100, 100) == pytest.approx([15, 0, 0, 18.75])


def test_a_contract_commits_to_nothing_of_what_its_lane_does_not_carry() -> None:
    lanes = [
        {"from": "supplier", "to": "store_1", "name": name, "products": [name], "contract": CONTRACT}
        for name in ("tea", "coffee")
    ]
    play = Play(scenario({"store_1": {}}, lanes, TEN, products=["tea", "coffee"])).step()
    assert play.orders == {"tea": [8, 0], "coffee": [0, 8]}


def test_what_is_lost_on_the_way_is_paid_for_and_neither_arrives_nor_is_counted_on() -> None:
    play = store({"lead_time": 1, "unit_cost": 2, "yield": {"mean": 0.8}}).step(quantities={LANE: 10})
    assert (play.shipments[LANE], play.wasted[LANE], play.in_transit[LANE], play.on_order[LANE]) == (10, 2, 8, 8)
    assert play.cost("purchase") == {"store_1": 20}
    assert play.step({LANE: 10}).orders[LANE] == 2
    assert play.on_hand["store_1"] == 8


def test_a_yield_is_drawn_for_every_period_from_its_range() -> None:
    play = store({"yield": {"mean": 0.7, "spread": 0.2}})
    arrived = [play.step(quantities={LANE: 100}).receipts[LANE] for _ in range(20)]
    assert 50 <= min(arrived) < 60 < 80 < max(arrived) <= 90
    assert len(set(arrived)) == 20


CENTRE = {"name": "test", "visibility": "shared", "authority": "central"}


@pytest.mark.parametrize(
    ("orders", "alone", "pooled"),
    [
        ((12, 5), (-2.4, 0), (-2.4, -1)),  # 10 % of 2 per unit from 10 units on: together they are 17
        ((15, 5), (-3, 0), (-6, -2)),  # and 20 % from 20 on
        ((4, 3), (0, 0), (0, 0)),
        ((25, 0), (-10, 0), (-10, 0)),
    ],
)
def test_a_large_order_costs_less_and_a_centre_orders_for_all(orders: Any, alone: Any, pooled: Any) -> None:
    sites: dict[str, Any] = {"store_1": {}, "store_2": {}}
    breaks = {"supplier": {"price_breaks": [{"from": 10, "discount": 0.1}, {"from": 20, "discount": 0.2}]}}
    lanes = [{"from": "supplier", "to": name, "unit_cost": 2} for name in sites]
    given = scenario(sites, lanes, [{"site": name} for name in sites], suppliers=breaks)
    requests = dict(zip(("supplier->store_1", "supplier->store_2"), orders, strict=True))
    for level, off in (({"name": "test", "visibility": "silo"}, alone), (CENTRE, pooled)):
        play = Play(given, level).step(requests)
        assert list(play.cost("discount").values()) == pytest.approx(off)
        assert list(play.cost("purchase").values()) == [2 * units for units in orders]


def test_a_break_is_reached_by_an_order_that_rounding_makes_a_little_smaller() -> None:
    breaks = {"supplier": {"price_breaks": [{"from": 60, "discount": 0.1}]}}
    play = store({"unit_cost": 1}, stock=0.3, suppliers=breaks).step({LANE: 60.3})
    assert play.cost("discount") == {"store_1": pytest.approx(-6)}


def test_a_deal_changes_the_price_and_a_tariff_comes_on_top_of_it() -> None:
    when = {"type": "scheduled", "from": 1, "until": 3}
    later = {"type": "scheduled", "from": 2}
    prices = [{"at": "supplier", "factor": 0.5, "when": when}, {"at": LANE, "tariff": 0.25, "when": later}]
    play = store({"unit_cost": 4}, prices=prices)
    paid = []
    for _ in range(4):
        play.step(quantities={LANE: 10})
        paid.append((play.cost("purchase")["store_1"], play.cost("tariff")["store_1"]))
    assert paid == [(40, 0), (20, 0), (20, 5), (40, 10)]


def test_two_tariffs_add_up_and_two_factors_multiply() -> None:
    when = {"type": "scheduled", "from": 0}
    prices = [
        {"at": LANE, key: value, "when": when}
        for key, value in (("tariff", 0.1), ("tariff", 0.2), ("factor", 2), ("factor", 3))
    ]
    play = store({"unit_cost": 1}, prices=prices).step(quantities={LANE: 10})
    assert (play.cost("purchase")["store_1"], play.cost("tariff")["store_1"]) == (60, 18)


def test_units_beyond_the_regular_throughput_cost_overtime_as_far_as_there_is_any() -> None:
    sites = {"store_1": {}, "plant_1": {"initial": 50, "throughput": 5, "overtime": {"extra": 3, "cost": 2}}}
    lanes = [{"from": "supplier", "to": "plant_1"}, {"from": "plant_1", "to": "store_1", "name": "out"}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}]))
    found = [(play.step(quantities={"out": q}).shipments["out"], play.cost("overtime")["plant_1"]) for q in (4, 7, 10)]
    assert found == [(4, 0), (7, 4), (8, 6)]


@pytest.mark.parametrize(
    ("allowance", "costs"), [({}, 60), ({"allowance": 3}, 30), ({"allowance": 6}, 0), ({"allowance": 0}, 60)]
)
def test_carbon_costs_its_price_or_what_exceeds_an_allowance(allowance: dict[str, float], costs: float) -> None:
    """0.5 kg for each of 10 units shipped and 0.1 for each of 10 on the shelf."""
    play = store({"carbon": 0.5}, site={"carbon": 0.1}, carbon={"price": 10, **allowance}).step(quantities={LANE: 10})
    assert play.cost("carbon") == {"store_1": costs}


def test_an_allowance_is_shared_in_proportion_to_what_each_site_emits() -> None:
    sites: dict[str, Any] = {"store_1": {}, "store_2": {}}
    lanes = [{"from": "supplier", "to": name, "carbon": 1} for name in sites]
    play = Play(scenario(sites, lanes, [{"site": name} for name in sites], carbon={"price": 2, "allowance": 10}))
    play.step(quantities={"supplier->store_1": 30, "supplier->store_2": 10})
    assert play.cost("carbon") == {"store_1": 45, "store_2": 15}


def test_a_lane_is_set_up_for_every_product_and_a_site_keeps_each_variant() -> None:
    lanes = [{"from": "supplier", "to": "store_1", "setup": 7}]
    customers = [
        {"site": "store_1", "demand": {"type": "constant", "value": {"tea": 0, "coffee": 5, "milk": 0}}, "unmet": "lost"}
    ]
    play = Play(scenario({"store_1": {"variety": 3}}, lanes, customers, products=["tea", "coffee", "milk"]))
    play.step(quantities={LANE: [2, 0, 0]})
    assert (play.cost("setup")["store_1"], play.cost("variety")["store_1"]) == (7, 6)  # tea on the shelf, coffee asked for
    play.step(quantities={LANE: [1, 1, 1]})
    assert (play.cost("setup")["store_1"], play.cost("variety")["store_1"]) == (21, 9)


def test_a_lane_leaves_what_is_reserved_at_its_source_and_other_lanes_do_not() -> None:
    sites: dict[str, Any] = {"store_1": {"initial": 9}, "store_2": {}, "store_3": {}}
    lanes: list[dict[str, Any]] = [{"from": "supplier", "to": name} for name in sites]
    lanes += [
        {"from": "store_1", "to": "store_2", "lateral": True, "reserve": 6},
        {"from": "store_1", "to": "store_3", "lateral": True},
    ]
    play = Play(scenario(sites, lanes, [{"site": name} for name in sites]))
    play.step(quantities={"store_1->store_2": 5})
    assert (play.shipments["store_1->store_2"], play.on_hand["store_1"]) == (3, 6)
    play.step(quantities={"store_1->store_3": 5})
    assert (play.shipments["store_1->store_2"], play.shipments["store_1->store_3"]) == (0, 5)


def test_capacity_that_is_built_up_grows_by_the_same_step() -> None:
    play = store({"capacity": 10, "ramp": {"from": 0.2, "since": 1, "until": 5}})
    shipped = [play.step(quantities={LANE: 10 if period == 0 else 20}).shipments[LANE] for period in range(7)]
    assert shipped == pytest.approx([2, 2, 4, 6, 8, 10, 10])


# Shelf life, that of the period of receipt included; the oldest goes first


def test_what_was_received_is_scrapped_after_its_shelf_life_and_what_remains_is_held() -> None:
    play = store(
        {}, stock=5, site={"shelf_life": 2, "scrap_cost": 4}, customers=[{"site": "store_1", "demand": demand(2, 1, 0)}]
    )
    play.step(quantities={LANE: 4})
    assert (play.scrapped["store_1"], play.on_hand["store_1"]) == (3, 4)  # of 5 that came in the period before, 2 were sold
    assert (play.cost("scrap")["store_1"], play.cost("holding")["store_1"]) == (12, 4)
    play.step(quantities={LANE: 6})
    assert (play.scrapped["store_1"], play.on_hand["store_1"]) == (3, 6)
    assert play.step().scrapped["store_1"] == 6


@pytest.mark.parametrize(("issue", "scrapped", "left"), [("fifo", [3, 1, 3], [4, 4, 0]), ("lifo", [5, 2, 0], [2, 1, 0])])
def test_where_the_youngest_goes_first_the_oldest_perish(issue: str, scrapped: list[float], left: list[float]) -> None:
    """4 come in beside the 5 of the period before and 2 are sold, of the old or of the new; all that is old then perishes."""
    site = {"shelf_life": 2, "issue": issue}
    play = store({}, stock=5, site=site, customers=[{"site": "store_1", "demand": demand(2, 3, 1)}])
    seen = []
    for came in (4, 4, 0):
        play.step(quantities={LANE: came})
        seen.append((play.scrapped["store_1"], play.on_hand["store_1"]))
    assert seen == list(zip(scrapped, left, strict=True))


def test_where_the_youngest_goes_first_other_sites_get_it_too_and_what_is_left_of_each_receipt_is_known() -> None:
    sites = {"store_1": {}, "plant_1": {"shelf_life": 3, "initial": 4, "issue": "lifo"}}
    lanes = [{"from": "supplier", "to": "plant_1"}, {"from": "plant_1", "to": "store_1", "name": "out"}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}]))
    play.step(quantities={"supplier->plant_1": 5, "out": 3})
    play.step(quantities={"out": 2})  # of the 5, so that the last of the 4 perishes
    assert (play.scrapped["plant_1"], play.on_hand["plant_1"]) == (1, 3)
    information = play.simulator.information_of("sites")
    assert information.own("received")[0, play.simulator.numpy_network.sites.index("plant_1")].ravel().tolist() == [0]
    play.step(quantities={"supplier->plant_1": 1})
    assert (play.scrapped["plant_1"], play.on_hand["plant_1"]) == (3, 1)


def test_with_a_shelf_life_of_one_period_nothing_is_kept() -> None:
    play = store({}, stock=5, site={"shelf_life": 1}, customers=[{"site": "store_1", "demand": demand(2)}])
    for _ in range(3):
        play.step(quantities={LANE: 7})
        assert play.on_hand["store_1"] == 0


def test_stock_lasts_as_long_as_its_life_and_not_a_period_longer() -> None:
    for life in (2, 3, 5):
        play = store({}, site={"shelf_life": life}).step(quantities={LANE: 8})
        kept = [play.on_hand["store_1"], *(play.step().on_hand["store_1"] for _ in range(6))]
        assert kept == [8] * (life - 1) + [0] * (8 - life)


def test_what_leaves_for_another_site_is_the_oldest_and_begins_anew_there() -> None:
    sites = {"store_1": {"shelf_life": 3}, "plant_1": {"shelf_life": 3, "initial": 4}}
    lanes = [{"from": "supplier", "to": "plant_1"}, {"from": "plant_1", "to": "store_1", "name": "out"}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}]))
    play.step(quantities={"supplier->plant_1": 5, "out": 3})
    assert (play.on_hand["plant_1"], play.on_hand["store_1"]) == (6, 3)
    scrapped = [play.step().scrapped for _ in range(3)]
    assert [one["plant_1"] for one in scrapped] == [1, 5, 0]
    assert [one["store_1"] for one in scrapped] == [0, 3, 0]
