"""What a layout is: which columns it goes by, and what its rows mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.registry import Registry

from ..record.headings import columns_of, plain
from ..record.rows import RowReader
from ..record.sales import Sales
from ..tables.reading import TableFile

ROLES = ("date", "year", "site", "product", "quantity", "price", "unit", "currency", "open", "closed", "out_of_stock")


class Layout:
    """Reads the rows of a file that is laid out in a certain way.

    A subclass is registered with `@layouts.register("name")`. One that renames columns only says which are which; others say
    what their rows mean in `sales`.
    """

    known_by: ClassVar[tuple[str, ...]] = ()
    """Columns, in small letters, that no other layout has; nothing for one that is only taken by its name."""
    called: ClassVar[Mapping[str, str]] = {}
    """The column of each role, in small letters."""

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a file is laid out so."""
        return bool(self.known_by) and set(self.known_by) <= set(map(plain, header))

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        """Its rows; `given` are the user's own words for columns. Raises InputError."""
        columns = self.columns(file, given)
        return reader.sales(file.table(list(dict.fromkeys(columns.values()))), columns)

    def columns(self, file: TableFile, given: Mapping[str, str]) -> dict[str, str]:
        """The column of each role."""
        if not self.called:
            return columns_of(file.header, ROLES, ("date", "quantity"), given, "demand", file.name)
        found = {role: column_named(file, name) for role, name in self.called.items() if name in map(plain, file.header)}
        for role in ("date", "quantity"):
            if role not in found and role not in given:
                raise InputError(
                    f"{file.name}, columns", f"no {self.called[role]}", f"another layout, or columns.demand.{role}=<name>"
                )
        for role, name in given.items():
            if name not in file.header:
                raise UnknownName(f"columns.demand.{role}", name, file.header)
        return {**found, **given}


def column_named(file: TableFile, name: str) -> str:
    """The column that is called so in small letters. Raises UnknownName for one that is not there."""
    for column in file.header:
        if plain(column) == name:
            return column
    raise UnknownName(f"{file.name}, columns", name, file.header)


layouts: Registry[Layout] = Registry("layout", Layout)
