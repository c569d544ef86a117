"""Rows and what they are made of: every row of numbers, one for each episode of a batch, is worked out once from others.

Equal rows are one row, and what is known beforehand is worked out while recording. Zeros lose their sign: x + 0 is x, and
0 · x is 0, as no amount here is infinite times nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .operations import (
    ADD,
    AND,
    COMMUTATIVE,
    CONSTANT,
    DIVIDE,
    LOAD,
    MAXIMUM,
    MINIMUM,
    MULTIPLY,
    OR,
    SUBTRACT,
    WHERE,
    worked_out,
)

IDLE = {ADD: 0.0, MULTIPLY: 1.0, MAXIMUM: -np.inf, MINIMUM: np.inf}
"""With which the other operand stays as it is; `IDLE_AFTER` of the second one."""
IDLE_AFTER = {SUBTRACT: 0.0, DIVIDE: 1.0}
DECIDING = {MULTIPLY: 0.0, AND: 0.0, OR: 1.0}
"""What settles the result by itself."""
Node = tuple[int, int, int, int]
"""Operation and operands, −1 for none; of a constant its number, of what is loaded its source and row."""


class NotRecordable(TypeError, AttributeError):
    """Something that depends on the numbers themselves, or that no recorded row can be made of."""


class Graph:
    """Rows, numbered as they come; `kind` is the floating-point type of their numbers."""

    def __init__(self, kind: Any = np.float64, has_slopes: bool = False, exact: bool = True) -> None:
        self.kind = np.dtype(kind).type
        self.has_slopes = has_slopes
        """Whether gradients will be asked for, so that it matters what they go through."""
        self.exact = exact and not has_slopes
        """Whether all comes out bit for bit as NumPy has it, what cannot be being refused; else to the last digits."""
        self.nodes: list[Node] = []
        self.values: list[Any] = []
        """Numbers of the constants, by their number."""
        self._known: dict[Any, int] = {}
        self._constant_of: dict[int, Any] = {}

    def constant(self, value: Any) -> int:
        """The row that holds this number everywhere."""
        number = self.kind(value)
        key = ("constant", number.tobytes())
        if (row := self._known.get(key)) is None:
            row = self._add(key, (CONSTANT, len(self.values), -1, -1))
            self.values.append(number)
            self._constant_of[row] = number
        return row

    def constants(self, values: Any) -> NDArray[np.int32]:
        """Rows of many numbers, in the same shape."""
        array = np.asarray(values)
        if array.size == 1:
            return np.full(array.shape, self.constant(array.item()), dtype=np.int32)
        distinct, place = np.unique(array.astype(self.kind), return_inverse=True)
        rows = np.array([self.constant(value) for value in distinct], dtype=np.int32)
        return rows[place].reshape(array.shape)

    def loads(self, source: int, shape: tuple[int, ...], first: int) -> NDArray[np.int32]:
        """Rows that come from outside: `source`'s rows from `first` on, in this shape."""
        count = int(np.prod(shape))
        rows = [self._row((LOAD, source, first + number, -1)) for number in range(count)]
        return np.array(rows, dtype=np.int32).reshape(shape)

    def apply(self, code: int, *operands: NDArray[np.int32]) -> NDArray[np.int32]:
        """An operation on rows, element by element, with broadcasting."""
        shape = np.broadcast_shapes(*(part.shape for part in operands))
        parts = [part if part.shape == shape else np.broadcast_to(part, shape) for part in operands]
        lists = [part.reshape(-1).tolist() for part in parts]
        lists += [[-1] * len(lists[0])] * (3 - len(lists))
        made = [self.made(code, a, b, c) for a, b, c in zip(*lists, strict=True)]
        return np.array(made, dtype=np.int32).reshape(shape)

    def made(self, code: int, a: int, b: int = -1, c: int = -1) -> int:
        """The row of an operation on rows."""
        if code in COMMUTATIVE and b < a:
            a, b = b, a
        if (row := self._known.get((code, a, b, c))) is not None:
            return row
        known = self._constant_of
        used = (a,) if b < 0 else (a, b) if c < 0 else (a, b, c)
        if all(row in known for row in used):
            found = self.constant(worked_out(code, tuple(known[row] for row in used)))
        else:
            simpler = self._simpler(code, a, b, c)
            found = self._row((code, a, b, c)) if simpler is None else simpler
        self._known[(code, a, b, c)] = found
        return found

    def _simpler(self, code: int, a: int, b: int, c: int) -> int | None:
        """A row that is the same, if one of the operands is known and makes the operation idle."""
        one, other = self._constant_of.get(a), self._constant_of.get(b)
        if code == WHERE:
            return (b if b == c else None) if one is None else b if one else c
        if code == SUBTRACT and a == b:
            return self.constant(0.0)
        if code in (MAXIMUM, MINIMUM) and a == b:
            return a
        if code in COMMUTATIVE or code in (MAXIMUM, MINIMUM):
            simpler = self._with_known(code, one, b)
            return self._with_known(code, other, a) if simpler is None else simpler
        if code == DIVIDE and one == 0:
            return self.constant(0.0)
        return a if other is not None and other == IDLE_AFTER.get(code) else None

    def _with_known(self, code: int, known: Any, row: int) -> int | None:
        """What a known number and a row come to, if that takes no work."""
        if known is None:
            return None
        if known == IDLE.get(code) or (code == AND and known) or (code == OR and not known):
            return row
        deciding = DECIDING.get(code)
        return self.constant(deciding) if deciding is not None and bool(known) == bool(deciding) else None

    def _row(self, node: Node) -> int:
        row = self._known.get(node)
        return self._add(node, node) if row is None else row

    def _add(self, key: Any, node: Node) -> int:
        self._known[key] = len(self.nodes)
        self.nodes.append(node)
        return len(self.nodes) - 1
