"""Rows of a graph in the shape of the array that they stand for, with a batch of one.

Taking, joining, reshaping and turning cost nothing: they only say which rows are meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import operations as op
from .graph import Graph

Rows = NDArray[np.int32]


class Shaped:
    """Rows of a graph in a shape; the last axis is the batch, of one."""

    __slots__ = ("graph", "rows", "truth")

    def __init__(self, graph: Graph, rows: Rows, truth: bool = False) -> None:
        self.graph, self.rows = graph, rows
        self.truth = truth
        """Whether its numbers are truth values."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.rows.shape

    @property
    def ndim(self) -> int:
        return self.rows.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(bool if self.truth else self.graph.kind)

    @property
    def device(self) -> str:
        return "cpu"

    @property
    def T(self) -> Self:  # noqa: N802 # as every array library calls it
        return self.seen(self.rows.T)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Self]:
        return (self.seen(rows) for rows in self.rows)

    # Which rows are meant

    def like(self, rows: Rows, truth: bool = False) -> Self:
        """Other rows of the same graph."""
        return type(self)(self.graph, rows, truth)

    def seen(self, rows: Any) -> Self:
        """The same numbers, or some of them, in another shape."""
        return self.like(rows, self.truth)

    def __getitem__(self, index: Any) -> Self:
        return self.seen(self.rows[index])

    def __setitem__(self, index: Any, values: Any) -> None:
        self.rows[index] = rows_of(self.graph, values)

    def reshape(self, *shape: Any) -> Self:
        return self.seen(self.rows.reshape(*shape))

    def squeeze(self, axis: int) -> Self:
        return self.seen(self.rows.squeeze(axis))

    def permute(self, axes: Sequence[int]) -> Self:
        return self.seen(self.rows.transpose(tuple(axes)))

    def swapaxes(self, one: int, other: int) -> Self:
        return self.seen(self.rows.swapaxes(one, other))

    def transpose(self, *axes: Any) -> Self:
        return self.seen(self.rows.transpose(*axes))

    def clone(self) -> Self:
        return self.seen(self.rows.copy())

    copy = clone

    def split_with_sizes(self, sizes: Sequence[int], dim: int = 0) -> list[Self]:
        return [self.seen(part) for part in np.split(self.rows, np.cumsum(sizes)[:-1], axis=dim)]

    def new_zeros(self, shape: Any) -> Self:
        return self.like(np.full(shape, self.graph.constant(0.0), dtype=np.int32))

    def among_zeros(self, index: Any, count: int) -> Self:
        """As many rows, these at `index` and 0 elsewhere."""
        found = self.new_zeros((count, *self.shape[1:]))
        found[index] = self
        return found

    # What is made of them

    def applied(self, code: int, *operands: Any, truth: bool = False) -> Self:
        """What an operation makes of operands, of which this is one."""
        return self.like(self.graph.apply(code, *(rows_of(self.graph, operand) for operand in operands)), truth)


def rows_of(graph: Graph, values: Any) -> Rows:
    """Rows of what is shaped, or of numbers that are known."""
    return values.rows if isinstance(values, Shaped) else graph.constants(values)


def ranks(graph: Graph, rows: Rows) -> Rows:
    """How many of the others come before each row of axis 0, in rising order; of equal ones those that stand before it."""
    nobody = graph.constants(0.0)
    found = np.broadcast_to(nobody, rows.shape)
    for place, other in enumerate(rows):
        above = graph.apply(op.LESS, other[None], rows[:place])
        below = graph.apply(op.LESS_EQUAL, other[None], rows[place + 1 :])
        itself = np.broadcast_to(nobody, (1, *rows.shape[1:]))
        found = graph.apply(op.ADD, found, np.concatenate([above, itself, below]))
    return found


def picked(graph: Graph, rows: Rows, keys: Rows, wanted: Rows) -> Rows:
    """For each row that is wanted, of each column the row of axis 0 whose key that is."""
    found = np.broadcast_to(rows[:1], np.broadcast_shapes(rows[:1].shape, wanted.shape))
    for row, key in zip(rows[1:], keys[1:], strict=True):
        found = graph.apply(op.WHERE, graph.apply(op.EQUAL, wanted, key[None]), row[None], found)
    return found


def numbered(graph: Graph, like: Rows) -> Rows:
    """0, 1, 2, … along axis 0, in as many axes."""
    return graph.constants(np.arange(len(like)).reshape((-1, *[1] * (like.ndim - 1))))


def turned(rows: Rows, letters: str, order: Sequence[str]) -> Rows:
    """With an axis for each letter of `order`, of one where the rows have none of it."""
    there = rows.transpose([letters.index(letter) for letter in order if letter in letters])
    return there.reshape([rows.shape[letters.index(letter)] if letter in letters else 1 for letter in order])
