"""A trace as recorded programs read it: where each period's part stands in memory.

Letters: T periods, B batch.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .numerics.arrays import in_numpy
from .recording.leaves import put_together, taken_apart
from .recording.recording import places_of
from .simulator import Simulator

Places = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Addresses of rows' first numbers, and how far their numbers are apart [bytes]."""


class TraceRows:
    """The shocks of each period, what is known of them when it begins, and whether the end is near, where that counts.

    Of the episodes that a simulator has under way; it keeps the arrays alive to which its addresses lead.
    """

    def __init__(self, simulator: Simulator) -> None:
        assert simulator.trace is not None  # episodes have begun
        self.trace, self._simulator = simulator.trace, simulator
        kind, moving, arrays = np.dtype(simulator.backend.dtype), list[Any](), list[Any]()
        during = taken_apart(self.trace.all_periods(), moving, simulator.batch)
        self._moving = [np.ascontiguousarray(in_numpy(array), dtype=kind) for array in moving]
        self._ends = np.zeros((1, 1, 1), dtype=kind) if simulator.numpy_network.mechanisms.counts_the_end else None
        first = put_together(during, iter([array[0] for array in self._moving]))
        self.pattern: Hashable = taken_apart((*first, self._ends), arrays, simulator.batch)
        self._first, self._steps, owner = places_of(arrays, simulator.batch)
        strides = np.zeros(len(arrays), dtype=np.int64)
        strides[: len(self._moving)] = [array.strides[0] for array in self._moving]
        self._stride = strides[owner]

    def at(self, number: int) -> Places:
        """Where a period's part stands, until another's is asked for."""
        if self._ends is not None:
            self._ends[...] = float(self._simulator.ends_with(number))
        return self._first + number * self._stride, self._steps
