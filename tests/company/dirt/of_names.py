"""Names with what nobody sees, in other capitals, or without their digits."""

from __future__ import annotations

import unicodedata

from .kinds import kind
from .sheet import Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("names")
def spaces_about_names(sheet: Sheet) -> None:
    for row in sheet.rows[::3]:
        row.site, row.product = f" {row.site}".replace("Berlin Mitte", "Berlin  Mitte"), f"{row.product}\u00a0"


@kind("names")
def signs_that_nobody_sees(sheet: Sheet) -> None:
    for row in sheet.rows[::4]:
        row.product = f"\ufeff{row.product}\u200b"
    if sheet.encoding == "latin-1":
        sheet.encoding = "utf-8"


@kind("names")
def letters_in_two_pieces(sheet: Sheet) -> None:
    for row in sheet.rows[::2]:
        row.site = unicodedata.normalize("NFD", row.site)
    if sheet.encoding == "latin-1":
        sheet.encoding = "utf-8"


@kind("capitals")
def other_capitals(sheet: Sheet) -> None:
    sheet.rows[10].site = sheet.rows[10].site.upper()
    sheet.asks.append("spelling=merge")
    sheet.answers["spelling"] = "merge"


@kind("digits")
def an_article_number_without_its_digits(sheet: Sheet) -> None:
    sheet.rows[33].product = "4.00638E+12"
    sheet.asks.append("a number with all its digits")
    sheet.hopeless = sheet.as_texts = True  # numbers of a spreadsheet have them


@kind("capitals")
def zeros_that_some_rows_lack(sheet: Sheet) -> None:
    row = next(row for row in sheet.rows if row.product == "007")
    row.product = "7"
    sheet.asks.append("spelling=merge")
    sheet.answers["spelling"] = "merge"
