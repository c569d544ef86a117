"""The file of receipts: when what was ordered came in, by which lead times are known, and what is still under way.

Letters: R rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.periods import DAYS, CalendarPeriods
from ..tables.date_forms import NONE
from ..tables.options import ReadingOptions
from .keys import MasterKeys
from .lanes import rounded
from .master import Master, read_master

ROLES = ("from", "to", "product", "order_date", "receipt_date", "quantity", "order")


@dataclass(frozen=True)
class Receipts:
    """Orders that came in, and those that did not yet."""

    source: tuple[str | None, ...]
    """(R,) None where the file does not tell."""
    destination: tuple[str | None, ...]
    product: tuple[str | None, ...]
    ordered: NDArray[np.int64]
    """(R,) days since 1970."""
    periods: NDArray[np.float64]
    """The lead time of each (R,), NaN for what is under way."""
    quantity: NDArray[np.float64]

    def between(self, source: str, destination: str) -> NDArray[np.bool_]:
        """The rows that are about a lane (R,)."""
        pairs = zip(self.source, self.destination, strict=True)
        return np.array([one in (None, source) and other in (None, destination) for one, other in pairs], dtype=bool)

    def lead_time(self, source: str, destination: str) -> dict[int, float]:
        """The share of each lead time on a lane [periods]; nothing where no row is about it."""
        times = self.periods[self.between(source, destination)]
        counts = Counter(int(time) for time in times[~np.isnan(times)])
        total = sum(counts.values())
        return {time: count / total for time, count in sorted(counts.items())}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The lanes that rows are about, where they tell both ends."""
        found = zip(self.source, self.destination, strict=True)
        return list(dict.fromkeys((one, other) for one, other in found if one is not None and other is not None))


def read_receipts(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    periods: CalendarPeriods,
    today: int,
    decisions: ImportDecisions,
) -> Receipts:
    """The receipts of a file; what is to come in after `today` is under way.

    Raises InputError for an order without a day or of a day to come, and for a receipt before its order.
    """
    master = read_master(source, "receipts", ROLES, ("order_date", "receipt_date"), given, reading, decisions)
    ordered, received = master.days("order_date"), master.days("receipt_date")
    master.table.refuse_any(ordered == NONE, master.columns["order_date"], "the day of every order")
    master.table.refuse_any(ordered > today, master.columns["order_date"], "no day after today")
    before = (received != NONE) & (received < ordered)
    if before.any() and keys.impossible == "refuse":
        master.table.refuse_any(before, master.columns["receipt_date"], "a day not before the order's, or impossible=drop")
    decisions.add(ImportDecision(master.name, "receipts before their order", int(before.sum()), "impossible", "drop", "", True))
    master, ordered, received = master.keep(~before), ordered[~before], received[~before]
    later = int((received > today).sum())
    decisions.add(ImportDecision(master.name, "receipts of days after today", later, "", "under way", "", False))
    received = np.where(received > today, NONE, received)
    time = np.where(received == NONE, np.nan, (received - ordered) / DAYS[periods.unit])
    open_ones = int(np.isnan(time).sum())
    done = "under way" if "quantity" in master else "left out, since the file does not tell how much it is"
    decisions.add(ImportDecision(master.name, "orders that have not come in", open_ones, "", done, "", False))
    whole = rounded(time, keys.rounding)
    told = f"lead times that are no whole {periods.word}s"
    changed = int((np.abs(whole - time) > 1e-9).sum())
    decisions.add(ImportDecision(master.name, told, changed, "rounding", keys.rounding, "", False))
    return _of(master, ordered, whole)


def _of(master: Master, ordered: NDArray[np.int64], time: NDArray[np.float64]) -> Receipts:
    texts = {role: tuple(master.names(role)) for role in ("from", "to", "product")}
    return Receipts(texts["from"], texts["to"], texts["product"], ordered, time, master.numbers("quantity"))
