"""A sheet as it is to be written, and what is in it in truth."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SITES = ("Berlin Mitte", "Köln")
PRODUCTS = ("007", "Tee, grün", "A-12")
FIRST = dt.date(2024, 1, 1)
DAYS = 40
TODAY = "2024-03-01"
Key = tuple[str, str, dt.date]


@dataclass
class Row:
    """A row as it is to be written."""

    date: Any
    site: Any
    product: Any
    quantity: Any
    more: dict[str, Any] = field(default_factory=dict)
    raw: list[str] | None = None
    """Its cells as they are, in place of all that."""
    key: Key = field(init=False)
    """What it is of in truth, whatever becomes of its names."""

    def __post_init__(self) -> None:
        self.key = (self.site, self.product, self.date)


@dataclass
class Sheet:
    """A file to be, and what is in it in truth."""

    rows: list[Row]
    truth: dict[Key, float]
    header: dict[str, str] = field(
        default_factory=lambda: {"date": "date", "site": "site", "product": "product", "quantity": "quantity"}
    )
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    ending: str = ".csv"
    newline: str = "\n"
    above: list[str] = field(default_factory=list)
    date: Callable[[dt.date], Any] = lambda day: day.isoformat()
    number: Callable[[float, str], str] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """Given from the start."""
    asks: list[str] = field(default_factory=list)
    """Parts of the message of which one must be there."""
    answers: dict[str, Any] = field(default_factory=dict)
    """Options after which the truth comes out; None where another file is the only way."""
    hopeless: bool = False
    trailing: bool = False
    as_texts: bool = False
    """Whether a spreadsheet has texts in all its cells, as it does after text has been pasted into it."""
    twins: tuple[Row, ...] = ()
    """Rows of one site, product and day, of which the last counts."""


def clean() -> Sheet:
    """Two sites, three products, forty days, a row for each."""
    rng = np.random.default_rng(5)
    truth = {
        (site, product, FIRST + dt.timedelta(days=day)): float(rng.integers(1, 60)) + 0.5 * (site == "Köln")
        for day in range(DAYS)
        for site in SITES
        for product in PRODUCTS
    }
    return Sheet([Row(day, site, product, amount) for (site, product, day), amount in truth.items()], truth)


def write(sheet: Sheet, folder: Path) -> Path:
    """The file; its name comes back."""
    cells = [list(sheet.header.values()), *(_cells(sheet, row) for row in sheet.rows)]
    path = folder / f"sales{sheet.ending}"
    if sheet.ending == ".xlsx":
        typed = [[_typed(sheet, cell) for cell in row] for row in cells]
        pd.DataFrame([[line] for line in sheet.above] + typed).to_excel(path, header=False, index=False, engine="openpyxl")
    elif sheet.ending == ".parquet":
        width = len(cells[0])
        frame = pd.DataFrame([row + [""] * (width - len(row)) for row in cells[1:]], columns=cells[0]).astype(str)
        frame.to_parquet(path, index=False)
    else:
        data = _text(sheet, cells).encode(sheet.encoding)
        path.write_bytes(gzip.compress(data) if sheet.ending.endswith(".gz") else data)
    return path


def _text(sheet: Sheet, cells: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sheet.separator, lineterminator="\n")
    writer.writerows([*row, *([""] if sheet.trailing else [])] for row in cells)
    return (("".join(f"{line}\n" for line in sheet.above)) + text.getvalue()).replace("\n", sheet.newline)


def _cells(sheet: Sheet, row: Row) -> list[str]:
    if row.raw is not None:
        return row.raw
    values = {
        "date": _said(sheet, row.date),
        "site": row.site,
        "product": row.product,
        "quantity": _amount(sheet, row.quantity),
    }
    return [str({**values, **row.more}.get(role, "")) for role in sheet.header]


def _said(sheet: Sheet, day: Any) -> str:
    return str(sheet.date(day)) if isinstance(day, dt.date) else str(day)


def _amount(sheet: Sheet, amount: Any) -> str:
    if not isinstance(amount, (int, float)):
        return str(amount)
    if sheet.number is not None:
        return sheet.number(float(amount), sheet.decimal)
    return f"{amount:g}".replace(".", sheet.decimal)


def _typed(sheet: Sheet, cell: str) -> Any:
    """A cell as Excel keeps it: numbers as numbers, but article numbers as texts."""
    if sheet.as_texts:
        return cell
    try:
        return cell if cell.startswith("0") and len(cell) > 1 else float(cell)
    except ValueError:
        return cell
