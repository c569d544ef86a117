"""Units and currencies, columns besides, and what columns are called."""

from __future__ import annotations

import datetime as dt

import numpy as np

from .kinds import kind
from .sheet import FIRST, PRODUCTS, SITES, Row, Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("units")
def a_unit_that_changes(sheet: Sheet) -> None:
    sheet.header["unit"] = "unit"
    for row in sheet.rows:
        row.more["unit"] = "piece" if isinstance(row.date, dt.date) else ""
    row = sheet.rows[30]
    row.more["unit"], row.quantity = "box", 2.0
    sheet.truth[row.key] = 24.0
    sheet.asks.append("units=")
    sheet.answers["units"] = {"box": 12.0, "piece": 1.0}


@kind("money")
def two_currencies(sheet: Sheet) -> None:
    sheet.header |= {"price": "price", "currency": "currency"}
    for number, row in enumerate(row for row in sheet.rows if row.date):
        row.more |= {"price": f"{3.5:g}".replace(".", sheet.decimal), "currency": "USD" if number == 31 else "EUR"}
    sheet.asks.append("currencies=")
    sheet.answers["currencies"] = {"EUR": 1.0, "USD": 0.9}


@kind("order")
def rows_in_any_order(sheet: Sheet) -> None:
    np.random.default_rng(3).shuffle(sheet.rows)
    if sheet.twins:  # another one may be the last now
        *_, last = (row for row in sheet.rows if any(row is twin for twin in sheet.twins))
        sheet.truth[last.key] = float(last.quantity)


@kind("width")
def columns_besides(sheet: Sheet) -> None:
    sheet.header |= {"note": "Bemerkung", "clerk": "Sachbearbeiter"}
    for row in sheet.rows:
        row.more["note"] = "a; b, c"


@kind("width")
def a_separator_at_every_end(sheet: Sheet) -> None:
    sheet.trailing = True


@kind("width")
def two_columns_that_may_be_the_quantity(sheet: Sheet) -> None:
    sheet.header["other"] = "Menge"
    for row in sheet.rows:
        row.more["other"] = "1"
    sheet.asks.append(WHICH_QUANTITY)
    sheet.answers["columns"] = {"demand": {"quantity": sheet.header["quantity"]}}


@kind("words")
def german_column_names(sheet: Sheet) -> None:
    sheet.header |= {"date": "Belegdatum", "site": "Filiale", "product": "Artikelnummer", "quantity": "Absatz [Stück]"}
    if "columns" in sheet.answers:
        sheet.answers["columns"] = {"demand": {"quantity": "Absatz [Stück]"}}


@kind("words")
def column_names_that_nobody_knows(sheet: Sheet) -> None:
    sheet.header |= {"quantity": "xyz"}
    sheet.asks.append(WHICH_QUANTITY)
    sheet.answers["columns"] = {"demand": {"quantity": "xyz"}}
    if "other" in sheet.header:  # the only one that is known, and taken for what it says that it is
        sheet.asks.clear()
        sheet.options["columns"] = sheet.answers["columns"]


@kind("cells")
def a_row_with_too_many_cells(sheet: Sheet) -> None:
    sheet.rows.append(Row("", "", "", "", raw=[FIRST.isoformat(), SITES[0], PRODUCTS[0], "1", *["2"] * len(sheet.header), "3"]))
    sheet.asks.append("cells, as many as there are column names")
    sheet.hopeless = True


@kind("units")
def a_unit_beside_one_number(sheet: Sheet) -> None:
    row = sheet.rows[30]
    row.quantity, sheet.truth[row.key] = "2 Karton", 24.0
    sheet.asks.append("units=")
    sheet.answers["units"] = {"Karton": 12.0}
