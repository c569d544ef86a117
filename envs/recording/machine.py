"""What runs a program: its numbers, and a compiled loop over all its instructions for a block of the batch that stays in cache.

Letters: P places, B batch.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import NotRecordable
from .leaves import leaves, put_together
from .program import Program

CACHE = 1 << 18
"""Bytes of numbers that one block may have at a time: about a second-level cache."""
WIDEST, NARROWEST = 256, 16
PADDING = 24
"""Numbers beside each row of a block of memory, so that rows do not fall on the same lines of a cache."""


def can_compile() -> bool:
    """Whether programs can be run: Numba is installed."""
    return find_spec("numba") is not None


def is_compiled() -> bool:
    """Whether the loop is there in this process, or kept by an earlier one beside the code, as far as can be seen at once."""
    here = Path(__file__).parent
    return f"{__package__}.compiled" in sys.modules or any((here / "__pycache__").glob("compiled.run-*.nbi"))


def block(rows: int, batch: int, kind: Any) -> NDArray[Any]:
    """Memory for so many rows (rows, B + padding)."""
    return np.empty((rows, batch + PADDING if batch >= NARROWEST else batch), dtype=kind)


def packed(arrays: Sequence[NDArray[Any]], batch: int, kind: Any) -> NDArray[Any]:
    """Arrays, each with the batch, of B or of one, last, as rows of one block of memory."""
    rows = [np.broadcast_to(array, (*array.shape[:-1], batch)).reshape(-1, batch) for array in arrays]
    found = block(sum(map(len, rows)), batch, kind)
    np.concatenate(rows, out=found[:, :batch], casting="same_kind")
    return found


def unpacked(memory: NDArray[Any], pattern: Hashable, batch: int) -> Any:
    """A value of a pattern whose arrays stand in a block, copied."""
    arrays, first = list[Any](), 0
    for leaf in leaves(pattern):
        count = int(np.prod(leaf.shape))
        values = memory[first : first + count, :batch].reshape((*leaf.shape, batch)).copy()
        values, first = values[..., :1] if leaf.uniform else values, first + count
        arrays.append(values != 0 if leaf.truth else values)
    return put_together(pattern, iter(arrays))


class LoadedProgram:
    """A program with room for its numbers: for batches of one size."""

    def __init__(self, program: Program, batch: int) -> None:
        self.program, self.batch = program, batch
        kind = program.constants.dtype
        width = CACHE // (program.places * kind.itemsize)
        width = min(max(1 << max(width.bit_length() - 1, 0), NARROWEST), WIDEST)
        self.width = min(width, batch)
        try:
            from .compiled import run  # takes a second to come, and more where it has to be compiled
        except ImportError as error:  # of a NumPy that is too new for it, say
            raise NotRecordable(f"without Numba, which says: {error}") from None
        self._loop = run
        self.numbers = np.zeros((program.places, self.width), dtype=kind)
        self.numbers[: len(program.constants)] = program.constants[:, None]

    def run(
        self,
        carry: NDArray[Any],
        places: NDArray[np.int64],
        steps: NDArray[np.int64],
        kept: NDArray[Any],
        told: NDArray[Any],
        shown: NDArray[Any],
    ) -> None:
        """Write what is `kept` and `told` (rows, B), and what is `shown` (B, rows).

        Of rows that are carried (rows, B), and others that begin at `places`, their numbers `steps` apart [bytes]. Whoever
        calls keeps the arrays alive in which they stand.
        """
        program = self.program
        self._loop(program.waves, program.instructions, self.numbers, carry, places, steps, kept, told, shown, self.batch)
