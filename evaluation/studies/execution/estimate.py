"""How long jobs take: by those of their kind that are finished, else by a rule of thumb."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .job import Job

TRAINING = 30e-6
"""Seconds for a period of training: about that of `pathwise` and of `ppo` on a network of six, on one core."""
EVALUATING = 10e-6
"""Seconds for a period of evaluating a rule or a network on a network of six."""
ONCE = {"evaluate optimised_base_stock": 30.0}
"""Seconds for what is fitted before it is evaluated."""


class Estimate:
    """Learns from jobs that end."""

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self._seconds, self._periods = defaultdict[str, float](float), defaultdict[str, int](int)
        for job in jobs:
            self.learn(job, job.seconds)

    def learn(self, job: Job, seconds: float | None) -> None:
        """A job has taken so long; None: nobody knows."""
        if seconds is not None:
            self._seconds[job.kind] += seconds
            self._periods[job.kind] += job.periods

    def of(self, job: Job) -> float:
        """Seconds that a job probably takes from its beginning."""
        if self._periods[job.kind]:
            return self._seconds[job.kind] / self._periods[job.kind] * job.periods
        rate = TRAINING if job.kind.startswith("train") else EVALUATING
        return rate * job.periods + ONCE.get(job.kind, 0.0)
