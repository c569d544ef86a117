"""Work on large arrays piece by piece, so that a chain of operations stays in a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

CPU_CHUNK, OTHER_CHUNK = 1 << 14, 1 << 24
"""Elements in a piece. On a CPU 128 KiB of float64 or int64, so that half a dozen fit its second-level cache."""


def chunks(shape: Sequence[int], device: Any) -> Iterator[tuple[slice, ...]]:
    """Slices that cut an array of this shape into pieces, long in the last axes."""
    left = CPU_CHUNK if str(device) == "cpu" else OTHER_CHUNK
    cuts: list[list[slice]] = []
    for length in reversed(shape):
        step = max(1, min(length, left))
        cuts.insert(0, [slice(start, start + step) for start in range(0, length, step)])
        left //= step
    return product(*cuts)
