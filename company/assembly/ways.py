"""Lanes as a scenario has them: how long goods are under way on each, what they cost, and what is on them today."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..cleaning.demand_record import DemandRecord
from ..masters.keys import MasterKeys
from ..masters.known import KnownNames
from ..masters.lanes import LaneRow
from ..masters.receipts import Receipts
from ..record.decisions import ImportDecision, ImportDecisions
from .draft import Draft, one_or_each, rounded, some
from .keys import ModelKeys
from .places import SitesAndLanes


@dataclass(frozen=True)
class Ways:
    """What lanes are made of."""

    places: SitesAndLanes
    receipts: Receipts | None
    multiples: Mapping[tuple[str, str], float]
    """Packs by site and product, of the reorder rules."""
    keys: ModelKeys
    whole: frozenset[str] = frozenset()
    """Products that are ordered in whole units, where no pack is known of them."""

    def entries(self, products: tuple[str, ...], draft: Draft) -> list[dict[str, Any]]:
        """An entry for each lane, with a name where two have the same ends."""
        ends = Counter((lane.source, lane.destination) for lane in self.places.lanes)
        seen: Counter[tuple[str, str]] = Counter()
        found: list[dict[str, Any]] = []
        assumed: list[Any] = []
        for number, lane in enumerate(self.places.lanes):
            both = lane.source, lane.destination
            seen[both] += 1
            entry: dict[str, Any] = {"from": lane.source, "to": lane.destination}
            if ends[both] > 1:
                entry["name"] = f"{lane.source}->{lane.destination} {seen[both]}"
            entry |= self._terms(lane, products, draft, ("lanes", number), assumed)
            found.append(entry)
        if assumed:
            paths: list[tuple[str | int, ...]] = [("lanes", number) for number, _ in assumed]
            named = some([f"{lane.source} to {lane.destination}" for _, lane in assumed], 3)
            time = f"{self.keys.lead_time} period{'s' * (self.keys.lead_time != 1)}"
            draft.assume(f"Goods are under way for {time} (lead_time) from {named}: no file tells.", *paths)
        return found

    def _terms(
        self, lane: LaneRow, products: tuple[str, ...], draft: Draft, path: tuple[str | int, ...], assumed: list[Any]
    ) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        if lane.products is not None and set(lane.products) != set(products):
            entry["products"] = list(lane.products)
        entry["lead_time"] = self._lead_time(lane, draft, path, assumed)
        delay = self.keys.order_delay if lane.order_delay is None else lane.order_delay
        if delay:
            entry["order_delay"] = delay
        for role in ("fixed_cost", "capacity"):
            if (value := getattr(lane, role)) is not None:
                entry[role] = rounded(value)
        for role, amounts in lane.amounts.items():
            entry[role] = amounts if isinstance(amounts, float) else one_or_each(dict(amounts))
            entry[role] = rounded(entry[role]) if isinstance(entry[role], float) else entry[role]
        packs = {
            name: self.multiples.get((lane.destination, name), 1.0 if name in self.whole else 0.0)
            for name in lane.products or products
        }
        if "multiple" not in entry and any(packs.values()):
            entry["multiple"] = one_or_each(packs)
        return entry

    def _lead_time(self, lane: LaneRow, draft: Draft, path: tuple[str | int, ...], assumed: list[Any]) -> Any:
        chances = {} if self.receipts is None else self.receipts.lead_time(lane.source, lane.destination)
        if chances:
            counted = (
                int((~np.isnan(self.receipts.periods[self.receipts.between(lane.source, lane.destination)])).sum())
                if self.receipts
                else 0
            )
            against = f"; the lanes file says {lane.lead_time}" if lane.lead_time is not None else ""
            draft.note(path, f"lead time: as {counted} receipts had it{against}")
            if len(chances) == 1:
                return next(iter(chances))
            shares = [round(share, 6) for share in chances.values()]
            shares[-1] = round(1.0 - sum(shares[:-1]), 6)
            return {"type": "discrete", "values": list(chances), "probabilities": shares}
        if lane.lead_time is None:
            assumed.append((path[-1], lane))
            return self.keys.lead_time
        return lane.lead_time

    def arriving(
        self,
        record: DemandRecord,
        entries: list[dict[str, Any]],
        known: KnownNames,
        keys: MasterKeys,
        draft: Draft,
        decisions: ImportDecisions,
    ) -> list[dict[str, Any]]:
        """Orders of the receipts file that have not come in, by when they are expected: after the lane's mean lead time."""
        if self.receipts is None or record.periods.unit == "number":
            return []
        placed = record.periods.of_days(self.receipts.ordered) - (record.first + record.length)
        under_way = np.isnan(self.receipts.periods) & (self.receipts.quantity > 0)
        found, lost = [], 0
        for row in np.flatnonzero(under_way).tolist():
            product = self.receipts.product[row]
            name = None if product is None else known.find(product, keys)
            lane = self._lane_of(row, name, entries)
            longest = 0 if lane is None else _longest(lane["lead_time"])
            if name is None or lane is None or not longest:
                lost += 1
                continue
            due = min(int(placed[row]) + math.ceil(_mean(lane["lead_time"]) - 1e-9), longest - 1)
            label = lane.get("name") or f"{lane['from']}->{lane['to']}"
            amount = rounded(float(self.receipts.quantity[row]))
            found.append({"lane": label, "period": max(0, due), "quantity": amount, "product": name})
        if found:
            draft.assume(
                "Goods under way arrive after the mean lead time of their lane, and what is due already at once.", ("arriving",)
            )
        decisions.add(
            ImportDecision(
                "receipts", "orders under way of products or on lanes that are not known", lost, "", "left out", "", True
            )
        )
        return found

    def _lane_of(self, row: int, product: str | None, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
        assert self.receipts is not None  # asked only where there are some
        source, destination = self.receipts.source[row], self.receipts.destination[row]
        for entry in entries:
            carries = product in entry.get("products", [product])
            if source in (None, entry["from"]) and destination in (None, entry["to"]) and carries:
                return entry
        return None


def _mean(lead_time: Any) -> float:
    if isinstance(lead_time, dict):
        return float(np.dot(lead_time["values"], lead_time["probabilities"]))
    return float(lead_time)


def _longest(lead_time: Any) -> int:
    return max(lead_time["values"]) if isinstance(lead_time, dict) else int(lead_time)


def check_lanes_known(receipts: Receipts, places: SitesAndLanes, keys: MasterKeys, decisions: ImportDecisions) -> None:
    """Raise InputError for receipts on lanes that there are not, unless they are left out."""
    lanes = {(lane.source, lane.destination) for lane in places.lanes}
    strange = [pair for pair in receipts.pairs if pair not in lanes]
    if strange and keys.unknown == "refuse":
        found = f"{strange[0][0]} to {strange[0][1]}"
        raise InputError("receipts", found, "receipts on lanes that the network has, or unknown=drop")
    rows = sum(int(receipts.between(*pair).sum()) for pair in strange)
    decisions.add(
        ImportDecision("receipts", "receipts on lanes that the network does not have", rows, "unknown", "drop", "", True)
    )
