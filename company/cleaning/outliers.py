"""Quantities far beyond a product's others: said, and kept unless somebody says otherwise.

Letters: S series, T periods.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.numerics.arrays import Floats

from ..record.decisions import ImportDecision, ImportDecisions

FAR = 8.0
"""Robust deviations beyond the median."""
LEAST = 12
"""Periods that must be known of a series."""


def without_outliers(demand: Floats, choice: str, decisions: ImportDecisions, source: str, unit: str) -> Floats:
    """Demand (S, T) with what is far beyond the rest as `choice` has it: keep, cap or missing.

    Far is more than eight robust deviations of the square root beyond its median: counts have about the same deviation there.
    """
    root = np.sqrt(np.clip(demand, 0.0, None))
    with np.errstate(all="ignore"):
        positive = np.where(root > 0, root, np.nan)
        known = np.isfinite(positive).sum(axis=1) >= LEAST
        middle = _median(positive)
        spread = 1.4826 * _median(np.abs(positive - middle[:, None]))
        limit = middle + FAR * np.maximum(spread, 0.25)
    limit = np.where(known, limit, np.inf)
    far = root > limit[:, None]
    largest = f"the largest is {np.nanmax(np.where(far, demand, np.nan)):,.10g}" if far.any() else ""
    told = f"{unit}s far beyond a product's others"
    decisions.add(ImportDecision(source, told, int(far.sum()), "outliers", choice, largest, choice != "keep"))
    if choice == "keep":
        return demand
    return np.where(far, np.nan if choice == "missing" else (limit**2)[:, None], demand)


def _median(values: Floats) -> Floats:
    """Of each row's numbers (S,), NaN where it has none."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows without numbers are no news
        return np.asarray(np.nanmedian(values, axis=1))
