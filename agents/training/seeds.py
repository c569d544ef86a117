"""Several seeds of the same training: each in a process of its own, some at a time, and a table at the end."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.context import SpawnProcess

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.freed_memory import keep_freed_memory
from orderup.envs.foundation.terminal import Text, say

from ..learning.learner import REFERENCE
from ..runs.run import load_run
from .train import PreparedTraining, carry_out

POLL = 0.05
"""Seconds between two looks at the processes."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Read once by the libraries, when a process begins."""


def train_seeds(trainings: Sequence[PreparedTraining], workers: int = 2, progress: bool = True) -> list[int]:
    """Train each in a process with one thread, `workers` at a time, and give each one's exit code, 0 for a whole run.

    A failure, said on standard error, does not stop the others. Raises KeyboardInterrupt, each having saved its state.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_work, args=(prepared, progress)) for prepared in trainings]
    try:
        _carry_out(processes, workers)
    except KeyboardInterrupt:
        _stop(processes)
        raise
    return [process.exitcode or 0 for process in processes]


def _carry_out(processes: Sequence[SpawnProcess], workers: int) -> None:
    waiting, busy = list(processes), list[SpawnProcess]()
    while waiting or busy:
        busy = [process for process in busy if process.is_alive()]
        while waiting and len(busy) < workers:
            busy.append(waiting.pop(0))
            busy[-1].start()
        time.sleep(POLL)


def _stop(processes: Sequence[SpawnProcess]) -> None:
    for process in processes:
        if process.pid is not None and process.is_alive():
            process.terminate()
    for process in processes:
        if process.pid is not None:
            process.join()


def _work(prepared: PreparedTraining, progress: bool) -> None:
    """In the process: train, and end with what a command line would end with."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # Ctrl-C reaches the parent alone, which passes it on once
    threading.Thread(target=end_with_parent, daemon=True).start()
    keep_freed_memory()
    try:
        carry_out(prepared, progress)
    except InputError as error:
        say(f"{prepared.folder.name}: error: {error}", file=sys.stderr, flush=True)
        sys.exit(2)
    except KeyboardInterrupt as interrupt:
        say(f"{prepared.folder.name}: {interrupt}", file=sys.stderr, flush=True)
        sys.exit(130)


def end_with_parent() -> None:
    """Ask to stop when the parent is gone, be it by a kill."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def show(trainings: Sequence[PreparedTraining], codes: Sequence[int]) -> None:
    """Print the table, as wide as it is."""
    shown = table(trainings, codes)
    wide = Console(width=10_000).measure(shown).maximum
    Console(width=max(wide, Console().width)).print(shown)


def table(trainings: Sequence[PreparedTraining], codes: Sequence[int]) -> Table:
    """What each seed costs on validation's episodes, and their mean and spread, the standard deviation over seeds."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for name in ("seed", "cost", f"− {REFERENCE}", "run"):
        shown.add_column(name, justify="left" if name == "run" else "right")
    costs = []
    for prepared, code in zip(trainings, codes, strict=True):
        result = load_run(prepared.folder, prepared.allow).result if code == 0 else None
        if result is None:
            shown.add_row(str(prepared.task.seed), "failed", f"exit {code}", Text(str(prepared.folder)))
            continue
        costs.append(result["cost"]["mean"])
        difference = result[f"difference_to_{REFERENCE}"]
        shown.add_row(str(prepared.task.seed), _told(result["cost"]), _told(difference, "+"), Text(str(prepared.folder)))
    if len(costs) > 1:
        shown.add_section()
        shown.add_row("mean", f"{np.mean(costs):,.4g}", "", f"spread {np.std(costs, ddof=1):,.2g}")
    return shown


def _told(interval: dict[str, float] | None, sign: str = "") -> str:
    """With so many decimals that two digits of the half-width are seen."""
    if interval is None:
        return "–"
    mean, half = interval["mean"], interval["half_width"]
    decimals = min(max(1 - math.floor(math.log10(half)), 0), 6) if half > 0 else 2
    return f"{mean:{sign},.{decimals}f} ± {half:,.{decimals}f}"
