"""What was ordered in a window of the past, from a table of orders or of receipts; and what was under way when it began.

Letters: T periods, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.books.periods import Periods
from orderup.envs.books.places import Numbers, Places, once
from orderup.envs.books.reading import BookTable, read_sheet
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .window import RecordedWindow


@dataclass(frozen=True, eq=False)
class OrdersOnRecord:
    """What was ordered, and what was known when the window began."""

    quantities: Floats
    """By period, lane and product (T, L, K) [units]."""
    arriving: tuple[dict[str, Any], ...]
    """Goods under way at the start, as a scenario has them."""
    notes: tuple[str, ...]


@dataclass(eq=False)
class Records:
    """Reads tables against a network and a window."""

    network: Network
    window: RecordedWindow
    notes: list[str] = field(default_factory=list)

    def orders(self, ordered: Any, receipts: Any) -> OrdersOnRecord:
        """From a table of orders or one of receipts. Raises InputError where neither is given, or both."""
        if (ordered is None) == (receipts is None):
            found = "neither" if ordered is None else "both"
            raise InputError("receipts", found, "receipts=<file> of what came in, or ordered=<file> of what was ordered")
        name, source = ("receipts", receipts) if ordered is None else ("ordered", ordered)
        sheet = read_sheet(name, source)
        places, numbers = Places(self.network), Periods(self.window.calendar, self.window.first)
        lanes, products, period = places.lanes(sheet), places.products(sheet), numbers.numbers(sheet)
        places.check_carried(sheet, lanes, products)
        sheet.refuse("quantity", sheet.numbers_of["quantity"] < 0, "a number ≥ 0; what went back is no order")
        when = period if name == "ordered" else self._when_ordered(sheet, numbers, lanes, period)
        if name == "ordered":
            once(sheet, {"period": period, "lane": lanes, "product": products})
        return self._placed(sheet, lanes, products, when)

    def _when_ordered(self, sheet: BookTable, numbers: Periods, lanes: Numbers, received: Numbers) -> Numbers:
        """When what came in was ordered (R,): as is said, else a lead time and an order delay before."""
        since = numbers.blank_or_number(sheet, "since") if "since" in sheet else np.full(len(sheet), np.nan)
        sheet.refuse("since" if "since" in sheet else "period", since > received, "a period not after that of the receipt")
        taken = self._known_times[lanes]
        known = np.where(np.isnan(since), received - taken, since)
        different = ~np.isnan(since) & (received - since != taken)
        if different.any():
            self._note(f"{int(different.sum())} receipts took other times than the scenario's lanes do, which are played.")
        random = self.network.times.is_random[lanes] & np.isnan(since)
        if random.any():
            number = int(random.sum())
            self._note(f"When {number} receipts were ordered is not on record: the longest lead time before they came.")
        return known.astype(np.int64)

    @property
    def _known_times(self) -> NDArray[np.int64]:
        times = self.network.times
        found: NDArray[np.int64] = times.lead_time - times.delay_at_most + times.order_delay
        return found

    def _placed(self, sheet: BookTable, lanes: Numbers, products: Numbers, when: Numbers) -> OrdersOnRecord:
        """Orders by period; those of before the window are under way, or have arrived long since."""
        amounts, window = sheet.numbers_of["quantity"], self.window
        quantities = np.zeros((window.periods, len(self.network.lanes), len(self.network.products)))
        inside = (when >= 0) & (when < window.periods)
        np.add.at(quantities, (when[inside], lanes[inside], products[inside]), amounts[inside])
        due = when + self._known_times[lanes]
        shipped = when + self.network.times.order_delay[lanes] < 0
        coming = (when < 0) & (due >= 0) & (amounts > 0)
        late = coming & ~shipped  # the source does not know of it yet
        np.add.at(quantities, (np.zeros(int(late.sum()), dtype=np.int64), lanes[late], products[late]), amounts[late])
        arriving = [
            {
                "lane": self.network.lanes[lane],
                "product": self.network.products[product],
                "period": period,
                "quantity": amount,
            }
            for lane, product, period, amount in zip(
                *(values[coming & shipped].tolist() for values in (lanes, products, due, amounts)), strict=True
            )
        ]
        outside = int((~inside & ~coming).sum())
        if outside:
            self._note(f"{outside} of {len(sheet)} rows of {sheet.name} are about other periods than {window.span}: left out.")
        if not inside.any():
            accepted = f"orders of {window.span}, the {window.split} window"
            raise InputError(sheet.name, f"{len(sheet)} rows of other periods", accepted)
        return OrdersOnRecord(quantities, tuple(arriving), tuple(self.notes))

    def stock(self, source: Any) -> Mapping[str, Mapping[str, float]] | None:
        """Stock by site and product when the window begins, from a table; None without one."""
        if source is None:
            return None
        sheet = read_sheet("stock", source)
        places = Places(self.network)
        if "period" in sheet:
            numbers = Periods(self.window.calendar, self.window.first).numbers(sheet)
            sheet.refuse("period", numbers != 0, f"{self.window.name(0)}, when the {self.window.split} window begins")
        sites, products = places.sites(sheet), places.products(sheet)
        once(sheet, {"site": sites, "product": products})
        sheet.refuse("on_hand", sheet.numbers_of["on_hand"] < 0, "a number ≥ 0")
        found = np.zeros((len(self.network.sites), len(self.network.products)))
        found[sites, products] = sheet.numbers_of["on_hand"]
        missing = found.size - len(sheet)
        if missing:
            self._note(f"{missing} of {found.size} pairs of site and product are not in {sheet.name}: counted as no stock.")
        return {
            site: dict(zip(self.network.products, row, strict=True))
            for site, row in zip(self.network.sites, found.tolist(), strict=True)
        }

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
