"""What a job is, and how it may end."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from typing import Protocol

from orderup.agents.runs.lock import Held
from orderup.envs.foundation.errors import InputError


class Job(Protocol):
    """Something that can be done by whoever comes first, from the start or from where it was left, and then is done."""

    @property
    def name(self) -> str:
        """In a few words, fit for a file, with eight digits of the hash."""
        ...

    @property
    def kind(self) -> str:
        """Jobs of one kind take about the same time for a period."""
        ...

    @property
    def periods(self) -> int:
        """To simulate."""
        ...

    @property
    def finished(self) -> bool:
        """Whether what comes of it is on disk."""
        ...

    @property
    def begun(self) -> bool:
        """Whether a part of it is."""
        ...

    @property
    def held(self) -> bool:
        """Whether another process is at it just now."""
        ...

    @property
    def seconds(self) -> float | None:
        """How long it took; None until it is finished."""
        ...

    def run(self) -> None:
        """Do it, or what is left. Raises InputError where it cannot be done, and Held where another process is at it."""
        ...


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    seconds: float
    error: str | None = None
    """Why it failed."""
    trace: str = ""
    """Where, if that was no fault of the input."""
    held: bool = False
    """Whether nothing was done, since another process is at it."""


def attempted(job: Job) -> Outcome:
    """Run a job; whatever goes wrong there is told, and stops nobody else."""
    since = time.monotonic()
    try:
        job.run()
    except Held as error:
        return Outcome(time.monotonic() - since, str(error), held=True)
    except InputError as error:
        return Outcome(time.monotonic() - since, str(error))
    except Exception as error:
        return Outcome(time.monotonic() - since, f"{type(error).__name__}: {error}", traceback.format_exc())
    return Outcome(time.monotonic() - since)
