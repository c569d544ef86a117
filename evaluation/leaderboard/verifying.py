"""Judging an entry anew: the same costs on the traces that everybody knows, and costs on those that nobody had seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..studies import sealed_tensors
from .board import Board
from .entry import SEALED_COSTS, KeptEntry
from .judging import judged

ROUNDING = 1e-6
"""Share of a cost by which machines may differ: not all add up in the same order."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Verified:
    """One task, played again."""

    task: str
    apart: float
    """The largest difference of a trace's cost to what the entry says, as a share of the mean."""
    honest: bool
    """Whether what could be known is the class that the entry declares, and costs are the same but for rounding."""


def verify(board: Board, kept: KeptEntry, *, sealed: Path | None = None, say: Say = print) -> list[Verified]:
    """Play an entry's tasks again, and with the file of the sealed seed those traces too, whose costs are put into its folder.

    Raises InputError for a file that is not the board's.
    """
    secret = board.unsealed(sealed) if sealed is not None else None
    found = []
    for name, said in kept.entry.tasks.items():
        task = board.task(name)
        again = judged(board, task, kept.who(name), board.seed).costs
        apart = float(np.abs(again - kept.costs[name]).max() / max(abs(again.mean()), 1e-12))
        found.append(Verified(name, apart, apart <= ROUNDING and said.information == task.information))
        say(f"{name}: {'as the entry says' if found[-1].honest else f'NOT as the entry says, by {apart:.2g}'}")
    if secret is not None:
        if not all(each.honest for each in found):
            raise InputError(str(kept.folder), "costs that nobody gets again", "an entry that is as it says")
        unseen = {name: judged(board, board.task(name), kept.who(name), secret).costs for name in kept.entry.tasks}
        sealed_tensors.save(kept.folder / SEALED_COSTS, unseen, {"board": board.digest, "name": kept.name})
    return found
