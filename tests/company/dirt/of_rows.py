"""Rows that are there twice, empty, or no rows at all."""

from __future__ import annotations

from .kinds import kind
from .sheet import FIRST, Row, Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("doubles")
def several_rows_of_a_day(sheet: Sheet) -> None:
    row = sheet.rows[7]
    sheet.rows.append(Row(row.date, row.site, row.product, 4.0))
    sheet.truth[row.key] += 4.0


@kind("doubles")
def the_last_of_several_rows_counts(sheet: Sheet) -> None:
    row = sheet.rows[8]
    sheet.rows.append(Row(row.date, row.site, row.product, 4.0))
    sheet.twins = (row, sheet.rows[-1])
    sheet.truth[row.key] = 4.0
    sheet.options["duplicates"] = "last"


@kind("empty")
def empty_rows(sheet: Sheet) -> None:
    sheet.rows.insert(5, Row("", "", "", ""))
    sheet.rows.append(Row("", "", "", ""))


@kind("totals")
def a_total_below(sheet: Sheet) -> None:
    sheet.rows.append(Row("Summe", "", "", 99999.5))


@kind("totals")
def totals_of_sites(sheet: Sheet) -> None:
    sheet.rows.append(Row(FIRST, "Gesamt", "007", 555.5))


@kind("heading")
def column_names_again(sheet: Sheet) -> None:
    sheet.rows.insert(20, Row("", "", "", "", raw=list(sheet.header.values())))


@kind("above")
def lines_above(sheet: Sheet) -> None:
    sheet.above += ["Umsatz 2024", ""]


@kind("totals")
def a_total_in_stars(sheet: Sheet) -> None:
    sheet.rows.append(Row("** Endsumme **", "", "", 99999.5))
