"""Jobs on a Ray cluster, whose machines share the folder that the study is in: Ray itself begins again what dies."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orderup.agents.training.seeds import THREADS
from orderup.envs.demand.recorded import VARIABLE
from orderup.envs.foundation.errors import InputError

from .job import Job, Outcome, attempted
from .progress import JobListener
from .workers import ATTEMPTS

LOCAL = "local"
"""The address that starts a cluster on this machine, for as long as the study takes."""
POLL = 1.0
"""Seconds after which Ctrl-C is heard at the latest."""


@dataclass
class RayCluster:
    """Where a Ray cluster is, or `local`, and how many jobs at a time; None: as many as it has processors."""

    address: str = LOCAL
    workers: int | None = None

    def carry_out(self, jobs: Sequence[Job], watch: JobListener) -> list[Outcome]:
        """As an Executor. Raises InputError where Ray is not installed, or nothing answers."""
        ray = _ray()
        self._connect(ray)
        try:
            slots = self.workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
            return _carried_out(ray, jobs, slots, watch)
        finally:
            ray.shutdown()

    def _connect(self, ray: Any) -> None:
        place = {"num_cpus": self.workers, "include_dashboard": False} if self.address == LOCAL else {}
        try:
            ray.init(address=self.address, log_to_driver=False, logging_level="ERROR", runtime_env=_environment(), **place)
        except (ConnectionError, RuntimeError, ValueError) as error:
            accepted = f"a running cluster's host:port, auto, or {LOCAL} ({str(error).splitlines()[0]})"
            raise InputError("address", self.address, accepted) from error


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # or Ray tells its makers about every study
    try:
        import ray
    except ImportError:
        accepted = "local, or ray after installing orderup[cluster]"
        raise InputError("executor", "ray, which is not installed", accepted) from None
    return ray


def _environment() -> dict[str, Any]:
    """What a worker needs before it imports anything: our modules' places, one thread, and where recorded demand is."""
    places = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    kept = {VARIABLE: os.environ[VARIABLE]} if VARIABLE in os.environ else {}
    return {"env_vars": {"PYTHONPATH": places, **dict.fromkeys(THREADS, "1"), **kept}}


def _carried_out(ray: Any, jobs: Sequence[Job], slots: int, watch: JobListener) -> list[Outcome]:
    task = ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1)(_done_in)
    waiting, busy = deque(range(len(jobs))), dict[Any, int]()
    outcomes = dict[int, Outcome]()
    while waiting or busy:
        while waiting and len(busy) < slots:
            number = waiting.popleft()
            busy[task.remote(jobs[number], str(Path.cwd()))] = number
            watch.started(jobs[number])
        ready, _ = ray.wait(list(busy), timeout=POLL)
        for reference in ready:
            number = busy.pop(reference)
            outcomes[number] = _outcome(ray, reference, jobs[number])
            watch.ended(jobs[number], outcomes[number])
    return [outcomes[number] for number in range(len(jobs))]


def _outcome(ray: Any, reference: Any, job: Job) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayError as error:
        return Outcome(0.0, f"{type(error).__name__}: {str(error).splitlines()[0]}")
    if outcome.error is None and not job.finished:
        return Outcome(outcome.seconds, "done, but not to be seen here: the cluster's machines must share this folder")
    return outcome


def _done_in(job: Job, folder: str) -> Outcome:
    """On a worker: do a job as if in the folder where the study was started."""
    try:
        os.chdir(folder)
    except OSError as error:
        return Outcome(0.0, f"{folder}: {error.strerror} on a worker: the cluster's machines must share this folder")
    return attempted(job)
