"""A trace as recorded programs read it: where each period's part stands in memory.

Letters: T periods, B batch.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .events.conditions import Foreseen
from .numerics.arrays import in_numpy
from .recording.leaves import put_together, taken_apart
from .recording.recording import places_of
from .simulator import Simulator

Places = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Addresses of rows' first numbers, and how far their numbers are apart [bytes]."""
AT_A_TIME = 1 << 16
"""Addresses that are worked out together."""
FIXED, OF_NOW, OF_THEN = 0, 1, 2
"""Whether an array is read as many periods earlier as the feed is old: never; of this period's feed; of the next one's."""


class TraceRows:
    """What a period is given of the episodes that a simulator has under way; keeps the arrays alive where all that stands.

    The shocks, what is known of them when the period begins, and whether the end is near, where that counts. With `beyond`,
    also the promotions that are known when the next one begins (nothing where there are none): to sites of their own, of what
    they pass on, and of that what the feed then shows; and the errors of a noisy feed, now and then.
    """

    def __init__(self, simulator: Simulator, beyond: bool = False, fixed: Places | None = None) -> None:
        """What is `fixed` stands where it does in every period, before all else."""
        assert simulator.trace is not None  # episodes have begun
        self.trace, self._simulator = simulator.trace, simulator
        self._kind = np.dtype(simulator.backend.dtype)
        self._parents: list[NDArray[Any]] = []
        self._moves: dict[int, tuple[int, int]] = {}
        """Of arrays by their identity: bytes from period to period, and which feed's age counts."""
        self._ends = np.zeros((1, 1, 1), dtype=self._kind) if simulator.numpy_network.mechanisms.counts_the_end else None
        shocks, known = self.trace.all_periods()
        given: tuple[Any, ...] = (self._each(shocks), self._each(known), self._ends)
        if beyond:
            given = (*given, self._promotions(), self._errors())
        arrays: list[Any] = []
        self.pattern: Hashable = taken_apart(given, arrays, simulator.batch)
        self._templates = arrays
        first, steps, owner = places_of(arrays, simulator.batch)
        moves = [self._moves.get(id(array), (0, FIXED)) for array in arrays]
        before = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)) if fixed is None else fixed
        self._first, self._steps = np.concatenate([before[0], first]), np.concatenate([before[1], steps])

        def by_row(of_array: list[int]) -> NDArray[np.int64]:
            return np.concatenate([0 * before[0], np.array(of_array, dtype=np.int64)[owner]])

        self._stride = by_row([stride for stride, _ in moves])
        self._aged = {kind: by_row([stride if one == kind else 0 for stride, one in moves]) for kind in (OF_NOW, OF_THEN)}
        self._from, self._block = 0, self._several(0)

    def at(self, number: int) -> Places:
        """Where a period's part stands, until another's is asked for."""
        if self._ends is not None:
            self._ends[...] = float(self._simulator.ends_with(number))
        if not 0 <= number - self._from < len(self._block):
            self._from, self._block = number, self._several(number)
        return self._block[number - self._from], self._steps

    def _several(self, number: int) -> NDArray[np.int64]:
        """Addresses of some periods, this one first, a row each: one by one they take longer to work out than to use."""
        oldest = self._simulator.autonomy.feed_latency
        last = min(number + max(AT_A_TIME // max(len(self._first), 1), 1), self.trace.periods)
        numbers: NDArray[np.int64] = np.arange(number, last, dtype=np.int64)[:, None]
        found: NDArray[Any] = self._first + numbers * self._stride
        for kind, ahead in ((OF_NOW, 0), (OF_THEN, 1)):
            if oldest and self._aged[kind].any():
                found = found - np.minimum(numbers + ahead, oldest) * self._aged[kind]
        return found

    def _each(self, value: Any) -> Any:
        """The first period's part of a value whose arrays have periods first (T, …)."""
        moving: list[Any] = []
        pattern = taken_apart(value, moving, self._simulator.batch)
        return put_together(pattern, iter([self._part(array, 0) for array in moving]))

    def _part(self, values: Any, index: Any, feed: int = FIXED) -> NDArray[Any]:
        """A part of an array (T, …) that stands one further in every period."""
        parent = np.ascontiguousarray(in_numpy(values), dtype=self._kind)
        found: NDArray[Any] = parent[index]
        self._parents.append(parent)
        self._moves[id(found)] = parent.strides[0], feed
        return found

    def _promotions(self) -> tuple[Any, Any, Any] | None:
        """Each notice, with what is known of the period that begins and of so many after it."""
        if self.trace.outlook(0) is None:
            return None

        def window(foreseen: Foreseen, feed: int = FIXED) -> tuple[tuple[int, NDArray[Any]], ...]:
            return tuple((notice, self._part(values, slice(1, notice + 2), feed)) for notice, values in foreseen)

        reported = self.trace.reported
        return window(self.trace.promotions), window(reported), window(reported, OF_THEN)

    def _errors(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Of what the feed shows when the period begins, and when the next one does (N, K, B)."""
        if not self._simulator.autonomy.feed_noise:
            return None
        errors = self.trace.feed_error
        return self._part(errors, 0, OF_NOW), self._part(errors, 1, OF_THEN)
