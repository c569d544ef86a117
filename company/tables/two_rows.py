"""Column names in two rows: a name above several, in merged cells, and one below it for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderup.envs.foundation.errors import InputError

from .date_forms import names_a_date

Corner = tuple[int, int]
Merged = Sequence[tuple[Corner, Corner]]
"""First and last (row, column) of each group of merged cells."""


def with_one_row_of_names(cells: list[list[Any]], merged: Merged, where: str) -> tuple[list[list[Any]], bool]:
    """Cells whose column names stand in the second of two rows, put together, and whether they stood in two.

    Raises InputError where the same names come again below others, so that two things are told by a column's name, where there
    are three rows, and for a name that is merged over several columns in which amounts stand.
    """
    top = next((at for at, row in enumerate(cells[:50]) if sum(map(_is_there, row)) > 1), len(cells))
    across = _across(merged, top)
    if not across or top + 1 >= len(cells) or not any(map(_is_there, cells[top + 1])):
        return cells, False
    if not all(_are_names(cells[top + 1][first : last + 1]) for first, last in across):
        _refuse_unnamed(cells, top, across, where)
        return cells, False
    if _across(merged, top + 1):
        raise InputError(
            f"{where}, rows {top + 1} to {top + 3}", "column names in three rows", "one or two rows of column names"
        )
    width = max(len(cells[top]), len(cells[top + 1]))
    above, below = _names_above(cells, merged, top, width), _padded(cells[top + 1], width)
    names = [_both(upper, lower) for upper, lower in zip(above, below, strict=True)]
    again = next((name for name in names if name and names.count(name) > 1), None)
    if again is not None:
        under = " and ".join(dict.fromkeys(upper for upper, name in zip(above, names, strict=True) if name == again))
        accepted = "one row of column names, each once, or a row for each of what stands above them"
        raise InputError(f"{where}, rows {top + 1} and {top + 2}", f"{again} below {under}", accepted)
    return [*cells[:top], [None] * width, list(names), *cells[top + 2 :]], True


def _across(merged: Merged, row: int) -> list[tuple[int, int]]:
    """First and last column of cells that are merged in a row over several columns."""
    return sorted((first[1], last[1]) for first, last in merged if first[0] == last[0] == row and last[1] > first[1])


def _are_names(cells: Sequence[Any]) -> bool:
    return all(isinstance(cell, str) or hasattr(cell, "isoformat") for cell in cells if _is_there(cell))


def _refuse_unnamed(cells: list[list[Any]], top: int, across: Sequence[tuple[int, int]], where: str) -> None:
    """Raise InputError for a name over several columns in which something stands."""
    for first, last in across:
        used = [at for at in range(first, last + 1) if any(_is_there(row[at]) for row in cells[top + 1 :] if len(row) > at)]
        if len(used) > 1:
            found = f"{_text(cells[top][first])} in cells merged over {last - first + 1} columns"
            raise InputError(f"{where}, row {top + 1}", found, "a name for each column, or a second row of names below it")


def _names_above(cells: list[list[Any]], merged: Merged, top: int, width: int) -> list[str]:
    found = _padded(cells[top], width)
    for first, last in merged:
        if first[0] <= top <= last[0]:
            for column in range(first[1], min(last[1] + 1, width)):
                found[column] = _text(cells[first[0]][first[1]])
    return found


def _both(above: str, below: str) -> str:
    """One name of two: the lower alone where that is enough, but a year is always told."""
    if not above or not below:
        return above or below
    if len(above) == 4 and above.isdigit() and not names_a_date(below):
        return f"{below} {above}"
    return below


def _padded(row: Sequence[Any], width: int) -> list[str]:
    return [_text(cell) for cell in row] + [""] * (width - len(row))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    found = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    return str(found.isoformat() if hasattr(found, "isoformat") else found).strip()


def _is_there(cell: Any) -> bool:
    return cell not in ("", None)
