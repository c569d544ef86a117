"""An array of which only its making is known: what a period does with it is recorded row by row.

A symbol has the shape of the array that it stands for, with a batch of one. Taking, joining, reshaping and turning cost
nothing: they only say which rows are meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from . import operations as op
from .graph import Graph, NotRecordable
from .operations import worked_out

Rows = NDArray[np.int32]


MOST_SORTED = 24
"""How many rows can be put in order: the work grows with their square."""


class Symbol:
    """Rows of a graph in a shape; the last axis is the batch, of one."""

    __slots__ = ("graph", "rows", "truth")
    __hash__ = None  # type: ignore[assignment] # equality is an operation here

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("ids",):
            raise AttributeError(name)
        raise NotRecordable("numbers that are not known yet" if name in ("cpu", "numpy") else name)

    def __init__(self, graph: Graph, rows: Rows, truth: bool = False) -> None:
        self.graph, self.rows = graph, rows
        self.truth = truth
        """Whether its numbers are truth values."""

    # What an array is asked for

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
    def T(self) -> Symbol:  # noqa: N802 # as every array library calls it
        return self._seen(self.rows.T)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Symbol]:
        return (self._seen(rows) for rows in self.rows)

    def __bool__(self) -> bool:
        raise NotRecordable("a decision by the numbers themselves")

    def __float__(self) -> float:
        raise NotRecordable("a number that is not known yet")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotRecordable("numbers that are not known yet")

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return Namespace

    def __array_ufunc__(self, function: Any, method: str, *operands: Any, **keys: Any) -> Symbol:
        code = _CODES.get(function.__name__)
        if code is None or method != "__call__" or keys:
            raise NotRecordable(f"numpy.{function.__name__}")
        swapped = function.__name__.startswith("greater")
        return self._with(code, *(operands[::-1] if swapped else operands), truth=code in op.TRUTHS)

    def __array_function__(self, function: Any, types: Any, arguments: Any, keys: Any) -> Any:
        found = getattr(Namespace, function.__name__, None)
        if found is None:
            raise NotRecordable(f"numpy.{function.__name__}")
        return found(*arguments, **keys)

    # Which rows are meant

    def _seen(self, rows: Any) -> Symbol:
        return Symbol(self.graph, rows, self.truth)

    def __getitem__(self, index: Any) -> Symbol:
        return self._seen(self.rows[index])

    def __setitem__(self, index: Any, values: Any) -> None:
        self.rows[index] = _rows(self.graph, values)

    def reshape(self, *shape: Any) -> Symbol:
        return self._seen(self.rows.reshape(*shape))

    def squeeze(self, axis: int) -> Symbol:
        return self._seen(self.rows.squeeze(axis))

    def permute(self, axes: Sequence[int]) -> Symbol:
        return self._seen(self.rows.transpose(tuple(axes)))

    def swapaxes(self, one: int, other: int) -> Symbol:
        return self._seen(self.rows.swapaxes(one, other))

    def transpose(self, *axes: Any) -> Symbol:
        return self._seen(self.rows.transpose(*axes))

    def clone(self) -> Symbol:
        return self._seen(self.rows.copy())

    copy = clone

    def detach(self) -> Symbol:
        return self._with(op.DETACHED, self) if self.graph.has_slopes else self

    def split_with_sizes(self, sizes: Sequence[int], dim: int = 0) -> list[Symbol]:
        return [self._seen(part) for part in np.split(self.rows, np.cumsum(sizes)[:-1], axis=dim)]

    def new_zeros(self, shape: Any) -> Symbol:
        return Symbol(self.graph, np.full(shape, self.graph.constant(0.0), dtype=np.int32))

    def among_zeros(self, index: Any, count: int) -> Symbol:
        """As many rows, these at `index` and 0 elsewhere."""
        found = self.new_zeros((count, *self.shape[1:]))
        found[index] = self
        return found

    def straight(self, through: Any) -> Symbol:
        """Itself, with the gradients of another."""
        return self._with(op.STRAIGHT, self, through) if self.graph.has_slopes else self

    # What is made of them

    def _with(self, code: int, *operands: Any, truth: bool = False) -> Symbol:
        rows = [_rows(self.graph, operand) for operand in operands]
        return Symbol(self.graph, self.graph.apply(code, *rows), truth)

    def __add__(self, other: Any) -> Symbol:
        return self._with(op.ADD, self, other)

    def __radd__(self, other: Any) -> Symbol:
        return self._with(op.ADD, other, self)

    def __sub__(self, other: Any) -> Symbol:
        return self._with(op.SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self._with(op.SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self._with(op.MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return self._with(op.MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return self._with(op.DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self._with(op.DIVIDE, other, self)

    def __neg__(self) -> Symbol:
        return self._with(op.NEGATIVE, self)

    def __abs__(self) -> Symbol:
        return self._with(op.ABSOLUTE, self)

    def __lt__(self, other: Any) -> Symbol:
        return self._with(op.LESS, self, other, truth=True)

    def __le__(self, other: Any) -> Symbol:
        return self._with(op.LESS_EQUAL, self, other, truth=True)

    def __gt__(self, other: Any) -> Symbol:
        return self._with(op.LESS, other, self, truth=True)

    def __ge__(self, other: Any) -> Symbol:
        return self._with(op.LESS_EQUAL, other, self, truth=True)

    def __eq__(self, other: Any) -> Any:
        return self._with(op.EQUAL, self, other, truth=True)

    def __ne__(self, other: Any) -> Any:
        return self._with(op.NOT_EQUAL, self, other, truth=True)

    def __and__(self, other: Any) -> Symbol:
        return self._with(op.AND, self, other, truth=True)

    __rand__ = __and__

    def __or__(self, other: Any) -> Symbol:
        return self._with(op.OR, self, other, truth=True)

    __ror__ = __or__

    def __invert__(self) -> Symbol:
        return self._with(op.NOT, self, truth=True)

    def _refuse(self, *_: Any) -> NoReturn:
        raise NotRecordable("an operation that no row can be made by")

    __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rdivmod__ = _refuse
    __matmul__ = __rmatmul__ = __xor__ = __rxor__ = __pos__ = __round__ = __int__ = __index__ = __contains__ = _refuse
    __lshift__ = __rshift__ = __complex__ = _refuse

    def relu(self) -> Symbol:
        return self._with(op.RELU, self)

    def exp(self) -> Symbol:
        if self.graph.exact:
            raise NotRecordable("exp, whose last digit is not NumPy's")
        return self._with(op.EXP, self)

    def ndtri(self) -> Symbol:
        """The normal score of a chance."""
        return self._with(op.NDTRI, self)

    def gather(self, axis: int, order: Symbol) -> Symbol:
        """The elements of each column of axis 0 in that column's own order."""
        if axis != 0:
            raise NotRecordable("gather along another axis than the first")
        return self._seen(_picked(self.graph, self.rows, _numbers(self.graph, self.rows), order.rows))


_CODES = {
    "add": op.ADD,
    "subtract": op.SUBTRACT,
    "multiply": op.MULTIPLY,
    "divide": op.DIVIDE,
    "maximum": op.MAXIMUM,
    "minimum": op.MINIMUM,
    "less": op.LESS,
    "less_equal": op.LESS_EQUAL,
    "greater": op.LESS,
    "greater_equal": op.LESS_EQUAL,
    "equal": op.EQUAL,
    "not_equal": op.NOT_EQUAL,
    "bitwise_and": op.AND,
    "logical_and": op.AND,
    "bitwise_or": op.OR,
    "logical_or": op.OR,
    "invert": op.NOT,
    "logical_not": op.NOT,
    "negative": op.NEGATIVE,
    "floor": op.FLOOR,
    "ceil": op.CEIL,
    "rint": op.ROUND,
    "absolute": op.ABSOLUTE,
}
"""What NumPy's functions are here."""


def _rows(graph: Graph, values: Any) -> Rows:
    """Rows of a symbol, or of numbers that are known."""
    return values.rows if isinstance(values, Symbol) else graph.constants(values)


def _graph(*values: Any) -> Graph | None:
    """The graph of those that are symbols; None where all numbers are known."""
    return next((value.graph for value in values if isinstance(value, Symbol)), None)


def _ranks(graph: Graph, rows: Rows) -> Rows:
    """How many of the others come before each row of axis 0, in rising order; of equal ones those that stand before it."""
    nobody = graph.constants(0.0)
    found = np.broadcast_to(nobody, rows.shape)
    for place, other in enumerate(rows):
        above = graph.apply(op.LESS, other[None], rows[:place])
        below = graph.apply(op.LESS_EQUAL, other[None], rows[place + 1 :])
        itself = np.broadcast_to(nobody, (1, *rows.shape[1:]))
        found = graph.apply(op.ADD, found, np.concatenate([above, itself, below]))
    return found


def _picked(graph: Graph, rows: Rows, keys: Rows, wanted: Rows) -> Rows:
    """For each row that is wanted, of each column the row of axis 0 whose key that is."""
    found = np.broadcast_to(rows[:1], np.broadcast_shapes(rows[:1].shape, wanted.shape))
    for row, key in zip(rows[1:], keys[1:], strict=True):
        found = graph.apply(op.WHERE, graph.apply(op.EQUAL, wanted, key[None]), row[None], found)
    return found


def _numbers(graph: Graph, like: Rows) -> Rows:
    """0, 1, 2, … along axis 0, in as many axes."""
    return graph.constants(np.arange(len(like)).reshape((-1, *[1] * (like.ndim - 1))))


def _turned(rows: Rows, letters: str, order: Sequence[str]) -> Rows:
    """With an axis for each letter of `order`, of one where the rows have none of it."""
    turned = rows.transpose([letters.index(letter) for letter in order if letter in letters])
    return turned.reshape([rows.shape[letters.index(letter)] if letter in letters else 1 for letter in order])


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
    def astype(values: Symbol, kind: Any, **_: Any) -> Symbol:
        return Symbol(values.graph, values.rows, np.dtype(kind) == bool)

    @staticmethod
    def where(condition: Any, one: Any, other: Any) -> Any:
        graph = _graph(condition, one, other)
        if graph is None:
            return np.where(condition, one, other)
        truth = isinstance(one, Symbol) and one.truth
        return Symbol(graph, graph.apply(op.WHERE, *(_rows(graph, part) for part in (condition, one, other))), truth)

    @staticmethod
    def _both(code: int, one: Any, other: Any) -> Any:
        graph = _graph(one, other)
        if graph is None:
            return worked_out(code, (one, other))
        return Symbol(graph, graph.apply(code, _rows(graph, one), _rows(graph, other)))

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
    def exp(values: Symbol) -> Symbol:
        return values.exp()

    @staticmethod
    def floor(values: Symbol) -> Symbol:
        return values._with(op.FLOOR, values)

    @staticmethod
    def ceil(values: Symbol) -> Symbol:
        return values._with(op.CEIL, values)

    @staticmethod
    def round(values: Symbol) -> Symbol:
        return values._with(op.ROUND, values)

    @staticmethod
    def abs(values: Symbol) -> Symbol:
        return abs(values)

    @staticmethod
    def zeros_like(values: Any) -> Any:
        return values.new_zeros(values.shape) if isinstance(values, Symbol) else np.zeros_like(values)

    @staticmethod
    def ones_like(values: Any) -> Any:
        return values.new_zeros(values.shape) + 1.0 if isinstance(values, Symbol) else np.ones_like(values)

    @staticmethod
    def _joined(function: Any, parts: Sequence[Any], axis: int) -> Any:
        graph = _graph(*parts)
        if graph is None:
            return function(parts, axis=axis)
        return Symbol(
            graph, function([_rows(graph, part) for part in parts], axis=axis), bool(getattr(parts[0], "truth", False))
        )

    @staticmethod
    def concat(parts: Sequence[Any], axis: int = 0) -> Any:
        return Namespace._joined(np.concatenate, parts, axis)

    concatenate = concat

    @staticmethod
    def stack(parts: Sequence[Any], axis: int = 0) -> Any:
        return Namespace._joined(np.stack, parts, axis)

    @staticmethod
    def moveaxis(values: Any, source: int, destination: int) -> Any:
        if not isinstance(values, Symbol):
            return np.moveaxis(values, source, destination)
        return values._seen(np.moveaxis(values.rows, source, destination))

    @staticmethod
    def reshape(values: Symbol, shape: Any) -> Symbol:
        return values.reshape(shape)

    @staticmethod
    def broadcast_to(values: Symbol, shape: Any) -> Symbol:
        return values._seen(np.broadcast_to(values.rows, shape))

    @staticmethod
    def _along_first(code: int, values: Symbol, truth: bool = False) -> Symbol:
        graph = values.graph
        return Symbol(graph, reduce(lambda one, other: graph.apply(code, one, other), list(values.rows)), truth)

    @staticmethod
    def max(values: Any, axis: int) -> Any:
        if not isinstance(values, Symbol):
            return np.max(values, axis=axis)
        return Namespace._along_first(op.MAXIMUM, Namespace.moveaxis(values, axis, 0))

    @staticmethod
    def min(values: Any, axis: int) -> Any:
        if not isinstance(values, Symbol):
            return np.min(values, axis=axis)
        return Namespace._along_first(op.MINIMUM, Namespace.moveaxis(values, axis, 0))

    @staticmethod
    def argsort(values: Symbol, axis: int = 0, stable: bool = True) -> Symbol:
        """Which element comes at each place: how many go before each is counted; equal ones keep their order."""
        if axis != 0 or len(values) > MOST_SORTED:
            raise NotRecordable("argsort of many")
        graph, numbers = values.graph, _numbers(values.graph, values.rows)
        return Symbol(graph, _picked(graph, numbers, _ranks(graph, values.rows), numbers))

    @staticmethod
    def any(values: Symbol, axis: int, keepdims: bool = False) -> Symbol:
        found = Namespace._along_first(op.OR, Namespace.moveaxis(values, axis, 0), truth=True)
        return found._seen(np.expand_dims(found.rows, axis)) if keepdims else found

    @staticmethod
    def einsum(letters: str, one: Any, other: Any) -> Any:
        """Of two operands; summed in another order than NumPy does."""
        graph = _graph(one, other)
        if graph is None:
            return np.einsum(letters, one, other)
        if graph.exact:
            raise NotRecordable("einsum, whose last digit is not NumPy's")
        (first, second), result = (part.split(",") for part in letters.split("->"))
        summed = sorted({*first, *second} - {*result[0]})
        order = [*summed, *result[0]]
        sides = [_turned(_rows(graph, values), names, order) for values, names in ((one, first), (other, second))]
        rows = graph.apply(op.MULTIPLY, *sides)
        return Symbol(graph, reduce(partial(graph.apply, op.ADD), rows.reshape((-1, *rows.shape[len(summed) :]))))
