"""Jobs handed to whoever works, and what failed said in the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from orderup.agents.training.progress import duration
from orderup.envs.foundation.files import remove, write_text
from orderup.envs.foundation.terminal import Text, say

from .estimate import Estimate
from .job import Job, Outcome
from .progress import JobBoard, watching
from .workers import Executor

POLL = 0.5
"""Seconds between two looks at what another process is at."""
FAILED = "failed"
"""Where tracebacks go, in a study's folder."""


def carry_out(title: str, jobs: Sequence[Job], executor: Executor, home: Path) -> dict[str, str]:
    """Do those that are not finished; the names of those that failed, with the reason.

    Where the reason was no fault of the input, the traceback is in `home`/failed/<job>.txt. Raises as an executor does.
    """
    finished = [job for job in jobs if job.finished]
    left = [job for job in jobs if not job.finished]
    if not left:
        return {}
    board = JobBoard(title, left, len(finished), executor.workers, Estimate(finished))
    try:
        with watching(board):
            ended = _all_ended(left, executor, board)
    except KeyboardInterrupt:
        done = f"interrupted after {board.done} of {len(jobs)} jobs"
        raise KeyboardInterrupt(f"{done}; what is done is kept, and the same command goes on") from None
    _keep_traces(ended, home / FAILED)
    return {name: outcome.error for name, outcome in ended.items() if outcome.error is not None}


def _all_ended(jobs: Sequence[Job], executor: Executor, board: JobBoard) -> dict[str, Outcome]:
    """How each job ended; those that another process is at are left to it, and taken over if it does not finish them."""
    ended, left = dict[str, Outcome](), list(jobs)
    while left:
        outcomes = executor.carry_out(left, board)
        ended |= {job.name: outcome for job, outcome in zip(left, outcomes, strict=True) if not outcome.held}
        left = [job for job, outcome in zip(left, outcomes, strict=True) if outcome.held]
        if left:
            board.say(f"waiting for another process, which is at {', '.join(job.name for job in left)}")
        while left and all(job.held for job in left):
            time.sleep(POLL)
        for job in [job for job in left if job.finished]:
            board.done_elsewhere(job)
            left.remove(job)
    return ended


def say_failures(failures: Mapping[str, str]) -> None:
    """On standard error, one after another."""
    for name, reason in failures.items():
        say(f"failed: {name}: {reason}", file=sys.stderr)


def say_plans(jobs: Sequence[Job], workers: int | None) -> None:
    """Print each job, where it stands and how long it will probably take, and all of them together."""
    estimate = Estimate(job for job in jobs if job.finished)
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False)
    shown.add_column("")
    shown.add_column("about", justify="right")
    shown.add_column("job", no_wrap=True)
    seconds = 0.0
    for job in jobs:
        state = "done" if job.finished else "begun" if job.begun else "waiting"
        expected = 0.0 if job.finished else estimate.of(job)
        shown.add_row(state, "" if job.finished else duration(expected), Text(job.name))
        seconds += expected
    console = Console(width=max(Console(width=10_000).measure(shown).maximum, Console().width))
    console.print(shown)
    done = sum(job.finished for job in jobs)
    each = f"with {workers} workers" if workers else "with one worker"
    say(f"{len(jobs)} jobs, {done} done; the rest takes about {duration(seconds / (workers or 1))} {each}")


def _keep_traces(ended: Mapping[str, Outcome], folder: Path) -> None:
    for name, outcome in ended.items():
        path = folder / f"{name}.txt"
        if outcome.trace:
            write_text(path, outcome.trace)
        else:
            remove(path)
