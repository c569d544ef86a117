"""What a recorded row can be made of: few operations on numbers, each with its code and what NumPy makes of it.

True and false are 1 and 0. `WHERE` has its condition first; `RELU` is the larger of its operand and 0. Who changes a
code changes `compiled.WRITTEN_FOR` too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

CONSTANT, LOAD = 0, 1
ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM = 2, 3, 4, 5, 6, 7
LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR = 8, 9, 10, 11, 12, 13
NOT, NEGATIVE, FLOOR, CEIL, ROUND, ABSOLUTE, EXP = 14, 15, 16, 17, 18, 19, 20
WHERE = 21
STORE, SHOW = 22, 23
RELU = 24
NDTRI = 27
STRAIGHT, DETACHED = 25, 26
"""The first operand, with the slope of the second, or with none."""

_FUNCTIONS: dict[int, Callable[..., Any]] = {
    ADD: np.add,
    SUBTRACT: np.subtract,
    MULTIPLY: np.multiply,
    DIVIDE: np.divide,
    MAXIMUM: np.maximum,
    MINIMUM: np.minimum,
    LESS: np.less,
    LESS_EQUAL: np.less_equal,
    EQUAL: np.equal,
    NOT_EQUAL: np.not_equal,
    AND: np.logical_and,
    OR: np.logical_or,
    NOT: np.logical_not,
    NEGATIVE: np.negative,
    FLOOR: np.floor,
    CEIL: np.ceil,
    ROUND: np.round,
    ABSOLUTE: np.abs,
    EXP: np.exp,
    NDTRI: scipy.special.ndtri,
    RELU: lambda a: np.maximum(a, 0),
    STRAIGHT: lambda a, b: a,
    DETACHED: lambda a: a,
}
TRUTHS = frozenset((LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR, NOT))
"""What comes out true or false."""
COMMUTATIVE = frozenset((ADD, MULTIPLY, EQUAL, NOT_EQUAL, AND, OR))


def worked_out(code: int, operands: tuple[Any, ...]) -> Any:
    """What an operation makes of known numbers, in their own type."""
    with np.errstate(all="ignore"):
        if code == WHERE:
            return operands[1] if operands[0] else operands[2]
        return _FUNCTIONS[code](*operands)
