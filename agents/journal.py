"""The journal of a run: metrics in a table and for TensorBoard, the cost on validation's episodes, and the policy so far."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from orderup.envs.errors import InputError

from .base import make_agent
from .checkpoint import save_policy
from .learner import Task
from .network_policy import NetworkPolicy
from .progress import Display
from .runs import METRICS

EXAMINATIONS = 20
"""How often in a training the policy is tried on validation's episodes, and saved."""
YARDSTICK = "base_stock"


class RunJournal:
    """Keeps a run's folder up to date while it is trained; a context manager.

    Metrics are written after every update. `metrics.csv` has a line for each, `cost` being filled where the policy was tried.
    """

    def __init__(self, task: Task, folder: Path, steps: int, shown: Display) -> None:
        self._task, self._folder, self._steps, self._shown = task, folder, steps, shown
        self._yardstick = _yardstick(task)
        self._start = time.monotonic()
        self._policy: Callable[[], NetworkPolicy] | None = None
        self._cost: float | None = None
        self._examined = 0
        self.periods = 0
        """Simulated so far, over all copies."""
        self._file: IO[str] | None = None
        self._table: Any = None
        self._curves: Any = None

    def __enter__(self) -> RunJournal:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter  # 0.2 s

        self._file = (self._folder / METRICS).open("w", newline="", encoding="utf-8")
        self._curves = EventFileWriter(str(self._folder))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._shown.close()
        if self._file is not None:
            self._file.close()
        self._curves.close()

    def begin(self, policy: Callable[[], NetworkPolicy]) -> None:
        """Try and save the policy as it is before it has learnt anything."""
        self._policy = policy
        self._shown.advance(0)
        self._examine()

    def update(self, periods: int, metrics: Mapping[str, float]) -> None:
        """Write what an update was like; try and save the policy when a twentieth of the training is done."""
        if self._table is None:
            self._write(dict.fromkeys(metrics))
        self.periods = periods
        self._shown.advance(periods)
        due = periods * EXAMINATIONS // self._steps
        if due > self._examined:
            self._examined = due
            self._examine()
        self._write(metrics)

    def save(self) -> None:
        """Save the policy as it is now."""
        if self._policy is not None:
            save_policy(self._folder, self._policy(), self.periods)

    def _examine(self) -> None:
        self.save()
        assert self._policy is not None
        self._cost = float(self._task.costs(self._policy()).mean())
        text = f"cost {self._cost:,.2f} a period"
        if self._yardstick is not None:
            text += f", {YARDSTICK} {self._yardstick:,.2f} ({_gap(self._cost, self._yardstick)})"
        self._shown.cost(text)

    def _write(self, metrics: Mapping[str, float | None]) -> None:
        row = {
            "periods": self.periods,
            "seconds": round(time.monotonic() - self._start, 3),
            "cost": self._cost,
            f"cost_of_{YARDSTICK}": self._yardstick,
            **metrics,
        }
        self._cost = None
        if self._table is None:
            self._table = csv.DictWriter(self._file, list(row))  # type: ignore[arg-type] # open since __enter__
            self._table.writeheader()
        self._table.writerow(row)
        self._file.flush()  # type: ignore[union-attr] # as above
        self._curves.add_event(_event(self.periods, row))


def _event(periods: int, row: Mapping[str, float | None]) -> Any:
    """A row for TensorBoard, in one piece: its writer's thread costs milliseconds each time it is woken."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = [
        Summary.Value(tag=tag, simple_value=value) for tag, value in row.items() if value is not None and tag != "periods"
    ]
    return Event(step=periods, wall_time=time.time(), summary=Summary(value=values))


def _yardstick(task: Task) -> float | None:
    """What the closed-form levels cost, or None where they cannot act."""
    try:
        return float(task.costs(make_agent(YARDSTICK)).mean())
    except InputError:
        return None


def _gap(cost: float, yardstick: float) -> str:
    return f"{(cost - yardstick) / abs(yardstick):+.1%}" if yardstick else f"{cost - yardstick:+,.2f}"
