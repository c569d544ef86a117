"""Dates as people write them."""

from __future__ import annotations

import datetime as dt

from .kinds import kind
from .sheet import Sheet

WHICH_QUANTITY = "columns.demand.quantity=<name>"


@kind("dates")
def german_dates(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%d.%m.%Y}"


@kind("dates")
def short_german_dates(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day.day}.{day.month}.{day:%y}"


@kind("dates")
def american_dates(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%m/%d/%Y}"


@kind("dates")
def british_dates(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%d/%m/%Y}"


@kind("dates")
def dates_of_two_readings(sheet: Sheet) -> None:
    kept = [row for row in sheet.rows if not isinstance(row.date, dt.date) or row.date < dt.date(2024, 1, 13)]
    gone = {row.date for row in sheet.rows if isinstance(row.date, dt.date)} - {row.date for row in kept}
    sheet.rows[:] = kept
    for key in [key for key in sheet.truth if key[2] in gone]:
        del sheet.truth[key]
    sheet.date = lambda day: f"{day:%d/%m/%Y}"
    sheet.asks.append("dates=day_first or dates=month_first")
    sheet.answers["dates"] = "day_first"


@kind("dates")
def times_of_day(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day.isoformat()}T13:45:00Z"


@kind("dates")
def compact_dates(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%Y%m%d}"


@kind("dates")
def months_in_words(sheet: Sheet) -> None:
    names = {1: "Januar", 2: "Februar", 12: "Dezember"}
    sheet.date = lambda day: f"{day.day}. {names[day.month]} {day.year}"


@kind("dates")
def two_ways_to_write_dates(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%d.%m.%Y}" if day.day % 2 else day.isoformat()


@kind("dates")
def numbers_of_excels_days(sheet: Sheet) -> None:
    sheet.date = lambda day: str((day - dt.date(1899, 12, 30)).days)
    sheet.asks.append("a date, or unreadable=drop")
    sheet.answers["dates"] = "excel"


@kind("dates")
def times_before_and_after_noon(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%m/%d/%Y} 0{day.day % 9 + 1}:45 {'AM' if day.day % 2 else 'p.m.'}"


@kind("dates")
def years_of_two_digits(sheet: Sheet) -> None:
    sheet.date = lambda day: f"{day:%d/%m/%y}"
