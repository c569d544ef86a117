"""Cells in which nothing stands, or what cannot be."""

from __future__ import annotations

import datetime as dt

from .kinds import kind, unknown
from .sheet import FIRST, PRODUCTS, SITES, Row, Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("blank")
def no_quantity(sheet: Sheet) -> None:
    unknown(sheet, 14, "")


@kind("blank")
def words_for_nothing(sheet: Sheet) -> None:
    unknown(sheet, 15, "#N/A")
    unknown(sheet, 16, "-")


@kind("blank")
def no_quantity_is_nothing(sheet: Sheet) -> None:
    row = sheet.rows[17]
    row.quantity, sheet.truth[row.key] = "", 0.0
    sheet.options["blank"] = "zero"


@kind("unreadable")
def a_word_for_a_quantity(sheet: Sheet) -> None:
    sheet.rows.append(Row(FIRST, SITES[0], PRODUCTS[0], "oops"))
    sheet.asks.append("a quantity, or unreadable=drop")
    sheet.answers["unreadable"] = "drop"


@kind("unreadable")
def a_day_that_there_is_not(sheet: Sheet) -> None:
    sheet.rows.append(Row("2024-02-31", SITES[0], PRODUCTS[0], 7.5))
    sheet.asks.append("a date, or unreadable=drop")
    sheet.answers["unreadable"] = "drop"


@kind("nameless")
def no_site(sheet: Sheet) -> None:
    sheet.rows.append(Row(FIRST, "", PRODUCTS[0], 7.5))
    sheet.asks.append("nameless=drop")
    sheet.answers["nameless"] = "drop"


@kind("nameless")
def no_product(sheet: Sheet) -> None:
    sheet.rows.append(Row(FIRST, SITES[1], "", 7.5))
    sheet.asks.append("nameless=drop")
    sheet.answers["nameless"] = "drop"


@kind("nameless")
def no_date(sheet: Sheet) -> None:
    sheet.rows.append(Row("", SITES[1], PRODUCTS[1], 7.5))
    sheet.asks.append("nameless=drop")
    sheet.answers["nameless"] = "drop"


@kind("future")
def days_to_come(sheet: Sheet) -> None:
    sheet.rows.append(Row(dt.date(2024, 12, 31), SITES[0], PRODUCTS[0], 7.5))
    sheet.asks.append("future=drop")
    sheet.answers["future"] = "drop"


@kind("unreadable")
def two_numbers_in_a_cell(sheet: Sheet) -> None:
    sheet.rows.append(Row(FIRST, SITES[0], PRODUCTS[0], "5 10"))
    sheet.asks.append("a quantity, or unreadable=drop")
    sheet.answers["unreadable"] = "drop"


@kind("unreadable")
def a_share_for_a_quantity(sheet: Sheet) -> None:
    sheet.rows.append(Row(FIRST, SITES[0], PRODUCTS[0], "15 %"))
    sheet.asks.append("an amount, and no per cent")
    sheet.hopeless = True
