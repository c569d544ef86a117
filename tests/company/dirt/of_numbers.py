"""Amounts as people write them, and what came back."""

from __future__ import annotations

from .kinds import kind, put, returned
from .sheet import Row, Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("numbers")
def thousands(sheet: Sheet) -> None:
    put(sheet, 0, 12345.5)
    sheet.number = lambda amount, decimal: f"{amount:,.2f}".translate(str.maketrans(",.", ",." if decimal == "." else ".,"))


@kind("numbers")
def thousands_that_may_be_fractions(sheet: Sheet) -> None:
    for number, row in enumerate(sheet.rows):
        put(sheet, number, float(int(row.quantity)))
    put(sheet, 0, 1234.0)
    sheet.number = lambda amount, decimal: f"{amount:,.0f}"
    sheet.asks.append("decimal=point or decimal=comma")
    sheet.answers["decimal"] = "point"


@kind("numbers")
def two_decimal_signs(sheet: Sheet) -> None:
    sheet.rows[3].quantity, sheet.rows[4].quantity = "7,5", "7.5"
    sheet.asks += ["one decimal sign in a file"]
    sheet.hopeless = sheet.as_texts = True  # numbers of a spreadsheet have no sign


@kind("numbers")
def units_beside_numbers(sheet: Sheet) -> None:
    sheet.number = lambda amount, decimal: f"{amount:.1f} Stk".replace(".", decimal)


@kind("numbers")
def spaces_between_digits(sheet: Sheet) -> None:
    put(sheet, 0, 12345.5)
    sheet.number = lambda amount, decimal: f"{amount:,.1f}".replace(".", "P").replace(",", "\u00a0").replace("P", decimal)


@kind("numbers")
def apostrophes_between_digits(sheet: Sheet) -> None:
    put(sheet, 0, 12345.5)
    sheet.number = lambda amount, decimal: f"{amount:,.1f}".replace(".", "P").replace(",", "'").replace("P", decimal)


@kind("numbers")
def thin_spaces_between_digits(sheet: Sheet) -> None:
    put(sheet, 0, 12345.5)
    sheet.number = lambda amount, decimal: f"{amount:,.1f}".replace(".", "P").replace(",", "\u2009").replace("P", decimal)
    if sheet.encoding == "latin-1":
        sheet.encoding = "utf-8"


@kind("returns")
def returns(sheet: Sheet) -> None:
    returned(sheet, 3.0)


@kind("returns")
def returns_with_a_minus_behind(sheet: Sheet) -> None:
    returned(sheet, "3-")


@kind("returns")
def returns_in_brackets(sheet: Sheet) -> None:
    returned(sheet, "(3)")


@kind("returns")
def more_back_than_sold(sheet: Sheet) -> None:
    row = sheet.rows[12]
    sheet.rows.append(Row(row.date, row.site, row.product, -1000.0))
    sheet.truth[row.key] = 0.0
