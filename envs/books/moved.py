"""What tables of the past say of a period: demand and what was ordered. Letters: N sites, L lanes, K products, C customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..foundation.errors import InputError
from ..numerics.arrays import Floats
from ..physics.state import Flows, State
from .places import Numbers, Places, once
from .reading import BookTable

SCRAPPED = "scrapped"
"""What the table of memories calls what was thrown away in the last period, by site."""


@dataclass(frozen=True)
class Moved:
    """Makes flows of tables, and says what it takes for granted on the way."""

    places: Places
    notes: list[str] = field(default_factory=list)

    def flows(
        self, sheets: Mapping[str, BookTable], memory: BookTable | None, after: State, period: int
    ) -> tuple[Flows | None, Floats | None]:
        """What moved before a period that begins in the state `after`, and what was decided on then (L, K, 1), if that is told.

        Nothing did before the first. Where demand or orders are not told, they are taken to have been as usual.
        """
        if not sheets and not period:
            return None, None
        network = self.places.network
        sold = self._sales(sheets["sales"]) if "sales" in sheets else self._usual_sales()
        orders = self._orders(sheets["ordered"]) if "ordered" in sheets else {}
        nothing, usual = 0.0 * after.open_orders, self._usual_orders() if "ordered" not in sheets else None
        mechanisms = network.mechanisms
        return Flows(
            orders=orders.get("placed", usual),
            known=orders.get("known", usual),
            shipments=nothing,
            receipts=nothing,
            demand=sold["demand"],
            served=sold["served"],
            unmet=after.backlog,
            spilled=None if mechanisms.spill is None else sold["elsewhere"],
            scrapped=None if mechanisms.shelf is None or memory is None else amounts_of(memory, self.places, SCRAPPED),
        ), orders.get("quantity")

    def _usual_sales(self) -> dict[str, Floats]:
        """The mean of every customer's demand, all of it served."""
        self._note("What was sold in the last period is not on record: it is taken to have been the mean.")
        mean = self._nothing_sold()
        for source in self.places.network.demand.sources:
            mean[source.row, source.columns, 0] = source.process.moments(source.products)[0]
        return {"demand": mean, "served": mean, "elsewhere": 0.0 * mean}

    def _usual_orders(self) -> Floats:
        """What every site has to cover on average, by the lanes it is counted on to use (L, K, 1)."""
        self._note("What was ordered in the last period is not on record: it is taken to have been the mean.")
        network = self.places.network
        return np.where(network.topology.is_main, network.loads.mean[network.topology.destination, :, 0], 0.0)[:, :, None]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _nothing_sold(self) -> Floats:
        _, _, products, customers = self.places.network.topology.shape
        return np.zeros((customers, products, 1))

    def _sales(self, sheet: BookTable) -> dict[str, Floats]:
        """Demand, what was served of it and what elsewhere, each (C, K, 1)."""
        found = {name: self._nothing_sold() for name in ("demand", "served", "elsewhere")}
        rows, columns = self.places.customers(sheet), self.places.products(sheet)
        once(sheet, {"site": rows, "product": columns})
        told = {"served": "demand", **{name: name for name in found if name in sheet.numbers_of}}
        for name, source in ({"demand": "demand"} | told).items():
            values = sheet.numbers_of[source]
            sheet.refuse(source, values < 0, "a number ≥ 0; what came back is no demand")
            found[name][rows, columns, 0] = values
        return found

    def _orders(self, sheet: BookTable) -> dict[str, Floats]:
        """What was decided on, placed and known (L, K, 1); the last two are the first where nobody says otherwise."""
        _, lanes, products, _ = self.places.network.topology.shape
        rows, columns = self.places.lanes(sheet), self.places.products(sheet)
        self.places.check_carried(sheet, rows, columns)
        once(sheet, {"lane": rows, "product": columns})
        found: dict[str, Floats] = {}
        for name in ("quantity", "placed", "known"):
            values = sheet.numbers_of.get(name, sheet.numbers_of["quantity"])
            sheet.refuse(name if name in sheet else "quantity", values < 0, "a number ≥ 0")
            found[name] = np.zeros((lanes, products, 1))
            found[name][rows, columns, 0] = values
        return found


def amounts_of(sheet: BookTable, places: Places, what: str) -> Floats | None:
    """What a table of memories tells of one thing at each site (N, K, 1); None where it does not."""
    part = sheet.at((sheet.frame["what"] == what).to_numpy())
    if not len(part):
        return None
    sites, _, products, _ = places.network.topology.shape
    found = np.zeros((sites, products, 1))
    found[places.sites(part, "place"), places.products(part), 0] = part.numbers_of["quantity"]
    return found


def ages(sheet: BookTable, most: int) -> Numbers:
    """How many periods ago each row's was (R,), from 0 to `most` − 1."""
    if "age" not in sheet:
        raise InputError(sheet.name, "no column age", "how many periods ago each was, 0 for the last one")
    digits = sheet.frame["age"].str.fullmatch(r"\d{1,6}").to_numpy()
    sheet.refuse("age", ~digits, "a whole number ≥ 0")
    found: Numbers = sheet.texts("age").astype(np.int64)
    sheet.refuse("age", found >= most, f"at most {most - 1}: what is older does not matter any more")
    return found
