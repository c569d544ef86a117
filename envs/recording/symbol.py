"""An array of which only its making is known: what a period does with it is recorded row by row."""

from __future__ import annotations

from typing import Any, NoReturn

from . import operations as op
from .graph import NotRecordable
from .namespace import Namespace
from .shaped import Shaped, numbered, picked


class Symbol(Shaped):
    """Rows of a graph that can be reckoned with as with an array; it refuses whatever would need the numbers themselves."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment] # equality is an operation here

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("ids",):
            raise AttributeError(name)
        raise NotRecordable("numbers that are not known yet" if name in ("cpu", "numpy") else name)

    # What an array is asked for

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
        return self.applied(code, *(operands[::-1] if swapped else operands), truth=code in op.TRUTHS)

    def __array_function__(self, function: Any, types: Any, arguments: Any, keys: Any) -> Any:
        found = getattr(Namespace, function.__name__, None)
        if found is None:
            raise NotRecordable(f"numpy.{function.__name__}")
        return found(*arguments, **keys)

    def detach(self) -> Symbol:
        return self.applied(op.DETACHED, self) if self.graph.has_slopes else self

    def straight(self, through: Any) -> Symbol:
        """Itself, with the gradients of another."""
        return self.applied(op.STRAIGHT, self, through) if self.graph.has_slopes else self

    # What is made of them

    def __add__(self, other: Any) -> Symbol:
        return self.applied(op.ADD, self, other)

    def __radd__(self, other: Any) -> Symbol:
        return self.applied(op.ADD, other, self)

    def __sub__(self, other: Any) -> Symbol:
        return self.applied(op.SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self.applied(op.SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self.applied(op.MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return self.applied(op.MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return self.applied(op.DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self.applied(op.DIVIDE, other, self)

    def __neg__(self) -> Symbol:
        return self.applied(op.NEGATIVE, self)

    def __abs__(self) -> Symbol:
        return self.applied(op.ABSOLUTE, self)

    def __lt__(self, other: Any) -> Symbol:
        return self.applied(op.LESS, self, other, truth=True)

    def __le__(self, other: Any) -> Symbol:
        return self.applied(op.LESS_EQUAL, self, other, truth=True)

    def __gt__(self, other: Any) -> Symbol:
        return self.applied(op.LESS, other, self, truth=True)

    def __ge__(self, other: Any) -> Symbol:
        return self.applied(op.LESS_EQUAL, other, self, truth=True)

    def __eq__(self, other: Any) -> Any:
        return self.applied(op.EQUAL, self, other, truth=True)

    def __ne__(self, other: Any) -> Any:
        return self.applied(op.NOT_EQUAL, self, other, truth=True)

    def __and__(self, other: Any) -> Symbol:
        return self.applied(op.AND, self, other, truth=True)

    __rand__ = __and__

    def __or__(self, other: Any) -> Symbol:
        return self.applied(op.OR, self, other, truth=True)

    __ror__ = __or__

    def __invert__(self) -> Symbol:
        return self.applied(op.NOT, self, truth=True)

    def _refuse(self, *_: Any) -> NoReturn:
        raise NotRecordable("an operation that no row can be made by")

    __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rdivmod__ = _refuse
    __matmul__ = __rmatmul__ = __xor__ = __rxor__ = __pos__ = __round__ = __int__ = __index__ = __contains__ = _refuse
    __lshift__ = __rshift__ = __complex__ = _refuse

    def relu(self) -> Symbol:
        return self.applied(op.RELU, self)

    def exp(self) -> Symbol:
        if self.graph.exact:
            raise NotRecordable("exp, whose last digit is not NumPy's")
        return self.applied(op.EXP, self)

    def ndtri(self) -> Symbol:
        """The normal score of a chance."""
        return self.applied(op.NDTRI, self)

    def gather(self, axis: int, order: Symbol) -> Symbol:
        """The elements of each column of axis 0 in that column's own order."""
        if axis != 0:
            raise NotRecordable("gather along another axis than the first")
        return self.seen(picked(self.graph, self.rows, numbered(self.graph, self.rows), order.rows))


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
