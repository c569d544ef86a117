"""How things stand when a period begins, from tables: the state that the simulator starts from.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..autonomy.autonomy import Autonomy
from ..flows.pipelines import Load, under_way
from ..foundation.errors import InputError
from ..numerics.arrays import Floats
from ..physics.dynamics import all_on_order
from ..physics.state import State, start
from .memory import recalled
from .periods import Periods
from .places import Numbers, Places, once
from .reading import BookTable
from .under_way import Parcels, loads

STATUS = ("shipped", "open", "sent", "waiting", "door", "missing")
"""Where what is under way can be: on its way, at the source, on its way to the source, before whoever approves it, at the door
of a full store, or lost with nobody told."""


@dataclass(eq=False)
class StatesOfTables:
    """Makes states of tables, and says what it takes for granted on the way."""

    places: Places
    autonomy: Autonomy
    periods: Periods
    negative: str
    unknown: str
    notes: list[str] = field(default_factory=list)

    def state(self, sheets: Mapping[str, BookTable], period: int) -> State:
        """The state when a period begins. Raises InputError with the row and the column."""
        network = self.places.network
        blank = start(network, np.zeros((1, 1, 1)))
        on_hand, short = self._stock(sheets["stock"])
        backlog = self._backlog(sheets.get("backlog"), short)
        remembered = recalled(self.places, sheets.get("memory"), blank, on_hand)
        parcels = self._parcels(sheets.get("under_way"), period)
        shape = (len(network.lanes), len(network.products))
        shipped = loads(network.ordering.shipment_pipelines, parcels["shipped"], shape)
        sent = loads(network.ordering.order_pipelines, parcels["sent"], shape)
        open_orders, pending = self._on_lanes(parcels["open"]), self._pending(parcels["waiting"])
        door, missing = self._door(parcels["door"]), self._missing(parcels["missing"], blank)
        in_transit = under_way(network.ordering.shipment_pipelines, shipped, open_orders)
        in_transit = in_transit if door is None else in_transit + door
        on_order = all_on_order(network, in_transit, open_orders, sent, (*pending, *missing))
        return State(
            on_hand,
            backlog,
            open_orders,
            shipped,
            sent,
            in_transit,
            on_order,
            pending,
            missing=missing,
            door=door,
            **remembered,
        )

    def _stock(self, sheet: BookTable) -> tuple[Floats, Floats]:
        """On the shelf, and what is short of nothing there (N, K, 1)."""
        network, sheet = self.places.network, self._known(sheet)
        rows, columns = self.places.sites(sheet), self.places.products(sheet)
        once(sheet, {"site": rows, "product": columns})
        amounts = sheet.numbers_of["on_hand"]
        if self.negative == "refuse":
            accepted = "a number ≥ 0: what is owed to customers goes into a table backlog, or count it so with negative=backlog"
            sheet.refuse("on_hand", amounts < 0, accepted)
        found = np.zeros((len(network.sites), len(network.products), 1))
        found[rows, columns, 0] = amounts
        left_out = found[:, :, 0].size - len(sheet)
        if left_out:
            self.notes.append(
                f"{left_out} of {found.size} pairs of site and product are not in {sheet.name}: counted as no stock."
            )
        below = int((amounts < 0).sum())
        if below:
            self._note(f"{below} rows of {sheet.name} are below zero: counted as owed to the site's customers.")
        return np.maximum(found, 0.0), np.maximum(-found, 0.0)

    def _known(self, sheet: BookTable) -> BookTable:
        """The rows about what the network has; others are refused, unless they are to be left out."""
        if self.unknown == "refuse":
            return sheet
        network, sites = self.places.network, sheet.frame["site"].isin(self.places.network.sites)
        here = sites & (sheet.frame["product"].isin(network.products) if "product" in sheet else True)
        if not here.all():
            self._note(f"{int((~here).sum())} rows of {sheet.name} are about what the network does not have: left out.")
        return sheet.at(here.to_numpy())

    def _backlog(self, sheet: BookTable | None, short: Floats) -> Floats:
        """Owed to customers (C, K, 1); stock below zero to those who are served first at their site."""
        network = self.places.network
        topology, fulfilment = network.topology, network.fulfilment
        found = np.zeros((len(network.customers), len(network.products), 1))
        if sheet is not None:
            rows, columns = self.places.customers(sheet), self.places.products(sheet)
            once(sheet, {"site": rows, "product": columns})
            sheet.refuse("backlog", sheet.numbers_of["backlog"] < 0, "a number ≥ 0")
            if fulfilment.backlogged is not None:
                lost = np.broadcast_to(fulfilment.backlogged, found.shape)[rows, columns, 0] <= 0
                sheet.refuse("backlog", (sheet.numbers_of["backlog"] > 0) & lost, "nothing: these customers do not wait")
            found[rows, columns, 0] = sheet.numbers_of["backlog"]
        first = {int(site): row for row, site in reversed(list(enumerate(topology.customer_site.tolist())))}
        for site in np.flatnonzero(short.any(axis=(1, 2))).tolist():
            if site not in first:
                raise InputError("stock", f"stock below zero at {network.sites[site]}", "0 at a site without customers")
            found[first[site]] += short[site]
        return found

    def _parcels(self, sheet: BookTable | None, period: int) -> dict[str, Parcels]:
        """What is under way, by status."""
        if sheet is None:
            none = np.zeros(0, dtype=np.int64)
            nothing = Parcels(_no_rows(), none, none, np.zeros(0), np.zeros(0), str)
            return dict.fromkeys(STATUS, nothing)
        lanes, products = self.places.lanes(sheet), self.places.products(sheet)
        self.places.check_carried(sheet, lanes, products)
        sheet.refuse("quantity", sheet.numbers_of["quantity"] < 0, "a number ≥ 0")
        due, since = (
            self.periods.blank_or_number(sheet, column) if column in sheet else np.full(len(sheet), np.nan)
            for column in ("due", "since")
        )
        status = np.full(len(sheet), "") if "status" not in sheet else sheet.texts("status")
        status = np.where(status == "", STATUS[0], status)
        sheet_of = sheet if "status" in sheet else None
        if sheet_of is not None:
            sheet.refuse_unknown("status", ~np.isin(status, STATUS), STATUS)
        ago = period - since
        column = "since" if "since" in sheet else "quantity"
        sheet.refuse(column, ago < 1, f"a period before {self.periods.name(period)}, which is about to begin")
        every = Parcels(sheet, lanes, products, due - period, ago, lambda ahead: self.periods.name(period + ahead))
        if (late := every.at(status == STATUS[0]).overdue) and period >= 0:
            self._note(f"{late} rows of {sheet.name} are overdue: taken to arrive in the period that is about to begin.")
        return {name: every.at(status == name) for name in STATUS}

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _on_lanes(self, parcels: Parcels) -> Floats:
        network = self.places.network
        found = np.zeros((len(network.lanes), len(network.products), 1))
        np.add.at(found[:, :, 0], (parcels.lanes, parcels.products), parcels.amounts)
        return found

    def _by_turn(self, parcels: Parcels, turns: int, turn: Numbers) -> Load:
        """Amounts in so many turns, each (L, K, 1)."""
        network = self.places.network
        found = np.zeros((turns, len(network.lanes), len(network.products), 1))
        np.add.at(found[..., 0], (turn, parcels.lanes, parcels.products), parcels.amounts)
        return tuple(found)

    def _pending(self, parcels: Parcels) -> Load:
        """What waits for approval, the youngest first."""
        latency = self.autonomy.approval_latency
        if not len(parcels.sheet):
            return ()
        if not latency:
            parcels.sheet.refuse("status", np.ones(len(parcels.sheet), bool), f"nothing that waits, at {self.autonomy.name}")
        return self._by_turn(parcels, latency, latency - 1 - parcels.known(latency))

    def _door(self, parcels: Parcels) -> Floats | None:
        if self.places.network.mechanisms.door is None:
            parcels.sheet.refuse("status", np.ones(len(parcels.sheet), bool), "shipped: no store here keeps goods at its door")
            return None
        return self._on_lanes(parcels)

    def _missing(self, parcels: Parcels, blank: State) -> Load:
        """Orders that were lost and are counted on still."""
        turns = len(blank.missing)
        if not turns:
            parcels.sheet.refuse("status", np.ones(len(parcels.sheet), bool), "an order that is not lost: here all are told")
            return ()
        turn = np.nan_to_num(parcels.ago, nan=1.0).astype(np.int64) - 1
        parcels.sheet.refuse("since", turn >= turns, f"at most {turns} periods ago")
        return self._by_turn(parcels, turns, turn)


def _no_rows() -> BookTable:
    import pandas as pd

    from .sheets import SHEETS

    return BookTable(
        SHEETS["under_way"], "under_way", pd.DataFrame({"quantity": pd.Series([], dtype=str)}), {"quantity": np.zeros(0)}
    )
