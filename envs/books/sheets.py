"""Which tables there are, and what stands in their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SheetKind:
    """One kind of table."""

    meaning: str
    needed: tuple[str, ...]
    """Columns that have to be there; `product` not in a network with one alone, `segment` not where a site has one alone."""
    numbers: tuple[str, ...]
    """Those that hold amounts ≥ 0 [units]."""
    optional: tuple[str, ...] = ()
    other_words: Mapping[str, str] | None = None
    """What else columns may be called."""
    of_the_past: bool = False
    """Whether it says what moved in periods that are over, and not how things stand when one begins."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All that are read."""
        return (*self.needed, *self.optional)


SHEETS: dict[str, SheetKind] = {
    "stock": SheetKind(
        "Stock on the shelf of each site when a period begins",
        ("site", "product", "on_hand"),
        ("on_hand",),
        ("period",),
        {"quantity": "on_hand", "stock": "on_hand", "date": "period"},
    ),
    "backlog": SheetKind(
        "What customers are owed when a period begins",
        ("site", "product", "backlog"),
        ("backlog",),
        ("period", "segment"),
        {"quantity": "backlog", "owed": "backlog", "date": "period"},
    ),
    "under_way": SheetKind(
        "Orders that have not arrived: shipped (the default), open at the source, sent to it, or waiting for approval",
        ("product", "quantity"),
        ("quantity",),
        ("period", "lane", "from", "to", "status", "since", "due"),
        {"site": "to", "date": "period"},
    ),
    "sales": SheetKind(
        "What customers asked for in periods that are over, and what of it they got",
        ("period", "site", "product", "demand"),
        ("demand", "served", "elsewhere"),
        ("segment", "served", "elsewhere"),
        {"sales": "demand", "quantity": "demand", "date": "period"},
        of_the_past=True,
    ),
    "ordered": SheetKind(
        "What was ordered in periods that are over: decided on, placed after approval, and known to the source",
        ("period", "product", "quantity"),
        ("quantity", "placed", "known"),
        ("lane", "from", "to", "placed", "known"),
        {"site": "to", "date": "period"},
        of_the_past=True,
    ),
    "memory": SheetKind(
        "What else is remembered when a period begins, such as when stock came in that perishes",
        ("what", "place", "quantity"),
        ("quantity",),
        ("period", "product", "age"),
    ),
}
"""By name, which is that of their file too: `stock.csv` (docs/how-to/todays-orders.md)."""

OTHER_SHEETS: dict[str, SheetKind] = {
    "receipts": SheetKind(
        "What came in in periods that are over, and, where it is known, since when it had been ordered",
        ("period", "product", "quantity"),
        ("quantity",),
        ("lane", "from", "to", "since"),
        {"site": "to", "date": "period", "received": "period", "ordered": "since"},
        of_the_past=True,
    ),
}
"""Tables that say nothing of today."""
