"""A table as a file has it: columns of distinct values, each of which is looked at once, however many cells have it.

Letters: R rows, U distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError, UnknownName

if TYPE_CHECKING:
    import pandas as pd

Codes = NDArray[np.int32]
Rows = NDArray[np.bool_]
Objects = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Column:
    """Which of its distinct values each cell has."""

    codes: Codes
    """(R,), −1 for a cell with nothing in it."""
    values: Objects
    """(U,): texts as they are written; numbers, truth values and dates where the file has them as such."""

    @classmethod
    def of(cls, series: pd.Series[Any]) -> Column:
        """A column of a frame, whatever it holds."""
        import pandas as pd

        codes, uniques = pd.factorize(series)
        return cls(codes.astype(np.int32), np.asarray(uniques, dtype=object))._without_blanks()

    def _without_blanks(self) -> Column:
        blank = np.array([isinstance(value, str) and not value.strip() for value in self.values], dtype=bool)
        if not blank.any():
            return self
        renumbered = np.where(blank, -1, np.cumsum(~blank) - 1).astype(np.int32)
        return Column(np.append(renumbered, np.int32(-1))[self.codes], self.values[~blank])

    @property
    def is_blank(self) -> Rows:
        """Which cells have nothing in them (R,)."""
        return self.codes < 0

    def spread(self, of_values: NDArray[Any], blank: Any) -> NDArray[Any]:
        """What holds of each distinct value (U,) as it holds of each cell (R,)."""
        return np.append(of_values, np.array([blank], dtype=of_values.dtype))[self.codes]

    def keep(self, rows: Rows) -> Column:
        """Only some cells."""
        return Column(self.codes[rows], self.values)


def beside(first: Column, second: Column, form: str) -> Column:
    """A column of what stands in two, cell by cell as one text; nothing where either has nothing."""
    pairs, which = np.unique(np.stack([first.codes, second.codes]), axis=1, return_inverse=True)
    there = (pairs >= 0).all(axis=0)
    values = np.empty(int(there.sum()), dtype=object)
    values[:] = [form.format(_plain(first.values[one]), _plain(second.values[other])) for one, other in pairs[:, there].T]
    numbers = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
    return Column(numbers[which.ravel()], values)


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip().removesuffix(".0")


class Gathered:
    """A column that is put together part by part."""

    def __init__(self) -> None:
        self._codes: list[Codes] = []
        self._place: dict[Any, int] = {}

    def add(self, part: pd.Series[Any]) -> None:
        """The next rows."""
        import pandas as pd

        codes, values = pd.factorize(part)
        place = self._place
        numbers = np.fromiter((place.setdefault(value, len(place)) for value in values), np.int32, len(values))
        self._codes.append(np.append(numbers, np.int32(-1))[codes])

    @property
    def column(self) -> Column:
        """All of them."""
        values = np.empty(len(self._place), dtype=object)
        values[:] = list(self._place)
        codes = np.concatenate(self._codes) if self._codes else np.zeros(0, np.int32)
        return Column(codes, values)._without_blanks()


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file that are asked for, row by row."""

    name: str
    """What the file is called in messages."""
    columns: Mapping[str, Column]
    rows: NDArray[np.int32]
    """The number of each row (R,), as a spreadsheet counts them: the first of the file is 1."""
    notes: tuple[str, ...] = field(default=())
    """What had to be found out to read it, a clause each."""
    cells_of: Mapping[str, str] = field(default_factory=dict)
    """Of a column whose cells stood in several columns of the file: the column that holds their names."""
    merged: Mapping[str, Rows] = field(default_factory=dict)
    """Of a column with merged cells: which cells are parts of these (R,). They have what the first of them has."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Column:
        if name not in self.columns:
            raise UnknownName(f"{self.name}, columns", name, self.columns)
        return self.columns[name]

    def adding(self, name: str, column: Column) -> Table:
        """The same with a column more, or another in place of one."""
        return replace(self, columns={**self.columns, name: column})

    def keep(self, rows: Rows) -> Table:
        """Only some rows (R,)."""
        if rows.all():
            return self
        columns = {name: column.keep(rows) for name, column in self.columns.items()}
        merged = {name: parts[rows] for name, parts in self.merged.items()}
        return replace(self, columns=columns, rows=self.rows[rows], merged=merged)

    def place(self, row: int, column: str | None = None) -> str:
        """Where something stands, for messages."""
        where = f"{self.name}, row {self.rows[row]}"
        if column is not None and column in self.cells_of:
            column = str(self.cell(row, self.cells_of[column]))
        return f"{where}, column {column}" if column else where

    def cell(self, row: int, column: str) -> Any:
        """What a cell says; None where it says nothing."""
        found = self[column]
        return None if found.codes[row] < 0 else found.values[found.codes[row]]

    def refuse(self, row: int, column: str, accepted: str) -> NoReturn:
        """Raise InputError for a cell."""
        raise InputError(self.place(row, column), self.cell(row, column), accepted)

    def refuse_merged(self, column: str) -> None:
        """Raise InputError for a number that stands in merged cells: it may be of each, or of all of them together."""
        if column in self.merged:
            self.refuse_any(self.merged[column], column, "a number of its own in every row, and not in merged cells")

    def refuse_any(self, wrong: Rows, column: str, accepted: str) -> None:
        """Raise InputError for the first row that is wrong, and tell how many are."""
        if wrong.any():
            more = f" ({int(wrong.sum())} such rows)" if wrong.sum() > 1 else ""
            self.refuse(int(wrong.argmax()), column, accepted + more)
