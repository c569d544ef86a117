"""What a whole file is like: its separators, its bytes, and a program's own format."""

from __future__ import annotations

from .kinds import kind
from .sheet import Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("dialect")
def semicolons_and_decimal_commas(sheet: Sheet) -> None:
    sheet.separator, sheet.decimal = ";", ","


@kind("dialect")
def tabs(sheet: Sheet) -> None:
    sheet.separator = "\t"


@kind("dialect")
def bars(sheet: Sheet) -> None:
    sheet.separator = "|"


@kind("dialect")
def a_line_that_says_the_separator(sheet: Sheet) -> None:
    sheet.separator, sheet.decimal = ";", ","
    sheet.above.insert(0, "sep=;")


@kind("bytes")
def latin_1(sheet: Sheet) -> None:
    sheet.encoding = "latin-1"


@kind("bytes")
def a_byte_order_mark(sheet: Sheet) -> None:
    sheet.encoding = "utf-8-sig"


@kind("bytes")
def utf_16(sheet: Sheet) -> None:
    sheet.encoding = "utf-16"


@kind("bytes")
def packed(sheet: Sheet) -> None:
    sheet.ending = ".csv.gz"


@kind("bytes")
def windows_lines(sheet: Sheet) -> None:
    sheet.newline = "\r\n"


@kind("excel")
def excel(sheet: Sheet) -> None:
    sheet.ending = ".xlsx"


@kind("excel")
def parquet(sheet: Sheet) -> None:
    sheet.ending = ".parquet"
