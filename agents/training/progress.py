"""How far training is, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn

from orderup.envs.foundation.printable import printable
from orderup.envs.foundation.terminal import Text, say

from ..learning.learner import REFERENCE
from ..learning.stopwatch import Phase


@dataclass(frozen=True)
class LearningProgress:
    """What is learnt costs in a period on validation's episodes [money], beside what closed-form levels and the optimum do."""

    cost: float
    reference: float | None
    """None where nobody knows, as for `bound`."""
    bound: float | None
    own: Mapping[str, float] = field(default_factory=dict)
    """What each site pays itself, where each learns for itself."""

    def __str__(self) -> str:
        others = {REFERENCE: self.reference, "bound": self.bound}
        told = [f"{name} {cost:,.2f} ({_gap(self.cost, cost)})" for name, cost in others.items() if cost is not None]
        own = [f"of {site} {cost:,.2f}" for site, cost in self.own.items()]
        return ", ".join([f"cost {self.cost:,.2f} a period", *own, *told])


class Display(Protocol):
    """Somewhere to show it."""

    def start(self, periods: int) -> None:
        """The clock starts, so many periods having been done before."""
        ...

    def advance(self, periods: int, shares: Mapping[Phase, float]) -> None:
        """So many periods are done, the time having gone into these phases."""
        ...

    def cost(self, standing: LearningProgress) -> None:
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
    return Bar(title, total, console) if console.is_terminal else ProgressLines(title, total)


class _Nothing:
    def start(self, periods: int) -> None:
        pass

    def advance(self, periods: int, shares: Mapping[Phase, float]) -> None:
        pass

    def cost(self, standing: LearningProgress) -> None:
        pass

    def close(self) -> None:
        pass


class Bar:
    """For a terminal: how far it is, how fast, and what it costs, a line each."""

    def __init__(self, title: str, total: int, console: Console) -> None:
        columns = (
            TextColumn(printable(title), markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:3.0f} %"),
        )
        self._progress = Progress(*columns, console=console, expand=True)
        self._task, self._speed = self._progress.add_task(title, total=total), _Speed(total)
        self._below = [Text(), Text()]
        self._live = Live(console=console, get_renderable=lambda: Group(self._progress, *self._below))

    def start(self, periods: int) -> None:
        self._speed.start(periods)
        self._progress.update(self._task, completed=periods)
        self._live.start()

    def advance(self, periods: int, shares: Mapping[Phase, float]) -> None:
        self._progress.update(self._task, completed=periods)
        self._below[0] = Text(self._speed.told(periods, shares))

    def cost(self, standing: LearningProgress) -> None:
        self._below[1] = Text(str(standing))

    def close(self) -> None:
        self._live.stop()


class ProgressLines:
    """For a file or a pipe: a line whenever the cost is known."""

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total, self._speed = title, total, _Speed(total)
        self._periods = 0
        self._shares: Mapping[Phase, float] = {}

    def start(self, periods: int) -> None:
        self._speed.start(periods)
        self._periods = periods
        if periods:
            self._say("gone on from here")

    def advance(self, periods: int, shares: Mapping[Phase, float]) -> None:
        self._periods, self._shares = periods, shares

    def cost(self, standing: LearningProgress) -> None:
        speed = [self._speed.told(self._periods, self._shares)] if self._periods else []
        self._say(*speed, str(standing))

    def close(self) -> None:
        pass

    def _say(self, *parts: str) -> None:
        done = f"{min(self._periods, self._total):,} of {self._total:,} periods"
        say(f"{self._title}: {', '.join([done, *parts])}", file=sys.stderr, flush=True)


class _Speed:
    """Periods per second since the start, where the time goes, and how much of it is left."""

    def __init__(self, total: int) -> None:
        self._total, self._first, self._since = total, 0, time.monotonic()

    def start(self, periods: int) -> None:
        self._first, self._since = periods, time.monotonic()

    def told(self, periods: int, shares: Mapping[Phase, float]) -> str:
        rate = (periods - self._first) / max(time.monotonic() - self._since, 1e-9)
        parts = " ".join(f"{name} {share:.0%}" for name, share in shares.items())
        left = f", {duration(max(self._total - periods, 0) / rate)} left" if rate else ""
        return f"{rate:,.0f} periods/s{f' ({parts})' if parts else ''}{left}"


def duration(seconds: float) -> str:
    """As one says it.

    >>> duration(42.4), duration(3700)
    ('42 s', '1:01:40')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _gap(cost: float, yardstick: float) -> str:
    return f"{(cost - yardstick) / abs(yardstick):+.1%}" if yardstick else f"{cost - yardstick:+,.2f}"
