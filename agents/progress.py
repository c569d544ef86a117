"""How far training is, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Display(Protocol):
    """Somewhere to show it."""

    def advance(self, periods: int) -> None:
        """So many periods are done; the first call, with none, starts the clock."""
        ...

    def cost(self, text: str) -> None:
        """What the policy costs at this point."""
        ...

    def close(self) -> None:
        """No more to come."""
        ...


def display(title: str, total: int, wanted: bool) -> Display:
    """A bar, lines, or nothing."""
    if not wanted:
        return _Nothing()
    console = Console(stderr=True)
    return _Bar(title, total, console) if console.is_terminal else _Lines(title, total)


class _Nothing:
    def advance(self, periods: int) -> None:
        pass

    def cost(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class _Bar:
    def __init__(self, title: str, total: int, console: Console) -> None:
        columns = (
            TextColumn(title),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:3.0f} % {task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[cost]}"),
        )
        self._progress, self._clock = Progress(*columns, console=console, expand=True), _Clock()
        self._task = self._progress.add_task(title, total=total, rate="", cost="")
        self._progress.start()

    def advance(self, periods: int) -> None:
        self._progress.update(self._task, completed=periods, rate=f"{self._clock.rate(periods):,.0f} periods/s")

    def cost(self, text: str) -> None:
        self._progress.update(self._task, cost=text)

    def close(self) -> None:
        self._progress.stop()


class _Lines:
    def __init__(self, title: str, total: int) -> None:
        self._title, self._total, self._clock = title, total, _Clock()
        self._done = ""

    def advance(self, periods: int) -> None:
        rate, done = self._clock.rate(periods), min(periods, self._total)
        left = f", {rate:,.0f}/s, {(self._total - done) / rate:.0f} s left" if rate else ""
        self._done = f"{done:,} of {self._total:,} periods{left}"

    def cost(self, text: str) -> None:
        print(f"{self._title}: {self._done}, {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        pass


class _Clock:
    def __init__(self) -> None:
        self._start: float | None = None

    def rate(self, periods: int) -> float:
        """Periods per second since the first call."""
        now = time.monotonic()
        self._start = self._start or now
        return periods / max(now - self._start, 1e-9)
