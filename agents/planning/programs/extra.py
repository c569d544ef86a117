"""Columns and rows that come on top of a program's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from orderup.envs.numerics.arrays import Floats

from .problem import Places, Truths


@dataclass(eq=False)
class Extra:
    """Columns and rows that come on top of a program's, as they come together."""

    count: int
    """Columns so far, the program's included."""
    rows: int = 0
    cost: list[Floats] = field(default_factory=list)
    most: list[Floats] = field(default_factory=list)
    whole: list[Floats] = field(default_factory=list)
    entries: list[tuple[Places, Places, Floats]] = field(default_factory=list)
    sides: list[tuple[float, float, int]] = field(default_factory=list)

    def columns(self, there: Truths, cost: Any = 0.0, most: Any = np.inf, whole: Any = 0.0) -> Places:
        """Numbers of new columns where they are wanted, −1 elsewhere; the rest broadcasts to that."""
        found = numbered(there, self.count)
        self.count += int(there.sum())
        for kept, values in ((self.cost, cost), (self.most, most), (self.whole, whole)):
            kept.append(np.broadcast_to(np.asarray(values, float), there.shape)[there])
        return found

    def limit(self, there: Truths, low: float, high: float) -> Places:
        """Numbers of new rows where they are wanted, −1 elsewhere."""
        found = numbered(there, self.rows)
        self.rows += int(there.sum())
        self.sides.append((low, high, int(there.sum())))
        return found

    def add(self, rows: Any, columns: Any, values: Any) -> Places:
        """Values (broadcast) in these rows and columns, −1 left out; says which entry each became."""
        row, column, value = np.broadcast_arrays(rows, columns, np.asarray(values, float))
        there = (row >= 0) & (column >= 0)
        found = numbered(there, sum(part[0].size for part in self.entries))
        self.entries.append((row[there], column[there], value[there]))
        return found

    @property
    def both(self) -> tuple[Floats, Floats]:
        """The least and the most of each row."""
        times = [size for *_, size in self.sides]
        low, high = (np.repeat([side[end] for side in self.sides], times) for end in (0, 1))
        return low, high


def numbered(there: Truths, first: int) -> Places:
    """Numbers from `first` on where they are wanted, −1 elsewhere."""
    found = np.full(there.shape, -1)
    found[there] = first + np.arange(int(there.sum()))
    return found
