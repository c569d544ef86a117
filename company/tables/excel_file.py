"""Excel files: their sheets, with numbers and dates as the cells have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError, UnknownName

from .dialect import header_of
from .names import ROUNDED
from .options import ReadingOptions
from .table import Column, Rows, Table
from .two_rows import Merged, with_one_row_of_names

MISSING = "Excel files after installing orderup[import], or the sheet saved as CSV"


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells."""

    name: str
    above: int
    header: tuple[str, ...]
    cells: list[list[Any]]
    """Below the header."""
    merged: Merged = ()
    """Cells that are merged below the header, counted from there on."""
    two_rows: bool = False
    """Whether its columns' names stood in two rows."""

    def column(self, at: int) -> tuple[list[Any], Rows]:
        """A column's cells, merged ones with what the first of them has, and which are parts of merged ones (R,)."""
        found, parts = [_plain(row[at]) if at < len(row) else None for row in self.cells], np.zeros(len(self.cells), dtype=bool)
        for (top, left), (bottom, right) in self.merged:
            if (left <= at <= right and bottom > top) or left < at <= right:
                parts[top : bottom + 1] = True
            if left == at and bottom > top:
                found[top : bottom + 1] = [found[top]] * len(found[top : bottom + 1])
        return found, parts


@dataclass(frozen=True)
class ExcelFile:
    """Sheets with the same columns, one below the other."""

    path: Path
    sheets: tuple[Sheet, ...]

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.path.name

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.sheets[0].header

    def table(self, columns: Sequence[str]) -> Table:
        """Its rows in some of its columns."""
        rows = [
            np.arange(len(sheet.cells), dtype=np.int32) + np.int32(sheet.above + sheet.two_rows + 2) for sheet in self.sheets
        ]
        found = {name: self._column(name) for name in columns}
        merged = {name: parts for name, (_, parts) in found.items() if parts.any()}
        notes = [
            f"{int(parts.sum())} rows of {name} are merged cells: each has what the first has" for name, parts in merged.items()
        ]
        cells = {name: column for name, (column, _) in found.items()}
        return Table(self.name, cells, np.concatenate(rows), (*self._notes, *notes), merged=merged)

    def _column(self, name: str) -> tuple[Column, Rows]:
        import pandas as pd

        at = self.header.index(name)
        of_sheets = [sheet.column(at) for sheet in self.sheets]
        cells = pd.Series([cell for found, _ in of_sheets for cell in found], dtype=object)
        return Column.of(cells), np.concatenate([parts for _, parts in of_sheets])

    @property
    def _notes(self) -> tuple[str, ...]:
        said = [f"sheets {', '.join(sheet.name for sheet in self.sheets)}"] if len(self.sheets) > 1 else []
        said += [f"{sheet.above} line(s) above the column names left out" for sheet in self.sheets if sheet.above]
        said += [f"column names in two rows put together: {', '.join(self.header)}"] if self.sheets[0].two_rows else []
        return tuple(said)


def open_excel(path: Path, options: ReadingOptions) -> ExcelFile:
    """An Excel file. Raises InputError for what is none, and for several sheets that are not of one kind."""
    found = {name: sheet for name, sheet in _sheets(path).items() if any(any(map(_is_filled, row)) for row in sheet[0])}
    if options.sheet is not None:
        if options.sheet not in found:
            raise UnknownName(f"{path.name}, sheet", options.sheet, found)
        found = {options.sheet: found[options.sheet]}
    if not found:
        raise InputError(path.name, "no rows", "a sheet with a row of column names and rows below it")
    sheets = tuple(_sheet(name, *sheet, path.name) for name, sheet in found.items())
    if len({sheet.header for sheet in sheets}) > 1:
        raise InputError(
            path.name, f"sheets {', '.join(found)} with different columns", "sheet=<name> for the one that is meant"
        )
    return ExcelFile(path, sheets)


def _sheet(name: str, cells: list[list[Any]], merged: Merged, file: str) -> Sheet:
    where = f"{file}, sheet {name}"
    cells, two_rows = with_one_row_of_names(cells, merged, where)
    above, header = header_of([[_said(cell) for cell in row] for row in cells[:50]], where)
    first = above + 1
    below = [((top - first, left), (bottom - first, right)) for (top, left), (bottom, right) in merged if top >= first]
    return Sheet(name, above - two_rows, header, cells[first:], below, two_rows)


def _sheets(path: Path) -> dict[str, tuple[list[list[Any]], Merged]]:
    """By name, each sheet's cells and which of them are merged."""
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise InputError(str(path), "an Excel file", MISSING) from None
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        return {
            name: (sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or []) for name, sheet in sheets.items()
        }
    except Exception as error:  # the library has its own kinds for files that are none
        raise InputError(str(path), str(error) or type(error).__name__, "an Excel file that can be read") from None


def _plain(cell: Any) -> Any:
    """A cell as what it is: whole numbers without a point, unless digits of them are lost, and nothing for an empty one."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < ROUNDED:
        return int(cell)
    return None if cell == "" else cell


def _said(cell: Any) -> Any:
    """A cell as a column's name: a date as it is written."""
    found = _plain(cell)
    return found.isoformat() if hasattr(found, "isoformat") else found


def _is_filled(cell: Any) -> bool:
    return cell not in ("", None)
