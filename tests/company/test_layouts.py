"""Demand files of programs and data sets that people have come to what they say, by the columns they have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import orderup
from orderup.envs.foundation.errors import InputError

CASES: dict[str, tuple[str, dict[tuple[str, str, str], float]]] = {
    # a file as it is exported, and the demand in it by site, product and day
    "long": (
        "Datum;Filiale;Artikel;Menge\n31.01.2024;Köln;007;1.234,5\n01.02.2024;Köln;007;2\n",
        {("Köln", "007", "2024-01-31"): 1234.5, ("Köln", "007", "2024-02-01"): 2},
    ),
    "wide": (
        "store,item,2024-01-30,2024-01-31,2024-02-01\nA,x,1,0,3\nA,y,2,,4\n",
        {
            ("A", "x", "2024-01-30"): 1,
            ("A", "x", "2024-01-31"): 0,
            ("A", "x", "2024-02-01"): 3,
            ("A", "y", "2024-01-30"): 2,
            ("A", "y", "2024-02-01"): 4,
        },
    ),
    "nixtla": (
        "unique_id,ds,y\nT1,2024-01-01,3\nT1,2024-01-02,4\n",
        {("store_1", "T1", "2024-01-01"): 3, ("store_1", "T1", "2024-01-02"): 4},
    ),
    "m5": (
        "id,item_id,dept_id,cat_id,store_id,state_id,d_1,d_2,d_3\nF_1_CA_1_evaluation,F_1,F,F,CA_1,CA,5,2,3\n",
        {("CA_1", "F_1", "2011-01-29"): 5, ("CA_1", "F_1", "2011-01-30"): 2, ("CA_1", "F_1", "2011-01-31"): 3},
    ),
    "favorita": (
        "id,date,store_nbr,item_nbr,unit_sales,onpromotion\n0,2016-01-01,25,103665,7.0,\n1,2016-01-02,25,103665,-1.0,\n"
        "2,2016-01-02,25,103665,4.0,\n",
        {("25", "103665", "2016-01-01"): 7, ("25", "103665", "2016-01-02"): 3},
    ),
    "rossmann": (
        "Store,DayOfWeek,Date,Sales,Customers,Open,Promo,StateHoliday,SchoolHoliday\n1,5,2015-07-31,5263,555,1,1,0,1\n"
        "1,6,2015-08-01,0,0,0,0,0,1\n1,1,2015-08-03,6064,625,1,1,0,1\n",
        {("1", "product", "2015-07-31"): 5263, ("1", "product", "2015-08-03"): 6064},
    ),
    "online_retail": (
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085,United Kingdom\n"
        "C489449,85048,LIGHTS,-2,2009-12-01 10:33:00,6.95,16321,Australia\n"
        "489436,POST,POSTAGE,3,2009-12-01 09:06:00,18.0,13078,France\n"
        "489464,85048,damaged,-96,2009-12-02 10:52:00,0.0,,United Kingdom\n"
        "489435,85048,LIGHTS,5,2009-12-02 07:46:00,6.95,13085,United Kingdom\n",
        {("store_1", "85048", "2009-12-01"): 10, ("store_1", "85048", "2009-12-02"): 5},
    ),
    "freshretailnet": (
        "city_id,store_id,product_id,dt,sale_amount,stock_hour6_22_cnt,discount\n0,7,38,2024-03-28,0.5,0,1.0\n"
        "0,7,38,2024-03-29,0.2,6,1.0\n0,7,38,2024-03-30,0.7,0,1.0\n",
        {("7", "38", "2024-03-28"): 0.5, ("7", "38", "2024-03-30"): 0.7},
    ),
    "odoo": (
        "Date,Reference,Product,From,To,Quantity,Status\n"
        "2024-01-05 10:00:00,BER/OUT/1,[A1] Desk,BER/Stock,Partners/Customers,5,Done\n"
        "2024-01-06 09:00:00,BER/IN/1,[A1] Desk,Partners/Customers,BER/Stock,2,Done\n"
        "2024-01-06 10:00:00,BER/OUT/3,[A1] Desk,BER/Stock/Shelf 1,Partners/Customers,7,Done\n"
        "2024-01-06 10:00:00,BER/IN/2,[A1] Desk,Partners/Vendors,BER/Stock,20,Done\n"
        "2024-01-07 10:00:00,BER/OUT/2,[A1] Desk,BER/Stock,Partners/Customers,20,Waiting\n",
        {("BER", "A1", "2024-01-05"): 5, ("BER", "A1", "2024-01-06"): 5},
    ),
    "erpnext": (
        "posting_date,item_code,warehouse,actual_qty,voucher_type\n2024-01-05,A,W - C,-5,Delivery Note\n"
        "2024-01-06,A,W - C,50,Purchase Receipt\n2024-01-06,A,W - C,-3,Sales Invoice\n2024-01-06,A,W - C,1,Delivery Note\n",
        {("W - C", "A", "2024-01-05"): 5, ("W - C", "A", "2024-01-06"): 2},
    ),
    "inventorybench": (
        "instance,split,period,demand,lead_time,profit,holding\nreal/a,train,-5,162,,,\nreal/a,train,-4,142,,,\nreal/a,test,0,7,4,1,1\n",
        {("real/a", "product", "-5"): 162, ("real/a", "product", "-4"): 142, ("real/a", "product", "0"): 7},
    ),
}
DAY = {"period": "day", "ended": 10_000, "gaps": "missing"}


def cells(found: Any) -> dict[tuple[str, str, str], float]:
    """What is known of demand by site, product and period."""
    table = found.table.dropna()
    return {(row.site, row.product, str(row.period)): row.demand for row in table.itertuples()}


@pytest.mark.parametrize("name", CASES)
def test_a_layout_is_known_by_its_columns_and_read_for_what_it_says(name: str, tmp_path: Path) -> None:
    text, truth = CASES[name]
    path = tmp_path / "sales.csv"
    path.write_text(text, encoding="utf-8")
    found = orderup.read_demand(path, **DAY)
    assert cells(found) == truth
    (chosen,) = [decision.done for decision in found.decisions if decision.key == "layout"]
    assert chosen == name
    assert cells(orderup.read_demand(path, layout=name, **DAY)) == truth


def test_erpnext_may_have_what_came_in_and_what_went_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(
        "Date,Item,Warehouse,In Qty,Out Qty,Voucher Type\n2024-01-05,A,W,0,-5,Delivery Note\n2024-01-05,A,W,1,0,Delivery Note\n"
    )
    path.write_text(path.read_text().replace("-5", "5"))
    assert cells(orderup.read_demand(path, **DAY)) == {("W", "A", "2024-01-05"): 4}


@pytest.mark.parametrize(("layout", "site", "product"), [("wide_products", "store_1", "tea"), ("wide_sites", "tea", "product")])
def test_a_column_for_each_product_or_site_is_said_by_name(layout: str, site: str, product: str) -> None:
    frame = pd.DataFrame({"date": ["2024-01-01", "2024-01-02"], "tea": [3, 4], "coffee": [5, 6]})
    found = cells(orderup.read_demand(frame, layout=layout, **DAY))
    assert found[(site, product, "2024-01-02")] == 4
    assert len(found) == 4


def test_what_is_left_out_of_a_ledger_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(CASES["odoo"][0])
    told = {decision.found: decision.count for decision in orderup.read_demand(path, **DAY).decisions}
    assert told["moves that are not done"] == 1
    assert told["moves that are neither to nor from customers"] == 1


def test_weeks_and_months_are_put_together_and_never_taken_apart(tmp_path: Path) -> None:
    days = pd.DataFrame({"date": pd.date_range("2024-01-01", "2024-03-31"), "product": "x", "quantity": 1})
    weeks = orderup.read_demand(days, period="week")
    assert (weeks.demand == 7).all()
    assert (weeks.names[0], weeks.names[-1]) == ("2024-W01", "2024-W13")
    months = orderup.read_demand(days, period="month")
    assert months.demand.tolist() == [[31, 29, 31]]
    frame = pd.DataFrame({"week": ["2024-W01", "2024-W02"], "product": "x", "quantity": 1})
    with pytest.raises(InputError, match="period: found 'day, of demand by weeks'; accepted: week"):
        orderup.read_demand(frame, period="day")


def test_weeks_may_begin_on_any_day() -> None:
    days = pd.DataFrame({"date": pd.date_range("2024-01-07", "2024-02-03"), "product": "x", "quantity": range(28)})
    found = orderup.read_demand(days, period="week", week_starts="sunday", launch="start")
    assert found.demand.tolist() == [[21, 70, 119, 168]]
    assert found.names[0] == "2024-01-07"


def test_a_share_of_a_week_at_either_end_is_no_week(tmp_path: Path) -> None:
    days = pd.DataFrame({"date": pd.date_range("2024-01-03", "2024-02-06"), "product": "x", "quantity": 1})
    found = orderup.read_demand(days, period="week")
    assert (found.demand == 7).all()
    (decision,) = [decision for decision in found.decisions if decision.key == "partial"]
    assert decision.count == 2
    assert orderup.read_demand(days, period="week", partial="keep").demand.tolist() == [[5, 7, 7, 7, 7, 2]]


def test_gaps_are_nothing_or_not_known_by_whether_the_file_writes_zeros() -> None:
    rows = [("2024-01-01", 3), ("2024-01-03", 4), ("2024-01-04", 1)]
    silent = pd.DataFrame(rows, columns=["date", "quantity"]).assign(product="x")
    assert orderup.read_demand(silent, period="day").table.demand.tolist() == [3, 0, 4, 1]
    telling = pd.concat([silent, pd.DataFrame([("2024-01-05", 0, "x"), ("2024-01-06", 2, "x")], columns=list(silent))])
    found = orderup.read_demand(telling, period="day").table.demand
    assert found.isna().tolist() == [False, True, False, False, False, False]
    assert found.dropna().tolist() == [3, 4, 1, 0, 2]


def test_a_product_is_there_from_its_first_sale_and_gone_when_it_is_no_longer_sold() -> None:
    days = pd.date_range("2024-01-01", periods=100).astype(str)
    rows = [(day, "old", 1) for day in days[:10]] + [(day, "new", 2) for day in days[90:]] + [(day, "x", 3) for day in days]
    found = orderup.read_demand(pd.DataFrame(rows, columns=["date", "product", "quantity"]), period="day", ended=30)
    assert found.products == ("new", "x")
    assert found.ended == {"old"}
    assert len(found.table.query("product == 'new'")) == 10
    told = {decision.key: decision.count for decision in found.decisions}
    assert (told["launch"], told["ended"]) == (1, 1)


def test_a_day_on_which_a_site_sells_nothing_at_all_is_not_known() -> None:
    days = pd.date_range("2024-01-01", periods=14)
    rows = [(day, product, 1) for day in days if day.weekday() != 6 for product in "abcd"]
    found = orderup.read_demand(pd.DataFrame(rows, columns=["date", "product", "quantity"]), period="day")
    assert found.demand[:, 6].tolist() == pytest.approx([float("nan")] * 4, nan_ok=True)
    zero = orderup.read_demand(pd.DataFrame(rows, columns=["date", "product", "quantity"]), period="day", closed="zero")
    assert zero.demand[:, 6].tolist() == [0, 0, 0, 0]


def test_outliers_are_said_and_kept_unless_somebody_says_otherwise() -> None:
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=60), "product": "x", "quantity": [4, 5, 6] * 20})
    frame.loc[30, "quantity"] = 5000
    found = orderup.read_demand(frame, period="day")
    assert found.demand[0, 30] == 5000
    (decision,) = [decision for decision in found.decisions if decision.key == "outliers"]
    assert (decision.count, decision.changes) == (1, False)
    assert orderup.read_demand(frame, period="day", outliers="cap").demand[0, 30] < 50
    assert orderup.read_demand(frame, period="day", outliers="missing").known[0, 30] == False  # noqa: E712 (NumPy's own)


def test_only_some_sites_or_products_are_taken_and_the_rest_is_counted() -> None:
    rows = [("2024-01-01", site, product, 1 + (product == "b")) for site in "AB" for product in "abc"]
    frame = pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])
    found = orderup.read_demand(frame, period="day", only_sites=["A"], top=1)
    assert (found.sites, found.products) == (("A",), ("b",))
    told = {decision.key: decision.count for decision in found.decisions if decision.key in ("only_sites", "top")}
    assert told == {"only_sites": 3, "top": 2}
    with pytest.raises(InputError, match="only_sites: found 'C'; accepted: one of A, B"):
        orderup.read_demand(frame, period="day", only_sites=["C"])
