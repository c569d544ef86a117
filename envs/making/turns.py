"""In which order those who draw on a site's stock have what the shares leave: no part lies idle that another needs.

Letters: R recipes, n those of one turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import rows


@dataclass(frozen=True)
class Turn:
    """One at each of some sites: a lane that takes goods away, or a recipe that takes parts."""

    lanes: Any
    """Lanes to other sites (n,), by their number among these, and their source sites; None for none."""
    sites: Any
    recipes: Any
    """Recipes (n',), by their number among these, and their sites; None for none."""
    making: Any
    running: Any
    """Which of these take a machine (n'',), and which ones; None for none."""
    machines: Any
    lane_rows: slice
    """Where its lanes, and its recipes, stand among those of all turns."""
    recipe_rows: slice


@dataclass(frozen=True)
class SiteTurns:
    """Everybody's turn, at sites where several draw on the stock and something is made."""

    turns: tuple[Turn, ...]
    lanes: Any
    """The lanes of all turns, one after the other, and their source sites; None for none."""
    sites: Any
    recipes: Any
    """The same of recipes."""

    @classmethod
    def of(cls, site: NDArray[np.int64], lanes: int, machine: NDArray[np.int64], rank: Sequence[int]) -> SiteTurns | None:
        """Of so many lanes to other sites, and then recipes, by the `site` that each draws on and its `rank` among all.

        `machine` (R,) is −1 for none. None where nobody has to share anything with a recipe.
        """
        queues = []
        for place in sorted({int(one) for one in site[lanes:]}):
            drawing = np.flatnonzero(site == place).tolist()
            if len(drawing) > 1:
                queues.append((place, sorted(drawing, key=rank.__getitem__)))
        if not queues:
            return None
        turns: list[Turn] = []
        all_lanes: list[tuple[int, int]] = []
        all_recipes: list[tuple[int, int]] = []
        for number in range(max(len(queue) for _, queue in queues)):
            there = [(place, int(queue[number])) for place, queue in queues if number < len(queue)]
            leaving = [(place, one) for place, one in there if one < lanes]
            recipes = [(place, one - lanes) for place, one in there if one >= lanes]
            running = [(int(machine[one]), row) for row, (_, one) in enumerate(recipes) if machine[one] >= 0]
            rows = (_after(all_lanes, leaving), _after(all_recipes, recipes))
            turns.append(Turn(*_pairs(leaving), *_pairs(recipes), *_pairs(running), *rows))
            all_lanes += leaving
            all_recipes += recipes
        return cls(tuple(turns), *_pairs(all_lanes), _pairs(all_recipes)[0])


def _pairs(found: Sequence[tuple[int, int]]) -> tuple[Any, Any]:
    if not found:
        return None, None
    sites, numbers = zip(*found, strict=True)
    return rows(numbers), rows(sites)


def _after(before: Sequence[Any], these: Sequence[Any]) -> slice:
    return slice(len(before), len(before) + len(these))
