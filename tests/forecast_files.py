"""A site whose demand goes up and down, on record, with forecasts of it in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import poisson

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.95)
LONG_AGO = 2000
"""Periods on record; the last quarter is for tests."""
WINDOWS = {"train": [0, 999], "validation": [1000, 1499], "test": [1500, 1999]}


def means(products: int = 1) -> Any:
    """What demand is on average (T, K): it swells and ebbs, a product's own way each, and seldom falls fast."""
    period, product = np.arange(LONG_AGO)[:, None], np.arange(products)
    return 30.0 + 12.0 * np.sin(period / (9.0 + product) + product) + 6.0 * np.sin(period / 3.7)


def record(folder: Path, products: tuple[str, ...] = ("tea",), site: str = "store_1") -> Any:
    """Poisson demand on record in `folder/demand.csv` (T, K)."""
    demand = np.random.default_rng(7).poisson(means(len(products)))
    table = pd.DataFrame(demand, columns=list(products)).rename_axis("period").reset_index()
    long = table.melt("period", var_name="product", value_name="demand").assign(site=site)
    long.to_csv(folder / "demand.csv", index=False)
    return demand


def forecasts(products: tuple[str, ...] = ("tea",), site: str = "store_1", shift: float = 0.0) -> pd.DataFrame:
    """The true quantiles, a column each, moved by so many units."""
    mean = means(len(products))
    found = []
    for number, product in enumerate(products):
        columns = {f"q{level:g}": np.maximum(poisson.ppf(level, mean[:, number]) + shift, 0.0) for level in LEVELS}
        found.append(pd.DataFrame({"period": np.arange(LONG_AGO), "site": site, "product": product, **columns}))
    return pd.concat(found, ignore_index=True)


def scenario(folder: Path, lead_time: int = 0, **keys: Any) -> dict[str, Any]:
    """One site that orders from outside, with the record and, unless they say otherwise, the forecasts of a folder."""
    return {
        "name": "forecast",
        "horizon": 500,
        "data": {"path": str(folder / "demand.csv"), "windows": WINDOWS},
        "forecasts": {"path": str(folder / "forecasts.csv")},
        "products": ["tea"],
        "sites": {"store_1": {"role": "store", "holding": 1.0, "initial": 30.0}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": lead_time}],
        "customers": [{"site": "store_1", "shortage": 9.0, "unmet": "backlog", "demand": {"type": "file"}}],
        **keys,
    }


def written(folder: Path, table: pd.DataFrame | None = None) -> Path:
    """The record and a table of forecasts, the true one unless another is given, in a folder; the forecasts' path."""
    record(folder)
    path = folder / "forecasts.csv"
    (forecasts() if table is None else table).to_csv(path, index=False)
    return path
