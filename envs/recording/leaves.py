"""Nested tuples and data classes taken apart into their arrays, and put together again.

What is no array is part of the pattern: nothing, truth values, whole numbers, words. Two values with one pattern differ in
their numbers alone, so that what was recorded of the one serves for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple


class Leaf(NamedTuple):
    """Where an array stands in a pattern."""

    shape: tuple[int, ...]
    """Without the batch."""
    uniform: bool
    """Whether all episodes have the same numbers in it, so that its last axis is one."""
    truth: bool
    """Whether it says true or false; all other numbers are of one type."""


class Nest(NamedTuple):
    """A tuple, or a data class by its fields."""

    made_by: Any
    named: bool
    """Whether it is made of its parts one by one, and not of all in one tuple."""
    parts: tuple[Hashable, ...]


@dataclass(frozen=True)
class FixedLeaf:
    """What is the same in all values of a pattern."""

    value: Hashable


def taken_apart(value: Any, arrays: list[Any], batch: int) -> Hashable:
    """The pattern of a value, whose arrays are added to a list."""
    if hasattr(value, "shape"):
        arrays.append(value)
        shape = tuple(value.shape)
        letter = getattr(value.dtype, "kind", None)  # NumPy's; PyTorch has none
        truth = str(value.dtype) == "torch.bool" if letter is None else letter == "b"
        return Leaf(shape[:-1], shape[-1] != batch, truth)
    if isinstance(value, tuple):
        parts = tuple(taken_apart(part, arrays, batch) for part in value)
        return Nest(type(value), hasattr(value, "_fields"), parts)
    if is_dataclass(value) and not isinstance(value, type):
        parts = tuple(taken_apart(getattr(value, field.name), arrays, batch) for field in fields(value))
        return Nest(type(value), True, parts)
    return FixedLeaf(value)


def put_together(pattern: Any, arrays: Iterator[Any]) -> Any:
    """A value of a pattern, of the next arrays."""
    if isinstance(pattern, Leaf):
        return next(arrays)
    if isinstance(pattern, Nest):
        parts = [put_together(part, arrays) for part in pattern.parts]
        return pattern.made_by(*parts) if pattern.named else pattern.made_by(parts)
    return pattern.value


def pair(one: Hashable, other: Hashable) -> Hashable:
    """The pattern of two values, from their own."""
    return Nest(tuple, False, (one, other))


def replaced(pattern: Any, kind: type, by: Callable[[Any], Any]) -> Any:
    """A pattern with others in place of what is fixed and of this kind."""
    if isinstance(pattern, Nest):
        return pattern._replace(parts=tuple(replaced(part, kind, by) for part in pattern.parts))
    return FixedLeaf(by(pattern.value)) if isinstance(pattern, FixedLeaf) and isinstance(pattern.value, kind) else pattern


def leaves(pattern: Any) -> Iterator[Leaf]:
    """The places of arrays in a pattern, in order."""
    if isinstance(pattern, Leaf):
        yield pattern
    elif isinstance(pattern, Nest):
        for part in pattern.parts:
            yield from leaves(part)
