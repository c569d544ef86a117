"""The array functions that a period uses, for what is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from typing import Any

import numpy as np

from . import operations as op
from .graph import NotRecordable
from .operations import worked_out
from .shaped import Shaped, numbered, picked, ranks, rows_of, turned

MOST_SORTED = 24
"""How many rows can be put in order: the work grows with their square."""


def _first_symbol(*values: Any) -> Shaped | None:
    """The first that is recorded; None where all numbers are known."""
    return next((value for value in values if isinstance(value, Shaped)), None)


class _Refusing(type):
    """A namespace that says what it lacks."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotRecordable(name)


class Namespace(metaclass=_Refusing):
    """The array functions that a period uses, for symbols; as the array API standard has them."""

    float64, float32 = np.float64, np.float32

    @staticmethod
    def asarray(values: Any, **_: Any) -> Any:
        return values

    @staticmethod
    def astype(values: Shaped, kind: Any, **_: Any) -> Shaped:
        return values.like(values.rows, np.dtype(kind) == bool)

    @staticmethod
    def where(condition: Any, one: Any, other: Any) -> Any:
        symbol = _first_symbol(condition, one, other)
        if symbol is None:
            return np.where(condition, one, other)
        return symbol.applied(op.WHERE, condition, one, other, truth=isinstance(one, Shaped) and one.truth)

    @staticmethod
    def _both(code: int, one: Any, other: Any) -> Any:
        symbol = _first_symbol(one, other)
        return worked_out(code, (one, other)) if symbol is None else symbol.applied(code, one, other)

    @staticmethod
    def maximum(one: Any, other: Any) -> Any:
        return Namespace._both(op.MAXIMUM, one, other)

    @staticmethod
    def minimum(one: Any, other: Any) -> Any:
        return Namespace._both(op.MINIMUM, one, other)

    @staticmethod
    def clip(values: Any, least: Any, most: Any) -> Any:
        return Namespace.minimum(Namespace.maximum(values, least), most)

    @staticmethod
    def exp(values: Any) -> Any:
        return values.exp()

    @staticmethod
    def floor(values: Shaped) -> Shaped:
        return values.applied(op.FLOOR, values)

    @staticmethod
    def ceil(values: Shaped) -> Shaped:
        return values.applied(op.CEIL, values)

    @staticmethod
    def round(values: Shaped) -> Shaped:
        return values.applied(op.ROUND, values)

    @staticmethod
    def abs(values: Shaped) -> Shaped:
        return values.applied(op.ABSOLUTE, values)

    @staticmethod
    def zeros_like(values: Any) -> Any:
        return values.new_zeros(values.shape) if isinstance(values, Shaped) else np.zeros_like(values)

    @staticmethod
    def ones_like(values: Any) -> Any:
        if not isinstance(values, Shaped):
            return np.ones_like(values)
        return values.applied(op.ADD, values.new_zeros(values.shape), 1.0)

    @staticmethod
    def _joined(function: Any, parts: Sequence[Any], axis: int) -> Any:
        symbol = _first_symbol(*parts)
        if symbol is None:
            return function(parts, axis=axis)
        rows = function([rows_of(symbol.graph, part) for part in parts], axis=axis)
        return symbol.like(rows, bool(getattr(parts[0], "truth", False)))

    @staticmethod
    def concat(parts: Sequence[Any], axis: int = 0) -> Any:
        return Namespace._joined(np.concatenate, parts, axis)

    concatenate = concat

    @staticmethod
    def stack(parts: Sequence[Any], axis: int = 0) -> Any:
        return Namespace._joined(np.stack, parts, axis)

    @staticmethod
    def moveaxis(values: Any, source: int, destination: int) -> Any:
        if not isinstance(values, Shaped):
            return np.moveaxis(values, source, destination)
        return values.seen(np.moveaxis(values.rows, source, destination))

    @staticmethod
    def reshape(values: Shaped, shape: Any) -> Shaped:
        return values.reshape(shape)

    @staticmethod
    def broadcast_to(values: Shaped, shape: Any) -> Shaped:
        return values.seen(np.broadcast_to(values.rows, shape))

    @staticmethod
    def _along_first(code: int, values: Shaped, truth: bool = False) -> Shaped:
        return values.like(reduce(partial(values.graph.apply, code), list(values.rows)), truth)

    @staticmethod
    def max(values: Any, axis: int) -> Any:
        if not isinstance(values, Shaped):
            return np.max(values, axis=axis)
        return Namespace._along_first(op.MAXIMUM, Namespace.moveaxis(values, axis, 0))

    @staticmethod
    def min(values: Any, axis: int) -> Any:
        if not isinstance(values, Shaped):
            return np.min(values, axis=axis)
        return Namespace._along_first(op.MINIMUM, Namespace.moveaxis(values, axis, 0))

    @staticmethod
    def argsort(values: Shaped, axis: int = 0, stable: bool = True) -> Shaped:
        """Which element comes at each place: how many go before each is counted; equal ones keep their order."""
        if axis != 0 or len(values) > MOST_SORTED:
            raise NotRecordable("argsort of many")
        places = numbered(values.graph, values.rows)
        return values.like(picked(values.graph, places, ranks(values.graph, values.rows), places))

    @staticmethod
    def any(values: Shaped, axis: int, keepdims: bool = False) -> Shaped:
        found = Namespace._along_first(op.OR, Namespace.moveaxis(values, axis, 0), truth=True)
        return found.seen(np.expand_dims(found.rows, axis)) if keepdims else found

    @staticmethod
    def einsum(letters: str, one: Any, other: Any) -> Any:
        """Of two operands; summed in another order than NumPy does."""
        symbol = _first_symbol(one, other)
        if symbol is None:
            return np.einsum(letters, one, other)
        graph = symbol.graph
        if graph.exact:
            raise NotRecordable("einsum, whose last digit is not NumPy's")
        (first, second), result = (part.split(",") for part in letters.split("->"))
        summed = sorted({*first, *second} - {*result[0]})
        order = [*summed, *result[0]]
        sides = [turned(rows_of(graph, values), names, order) for values, names in ((one, first), (other, second))]
        rows = graph.apply(op.MULTIPLY, *sides)
        return symbol.like(reduce(partial(graph.apply, op.ADD), rows.reshape((-1, *rows.shape[len(summed) :]))))
