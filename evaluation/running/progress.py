"""How far an evaluation is, for those who watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn

from orderup.agents.fitting_progress import FittingLines, heard_by
from orderup.envs.foundation.terminal import Text


class Speed(ProgressColumn):
    """Episodes × periods per second."""

    def render(self, task: Task) -> Text:
        """As a number with its unit; nothing for a fit, which has no episodes."""
        return Text("" if "speed" in task.fields else f"{task.finished_speed or task.speed or 0.0:,.0f} periods/s")


@contextmanager
def progress_bar(total: int | None, console: Console | None = None) -> Iterator[Callable[[int], None] | None]:
    """A bar over `total` episodes × periods (None: nobody knows how many), to be told how many were done; one more for fits.

    Where standard error is no terminal, nothing but a line on fits that take long.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        with heard_by(FittingLines()):
            yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), Speed(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("evaluating", total=total)
        fits = shown.add_task("", total=1.0, visible=False, speed="")

        def fitting(what: str, share: float) -> None:
            if shown.tasks[fits].description != what:
                shown.reset(fits)
            shown.update(fits, description=what, completed=share, visible=True)

        def advance(done: int) -> None:
            shown.update(fits, visible=False)
            shown.advance(task, done)

        with heard_by(fitting):
            yield advance
