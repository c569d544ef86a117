"""How demands move together from site to site: one correlation for all pairs, where the past shows one.

Letters: S series, T periods.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Floats

SURE = 3.0
"""Standard errors from 0 from which on it is believed."""
HIGHEST = 0.95


def common_correlation(scores: Floats, site: NDArray[np.int64], product: NDArray[np.int64]) -> tuple[float, float]:
    """The mean correlation of normal scores (S, T) of one product at two sites, and its standard error."""
    known = ~np.isnan(scores)
    count = np.maximum(known.sum(axis=1), 1)[:, None]
    centred = np.where(known, scores - np.where(known, scores, 0.0).sum(axis=1)[:, None] / count, 0.0)
    products = int(product.max()) + 1 if len(product) else 0
    both, one, other = 0.0, 0.0, np.zeros(0)
    by_period = []
    for number in range(products):
        rows = product == number
        if rows.sum() < 2:
            continue
        these, there = centred[rows], known[rows]
        pairs = (these.sum(axis=0) ** 2 - (these**2).sum(axis=0)) / 2
        possible = there.sum(axis=0) * (there.sum(axis=0) - 1) / 2
        scale = float((these**2).sum() / max(int(there.sum()), 1))
        by_period.append(pairs / max(scale, 1e-12))
        both, one = both + float(pairs.sum()) / max(scale, 1e-12), one + float(possible.sum())
    if not by_period or one <= 0:
        return 0.0, np.inf
    other = np.sum(by_period, axis=0)
    rho = both / one
    error = float(np.sqrt(np.sum((other - other.mean()) ** 2))) / one
    return rho, error


def believed(rho: float, error: float) -> float:
    """A correlation that is surely above 0, else none."""
    return min(round(rho, 3), HIGHEST) if rho > SURE * error and rho >= 0.02 else 0.0
