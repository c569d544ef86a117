"""Today's stock as the start of an episode."""

from __future__ import annotations

from typing import Any

from ..masters.stock import Stock
from .draft import Draft, one_or_each
from .places import SitesAndLanes


def sites_of(
    places: SitesAndLanes, products: tuple[str, ...], holding: dict[str, dict[str, float]], stock: Stock | None, draft: Draft
) -> dict[str, dict[str, Any]]:
    """An entry for each site: its role, what holding costs, what it can hold, and what it has today."""
    found: dict[str, dict[str, Any]] = {}
    for name, role in places.roles.items():
        entry: dict[str, Any] = {"role": role, "holding": one_or_each(holding[name])}
        row = places.rows.get(name)
        for key in ("storage", "throughput"):
            if row is not None and (value := getattr(row, key)) is not None:
                entry[key] = value
        if stock is not None:
            entry["initial"] = one_or_each({product: stock.on_hand.get((name, product), 0.0) for product in products})
        found[name] = entry
    if stock is None:
        draft.assume("Episodes start with a usual stock: no file of today's stock was given.")
    return found
