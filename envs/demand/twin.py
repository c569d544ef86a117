"""A synthetic twin of weekly grocery sales, with the columns and the manners of the real ones.

Shapes: P weeks, N sites, K products.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError

ELASTICITY = -2.5
ADVERTISED = 3.0
"""How many times as much sells in a week with a feature advert, at the same price."""


def write_twin(
    path: Path | str, sites: Sequence[str], products: Sequence[str], periods: range | int, seed: int, missing: float = 0.0
) -> Path:
    """Write a twin in long format, columns week, site, product, demand [units], price, deal and feature; its path comes back.

    The name ends in .csv, .csv.gz or .parquet. `periods` are the weeks' numbers, or how many there are from 1 on; a share
    `missing` of the (week, site) pairs is left out.
    """
    import pandas as pd  # half a second that only those pay who write one

    weeks, rng = np.arange(1, periods + 1) if isinstance(periods, int) else np.asarray(periods), np.random.default_rng(seed)
    shape = (len(weeks), len(sites), len(products))
    week, site, product = np.meshgrid(weeks, sites, products, indexing="ij")
    kept = np.broadcast_to((rng.random(shape[:2]) >= missing)[:, :, None], shape)
    cells = {"week": week, "site": site, "product": product, **_sales(rng, shape)}
    table = pd.DataFrame({name: values[kept] for name, values in cells.items()})
    path = Path(path)
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    elif path.name.endswith((".csv", ".csv.gz")):
        table.to_csv(path, index=False)
    else:
        raise InputError("path", str(path), "a name that ends in .csv, .csv.gz or .parquet")
    return path


def _sales(rng: np.random.Generator, shape: tuple[int, int, int]) -> dict[str, NDArray[Any]]:
    """Demand, price, deal and feature (P, N, K).

    Sites differ in size and products in popularity. A product's deals, adverts, and good or bad weeks come everywhere at once;
    the rest of the noise is each site's own.
    """
    weeks, sites, products = shape
    everywhere = (weeks, 1, products)
    deal = rng.random(everywhere) < 0.25
    feature = deal & (rng.random(everywhere) < 0.4)
    discount = np.where(deal, rng.uniform(0.1, 0.3, everywhere), 0.0)
    regular = rng.uniform(1.5, 5.0, products)
    usual = rng.lognormal(0.0, 0.4, (sites, 1)) * rng.lognormal(3.5, 0.6, products)
    mean = usual * (1 - discount) ** ELASTICITY * np.where(feature, ADVERTISED, 1.0) * rng.lognormal(0.0, 0.2, everywhere)
    demand = rng.poisson(mean * rng.gamma(5.0, 1 / 5.0, shape))
    found = {"demand": demand, "price": np.round(regular * (1 - discount), 2), "deal": 1 * deal, "feature": 1 * feature}
    return {name: np.broadcast_to(values, shape) for name, values in found.items()}
