"""The journal of a run: how learning goes, what it costs on validation's episodes, and the checkpoints to go on from."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ..learning.learner import JSON, REFERENCE, Learner, Task, TrainingState
from ..learning.learnt import Learnt
from ..learning.stopwatch import PHASES, Stopwatch
from ..runs import checkpoint
from ..runs.checkpoint import BEST, LAST, Checkpoint, Record, Which
from ..runs.curves import OWN
from ..runs.metrics import Metrics, Row
from .progress import Display, LearningProgress
from .settling import STILL

LONGEST = 120.0
"""Seconds of training that a kill may cost, where examinations are further apart."""


class RunJournal:
    """Keeps a run's folder up to date while it is trained; a context manager.

    `metrics.csv` has a line for every update, `cost` being filled where what was learnt was tried. With a checkpoint it goes on
    from there. Seconds, and they alone, differ between a run that was resumed and one that never stopped.

    Where each site learns for itself, `own_cost_<site>` stands beside `cost`, and what is kept as the best is what was tried
    last: a game has no best policy, least of all by what the network pays.
    """

    def __init__(self, task: Task, learner: Learner, folder: Path, shown: Display, start: Checkpoint | None = None) -> None:
        self._task, self._learner, self.folder, self._shown = task, learner, folder, shown
        self.state: TrainingState | None = None if start is None else start.state
        self.clock = Stopwatch()
        self.periods = self.saved = 0 if start is None else start.periods
        """Simulated so far over all copies, and until the last checkpoint."""
        record = Record() if start is None else start.record
        self._examined, self._best, self._without, self._rows = record.examined, record.best, record.without, record.rows
        self.game, self._resting = learner.game(task), dict(record.own)
        self._own: dict[str, float | None] = dict.fromkeys(task.site_seats if self.game is not None else ())
        self._asked = self.begun = self.updated = False
        self.diverged: str | None = None
        """How, where it has."""

    def __enter__(self) -> RunJournal:
        self._metrics = Metrics(self.folder, self._rows)
        last = self._metrics.last
        self._since = self._saved_at = time.monotonic()
        self._before = last.get("seconds") or 0.0
        for phase in PHASES:
            self.clock.seconds[phase] = last.get(f"seconds_{phase}") or 0.0
        self._reference, self._bound = _mean(self._task.reference()), _mean(self._task.bound())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._shown.close()
        self._metrics.close()

    @property
    def seconds(self) -> float:
        """Spent on this run so far, before it was resumed too."""
        return self._before + time.monotonic() - self._since

    @property
    def over(self) -> bool:
        """Whether nothing more is to be learnt."""
        return self.periods >= self._learner.total or self.out_of_patience

    @property
    def out_of_patience(self) -> bool:
        """Whether it has been tried too often without costing less, or in a game without anybody's own cost moving."""
        patience = self._learner.patience
        return patience is not None and self._without >= patience

    def begin(self, learnt: Callable[[], Learnt], state: Callable[[], TrainingState]) -> None:
        """Try and save what there is before anything is learnt, unless training goes on from a checkpoint."""
        self._learnt, self._state, self.begun = learnt, state, True
        self._shown.start(self.periods)
        if not self.periods:
            self._first = self._examine()
            self._first_own = self._own
            self._save(LAST, self._first)
        self._heed()

    def update(self, periods: int, metrics: Mapping[str, float]) -> bool:
        """Write what an update was like; try and save what is learnt where that is due; say whether to go on."""
        if not self._metrics.names:
            self._write(dict.fromkeys(metrics), self._first, self._first_own)
        before, self.periods = self.periods, operator.index(periods)
        self._shown.advance(periods, self.clock.shares)
        due = periods * self._learner.examinations // self._learner.total
        cost = None
        if due > self._examined:
            self._examined = due
            cost = self._examine(metrics)
        else:
            self._write(metrics, cost)
        self._keep(before, cost)
        self.updated = True
        self._heed()
        return not self.out_of_patience

    def ask(self) -> None:
        """Training is to stop, its state saved, when the update under way has ended."""
        self._asked = True

    @property
    def sites(self) -> tuple[str, ...]:
        """Those whose own costs are told, where each learns for itself."""
        return tuple(self._own)

    @property
    def best(self) -> float | None:
        """The lowest cost so far on validation's episodes, in a game the latest [money per period]."""
        return self._best

    @property
    def account(self) -> dict[str, JSON]:
        """How long it took, and why it ended."""
        stopped = "divergence" if self.diverged else "patience" if self.out_of_patience else "steps"
        return {"periods": self.periods, "seconds": round(self.seconds, 3), "stopped_by": stopped, "diverged": self.diverged}

    def finish(self) -> None:
        """Make sure that what was learnt last is saved."""
        if self.saved != self.periods:
            self._save(LAST)

    def _examine(self, metrics: Mapping[str, float] | None = None) -> float:
        """The cost of what is learnt; the best is saved, after the line of the update it came from. Raises Diverged."""
        learnt = self._learnt()
        own: dict[str, float] = {}
        if self.game is None:
            cost = self._task.examined(learnt)
        else:
            cost, own = self._task.examined_by_site(learnt, self.game)
        self._own = {**own}
        if metrics is not None:
            self._write(metrics, cost, self._own)
        better = self._best is None or cost < self._best if self.game is None else self._moved(own)
        self._without = 0 if better else self._without + 1
        if better or self.game is not None:
            self._best = cost
            checkpoint.save(self.folder, BEST, Checkpoint(learnt, self.periods, cost))
        self._shown.cost(LearningProgress(cost, self._reference, self._bound, own))
        return cost

    def _moved(self, own: dict[str, float]) -> bool:
        """Whether some site's own cost is elsewhere than where all were at rest; from there on this is where."""
        moved = any(abs(cost - self._resting.get(site, math.inf)) > STILL * abs(cost) for site, cost in own.items())
        self._resting = own if moved else self._resting
        return moved

    def _keep(self, before: int, cost: float | None) -> None:
        """Save the last checkpoint where that is due, and one for good."""
        every = self._learner.keep_every
        if every is not None and self.periods // every > before // every:
            self._save(self.periods, cost)
        if cost is not None or time.monotonic() - self._saved_at > LONGEST:
            self._save(LAST, cost)

    def _heed(self) -> None:
        if self._asked:
            self.finish()
            raise KeyboardInterrupt

    def _save(self, which: Which, cost: float | None = None) -> None:
        self._metrics.secure()
        rows = self._metrics.rows
        record = Record(examined=self._examined, best=self._best, without=self._without, own=self._resting, rows=rows)
        checkpoint.save(self.folder, which, Checkpoint(self._learnt(), self.periods, cost, self._state(), record))
        if which == LAST:
            self.saved, self._saved_at = self.periods, time.monotonic()

    def _write(
        self, metrics: Mapping[str, float | None], cost: float | None, own: Mapping[str, float | None] | None = None
    ) -> None:
        seconds = {f"seconds_{phase}": round(spent, 3) for phase, spent in self.clock.seconds.items()}
        row: Row = {
            "periods": self.periods,
            "seconds": round(self.seconds, 3),
            **seconds,
            "cost": cost,
            f"cost_of_{REFERENCE}": self._reference,
            "bound": self._bound,
            **{f"{OWN}{site}": None if own is None else own[site] for site in self._own},
            **metrics,
        }
        self._metrics.write(row)


def _mean(costs: NDArray[np.float64] | None) -> float | None:
    return None if costs is None else float(costs.mean())
