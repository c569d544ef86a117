"""What one who decides comes to on a task's traces, how long decisions take, and what was read for them."""

from __future__ import annotations

from typing import Any

from orderup.envs.foundation.errors import InputError

from ..league.league import LeagueEntry, watched
from ..running.contestant import contestant_of
from ..running.playing import CannotAct
from .board import Board, BoardTask


def judged(board: Board, task: BoardTask, who: Any, seed: int) -> LeagueEntry:
    """Play a task. Raises CannotAct for one who cannot act there, and InputError for what is wrong with him or the task."""
    scenario, autonomy = task.loaded
    try:
        found = watched(scenario, contestant_of(autonomy, who), episodes=board.episodes, seed=seed)
    except CannotAct:
        raise
    except InputError as error:
        raise error.under(f"tasks.{task.name}") from None
    if not found.costs.mean() > 0:
        raise InputError(f"tasks.{task.name}", f"a cost of {found.costs.mean():.4g}", "a task that costs more than it earns")
    return found
