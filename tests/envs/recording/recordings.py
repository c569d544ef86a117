"""A function of arrays done twice: by NumPy, and recorded on symbols and run as a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.envs.recording.leaves import taken_apart
from orderup.envs.recording.machine import can_compile
from orderup.envs.recording.recording import Recording

needs_numba = pytest.mark.skipif(not can_compile(), reason="programs are run by Numba, the extra orderup[compiled]")


def recorded(function: Callable[..., Any], *arrays: NDArray[Any], kind: Any = np.float64) -> Any:
    """What a function comes to by its program; the last axis of every array is the batch, of B or of one."""
    batch, found = max(array.shape[-1] for array in arrays), list[Any]()
    recording = Recording(function, taken_apart(arrays, found, batch), kind, shown=kind)
    return np.moveaxis(recording(found, batch), 0, -1)


def same(function: Callable[..., Any], *arrays: NDArray[Any]) -> None:
    """NumPy and the program come to the same, bit for bit but for the sign of zero, in both precisions."""
    batch = max(array.shape[-1] for array in arrays)
    for kind in (np.float64, np.float32):
        with np.errstate(all="ignore"):
            given = [array if array.dtype == bool else array.astype(kind) for array in arrays]
            expected = function(*given)
        found = recorded(function, *given, kind=kind)
        assert found.shape == (*expected.shape[:-1], batch)
        assert np.array_equal(found, np.broadcast_to(expected, found.shape), equal_nan=True)
