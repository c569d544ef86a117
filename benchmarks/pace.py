"""Has anything become slow? `make bench-check`, under a minute; `make bench-record` writes down how things stand.

Each workload takes turns with a calibrating one of its kind, which is none of the project's code: small NumPy operations, wide
arrays, those written out with the batch first, linear programs, small operations of PyTorch. What counts is the quickest of
each in processor time, one by the other, which hangs neither on the machine nor on who else is using it. A workload fails whose
ratio is 1.5 times what benchmarks/pace.json has for it; one that seems to fail is measured again before it does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from benchmarks import works
from benchmarks.bench_networks import loud_scenario
from benchmarks.works import Work
from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.foundation.freed_memory import keep_freed_memory

RECORDED = Path(__file__).with_suffix(".json")
AT_MOST = 1.5
"""Times the recorded ratio that is still no slowing down."""
TURNS, AGAIN = 5, 3
"""Turns of each pair, and how many more times as many a pair gets before it fails."""


def small_operations() -> None:
    """Thousands of NumPy operations on four numbers."""
    stock, order = np.ones((4, 1)), np.full((4, 1), 0.5)
    for _ in range(5000):
        shipped = np.minimum(stock, order)
        stock = np.maximum(stock - shipped, 0.0) + order
        shipped.sum()
        np.where(stock > order, stock, order)


def wide_arrays() -> None:
    """Thousands of NumPy operations on 4 × 8192 numbers."""
    stock, order = np.ones((4, 8192), np.float32), np.full((4, 8192), 0.5, np.float32)
    for _ in range(1500):
        shipped = np.minimum(stock, order)
        stock = np.maximum(stock - shipped, 0.0) + order


def wide_arrays_written_out() -> None:
    """Operations on 4 × 8192 numbers, and 96 rows of as many written out with the batch first, which memory bounds."""
    stock, order, rows = np.ones((4, 8192), np.float32), np.full((4, 8192), 0.5, np.float32), np.ones((96, 8192), np.float32)
    for _ in range(40):
        for _ in range(10):
            shipped = np.minimum(stock, order)
            stock = np.maximum(stock - shipped, 0.0) + order
        rows[:4] = stock
        np.ascontiguousarray(rows.T)


def small_gradients() -> None:
    """Hundreds of operations of PyTorch on 4 × 1024 numbers, and back through them."""
    level = torch.ones((4, 1), requires_grad=True)
    stock, cost = torch.ones((4, 1024)), torch.zeros(1024)
    for _ in range(300):
        shipped = torch.minimum(stock, level)
        stock = (stock - shipped).clamp(min=0.0) + level * 0.5
        cost = cost + stock.sum(dim=0)
    cost.mean().backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types


def linear_programs() -> None:
    """What 100 stores get of a limited supply over 15 periods, a few thousand rows, by HiGHS."""
    rng, periods, stores = np.random.default_rng(0), 15, 100
    demand = rng.poisson(10, (stores, periods)).astype(float)
    step = sparse.eye_array(periods) - sparse.eye_array(periods, k=-1)
    balance = sparse.block_diag([sparse.hstack([step, -step, -sparse.eye_array(periods)])] * stores)
    limit = sparse.hstack([sparse.hstack([sparse.csr_array((periods, 2 * periods)), sparse.eye_array(periods)])] * stores)
    cost = np.tile(np.repeat([1.0, 9.0, 0.1], periods), stores)
    served = LinearConstraint(balance, -demand.ravel(), -demand.ravel())
    milp(cost, constraints=[served, LinearConstraint(limit, -np.inf, 10.2 * stores)])


def pairs() -> dict[str, tuple[Callable[[], Work], Work]]:
    """What makes each workload ready, and the one it is measured by."""
    return {
        "interactive loop": (works.loop_work, small_operations),
        "one episode of 200 products": (works.wide_work, small_operations),
        "batch of 8192": (works.batch_work, wide_arrays),
        "batch of 8192, observed": (lambda: works.batch_work(observed=True), wide_arrays_written_out),
        "everything on, batch of 1024": (lambda: works.world_work(loud_scenario(), horizon=40), wide_arrays),
        "gradient through an episode": (works.gradient_work, small_gradients),
        "mpc on a mesh": (lambda: works.planning_work(6), linear_programs),
    }


def measured(make: Callable[[], Work], measure: Work, turns: int = TURNS) -> float:
    """The quickest of a workload in those of its measure, a turn each, after one that does not count."""
    both, best = (make(), measure), [float("inf"), float("inf")]
    for turn in range(turns + 1):
        for place, work in enumerate(both):
            start = time.process_time()
            work()
            best[place] = min(best[place], time.process_time() - start if turn else float("inf"))
    return best[0] / best[1]


def slower(found: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """Which workloads take more than they may, or have nothing recorded that they may take."""
    return [name for name, ratio in found.items() if not ratio <= AT_MOST * recorded.get(name, 0.0)]


def main() -> int:
    """Measure, and compare or record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write down what is measured, in place of comparing with it")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    found = {name: measured(*pair, turns=AGAIN * TURNS if asked.record else TURNS) for name, pair in pairs().items()}
    if asked.record:
        text = json.dumps(
            {"measured": commit_in_short(), "ratios": {name: round(ratio, 3) for name, ratio in found.items()}}, indent=2
        )
        RECORDED.write_text(text + "\n", encoding="utf-8")
        return 0
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    for name in slower(found, recorded["ratios"]):
        found[name] = min(found[name], measured(*pairs()[name], turns=AGAIN * TURNS))
    late = slower(found, recorded["ratios"])
    show(found, recorded["ratios"], late, f"in times of a calibrating workload; recorded at {recorded['measured']}")
    return 1 if late else 0


def show(found: Mapping[str, float], recorded: Mapping[str, float], late: list[str], title: str) -> None:
    """Print each ratio beside the recorded one."""
    table = Table(title=title)
    for heading in ("workload", "measured", "recorded", "times", ""):
        table.add_column(heading, justify="left" if heading in ("workload", "") else "right")
    for name, ratio in found.items():
        before = recorded.get(name, float("nan"))
        table.add_row(name, f"{ratio:.3f}", f"{before:.3f}", f"{ratio / before:.2f}", "too slow" if name in late else "")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
