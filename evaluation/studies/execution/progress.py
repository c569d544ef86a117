"""How far a study is: one live table on a terminal, a line for every job that ends elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table

from orderup.agents.fitting_progress import FittingLines
from orderup.agents.training.progress import duration
from orderup.envs.foundation.terminal import Text, say

from .estimate import Estimate
from .job import Job, Outcome

SHOWN = 8
"""Running jobs that are named."""


class JobListener(Protocol):
    """Who is told what becomes of jobs."""

    def started(self, job: Job) -> None:
        """Somebody is at it."""
        ...

    def fitting(self, job: Job, what: str, share: float) -> None:
        """So much of a fit within it is done."""
        ...

    def put_back(self, job: Job) -> None:
        """Whoever was at it died; it waits again."""
        ...

    def ended(self, job: Job, outcome: Outcome) -> None:
        """It is done, or has failed."""
        ...


class JobBoard:
    """Where each job of a study stands; a Watch."""

    def __init__(self, title: str, jobs: Sequence[Job], done: int, workers: int | None, estimate: Estimate) -> None:
        self._title, self._workers, self._estimate = title, workers or 1, estimate
        self._waiting = {job.name: job for job in jobs}
        self._running = dict[str, tuple[Job, float]]()
        self._fits = dict[str, tuple[str, FittingLines]]()
        self.done, self.failed, self._total = done, 0, len(jobs) + done
        self.say: Callable[[str], None] = lambda line: None
        """Called with a line for every job that ends, and now and then for one that takes long to fit something."""

    def started(self, job: Job) -> None:
        self._running[job.name] = self._waiting.pop(job.name), time.monotonic()

    def fitting(self, job: Job, what: str, share: float) -> None:
        if job.name in self._fits:
            _, lines = self._fits[job.name]
        else:
            lines = FittingLines(out=lambda line: self.say(f"{self._title}: {job.name}: {line}"))
        lines(what, share)
        self._fits[job.name] = f"fitting {what}: {share:.0%}", lines

    def put_back(self, job: Job) -> None:
        self._waiting[job.name], _ = self._running.pop(job.name)
        self._fits.pop(job.name, None)

    def ended(self, job: Job, outcome: Outcome) -> None:
        if outcome.held:
            self.put_back(job)
            return
        self._running.pop(job.name)
        self._fits.pop(job.name, None)
        if outcome.error is None:
            self.done += 1
            self._estimate.learn(job, outcome.seconds)
        else:
            self.failed += 1
        verb = "done" if outcome.error is None else "failed"
        counted = f"{self._title}: {self.done + self.failed} of {self._total}"
        self.say(f"{counted}: {verb} {job.name} in {duration(outcome.seconds)}; {self.left}")

    def done_elsewhere(self, job: Job) -> None:
        """Another process has done it."""
        del self._waiting[job.name]
        self.done += 1
        self.say(f"{self._title}: {self.done + self.failed} of {self._total}: done {job.name} by another process; {self.left}")

    @property
    def left(self) -> str:
        """Time that the rest probably takes."""
        now = time.monotonic()
        waiting = sum(self._estimate.of(job) for job in self._waiting.values())
        running = [max(self._estimate.of(job) - (now - since), 0.0) for job, since in self._running.values()]
        seconds = max(max(running, default=0.0), (waiting + sum(running)) / self._workers)
        return f"about {duration(seconds)} left"

    @property
    def table(self) -> Table:
        """All in a few lines."""
        now, shown = time.monotonic(), Table(box=box.SIMPLE_HEAD, show_edge=False)
        for name in ("waiting", "running", "done", "failed"):
            shown.add_column(name, justify="right")
        shown.add_column(Text(self._title), overflow="ellipsis", no_wrap=True)
        counts = (len(self._waiting), len(self._running), self.done, self.failed)
        shown.add_row(*map(str, counts), self.left)
        for job, since in list(self._running.values())[:SHOWN]:
            fit, _ = self._fits.get(job.name, ("", None))
            shown.add_row("", "", "", "", Text(f"{duration(now - since)}  {job.name}  {fit}".rstrip()))
        return shown


@contextmanager
def watching(board: JobBoard, console: Console | None = None) -> Iterator[JobBoard]:
    """While jobs are carried out, show the board: live on a terminal, in lines elsewhere."""
    console = console or Console(stderr=True)
    if console.is_terminal:
        with Live(console=console, get_renderable=lambda: board.table, refresh_per_second=4):
            yield board
        return
    board.say = lambda line: say(line, file=sys.stderr, flush=True)
    yield board
