"""One held-out episode written down period by period.

Letters: T frames (one before the first period, and one after each).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Series: TypeAlias = list[Any] | float | None
"""A quantity over time, or the only value that it has."""


@dataclass(frozen=True)
class EpisodeReplay:
    """What is shown of an episode: series by quantity, then by site or lane, in the network's order."""

    site: dict[str, list[Series]]
    lane: dict[str, list[Series]]
    who: list[Series]
    """Who decided on each lane, as numbers of `DECIDERS`."""
    cost: list[float | None]

    def first(self, periods: int) -> EpisodeReplay:
        """No more than so many periods of it."""
        return EpisodeReplay(
            {name: _cut(rows, periods + 1) for name, rows in self.site.items()},
            {name: _cut(rows, periods + 1) for name, rows in self.lane.items()},
            _cut(self.who, periods + 1),
            self.cost[: periods + 1],
        )


def _cut(rows: list[Series], frames: int) -> list[Series]:
    return [unless_constant(series[:frames]) if isinstance(series, list) else series for series in rows]


def unless_constant(values: list[Any]) -> Series:
    """The series, or its only value: half of what is recorded never moves."""
    return values[0] if all(value == values[0] for value in values) else values
