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
from .table import Column, Table

MISSING = "Excel files after installing orderup[import], or the sheet saved as CSV"


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells."""

    name: str
    above: int
    header: tuple[str, ...]
    cells: list[list[Any]]
    """Below the header."""


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
        rows = [np.arange(len(sheet.cells), dtype=np.int32) + np.int32(sheet.above + 2) for sheet in self.sheets]
        return Table(self.name, {name: self._column(name) for name in columns}, np.concatenate(rows), self._notes)

    def _column(self, name: str) -> Column:
        import pandas as pd

        at = self.header.index(name)
        cells = [_plain(row[at]) if at < len(row) else None for sheet in self.sheets for row in sheet.cells]
        return Column.of(pd.Series(cells, dtype=object))

    @property
    def _notes(self) -> tuple[str, ...]:
        said = [f"sheets {', '.join(sheet.name for sheet in self.sheets)}"] if len(self.sheets) > 1 else []
        said += [f"{sheet.above} line(s) above the column names left out" for sheet in self.sheets if sheet.above]
        return tuple(said)


def open_excel(path: Path, options: ReadingOptions) -> ExcelFile:
    """An Excel file. Raises InputError for what is none, and for several sheets that are not of one kind."""
    found = {name: cells for name, cells in _sheets(path).items() if any(any(map(_is_filled, row)) for row in cells)}
    if options.sheet is not None:
        if options.sheet not in found:
            raise UnknownName(f"{path.name}, sheet", options.sheet, found)
        found = {options.sheet: found[options.sheet]}
    if not found:
        raise InputError(path.name, "no rows", "a sheet with a row of column names and rows below it")
    sheets = tuple(_sheet(name, cells, path.name) for name, cells in found.items())
    if len({sheet.header for sheet in sheets}) > 1:
        raise InputError(
            path.name, f"sheets {', '.join(found)} with different columns", "sheet=<name> for the one that is meant"
        )
    return ExcelFile(path, sheets)


def _sheet(name: str, cells: list[list[Any]], file: str) -> Sheet:
    above, header = header_of([[_said(cell) for cell in row] for row in cells[:50]], f"{file}, sheet {name}")
    return Sheet(name, above, header, cells[above + 1 :])


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise InputError(str(path), "an Excel file", MISSING) from None
    try:
        book = CalamineWorkbook.from_path(path)
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
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
