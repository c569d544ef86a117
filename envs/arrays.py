"""The few array operations that the standard lacks, for NumPy and PyTorch alike, with the same bits in both.

Shapes: B batch, the last axis of every array inside the core.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import array_api_compat
import numpy as np
import scipy.special

Array: TypeAlias = Any
"""A NumPy array or a PyTorch tensor; the standard has no common class to name."""


def namespace(*arrays: Array) -> Any:
    """The array API namespace of the arguments; NumPy's own modules conform, and asking it that way costs nothing."""
    return np if type(arrays[0]) is np.ndarray else array_api_compat.array_namespace(*arrays)


def rows(indices: Any) -> Any:
    """An index for axis 0 that picks `indices`: a slice (no copy) where they are consecutive, else an integer array."""
    picked = np.asarray(indices, dtype=np.int64)
    if picked.ndim == 1 and picked.size and np.array_equal(picked, np.arange(picked[0], picked[0] + picked.size)):
        return slice(int(picked[0]), int(picked[0]) + picked.size)
    return picked


def put_rows(array: Array, index: Any, values: Array) -> Array:
    """A copy of `array` with `array[index]` replaced by `values`."""
    out = array.clone() if hasattr(array, "clone") else array.copy()
    out[index] = values
    return out


def tree_sum(values: Array, axis: int = 0) -> Array:
    """Sum over one axis by halving, so that the order of additions depends on that axis' length alone.

    A library's own sum may add in another order for another batch size, which would break "row i of a batch equals a lone
    run, bit for bit".
    """
    at = (slice(None),) * (axis % values.ndim)
    while (length := values.shape[axis]) > 1:
        half = length // 2
        pairs = values[(*at, slice(0, half))] + values[(*at, slice(half, 2 * half))]
        values = pairs if length % 2 == 0 else namespace(values).concat([pairs, values[(*at, slice(2 * half, None))]], axis=axis)
    return values[(*at, 0)]


def ndtri(probability: Array) -> Array:
    """Quantile of the standard normal."""
    if array_api_compat.is_torch_array(probability):
        import torch

        return torch.special.ndtri(probability)
    return scipy.special.ndtri(probability)


def ndtr(value: Array) -> Array:
    """Distribution function of the standard normal."""
    if array_api_compat.is_torch_array(value):
        import torch

        return torch.special.ndtr(value)
    return scipy.special.ndtr(value)
