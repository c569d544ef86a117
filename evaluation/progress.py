"""How far an evaluation is, for those who watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn

from orderup.envs.terminal import Text


class Speed(ProgressColumn):
    """Episodes × periods per second."""

    def render(self, task: Task) -> Text:
        """As a number with its unit."""
        return Text(f"{task.finished_speed or task.speed or 0.0:,.0f} periods/s")


@contextmanager
def progress_bar(total: int | None, console: Console | None = None) -> Iterator[Callable[[int], None] | None]:
    """A bar over `total` episodes × periods (None: nobody knows how many), to be told how many were done.

    Nothing unless standard error is a terminal.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("evaluating"), BarColumn(), Speed(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("evaluating", total=total)
        yield lambda done: shown.advance(task, done)
