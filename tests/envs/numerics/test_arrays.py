"""Operations on rows: as a loop over rows has it, in NumPy and in PyTorch, with nothing of the caller's changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from orderup.envs.numerics.arrays import Array, Floats, among_zeros, capped, put_rows, split, stretched, take, take_from

INDICES = {"top": slice(0, 2), "middle": slice(1, 3), "bottom": slice(2, 4), "any": np.array([3, 0])}
"""Two of four rows."""
OPERATIONS: dict[str, Callable[[Array, Any, Array], Array]] = {
    "put": put_rows,
    "capped": capped,
    "less": lambda array, index, values: take_from(1.0 * array, index, values),
    "among zeros": lambda array, index, values: among_zeros(values, index, 4),
}


def by_hand(operation: str, array: Floats, index: Any, values: Floats) -> Floats:
    """Row by row."""
    found = 0.0 * array if operation == "among zeros" else array.copy()
    for row, value in zip(np.arange(4)[index], values, strict=True):
        found[row] = {"capped": np.minimum(array[row], value), "less": array[row] - value}.get(operation, value)
    return found


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_rows_change_as_they_do_one_by_one(operation: str, index: Any) -> None:
    generator = np.random.default_rng(1)
    array, values = generator.normal(size=(4, 3, 5)), generator.normal(size=(2, 3, 5))
    before, expected = array.copy(), by_hand(operation, array, index, values)
    assert np.array_equal(OPERATIONS[operation](array, index, values), expected)
    found = OPERATIONS[operation](torch.as_tensor(array), index, torch.as_tensor(values))
    assert np.array_equal(found.numpy(), expected)
    assert np.array_equal(array, before)


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_slopes_are_those_of_the_changed_rows(operation: str, index: Any) -> None:
    generator = torch.Generator().manual_seed(1)
    array, values = (torch.randn(rows, 2, 3, dtype=torch.float64, generator=generator, requires_grad=True) for rows in (4, 2))
    torch.autograd.gradcheck(lambda one, other: OPERATIONS[operation](one, index, other), (array, values))


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_rows_are_taken_by_slices_without_a_copy_and_by_numbers_in_their_order(index: Any) -> None:
    array = np.arange(24.0).reshape(4, 3, 2)
    found = take(array, index)
    assert np.array_equal(found, array[index])
    assert np.shares_memory(found, array) == isinstance(index, slice)
    assert np.array_equal(take(torch.as_tensor(array), index).numpy(), array[index])


def test_parts_put_together_are_the_whole() -> None:
    array, parts = np.arange(8.0).reshape(4, 2), (slice(0, 1), slice(1, 3), slice(3, 4))
    assert np.array_equal(np.concatenate(split(array, parts)), array)
    assert np.array_equal(torch.cat(list(split(torch.as_tensor(array), parts))).numpy(), array)


@pytest.mark.parametrize("shape", [(1, 4, 2), (5, 4, 2), (4, 2), (4, 1), (1, 1, 2), ()])
def test_stretched_numbers_are_those_of_broadcasting_and_cannot_be_written(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(1).normal(size=shape)
    found = stretched(array, (5, 4, 2))
    assert np.array_equal(found, np.broadcast_to(array, (5, 4, 2)))
    assert np.shares_memory(found, array)
    assert shape == (5, 4, 2) or not found.flags.writeable


@pytest.mark.parametrize("shape", [(1, 3, 2), (2, 4, 2), (1, 5, 4, 2)])
def test_nothing_is_stretched_to_a_shape_that_it_does_not_broadcast_to(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="broadcast|axes|dimension"):
        stretched(np.zeros(shape), (5, 4, 2))
