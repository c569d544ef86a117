"""Which layout a file has: the one that is asked for, or the one whose columns it has."""

from __future__ import annotations

from ..record.decisions import ImportDecision, ImportDecisions
from ..tables.reading import TableFile
from .layout import Layout, layouts
from .m5 import M5
from .moves import ErpNext, Odoo, OnlineRetail
from .tables import Favorita, FreshRetailNet, InventoryBench, Long, Nixtla, Rossmann
from .wide import Wide, WideProducts, WideSites

__all__ = [
    "M5",
    "ErpNext",
    "Favorita",
    "FreshRetailNet",
    "InventoryBench",
    "Long",
    "Nixtla",
    "Odoo",
    "OnlineRetail",
    "Rossmann",
    "Wide",
    "WideProducts",
    "WideSites",
    "layout_of",
]


def layout_of(file: TableFile, asked: str | None, decisions: ImportDecisions) -> Layout:
    """The layout of a file; `asked` by name, as `package.module:Class` too. Raises UnknownName."""
    if asked is not None:
        return layouts.find(asked, "layout")()
    found = next((kind for kind in layouts.classes() if kind().fits(file.header)), Long)
    decisions.add(ImportDecision(file.name, "layout", 1, "layout", layouts.name_of(found), "by its columns", changes=False))
    return found()
