"""How long the evaluation takes: `python benchmarks/evaluation_speed.py [--episodes 1000]`.

One warehouse and nine stores, 200 periods, base-stock at every level of autonomy: simulated, compared and written as a report,
by one process and one thread. Memory is the process's largest, libraries included (Linux).
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import orderup
from orderup.evaluation import compare, contestants, write_report

STORES = 9
SECONDS, MEGABYTES = 60, 1000
"""The most that is accepted, on two cores."""


def scenario() -> dict[str, Any]:
    """One warehouse and nine stores of different size."""
    stores = [f"store_{number}" for number in range(1, STORES + 1)]
    return {
        "name": "ten_sites",
        "horizon": 200,
        "warmup": 50,
        "sites": {**{store: {"holding": 1.0} for store in stores}, "warehouse_1": {"holding": 0.5}},
        "lanes": [
            *({"from": "warehouse_1", "to": store, "lead_time": 1} for store in stores),
            {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        ],
        "customers": [
            {"site": store, "shortage": 9, "demand": {"type": "poisson", "mean": 4 + number}}
            for number, store in enumerate(stores)
        ],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=1000)
    episodes = parser.parse_args().episodes
    autonomies = orderup.list_autonomy()
    start = time.perf_counter()
    evaluated = contestants(autonomies, ["base_stock"])
    found = compare(scenario(), evaluated, episodes=episodes)
    simulated = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        write_report(found, folder=folder)
    whole = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{episodes} episodes × 200 periods × 10 sites at {len(autonomies)} levels, one process, one thread")
    print(f"evaluated in {simulated:.1f} s, report written after {whole:.1f} s (limit {SECONDS})")
    print(f"largest memory {peak:.0f} MB (limit {MEGABYTES})")


if __name__ == "__main__":
    main()
