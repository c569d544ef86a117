"""Sales of several files as those of one: other years, or other shops.

Letters: R rows, U distinct values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..tables.names import Names
from ..tables.table import Column, Rows, Table
from .decisions import ImportDecision, ImportDecisions
from .keys import CleaningKeys
from .sales import Codes, Sales
from .spelling import spelled


@dataclass(frozen=True, eq=False)
class JoinedTable(Table):
    """The rows of several tables, which stand in messages where they stood; its columns are called by their roles."""

    parts: tuple[tuple[str, dict[str, str]], ...] = ()
    """Each table's name, and what it calls the column of each role."""
    part: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    """Of each row (R,)."""

    def keep(self, rows: Rows) -> Table:
        """Only some rows (R,)."""
        kept = super().keep(rows)
        return kept if kept is self else replace(kept, part=self.part[rows])  # type: ignore[call-arg] # it is one of these

    def place(self, row: int, column: str | None = None) -> str:
        """Where something stands in its own file."""
        name, columns = self.parts[self.part[row]]
        where = f"{name}, row {self.rows[row]}"
        return where if column is None else f"{where}, column {columns.get(column, column)}"


def joined(several: Sequence[Sales]) -> Sales:
    """All rows of several files. Raises InputError where their periods are not alike."""
    first = several[0]
    if len(several) == 1:
        return first
    for other in several[1:]:
        if other.grain != first.grain:
            found = f"{other.grain}s in {other.table.name}, {first.grain}s in {first.table.name}"
            raise InputError("demand", found, "files of the same periods")
    roles = {role: role for sales in several for role in sales.columns}
    sites, site = _named([(sales.sites, sales.site) for sales in several])
    products, product = _named([(sales.products, sales.product) for sales in several])
    optional: dict[str, Any] = {
        "out_of_stock": _filled(several, "out_of_stock", False),
        "closed": _filled(several, "closed", False),
        "price": _filled(several, "price", np.nan),
    }
    return Sales(
        _table(several, list(roles)),
        roles,
        sites,
        products,
        site,
        product,
        np.concatenate([sales.day for sales in several]),
        np.concatenate([sales.quantity for sales in several]),
        first.grain,
        **optional,
    )


def respelled(sales: Sales, choice: str, decisions: ImportDecisions) -> Sales:
    """With names that are written in one way in one file and in another in another put together, as `spelled` does."""
    found: dict[str, Any] = {}
    for role, names, codes in (("site", sales.sites, sales.site), ("product", sales.products, sales.product)):
        if role in sales.columns:
            own = Names(codes, names, np.zeros(len(codes), dtype=bool))
            found[role], found[f"{role}s"] = spelled(sales.table, role, own, choice, decisions)
    return replace(sales, **found)


def told_once(sales: Sales, keys: CleaningKeys, decisions: ImportDecisions) -> Sales:
    """Less what a file says again of a day of a product at a site that another has told of, in the same amount.

    Raises InputError where nobody has said whether such days are the same sales: exports overlap, or a file is given twice.
    """
    table = sales.table
    if not isinstance(table, JoinedTable) or not len(sales):
        return sales
    day = sales.day - sales.day.min()
    cell = (sales.site.astype(np.int64) * len(sales.products) + sales.product) * (int(day.max()) + 1) + day
    again = _in_two_files(cell, table.part, sales.quantity)
    if not again.any():
        return sales
    how = keys.overlaps or ("sum" if "duplicates" in keys.model_fields_set else "refuse")
    if how == "refuse":
        accepted = "overlaps=first if another file has the same sales, overlaps=sum if they are others"
        table.refuse_any(again, "quantity", accepted)
    example = f"row {table.rows[int(again.argmax())]}"
    found = "rows of a day of a product at a site of which another file has the same"
    decisions.add(ImportDecision(table.name, found, int(again.sum()), "overlaps", how, "", True, example))
    return sales.keep(~again) if how == "first" else sales


def _in_two_files(cell: NDArray[np.int64], part: NDArray[np.int32], quantity: Floats) -> Rows:
    """Rows (R,) of cells whose total in their file is that of an earlier file."""
    files = int(part.max()) + 1
    pairs, which = np.unique(cell * files + part, return_inverse=True)
    total = np.bincount(which, np.nan_to_num(quantity), len(pairs))
    first = np.flatnonzero(np.append(True, np.diff(pairs // files) > 0))
    of_first = np.repeat(total[first], np.diff(np.append(first, len(total))))
    same = np.isclose(total, of_first) & (total != 0)
    same[first] = False
    found: Rows = same[which]
    return found


def _named(parts: Sequence[tuple[tuple[str, ...], Codes]]) -> tuple[tuple[str, ...], Codes]:
    """All names, and each row's."""
    names = tuple(dict.fromkeys(name for part, _ in parts for name in part))
    place = {name: number for number, name in enumerate(names)}
    codes = [np.array([place[name] for name in part], dtype=np.int32)[own] for part, own in parts]
    return names, np.concatenate(codes)


def _filled(several: Sequence[Sales], name: str, otherwise: Any) -> Any:
    """What only some files tell, for all rows; None where none does."""
    values = [getattr(sales, name) for sales in several]
    if all(value is None for value in values):
        return None
    rows = zip(values, several, strict=True)
    return np.concatenate([np.full(len(sales), otherwise) if value is None else value for value, sales in rows])


def _table(several: Sequence[Sales], roles: Sequence[str]) -> JoinedTable:
    columns = {role: _column([_own(sales, role) for sales in several]) for role in roles}
    return JoinedTable(
        name=" and ".join(dict.fromkeys(sales.table.name for sales in several)),
        columns=columns,
        rows=np.concatenate([sales.table.rows for sales in several]),
        notes=tuple(note for sales in several for note in sales.table.notes),
        parts=tuple((sales.table.name, dict(sales.columns)) for sales in several),
        part=np.repeat(np.arange(len(several), dtype=np.int32), [len(sales) for sales in several]),
    )


def _own(sales: Sales, role: str) -> Column:
    name = sales.columns.get(role)
    if name is None or name not in sales.table.columns:
        return Column(np.full(len(sales), -1, dtype=np.int32), np.zeros(0, dtype=object))
    return sales.table[name]


def _column(parts: Sequence[Column]) -> Column:
    """One column's cells below another's."""
    before = np.cumsum([0, *(len(part.values) for part in parts)])
    codes = [np.where(part.codes < 0, -1, part.codes + start) for part, start in zip(parts, before, strict=False)]
    return Column(np.concatenate(codes).astype(np.int32), np.concatenate([part.values for part in parts]))
