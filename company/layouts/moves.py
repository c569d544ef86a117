"""Ledgers of goods that moved, of which some moves are sales: a program's own words tell which.

Letters: R rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.headings import plain
from ..record.rows import RowReader
from ..record.sales import Sales
from ..tables.names import said, tidied
from ..tables.reading import TableFile
from ..tables.table import Column, Rows, Table
from .layout import Layout, layouts

CUSTOMERS = re.compile(r"(.*/\s*)?(customers?|kunden?|clients?|clientes?|clienti)(\s*/.*)?", re.I)
DONE = frozenset({"done", "erledigt", "fait", "hecho", "fatto"})
SOLD = frozenset({"delivery note", "sales invoice", "pos invoice", "lieferschein", "ausgangsrechnung"})
CODE = re.compile(r"\[(?P<code>[^\]]+)\]\s*.*")
PRODUCT_CODE = re.compile(r"\d{4,6}[A-Za-z]{0,3}|DCGS.*|SP\d+", re.I)


def where(table: Table, name: str, holds: Callable[[str], bool]) -> Rows:
    """The rows in which what a column says is so (R,)."""
    column = table[name]
    return column.spread(np.array([holds(tidied(said(value))) for value in column.values], dtype=bool), False)


def renamed(column: Column, change: Callable[[str], str]) -> Column:
    """A column with its values changed."""
    values = np.empty(len(column.values), dtype=object)
    values[:] = [change(tidied(said(value))) for value in column.values]
    return Column(column.codes, values)


def left_out(table: Table, rows: Rows, found: str, decisions: ImportDecisions) -> Table:
    """The table less some rows, of which is said how many they are."""
    if rows.any():
        example = f"row {table.rows[int(rows.argmax())]}"
        decisions.add(ImportDecision(table.name, found, int(rows.sum()), "", "left out", "they are no sales", True, example))
    return table.keep(~rows)


def named(header: Sequence[str], *names: str) -> str | None:
    """The first of these columns that a file has, in small letters."""
    return next((column for name in names for column in header if plain(column) == name), None)


class _Moves(Layout):
    """A ledger whose columns may be called in several ways."""

    words: Mapping[str, Sequence[str]] = {}
    needed: Sequence[str] = ()

    def fits(self, header: Sequence[str]) -> bool:
        return all(named(header, *self.words[role]) for role in self.needed)

    def found(self, file: TableFile, given: Mapping[str, str]) -> dict[str, str]:
        """The column of each role. Raises InputError for one that is needed and not there."""
        found = {role: column for role, names in self.words.items() if (column := named(file.header, *names))} | dict(given)
        for role in self.needed:
            if role not in found:
                raise InputError(
                    f"{file.name}, columns", f"none of {', '.join(self.words[role])}", f"columns.demand.{role}=<name>"
                )
        return found


@layouts.register("odoo")
class Odoo(_Moves):
    """Odoo's stock moves: done ones to customers are sales, from customers returns, by the warehouse that they left."""

    words = {
        "date": ("date", "date_done", "datum"),
        "product": ("product_id", "product", "produkt"),
        "from": ("location_id", "from", "source_location", "von"),
        "to": ("location_dest_id", "to", "destination_location", "nach"),
        "quantity": ("quantity", "quantity_done", "done", "qty_done", "product_uom_qty", "product_qty", "menge", "demand"),
        "unit": ("product_uom", "unit_of_measure", "uom", "unit", "mengeneinheit"),
        "state": ("state", "status"),
        "reference": ("reference", "referenz", "picking_id"),
    }
    needed = ("date", "product", "from", "to", "quantity")

    def fits(self, header: Sequence[str]) -> bool:
        return super().fits(header) and any(named(header, *self.words[role]) for role in ("state", "reference"))

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        columns = self.found(file, given)
        table = file.table(list(dict.fromkeys(columns.values())))
        if "state" in columns:
            table = left_out(table, ~where(table, columns["state"], _is_done), "moves that are not done", reader.decisions)
        out, back = (where(table, columns[role], lambda text: bool(CUSTOMERS.fullmatch(text))) for role in ("to", "from"))
        table = left_out(table, ~(out ^ back), "moves that are neither to nor from customers", reader.decisions)
        table = table.adding("site", _either(table, columns, where(table, columns["to"], _is_customer)))
        table = table.adding(columns["product"], renamed(table[columns["product"]], _code))
        roles = {role: name for role, name in columns.items() if role in ("date", "product", "quantity", "unit")}
        found = reader.sales(table, {**roles, "site": "site"})
        sign = np.where(where(found.table, columns["to"], _is_customer), 1.0, -1.0)
        return replace(found, quantity=found.quantity * sign)


@layouts.register("erpnext")
class ErpNext(_Moves):
    """ERPNext's stock ledger: what left with delivery notes and sales invoices, less what came back with them."""

    words = {
        "date": ("posting_date", "date", "datum"),
        "product": ("item_code", "item", "artikel"),
        "site": ("warehouse", "lager"),
        "voucher": ("voucher_type", "belegtyp"),
        "quantity": ("actual_qty", "qty_change"),
        "in": ("in_qty",),
        "out": ("out_qty",),
        "unit": ("stock_uom", "uom"),
        "cancelled": ("is_cancelled",),
    }
    needed = ("date", "product", "site", "voucher")

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        columns = self.found(file, given)
        table = file.table(list(dict.fromkeys(columns.values())))
        if "cancelled" in columns:
            table = left_out(
                table, where(table, columns["cancelled"], lambda text: text == "1"), "cancelled rows", reader.decisions
            )
        sold = where(table, columns["voucher"], lambda text: text.lower() in SOLD)
        table = left_out(table, ~sold, "rows of other vouchers than deliveries and sales", reader.decisions)
        roles = {role: name for role, name in columns.items() if role in ("date", "product", "site", "unit")}
        if "quantity" in columns:
            found = reader.sales(table, {**roles, "quantity": columns["quantity"]})
            return replace(found, quantity=-found.quantity)
        return self._of_two(table, roles, columns, reader)

    def _of_two(self, table: Table, roles: dict[str, str], columns: Mapping[str, str], reader: RowReader) -> Sales:
        """What went out, less what came in."""
        for role in ("in", "out"):
            if role not in columns:
                raise InputError(f"{table.name}, columns", "neither actual_qty nor in_qty and out_qty", "one of them")
        silent = replace(reader, decisions=ImportDecisions())
        went = reader.sales(table, {**roles, "quantity": columns["out"]})
        came = silent.sales(table, {**roles, "quantity": columns["in"]})
        return replace(went, quantity=np.nan_to_num(went.quantity) - np.abs(np.nan_to_num(came.quantity)))


@layouts.register("online_retail")
class OnlineRetail(_Moves):
    """UCI Online Retail I and II: one shop; what was cancelled came back, and postage, fees and write-offs are no sales."""

    words = {
        "date": ("invoicedate",),
        "product": ("stockcode",),
        "quantity": ("quantity",),
        "price": ("price", "unitprice"),
        "invoice": ("invoice", "invoiceno"),
    }
    needed = ("date", "product", "quantity", "price", "invoice")

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        columns = self.found(file, given)
        table = file.table(list(dict.fromkeys(columns.values())))
        goods = where(table, columns["product"], lambda text: bool(PRODUCT_CODE.fullmatch(text)))
        table = left_out(table, ~goods, "rows of postage, fees and the like", reader.decisions)
        cancelled = where(table, columns["invoice"], lambda text: text.upper().startswith("C"))
        free = where(table, columns["price"], lambda text: text in ("0", "0.0", "0.00"))
        less = where(table, columns["quantity"], lambda text: text.startswith("-"))
        table = left_out(table, less & free & ~cancelled, "write-offs", reader.decisions)
        roles = {role: name for role, name in columns.items() if role != "invoice"}
        return reader.sales(table, roles)


def _is_done(text: str) -> bool:
    return text.lower() in DONE


def _is_customer(text: str) -> bool:
    return bool(CUSTOMERS.fullmatch(text))


def _code(text: str) -> str:
    """The internal reference that Odoo puts before a product's name."""
    found = CODE.fullmatch(text)
    return found["code"] if found else text


def _either(table: Table, columns: Mapping[str, str], out: Any) -> Column:
    """The warehouse of each move: where it came from, or for returns where it went to."""
    left, came = (renamed(table[columns[role]], _warehouse) for role in ("from", "to"))
    values = np.concatenate([left.values, came.values])
    codes = np.where(out, left.codes, np.where(came.codes < 0, -1, came.codes + len(left.values)))
    return Column(codes.astype(np.int32), values)


def _warehouse(text: str) -> str:
    """WH of WH/Stock/Shelf 1."""
    return text.partition("/")[0].strip()
