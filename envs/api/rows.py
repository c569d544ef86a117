"""All open seats of all copies as arrays: what is seen, paid and masked by copy and seat, and actions the same way back.

Letters: B copies, S open seats, sites before the planner, D length of an observation, A numbers of an action, k choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError
from ..numerics.arrays import Array
from ..simulator import Ledger, Party
from .open_seats import OpenSeats, Seen
from .seats import Seats


class Rows:
    """Seats of one format side by side. Raises InputError where planner and sites differ, and where all seats are filled."""

    def __init__(self, seats: Seats) -> None:
        if not seats.views or any(not _alike(seats.views[0], other) for other in seats.views):
            accepted = (
                "an autonomy level whose open seats are all sites', or the planner's alone: fill the others with `seats`, "
                "or give all one format with uniform=true"
            )
            raise InputError("autonomy", f"open seats {', '.join(seats.names) or 'none'}", accepted)
        self.seats, self.views, self.first = seats, seats.views, seats.views[0]
        self.copies, self.agents = seats.simulator.batch, [agent for view in seats.views for agent in view.agents]
        self.shape = (self.copies, len(self.agents), self.first.width)
        """(B, S, A)."""

    def observations(self) -> Seen:
        """(B, S, …), fresh."""
        found = [self.seats.observations(view) for view in self.views]
        return found[0] if len(found) == 1 else _joined(found)

    def flat(self, seen: Seen) -> Seen:
        """One row for each copy and seat (B·S, …)."""
        if isinstance(seen, dict):
            return {name: values.reshape((-1, *values.shape[2:])) for name, values in seen.items()}
        return seen.reshape((-1, *seen.shape[2:]))

    def masks(self) -> NDArray[np.int8]:
        """(B, S, A·k)."""
        return np.concatenate([self.seats.mask(view) for view in self.views], axis=1)

    def rewards(self, ledger: Ledger) -> NDArray[np.float32]:
        """(B, S), fresh."""
        return np.concatenate([_by_copy(self.seats.rewards(view, ledger), view, self.copies) for view in self.views], axis=1)

    def costs(self, ledger: Ledger) -> NDArray[np.float64]:
        """What the seat's site pays, or all together for a planner (B, S) [money]."""
        found = [self.seats.cost_of(view, ledger.by_site) for view in self.views]
        return np.concatenate(found, axis=0).T

    def numbers(self, given: Any) -> dict[Party, Array]:
        """By party, of actions (B, S, A) in whatever shape. Raises InputError with the row of the first that is none."""
        try:
            rows = np.asarray(given).reshape(self.shape)
        except (ValueError, TypeError):
            raise InputError("actions", f"shape {np.shape(given)}", f"{self.shape[2]} for each of {self._count} rows") from None
        found: dict[Party, Array] = {}
        start = 0
        for view in self.views:
            mine = rows[:, start : start + len(view.names)]
            start += len(view.names)
            try:
                found[view.party] = view.numbers(mine)
            except InputError:
                self._refuse(rows)
                raise
        return found

    @property
    def _count(self) -> int:
        return self.copies * len(self.agents)

    def _refuse(self, rows: NDArray[Any]) -> None:
        """Raises InputError for the first row that is wrong."""
        for number, row in enumerate(rows.reshape((self._count, -1))):
            self.first.of_one(row, f"actions[{number}]")


def _joined(found: Sequence[Seen]) -> Seen:
    if isinstance(found[0], dict):
        return {name: np.concatenate([each[name] for each in found], axis=1) for name in found[0]}
    return np.concatenate(found, axis=1)


def _alike(one: OpenSeats, other: OpenSeats) -> bool:
    return bool(one.observation_space == other.observation_space and one.action_space == other.action_space)


def _by_copy(paid: Array, view: OpenSeats, copies: int) -> NDArray[np.float32]:
    each = np.broadcast_to(paid, (len(view.names), copies))
    found: NDArray[np.float32] = each.T.astype(np.float32, order="C")
    return found
