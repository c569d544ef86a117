"""ABC and XYZ classes: what brings most of the money, and what is asked for evenly.

Letters: S series, K products.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.numerics.arrays import Floats

from ..cleaning.demand_record import DemandRecord

SHARES = (0.8, 0.95)
"""Of turnover, up to which products are A, and B."""
EVEN = (0.5, 1.0)
"""Coefficients of variation of a period's demand, up to which it is X, and Y."""


def classes_of(record: DemandRecord, value: Floats) -> tuple[str, ...]:
    """The class of each product (K,), AX to CZ, by demand times value (K,) and by how it varies."""
    known = ~np.isnan(record.demand)
    mean = np.where(known, record.demand, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    units = np.bincount(record.product, mean, len(record.products))
    turnover = units * np.where(np.isnan(value), 1.0, value)
    order = np.argsort(-turnover, kind="stable")
    before = np.empty(len(order))
    before[order] = np.cumsum(turnover[order]) - turnover[order]
    share = before / max(float(turnover.sum()), 1e-12)
    varies = _variation(record, known)
    letters = np.digitize(share, SHARES, right=False), np.digitize(varies, EVEN, right=True)
    return tuple("ABC"[one] + "XYZ"[other] for one, other in zip(*letters, strict=True))


def _variation(record: DemandRecord, known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    """Coefficient of variation of each product's demand, all sites together (K,)."""
    total = np.zeros((len(record.products), record.length))
    np.add.at(total, record.product, np.where(known, record.demand, 0.0))
    mean = total.mean(axis=1)
    return np.asarray(total.std(axis=1) / np.maximum(mean, 1e-12))
