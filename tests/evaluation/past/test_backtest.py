"""The past once more: what is on record, ordered again, costs what it cost, and is compared by the same KPIs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.agents import make_agent
from orderup.agents.team import seated
from orderup.commands.backtest import main
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.evaluation.past.backtest import backtest
from orderup.evaluation.past.window import RecordedWindow

DEMAND = [3.0, 5.0, 2.0, 6.0, 4.0, 4.0]
ORDERS = [4.0, 4.0, 4.0, 4.0, 4.0, 4.0]


def weeks(first: int, last: int) -> list[str]:
    return [f"2024-W{week:02}" for week in range(first, last + 1)]


@pytest.fixture
def shop(tmp_path: Path) -> dict[str, Any]:
    """One shop with recorded sales: 24 weeks, of which the last six are the test window."""
    sold = [*[4.0] * 18, *DEMAND]
    frame = pd.DataFrame({"period": weeks(1, 24), "site": "shop_1", "product": "tea", "demand": sold})
    frame.to_csv(tmp_path / "sales.csv", index=False)
    return {
        "name": "shop",
        "horizon": 6,
        "products": ["tea"],
        "data": {
            "path": str(tmp_path / "sales.csv"),
            "windows": {
                "train": ["2024-W01", "2024-W12"],
                "validation": ["2024-W13", "2024-W18"],
                "test": ["2024-W19", "2024-W24"],
            },
            "block": 3,
        },
        "sites": {"shop_1": {"holding": 1.0}},
        "lanes": [{"from": "supplier", "to": "shop_1", "lead_time": 2}],
        "customers": [{"site": "shop_1", "shortage": 9.0, "demand": {"type": "file"}}],
    }


def receipts(first: int, last: int) -> pd.DataFrame:
    """Four units a week come in."""
    return pd.DataFrame({"received": weeks(first, last), "site": "shop_1", "quantity": 4.0})


STOCK = [{"site": "shop_1", "on_hand": 6.0}]


def test_the_past_costs_what_one_works_out_by_hand(shop: dict[str, Any]) -> None:
    """Six on the shelf, four come in every week: 7, 6, 8, 6, 6, 6 are left, so that holding is 6.5 a week and nobody waits."""
    found = backtest(shop, receipts=receipts(19, 26), stock=STOCK)
    past = found.comparison.results[0]
    assert past.name == "as ordered"
    assert past.cost == pytest.approx((7 + 6 + 8 + 6 + 6 + 6) / 6)
    assert past.kpis["fill_rate"] == 1.0
    assert found.orders["as ordered"].tolist() == ORDERS
    assert found.orders["period"].tolist() == weeks(19, 24)


def test_orders_and_the_receipts_they_led_to_are_the_same_past(shop: dict[str, Any]) -> None:
    ordered = pd.DataFrame({"period": weeks(17, 24), "site": "shop_1", "product": "tea", "quantity": 4.0})
    one = backtest(shop, receipts=receipts(19, 26), stock=STOCK)
    other = backtest(shop, ordered=ordered, stock=STOCK)
    assert one.comparison.results[0].cost == other.comparison.results[0].cost
    pd.testing.assert_frame_equal(one.orders, other.orders)


def test_what_was_under_way_when_the_window_began_is_there_for_everybody(shop: dict[str, Any]) -> None:
    found = backtest(shop, receipts=receipts(19, 26), stock=STOCK)
    assert [(entry.period, entry.quantity) for entry in found.comparison.traces.scenario.arriving] == [(0, 4.0), (1, 4.0)]


def test_what_is_about_other_periods_is_left_out_and_counted(shop: dict[str, Any]) -> None:
    found = backtest(shop, receipts=receipts(10, 26), stock=STOCK)
    assert any(note.startswith("9 of 17 rows of receipts are about other periods") for note in found.notes)


def test_all_are_compared_with_what_was_ordered(shop: dict[str, Any]) -> None:
    found = backtest(shop, [("central_ideal", "base_stock")], receipts=receipts(19, 26), stock=STOCK)
    assert found.comparison.reference_method.name == "as ordered"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "receipts: found 'neither'"),
        ({"receipts": receipts(19, 26), "ordered": receipts(19, 26)}, "receipts: found 'both'"),
        ({"receipts": receipts(19, 26).assign(site="shop_2")}, "receipts, row 1, column to: found 'shop_2'"),
        ({"receipts": receipts(19, 26).assign(quantity=-1)}, "receipts, row 1, column quantity: found '-1'"),
        ({"receipts": receipts(19, 26).assign(received="19th")}, "receipts, row 1, column period: found '19th'"),
        ({"receipts": receipts(1, 9)}, "receipts: found '9 rows of other periods'"),
        ({"receipts": receipts(19, 26).assign(since="2024-W30")}, "receipts, row 1, column since: found '2024-W30'"),
        (
            {"receipts": receipts(19, 26), "stock": [{"period": "2024-W18", "site": "shop_1", "on_hand": 1}]},
            "stock, row 1, column period: found '2024-W18'; accepted: 2024-W19",
        ),
    ],
)
def test_what_cannot_be_is_named(given: dict[str, Any], told: str, shop: dict[str, Any]) -> None:
    with pytest.raises(InputError) as raised:
        backtest(shop, **given)
    assert told in str(raised.value)


def test_a_scenario_without_recorded_demand_has_no_past() -> None:
    with pytest.raises(InputError, match="recorded demand of all customers"):
        backtest("newsvendor", receipts=receipts(19, 26))


@pytest.mark.usefixtures("recorded_twin")
def test_orders_of_a_policy_put_on_record_cost_what_the_policy_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sales of eight stores and eleven products: base-stock's own orders, from a file, and base-stock itself, to the bit."""
    monkeypatch.chdir(tmp_path)
    window = RecordedWindow.of(load_scenario("orange_juice"), "test")
    simulator = Simulator(window.as_it_was(None, (), 0), "autonomous_silo", split="test")
    seating = Seating(simulator, seated(make_agent("base_stock"), simulator))
    seating.reset(10_000, np.array([0]))
    rows = []
    while not simulator.done:
        name = window.name(simulator.period)
        simulator.advance(seating.decisions())
        assert simulator.now.flows is not None
        orders, network = simulator.now.flows.orders[..., 0], simulator.numpy_network
        lane, product = np.nonzero(orders)
        lanes, products = np.array(network.lanes)[lane], np.array(network.products)[product]
        rows.append(pd.DataFrame({"period": name, "lane": lanes, "product": products, "quantity": orders[lane, product]}))
    pd.concat(rows).to_csv(tmp_path / "ordered.csv", index=False)
    found = backtest("orange_juice", [("autonomous_silo", "base_stock")], ordered=tmp_path / "ordered.csv")
    past, policy = found.comparison.results
    assert past.sums["cost"].tolist() == policy.sums["cost"].tolist()
    np.testing.assert_array_equal(found.orders["as ordered"], found.orders["base_stock at autonomous_silo"])
    assert main(["orange_juice", "ordered=ordered.csv", "page=false"]) == 0
    assert "as ordered" in capsys.readouterr().out
    assert (tmp_path / "reports" / "orange_juice-backtest" / "orders.csv").is_file()
