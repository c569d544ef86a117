"""Today's stock, debts and goods under way of a network as tables that `orderup decide` reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

HEADINGS = {
    "stock": ("site", "product", "on_hand"),
    "backlog": ("site", "product", "backlog"),
    "under_way": ("lane", "product", "quantity", "due"),
}


def books_of(keys: dict[str, Any]) -> dict[str, str]:
    """The tables by name, as CSV, of a scenario that starts with today's stock; none of one that does not."""
    if not any("initial" in site for site in keys["sites"].values()):
        return {}
    products = keys["products"]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "stock": [(name, *row) for name, site in keys["sites"].items() for row in _each(site.get("initial", 0), products)],
        "backlog": [
            (entry["site"], *row)
            for entry in keys["customers"]
            if "backlog" in entry
            for row in _each(entry["backlog"], entry.get("products", products))
            if row[1]
        ],
        "under_way": [(one["lane"], one["product"], one["quantity"], one["period"]) for one in keys.get("arriving", ())],
    }
    return {name: _as_csv(HEADINGS[name], found) for name, found in rows.items() if found or name == "stock"}


def _each(amount: Any, products: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for product in products:
        yield product, amount.get(product, 0) if isinstance(amount, dict) else amount


def _as_csv(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()
