"""How fast is this checkout beside another? `python -m benchmarks.side_by_side ../other [--pairs 60]`.

A process of each, on one core where the system lets that be chosen, works an episode while the other waits, turn by turn. What
counts is the median of the paired ratios of processor time: whatever else the machine does meets both of a pair alike.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from orderup.envs.foundation.freed_memory import KEPT, LARGEST_MMAP_THRESHOLD

HERE = Path(__file__).resolve().parents[1]
WORKS = {
    "PettingZoo loop, 4-site line": "loop_work()",
    "simulator, the same line, batch of 8,192": "batch_work()",
    "… observations built too": "batch_work(observed=True)",
    "3 sites × 200 products, one episode": "wide_work()",
    "with gradient, PyTorch, batch of 1,024": "gradient_work()",
    "… batch of 4,096": "gradient_work(4096)",
    "owmr, one episode of 60 periods": "stepping('autonomous_silo', 1)",
}
"""What is measured, in the words of each checkout's own benchmarks/bench.py."""
MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(KEPT), "MALLOC_MMAP_THRESHOLD_": str(LARGEST_MMAP_THRESHOLD)}
"""For glibc, in checkouts of any age: freed memory stays with the process, rather than by chance."""
WORKER = """
import sys, time, torch
from benchmarks import bench
torch.set_num_threads(1)
for line in sys.stdin:
    if line.startswith("work "):
        work = eval(line[5:], vars(bench))
        work()
    start = time.process_time()
    work()
    print(time.process_time() - start, flush=True)
"""


class Worker:
    """A process that works in a checkout when it is told to."""

    def __init__(self, checkout: Path) -> None:
        found = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(checkout)} | MALLOC
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=checkout, env=found, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self._process.pid, {max(os.sched_getaffinity(0))})

    def seconds(self, told: str = "again") -> float:
        """Processor time of one more turn; told `work …`, it is at that from now on. Raises RuntimeError where that fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(told, file=self._process.stdin, flush=True)
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"the worker has ended: {told}")
        return float(line)

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def ratios(ours: Worker, theirs: Worker, work: str, pairs: int) -> list[float]:
    """Our time by theirs in every pair; who begins alternates."""
    for worker in (ours, theirs):
        worker.seconds(f"work {work}")
    found = []
    for pair in range(pairs):
        first, second = (ours, theirs) if pair % 2 else (theirs, ours)
        spent = {first: first.seconds(), second: second.seconds()}
        found.append(spent[ours] / spent[theirs])
    return found


def compared(checkout: Path, pairs: int, works: Sequence[str] = tuple(WORKS.values())) -> dict[str, list[float]]:
    """Ratios of every work, this checkout's by the other's."""
    ours, theirs = Worker(HERE), Worker(checkout.resolve())
    try:
        return {work: ratios(ours, theirs, work, pairs) for work in works}
    finally:
        ours.close()
        theirs.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="where the other is")
    parser.add_argument("--pairs", type=int, default=60)
    given = parser.parse_args()
    table = Table(title=f"Processor time, in that of {given.checkout}: median of {given.pairs} pairs, and the middle half")
    for heading in ("what", "ratio", "from", "to"):
        table.add_column(heading)
    found = compared(given.checkout, given.pairs)
    for name, work in WORKS.items():
        low, middle, high = np.quantile(found[work], [0.25, 0.5, 0.75])
        table.add_row(name, f"{middle:.3f}", f"{low:.2f}", f"{high:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
