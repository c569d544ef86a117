"""The few array operations that the standard lacks, for NumPy and PyTorch alike, with the same bits in both.

Shapes: B batch, the last axis of every array inside the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import array_api_compat
import numpy as np
import scipy.special
from numpy.typing import NDArray

from ..recording.symbol import Symbol

Array: TypeAlias = Any
"""A NumPy array or a PyTorch tensor; the standard has no common class to name."""
Floats: TypeAlias = NDArray[np.float64]
"""NumPy numbers, where no other backend comes in: distributions, closed forms, plans, statistics."""
Mask: TypeAlias = NDArray[np.bool_]
"""True or false, of NumPy."""


def namespace(*arrays: Array) -> Any:
    """The array API namespace of the arguments; NumPy's own modules conform, and asking it that way costs nothing."""
    return np if type(arrays[0]) is np.ndarray else array_api_compat.array_namespace(*arrays)


def rows(indices: Any) -> Any:
    """An index for axis 0 that picks `indices`: a slice (no copy) where they are consecutive, else an integer array."""
    picked = np.asarray(indices, dtype=np.int64)
    if picked.ndim == 1 and picked.size and np.array_equal(picked, np.arange(picked[0], picked[0] + picked.size)):
        return slice(int(picked[0]), int(picked[0]) + picked.size)
    return picked


def take(array: Array, index: Any) -> Array:
    """Rows by a slice (no copy) or by integers of any shape; NumPy's `take` is several times as fast as its indexing."""
    if type(array) is np.ndarray:  # here and below `is_numpy`, spelled out where a period calls it often
        return array[index] if type(index) is slice else array.take(index, 0)
    if type(index) is slice and index.start == 0 and index.stop == array.shape[0]:
        return array
    return array[index]


def along(array: Array, order: Array) -> Array:
    """The elements of each column of axis 0 in that column's own order, of the same shape as `array`."""
    return np.take_along_axis(array, order, 0) if is_numpy(array) else array.gather(0, order)


def put_rows(array: Array, index: Any, values: Array) -> Array:
    """A copy of `array` with `array[index]` replaced by `values`."""
    if type(array) is np.ndarray:
        out = array.copy()
        out[index] = values
        return out
    if isinstance(index, slice):
        before, _, after = _around(array, index)
        return _joined(before, values, after)
    out = array.clone()
    out[index] = values
    return out


def capped(array: Array, index: Any, most: Array) -> Array:
    """A copy of `array` with at most `most` in the rows `index`."""
    if type(array) is not np.ndarray or type(index) is not slice:
        return put_rows(array, index, minimum(take(array, index), most))
    out = array.copy()
    np.minimum(out[index], most, out=out[index])
    return out


def take_from(array: Array, index: Any, values: Array) -> Array:
    """`array` less `values` in the rows `index`. NumPy changes the caller's array, which must be its own; PyTorch does not."""
    if type(array) is not np.ndarray:
        if type(index) is slice:
            return array - among_zeros(values, index, array.shape[0])
        array = array.clone()
    if type(index) is slice:
        view = array[index]
        view -= values
    else:
        array[index] -= values
    return array


def among_zeros(rows: Array, index: Any, count: int) -> Array:
    """An array of `count` rows that has these at `index` and 0 elsewhere."""
    if isinstance(rows, Symbol):
        return rows.among_zeros(index, count)
    if type(rows) is np.ndarray or not isinstance(index, slice):
        out = zeros_for(rows, count, *rows.shape[1:])
        out[index] = rows
        return out
    import torch

    other_axes = (0, 0) * (rows.ndim - 1)
    return torch.constant_pad_nd(rows, (*other_axes, index.start, count - index.stop))


def split(array: Array, parts: Sequence[slice]) -> Sequence[Array]:
    """Consecutive rows that are all of them together (no copy). PyTorch differentiates this at once, slices one by one."""
    if type(array) is np.ndarray:
        return [array[part] for part in parts]
    return array.split_with_sizes([part.stop - part.start for part in parts])  # type: ignore[no-any-return] # Array stands for a tensor here


def _around(tensor: Array, index: slice) -> Sequence[Array]:
    return split(tensor, (slice(0, index.start), index, slice(index.stop, tensor.shape[0])))


def _joined(*parts: Array) -> Array:
    filled = [part for part in parts if part.shape[0]]
    return filled[0] if len(filled) == 1 else namespace(filled[0]).concat(filled)


def is_numpy(array: Array) -> bool:
    """Whether an array is NumPy's; everything else is PyTorch's."""
    return type(array) is np.ndarray


def in_numpy(array: Array) -> Floats:
    """The numbers as NumPy's, wherever they are; gradients end there."""
    found: Floats = array if is_numpy(array) else array.detach().cpu().numpy()
    return found


def in_float64(values: Any) -> Floats:
    """Numbers of any library, or plain ones, as NumPy's in double precision; gradients end there."""
    return np.asarray(in_numpy(values) if hasattr(values, "detach") else values, dtype=np.float64)


_LAST_FIRST = [(axes - 1, *range(axes - 1)) for axes in range(8)]  # orders of axes, by their number
_FIRST_LAST = [(*range(1, axes), 0) for axes in range(8)]


def batch_first(array: Array) -> Array:
    """The same array seen with its last axis first (no copy)."""
    axes = _LAST_FIRST[array.ndim]
    return array.transpose(axes) if is_numpy(array) else array.permute(axes)


def batch_last(array: Array) -> Array:
    """The same array seen with its first axis last (no copy)."""
    axes = _FIRST_LAST[array.ndim]
    return array.transpose(axes) if is_numpy(array) else array.permute(axes)


def stretched(array: Array, shape: tuple[int, ...]) -> Array:
    """The same numbers seen in a shape that they broadcast to (no copy). Raises ValueError, or RuntimeError, for another."""
    one_row = array.shape[:1] == (1,) and array.shape[1:] == shape[1:]
    if one_row and type(array) is np.ndarray and array.flags.c_contiguous:
        seen = np.ndarray(shape, array.dtype, array, 0, (0, *array.strides[1:]))  # broadcast_to takes ten times as long
        seen.flags.writeable = False
        return seen
    return namespace(array).broadcast_to(array, shape)


def positive(array: Array) -> Array:
    """max(·, 0)."""
    return np.maximum(array, _ZERO[array.dtype.char]) if type(array) is np.ndarray else array.relu()


def constant(array: Array) -> Array:
    """The same numbers, which gradients do not pass."""
    return array if is_numpy(array) else array.detach()


def straight(values: Array, through: Array) -> Array:
    """`values`, bit for bit, with the gradients of `through`: for steps, whose own slope is nothing wherever they have one."""
    if isinstance(values, Symbol):
        return values.straight(through)
    return values if is_numpy(values) else values.detach() + (through - through.detach())


_ZERO = {kind: np.zeros((), kind) for kind in "fd"}


def minimum(one: Array, other: Array) -> Array:
    """The smaller, element by element; where they are equal PyTorch's gradient goes to `other`."""
    return np.minimum(one, other) if type(one) is np.ndarray else namespace(one).where(one < other, one, other)


def may_hold(condition: Array) -> bool:
    """Whether a condition holds anywhere; true of numbers that are not known yet, as when a period is recorded."""
    return True if isinstance(condition, Symbol) else bool(condition.any())


def rows_that_may_hold(condition: Array) -> Sequence[bool]:
    """The same of every row on its own."""
    if isinstance(condition, Symbol):
        return [True] * len(condition)
    found: list[bool] = condition.reshape(len(condition), -1).any(1).tolist()
    return found


def zeros_for(like: Array, *shape: int) -> Array:
    """Zeros of a shape, of the type and on the device of another array."""
    return np.zeros(shape, like.dtype) if type(like) is np.ndarray else like.new_zeros(shape)


def tree_sum(values: Array, axis: int = 0) -> Array:
    """Sum over axis 0 or 1 by halving, so that the order of additions depends on that axis' length alone.

    A library's own sum may add in another order for another batch size, which would break "row i of a batch equals a lone
    run, bit for bit".
    """
    while (length := values.shape[axis]) > 1:
        half = length // 2
        if type(values) is not np.ndarray:  # one split is differentiated at once, two slices are not
            ours, theirs, rest = values.split_with_sizes([half, half, length % 2], dim=axis)
            pairs = ours + theirs
        elif axis == 0:
            pairs, rest = values[:half] + values[half : 2 * half], values[2 * half :]
        else:
            pairs, rest = values[:, :half] + values[:, half : 2 * half], values[:, 2 * half :]
        if length == 3:
            return (pairs + rest).squeeze(axis)  # what the next round would come to
        values = namespace(values).concat([pairs, rest], axis=axis) if length % 2 else pairs
    return values.squeeze(axis)


def ndtri(probability: Array) -> Array:
    """Quantile of the standard normal."""
    if isinstance(probability, Symbol):
        return probability.ndtri()
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
