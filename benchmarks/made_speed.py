"""What recipes cost in time: 50 on five machines beside 50 plain lanes, `python -m benchmarks.made_speed [--pairs 60]`.

Both are one plant with 50 products, each with a lane of its own and customers, under closed-form levels and on traces drawn
before; with parts, five more lanes bring these to both. An episode of each is worked in turn, and the median of the paired
ratios of processor time counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import orderup
from orderup.agents import make_agent

PRODUCTS, MACHINES, PERIODS = 50, 5, 100
PARTS = [f"part_{number}" for number in range(MACHINES)]


def plant(kind: str) -> dict[str, Any]:
    """A plant with plain lanes, or with recipes on machines that run out, with set-ups, or of parts that run out, too."""
    products = [f"product_{number}" for number in range(PRODUCTS)]
    parts = PARTS if "parts" in kind else []
    site: dict[str, Any] = {"role": "plant", "holding": 1}
    if "machines" in kind:
        site["machines"] = {f"machine_{number}": {"hours": 8} for number in range(MACHINES)}
    return {
        "name": "plant",
        "horizon": PERIODS,
        "products": [*products, *parts],
        "sites": {"plant_1": site},
        "lanes": [
            *(lane_of(kind, product, number % MACHINES) for number, product in enumerate(products)),
            *({"from": "supplier", "to": "plant_1", "name": part, "products": [part], "lead_time": 2} for part in parts),
        ],
        "customers": [
            {"site": "plant_1", "products": products, "shortage": 9, "demand": {"type": "poisson", "mean": 5}},
        ],
    }


def lane_of(kind: str, product: str, machine: int) -> dict[str, Any]:
    """What brings or makes a product."""
    if "machines" not in kind:
        return {"from": "supplier", "to": "plant_1", "name": product, "products": [product], "lead_time": 1}
    lane = {"make": product, "at": "plant_1", "lead_time": 1, "machine": f"machine_{machine}", "hours": 0.12}
    if "set-ups" in kind:
        lane["setup_hours"] = 0.1
    if "parts" in kind:
        lane["uses"] = {PARTS[machine]: 1}
    return lane


def work(kind: str, batch: int) -> Callable[[], float]:
    """CPU-seconds of an episode."""
    simulator, agent = orderup.Simulator(plant(kind), batch=batch), make_agent("base_stock")
    agent.reset(simulator.context())
    decision, trace = agent.act(simulator.reset(seed=0)), simulator.trace
    assert trace is not None

    def episode() -> float:
        simulator.replay(trace)
        start = time.process_time()
        while not simulator.done:
            simulator.step(decision)
        return time.process_time() - start

    return episode


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=60)
    pairs = parser.parse_args().pairs
    for batch in (1, 64):
        for kind in ("machines", "machines, set-ups", "machines, parts", "machines, set-ups, parts"):
            made, plain = work(kind, batch), work("lanes, parts" if "parts" in kind else "lanes", batch)
            ratios = [made() / plain() for _ in range(pairs)]
            low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
            print(f"batch {batch}: {kind}: {middle:.2f} times the lanes' ({low:.2f} to {high:.2f})", flush=True)


if __name__ == "__main__":
    main()
