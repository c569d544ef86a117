"""Orders that a source cannot fill go to the next one, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from orderup.envs.foundation.errors import InputError
from orderup.evaluation import Traces, hindsight_bound

from ..by_hand import Play, demand, scenario


def two_sources(*, cheap: Any = None, dear: Any = None, **keys: Any) -> Any:
    """A store that nobody buys from, with a cheap supplier and a dear one."""
    lanes = [
        {"from": "supplier_dear", "to": "store_1", "name": "dear", "unit_cost": 3, **(dear or {})},
        {"from": "supplier_cheap", "to": "store_1", "name": "cheap", "unit_cost": 1, "reroute": True, **(cheap or {})},
    ]
    return scenario({"store_1": {}}, lanes, [{"site": "store_1", "demand": demand(0)}], **keys)


def test_what_the_cheap_source_cannot_ship_comes_from_the_dear_one_a_period_later() -> None:
    """4 of 10 leave at once; the other 6 are asked of the dear supplier, which brings them in the next period."""
    play = Play(two_sources(cheap={"capacity": 4})).step(quantities={"cheap": 10})
    assert (play.shipments, play.open_orders) == ({"dear": 0, "cheap": 4}, {"dear": 6, "cheap": 0})
    assert sum(play.on_order.values()) == 6
    play.step()
    assert play.shipments == {"dear": 6, "cheap": 0}
    assert play.on_hand["store_1"] == 10
    assert play.cost("purchase")["store_1"] == 18


def test_an_order_up_to_a_level_counts_what_the_next_source_has_been_asked_for() -> None:
    """Up to 10 by the cheap one: after the first period all 10 are on the shelf or on order, and nothing is ordered again."""
    play = Play(two_sources(cheap={"capacity": 4})).step(levels={"cheap": 10})
    assert play.orders["cheap"] == 10
    assert play.step(levels={"cheap": 10}).orders["cheap"] == 0


def test_without_the_key_the_order_waits_where_it_was_placed() -> None:
    play = Play(two_sources(cheap={"capacity": 4, "reroute": False})).step(quantities={"cheap": 10}).step()
    assert (play.shipments["cheap"], play.shipments["dear"], play.open_orders["cheap"]) == (4, 0, 2)


def test_an_order_to_a_supplier_that_is_down_comes_from_another() -> None:
    down = [{"at": "supplier_cheap", "pauses": "shipments", "when": {"type": "scheduled", "from": 0, "until": 3}}]
    play = Play(two_sources(disruptions=down, cheap={"unfilled": "cancelled"})).step(quantities={"cheap": 5}).step()
    assert play.receipts == {"dear": 5, "cheap": 0}


def test_the_dearest_passes_on_to_the_cheapest() -> None:
    play = Play(two_sources(dear={"capacity": 2, "reroute": True})).step(quantities={"dear": 5})
    assert play.open_orders == {"dear": 0, "cheap": 3}


def test_each_product_goes_to_the_next_source_that_has_it() -> None:
    lanes = [
        {"from": "supplier_a", "to": "store_1", "name": "both", "capacity": 1, "reroute": True},
        {"from": "supplier_b", "to": "store_1", "name": "tea", "products": ["tea"], "unit_cost": 1},
        {"from": "supplier_c", "to": "store_1", "name": "coffee", "products": ["coffee"], "unit_cost": 2},
    ]
    play = Play(scenario({"store_1": {}}, lanes, [{"site": "store_1"}], products=["tea", "coffee"]))
    play.step(quantities={"both": [6, 4]})
    assert play.open_orders == {"both": [0, 0], "tea": [5.4, 0], "coffee": [0, 3.6]}


def test_a_site_that_runs_out_passes_orders_on_in_the_turn_in_which_they_come() -> None:
    """Of 6 the near warehouse has 2; the far one, serving by turn, gives the 4 passed on before what is ordered there now."""
    sites = {
        "store_1": {},
        "store_2": {},
        "warehouse_1": {"initial": 2},
        "warehouse_2": {"initial": 7, "rationing": "first_come"},
    }
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "name": "near", "reroute": True},
        {"from": "warehouse_2", "to": "store_1", "name": "far", "unit_cost": 1},
        {"from": "warehouse_2", "to": "store_2", "name": "other"},
        {"from": "supplier", "to": "warehouse_1"},
        {"from": "supplier", "to": "warehouse_2"},
    ]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}, {"site": "store_2"}])).step(quantities={"near": 6})
    play.step(quantities={"other": 6})
    assert (play.shipments["far"], play.shipments["other"]) == (4, 3)


@pytest.mark.parametrize(
    ("lanes", "complaint"),
    [
        ([{"reroute": True}], r"lanes\[0\]\.reroute: found True.*another lane to store_1 that carries product"),
        ([{"reroute": True, "products": ["tea"]}, {"products": ["coffee"], "name": "c"}], r"lanes\[0\]\.reroute.*carries tea"),
    ],
)
def test_a_lane_with_no_next_source_is_refused_by_key(lanes: list[dict[str, Any]], complaint: str) -> None:
    products = ["tea", "coffee"] if len(lanes) > 1 else ["product"]
    with pytest.raises(InputError, match=complaint):
        scenario(
            {"store_1": {}},
            [{"from": "supplier", "to": "store_1", **lane} for lane in lanes],
            [{"site": "store_1"}],
            products=products,
        )


def test_hindsight_refuses_by_key_what_it_does_not_know() -> None:
    with pytest.raises(InputError, match=r"lanes\[1\]\.reroute"):
        hindsight_bound(Traces(two_sources(horizon=2), 10_000, 1, "test", 2))
