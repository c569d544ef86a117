"""Jobs in processes of this machine, each with one thread: one that dies is replaced, and its job is tried again."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Protocol, cast

from orderup.agents.fitting_progress import heard_by
from orderup.agents.training.seeds import THREADS, end_with_parent
from orderup.envs.foundation.freed_memory import keep_freed_memory

from .job import Job, Outcome, attempted
from .progress import JobListener

ATTEMPTS = 3
"""How often a job is begun whose worker dies."""
TOLD = 1.0
"""Seconds between two words of a worker on how far a fit is."""


class Executor(Protocol):
    """Somewhere to carry out jobs."""

    workers: int | None
    """How many at a time; None where that is not known yet."""

    def carry_out(self, jobs: Sequence[Job], watch: JobListener) -> list[Outcome]:
        """Do all, in whatever order, and say how each ended; a failure stops no other.

        Raises KeyboardInterrupt, what was begun being kept, and InputError where there is nowhere to work.
        """
        ...


class LocalProcesses:
    """Processes on this machine, which end when their parent does, trainings saving their state."""

    def __init__(self, workers: int) -> None:
        self.workers: int | None = workers

    def carry_out(self, jobs: Sequence[Job], watch: JobListener) -> list[Outcome]:
        for name in THREADS:
            os.environ.setdefault(name, "1")
        centre = _Office(jobs, watch)
        try:
            centre.work(self.workers or 1)
        except BaseException:
            centre.close(at_once=True)
            raise
        centre.close()
        return [centre.outcomes[number] for number in range(len(jobs))]


@dataclass(frozen=True)
class _Fitting:
    """A worker's word on how far a fit is within its job."""

    what: str
    share: float


class _Telling:
    """Passes on what is said of fits, now and then."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._last = pipe, 0.0

    def __call__(self, what: str, share: float) -> None:
        now = time.monotonic()
        if now - self._last >= TOLD:
            self._last = now
            with suppress(BrokenPipeError):
                self._pipe.send(_Fitting(what, share))


class _Worker:
    """A process that does one job after another, as they are sent to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,))
        self.process.start()
        theirs.close()  # the worker's alone, so that the pipe ends when the worker does


class _Office:
    """Who is busy with what."""

    def __init__(self, jobs: Sequence[Job], watch: JobListener) -> None:
        self._jobs, self._watch = jobs, watch
        self._waiting = deque(range(len(jobs)))
        self._attempts = [0] * len(jobs)
        self._free = list[_Worker]()
        self._busy = dict[Connection, tuple[_Worker, int]]()
        self.outcomes = dict[int, Outcome]()

    def work(self, workers: int) -> None:
        while self._waiting or self._busy:
            while self._waiting and len(self._busy) < workers:
                self._give(self._waiting.popleft())
            for pipe in wait(list(self._busy)):
                self._take(cast(Connection, pipe))

    def close(self, at_once: bool = False) -> None:
        """End all workers; at once: asking those that are busy to stop."""
        staff = [*self._free, *(worker for worker, _ in self._busy.values())]
        for worker in staff:
            worker.pipe.close()
            if at_once:
                worker.process.terminate()
        for worker in staff:
            worker.process.join()

    def _give(self, number: int) -> None:
        worker = self._free.pop() if self._free else _Worker()
        self._busy[worker.pipe] = worker, number
        self._attempts[number] += 1
        self._watch.started(self._jobs[number])
        with suppress(BrokenPipeError):  # it died meanwhile, which `_take` will find
            worker.pipe.send(self._jobs[number])

    def _take(self, pipe: Connection) -> None:
        worker, number = self._busy[pipe]
        try:
            said: Outcome | _Fitting = pipe.recv()
        except (EOFError, ConnectionResetError):
            del self._busy[pipe]
            self._bury(worker, number)
            return
        if isinstance(said, _Fitting):
            self._watch.fitting(self._jobs[number], said.what, said.share)
            return
        del self._busy[pipe]
        self._free.append(worker)
        self._end(number, said)

    def _bury(self, worker: _Worker, number: int) -> None:
        worker.pipe.close()
        worker.process.join()
        if self._attempts[number] < ATTEMPTS:
            self._watch.put_back(self._jobs[number])
            self._waiting.append(number)
        else:
            self._end(number, Outcome(0.0, f"its process died {ATTEMPTS} times (exit code {worker.process.exitcode})"))

    def _end(self, number: int, outcome: Outcome) -> None:
        self.outcomes[number] = outcome
        self._watch.ended(self._jobs[number], outcome)


def _serve(pipe: Connection) -> None:
    """In the process: jobs in, outcomes and words on fits out, until the other end is closed."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # Ctrl-C reaches the parent alone, which passes it on once
    threading.Thread(target=end_with_parent, daemon=True).start()
    keep_freed_memory()
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt), heard_by(_Telling(pipe)):
        while True:
            pipe.send(attempted(pipe.recv()))
