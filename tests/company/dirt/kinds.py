"""What a kind of dirt is, and what several of them do to a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .sheet import Row, Sheet

Dirt = Callable[[Sheet], None]
GROUPS = (
    *("dialect", "bytes", "excel", "numbers", "returns", "doubles", "empty", "totals", "heading", "above", "names", "capitals"),
    *("dates", "blank", "unreadable", "nameless", "future", "units", "money", "order", "width", "words", "cells", "digits"),
)
"""In the order in which they are done to a sheet; two kinds of one group do not go together."""
ADDED: dict[str, tuple[str, Dirt]] = {}


def kind(group: str) -> Callable[[Dirt], Dirt]:
    """Make a function known as a kind of dirt of a group; nothing goes with itself."""

    def add(dirt: Dirt) -> Dirt:
        ADDED[dirt.__name__] = (group, dirt)
        return dirt

    return add


def put(sheet: Sheet, number: int, amount: float) -> None:
    """Another amount in a row, in truth too."""
    row = sheet.rows[number]
    row.quantity, sheet.truth[row.key] = amount, amount


def returned(sheet: Sheet, amount: Any) -> None:
    """Three units brought back on a day on which more were sold."""
    row = next(row for row in sheet.rows if isinstance(row.quantity, float) and row.quantity > 10)
    sheet.rows.append(Row(row.date, row.site, row.product, -amount if isinstance(amount, float) else amount))
    sheet.truth[row.key] -= 3.0


def unknown(sheet: Sheet, number: int, text: str) -> None:
    """A text in place of an amount, which nobody knows then."""
    row = sheet.rows[number]
    row.quantity = text
    sheet.truth[row.key] = float("nan")
