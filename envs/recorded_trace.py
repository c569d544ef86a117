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
FIXED, OF_NOW, OF_THEN = 0, 1, 2
"""Whether an array is read as many periods earlier as the feed is old: never; of this period's feed; of the next one's."""


class TraceRows:
    """What a period is given of the episodes that a simulator has under way; keeps the arrays alive where all that stands.

    The shocks, what is known of them when the period begins, and whether the end is near, where that counts. With `beyond`,
    also the promotions that are known when the next one begins (nothing where there are none): to sites of their own, of what
    they pass on, and of that what the feed then shows; and the errors of a noisy feed, now and then.
    """

    def __init__(self, simulator: Simulator, beyond: bool = False) -> None:
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
        self._first, self._steps, owner = places_of(arrays, simulator.batch)
        moves = [self._moves.get(id(array), (0, FIXED)) for array in arrays]
        self._stride = np.array([stride for stride, _ in moves], dtype=np.int64)[owner]
        self._aged = {
            kind: np.array([stride if one == kind else 0 for stride, one in moves], dtype=np.int64)[owner]
            for kind in (OF_NOW, OF_THEN)
        }

    def at(self, number: int) -> Places:
        """Where a period's part stands, until another's is asked for."""
        if self._ends is not None:
            self._ends[...] = float(self._simulator.ends_with(number))
        found, oldest = self._first + number * self._stride, self._simulator.autonomy.feed_latency
        for kind, age in ((OF_NOW, min(number, oldest)), (OF_THEN, min(number + 1, oldest))):
            if age:
                found = found - age * self._aged[kind]
        return found, self._steps

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
