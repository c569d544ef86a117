"""What sites that trade pay each other beside the price, by the terms of their lanes.

Letters: N sites, L lanes, D lanes with terms, K products, B batch. Payments (D, B) [money] are the source's to the destination.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand.base import of_product, places
from ..numerics.arrays import Array, rows, take, tree_sum
from ..scenario.scenario import Lane
from ..scenario.trade_terms import Terms


@dataclass(frozen=True)
class Trade:
    """The terms of a network's lanes, each (D, K, 1) and 0 for products that a lane does not carry; None where all are 0."""

    lanes: Any
    destination: Any
    """Of each lane with terms, as an index of (N, …) arrays."""
    backlog_share: Array | None
    on_hand: Array | None
    backlog: Array | None
    late: Array | None
    buy_back: Array | None
    revenue_share: Array | None

    @classmethod
    def of(cls, lanes: Sequence[Lane], destination: NDArray[np.int64], products: tuple[str, ...]) -> Trade | None:
        """For lanes with their destination sites (L,)."""
        bound = [number for number, lane in enumerate(lanes) if lane.terms is not None]
        if not bound:
            return None
        found = {name: _numbers([lanes[number] for number in bound], name, products) for name in Terms.model_fields}
        return cls(rows(bound), rows(destination[bound]), **found)

    def shared_shortage(self, cost: Array) -> Array:
        """The sources' part of what a shortage costs at each site (N, K, B) [money]."""
        return tree_sum(self.backlog_share * take(cost, self.destination), axis=1)

    def subsidy(self, on_hand: Array, unmet: Callable[[], Array], open_orders: Array) -> Array:
        """What is linear in stock and in what customers are owed (N, K, B), and in what sources have not shipped (L, K, B)."""
        paid = 0.0 * take(open_orders, self.lanes)
        if self.on_hand is not None:
            paid = paid + self.on_hand * take(on_hand, self.destination)
        if self.backlog is not None:
            paid = paid + self.backlog * take(unmet(), self.destination)
        if self.late is not None:
            paid = paid + self.late * take(open_orders, self.lanes)
        return tree_sum(paid, axis=1)

    def bought_back(self, left: Array) -> Array:
        """What is paid for units that are past use, or left at the end (N, K, B)."""
        return tree_sum(self.buy_back * take(left, self.destination), axis=1)

    def shared_revenue(self, revenue: Array) -> Array:
        """What is passed on of each site's revenue (N, K, B) [money], by the destination to the source: below 0."""
        return -tree_sum(self.revenue_share * take(revenue, self.destination), axis=1)

    @property
    def is_linear(self) -> bool:
        """Whether anything is paid on stock or backlogs."""
        return any(part is not None for part in (self.on_hand, self.backlog, self.late))


def _numbers(lanes: Sequence[Lane], name: str, products: tuple[str, ...]) -> NDArray[np.float64] | None:
    values, place = np.zeros((len(lanes), len(products), 1)), places(products)
    for row, lane in enumerate(lanes):
        for product in lane.products or products:
            values[row, place[product], 0] = of_product(getattr(lane.terms, name), product)
    return values if values.any() else None
