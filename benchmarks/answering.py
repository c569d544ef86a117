"""How long `orderup answer` takes for ten sites and twenty products: `python -m benchmarks.answering`."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import orderup

STORES, WAREHOUSES, PRODUCTS = 8, 2, 20


def network() -> dict[str, Any]:
    """Eight stores at two warehouses, twenty products, a year and a half of weeks; service in place of shortage costs."""
    rng = np.random.default_rng(1)
    products = [f"article {number:03d}" for number in range(1, PRODUCTS + 1)]
    value = {name: float(round(rng.uniform(2, 40), 2)) for name in products}
    holding = {name: round(worth * 0.2 / 52, 4) for name, worth in value.items()}
    stores = [f"shop {number}" for number in range(1, STORES + 1)]
    warehouses = [f"depot {number}" for number in range(1, WAREHOUSES + 1)]
    sites = {name: {"role": "store", "holding": dict(holding)} for name in stores}
    sites |= {name: {"role": "warehouse", "holding": {key: 0.8 * cost for key, cost in holding.items()}} for name in warehouses}
    lanes: list[dict[str, Any]] = [
        {"from": warehouses[number % WAREHOUSES], "to": name, "lead_time": 1} for number, name in enumerate(stores)
    ]
    slow = {"type": "uniform_integer", "low": 2, "high": 4}
    lanes += [{"from": "supplier", "to": name, "lead_time": slow} for name in warehouses]
    customers = [
        {
            "site": name,
            "unmet": "lost",
            "service": {"fill": 0.95},
            "demand": {
                "type": "negative_binomial",
                "mean": {key: float(round(rng.uniform(2, 20), 1)) for key in products},
                "variance_to_mean": 2.0,
            },
        }
        for name in stores
    ]
    shape = {"horizon": 78, "warmup": 26, "period": "week", "products": products, "value": value}
    return {"name": "ten_sites", **shape, "sites": sites, "lanes": lanes, "customers": customers}


def main() -> None:
    """Answer once, and say how long it took."""
    began, worked = time.perf_counter(), time.process_time()
    found = orderup.answer(network())
    print(found.headline)
    print(f"{time.process_time() - worked:.0f} s of one processor, {time.perf_counter() - began:.0f} s by the clock")


if __name__ == "__main__":
    main()
