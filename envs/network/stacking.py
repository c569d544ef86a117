"""The numbers of a scenario's blocks as arrays: one for each product, whether the file has one for all or one for each.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand.base import PerProduct, per_product, places
from ..scenario.scenario import Customers, Lane, Scenario


def entries(scenario: Scenario, site: str, segment: str) -> list[Customers]:
    """The scenario's entries of one segment: several where its products are described apart."""
    return [entry for entry in scenario.customers if (entry.site, entry.segment) == (site, segment)]


def stack(values: list[Any], products: tuple[str, ...]) -> NDArray[np.float64]:
    """A number of every site (N, K, 1)."""
    return np.stack([per_product(value, products) for value in values])[:, :, None]


def per_row(values: Sequence[float]) -> NDArray[np.float64]:
    """A number of every site or lane that is the same for all products (…, 1, 1)."""
    return np.array(values, float)[:, None, None]


def lane_stack(lanes: Sequence[Lane], field: str, products: tuple[str, ...]) -> NDArray[np.float64]:
    """A number of every lane (L, K, 1), 0 for products that it does not carry."""
    values, place = np.zeros((len(lanes), len(products), 1)), places(products)
    for row, lane in enumerate(lanes):
        _fill(values[row, :, 0], getattr(lane, field), lane.products, place)
    return values


def carried_by(lanes: Sequence[Lane], products: tuple[str, ...]) -> NDArray[np.float64]:
    """1 for what a lane carries, 0 for what it does not (L, K, 1)."""
    values, place = np.zeros((len(lanes), len(products), 1)), places(products)
    for row, lane in enumerate(lanes):
        _fill(values[row, :, 0], 1.0, lane.products, place)
    return values


def customer_stack(customers: Sequence[Sequence[Customers]], field: str, products: tuple[str, ...]) -> NDArray[np.float64]:
    """A number of every customer row (C, K, 1) by the row's entries, 0 for products that it does not buy."""
    values, place = np.zeros((len(customers), len(products), 1)), places(products)
    for row, found in enumerate(customers):
        for entry in found:
            _fill(values[row, :, 0], getattr(entry, field), entry.products, place)
    return values


def who_waits(customers: Sequence[Sequence[Customers]], products: tuple[str, ...]) -> NDArray[np.float64]:
    """1 where unmet demand waits, 0 where it is lost (C, K, 1)."""
    values, place = np.ones((len(customers), len(products), 1)), places(products)
    for row, found in enumerate(customers):
        for entry in found:
            if entry.unmet == "lost":
                _fill(values[row, :, 0], 0.0, entry.products, place)
    return values


def seen_by_sales(customers: Sequence[Sequence[Customers]], products: tuple[str, ...]) -> NDArray[np.float64]:
    """1 where a site sees sales alone, 0 where it sees demand (C, K, 1)."""
    values, place = np.zeros((len(customers), len(products), 1)), places(products)
    for row, found in enumerate(customers):
        for entry in found:
            if entry.seen_by_sales:
                _fill(values[row, :, 0], 1.0, entry.products, place)
    return values


def _fill(row: NDArray[np.float64], value: PerProduct, named: list[str] | None, place: Mapping[str, int]) -> None:
    """Write the numbers of some of the products (all where none is named) into their places in a row (K,)."""
    bought = named or list(place)
    row[[place[product] for product in bought]] = [value[name] for name in bought] if isinstance(value, Mapping) else value


def unless(values: NDArray[np.float64], idle: float) -> NDArray[np.float64] | None:
    """None where every value is the one that changes nothing, so that the mechanism costs nothing."""
    return None if (values == idle).all() else values


def limits_of(values: list[float | None]) -> NDArray[np.float64] | None:
    """Limits (…, 1, 1), infinite for None; None where there are none at all."""
    limits = np.array([np.inf if value is None else value for value in values]).reshape(-1, 1, 1)
    return unless(limits, np.inf)
