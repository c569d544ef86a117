"""A small study for tests, an executor that needs no processes, and a learner whose process dies once."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orderup.agents.learning.learner import Journal, Task
from orderup.evaluation.studies.execution.carrying_out import carry_out
from orderup.evaluation.studies.execution.job import Job, Outcome, attempted
from orderup.evaluation.studies.execution.progress import JobListener
from orderup.evaluation.studies.execution.workers import Executor
from orderup.evaluation.studies.reports import write_reports
from orderup.evaluation.studies.schedule import Schedule, schedule
from orderup.evaluation.studies.study import load_study

from ..agents.learners import LINE, Drift

DRIFT = "tests.agents.learners:Drift"
MORTAL = "tests.evaluation.studying:Mortal"

TWELVE: dict[str, Any] = {
    "name": "twelve",
    "scenarios": [LINE],
    "levels": ["central_ideal", "autonomous_silo"],
    "agents": ["base_stock", "hold", {"type": DRIFT, "steps": 80, "examinations": 4, "pause": 0.01}],
    "seeds": [0, 1],
    "episodes": 7,
}
"""Four trainings and eight evaluations."""


class AtOnce:
    """Does one job after another in this process."""

    workers: int | None = 1

    def carry_out(self, jobs: Sequence[Job], watch: JobListener) -> list[Outcome]:
        outcomes = []
        for job in jobs:
            watch.started(job)
            outcomes.append(attempted(job))
            watch.ended(job, outcomes[-1])
        return outcomes


def made(folder: Path, **changes: Any) -> Schedule:
    """The study with some keys changed, its runs in `folder`/runs."""
    return schedule(load_study({**TWELVE, **changes}), folder=folder / "runs")


def done(
    study: Schedule, folder: Path, executor: Executor | None = None, evaluator: Executor | None = None
) -> tuple[dict[str, str], bytes]:
    """Everything trained, evaluated (by another executor where one is given) and reported: what failed, and results.csv."""
    executor, home = executor or AtOnce(), folder / "runs" / study.study.name
    failures = carry_out("training", study.trainings, executor, home)
    failures |= carry_out("evaluating", [job for job in study.evaluations if job.ready], evaluator or executor, home)
    (report,) = write_reports(study, failures, "", folder / "reports")
    return failures, (report / "results.csv").read_bytes()


class _Deadly:
    """A journal at whose side a process dies in the middle of a training, unless there is a marker that it did before."""

    def __init__(self, journal: Journal, marker: Path) -> None:
        self._journal, self._marker = journal, marker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def update(self, periods: int, metrics: Mapping[str, float]) -> bool:
        if periods > 40 and not self._marker.exists():
            self._marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self._journal.update(periods, metrics)


class Mortal(Drift):
    """Drifts, and dies in its first seed's first training, once."""

    marker: str

    def learn(self, task: Task, journal: Journal) -> None:
        deadly: Any = _Deadly(journal, Path(self.marker))
        super().learn(task, deadly if task.seed == 0 else journal)
