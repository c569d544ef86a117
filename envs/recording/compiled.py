"""The compiled loop of a machine: all instructions of a program for one block of a batch after another. Needs Numba.

Letters: P places, B batch, n episodes of a block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from . import operations as op

WRITTEN_FOR = "e8423871c73eeb6d"
"""Of the operations' codes, which are compiled in: Numba keeps what it has compiled until this file is another."""
TILE = 16
"""Episodes whose shown rows are written side by side, so that they stay in the first cache."""


def _part(function: Any) -> Any:
    """What is compiled into `run` when that is."""
    return numba.njit(function, nogil=True, error_model="numpy")


def _named(name: str, function: Any) -> Any:
    """A function under a name of its own: Numba links compiled code by names, and takes one that it knows for the same."""
    function.__name__ = function.__qualname__ = name
    return function


def _of_one(name: str, function: Callable[[Any], Any]) -> Any:
    """A wave of an operation on one operand."""
    work = _part(_named(f"{name}_of_numbers", function))

    def wave(x: Any, made: Any, begin: int, end: int, n: int) -> None:
        for i in range(begin, end):
            d, a = x[made[0, i]], x[made[1, i]]
            for j in range(n):
                d[j] = work(a[j])

    return _part(_named(name, wave))


def _of_two(name: str, function: Callable[[Any, Any], Any]) -> Any:
    """A wave of an operation on two."""
    work = _part(_named(f"{name}_of_numbers", function))

    def wave(x: Any, made: Any, begin: int, end: int, n: int) -> None:
        if n == 1:
            for i in range(begin, end):
                x[made[0, i], 0] = work(x[made[1, i], 0], x[made[2, i], 0])
            return
        for i in range(begin, end):
            d, a, b = x[made[0, i]], x[made[1, i]], x[made[2, i]]
            for j in range(n):
                d[j] = work(a[j], b[j])

    return _part(_named(name, wave))


def _ratio(above: tuple[float, ...], below: tuple[float, ...]) -> Any:
    """Of `times` a polynomial of x by another, coefficients of the highest power first."""

    def ratio(times: Any, x: Any) -> Any:
        p, q = above[0], below[0]
        for factor in above[1:]:
            p = p * x + factor
        for factor in below[1:]:
            q = q * x + factor
        return times * p / q

    return ratio


# Coefficients of Cephes' ndtri (Moshier, Methods and Programs for Mathematical Functions, 1989), which SciPy's is.
_middle = _part(_named("ndtri_middle", _ratio(
    (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439, 13.9312609387279679503, -1.23916583867381258016),
    (1.0, 1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575, -225.462687854119370527,
     200.260212380060660359, -82.0372256168333339912, 15.9056225126211695515, -1.18331621121330003142),
)))  # fmt: skip # a polynomial to a line or two
_tail = _part(_named("ndtri_tail", _ratio(
    (4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162, 44.0805073893200834700, 14.6849561928858024014,
     2.18663306850790267539, -0.140256079171354495875, -0.0350424626827848203418, -0.000857456785154685413611),
    (1.0, 15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440, 15.0425385692907503408,
     2.50464946208309415979, -0.142182922854787788574, -0.0380806407691578277194, -0.000933259480895457427372),
)))  # fmt: skip # as above
_far = _part(_named("ndtri_far", _ratio(
    (3.23774891776946035970, 6.91522889068984211695, 3.93881025292474443415, 1.33303460815807542389, 0.201485389549179081538,
     0.0123716634817820021358, 0.000301581553508235416007, 2.65806974686737550832e-6, 6.23974539184983293730e-9),
    (1.0, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271, 0.216236993594496635890,
     0.0134204006088543189037, 0.000328014464682127739104, 2.89247864745380683936e-6, 6.79019408009981274425e-9),
)))  # fmt: skip # as above
_EDGE, _ROOT = 0.13533528323661269189, 2.50662827463100050242
"""exp(−2), below which it is a tail, and √(2π)."""


def _normal_score(chance: Any) -> Any:
    y = np.float64(chance)
    if not 0.0 < y < 1.0:
        return -np.inf if y == 0.0 else np.inf if y == 1.0 else np.nan
    upper = y > 1.0 - _EDGE
    y = 1.0 - y if upper else y
    if y > _EDGE:
        y = y - 0.5
        square = y * y
        return (y + y * _middle(square, square)) * _ROOT
    x = np.sqrt(-2.0 * np.log(y))
    z = 1.0 / x
    found = x - np.log(x) / x - (_tail(z, z) if x < 8.0 else _far(z, z))
    return found if upper else -found


_add = _of_two("add", lambda a, b: a + b)
_subtract = _of_two("subtract", lambda a, b: a - b)
_multiply = _of_two("multiply", lambda a, b: a * b)
_divide = _of_two("divide", lambda a, b: a / b)
_maximum = _of_two("maximum", lambda a, b: a if a >= b or a != a else b)
_minimum = _of_two("minimum", lambda a, b: a if a <= b or a != a else b)
_less = _of_two("less", lambda a, b: a < b)
_less_equal = _of_two("less_equal", lambda a, b: a <= b)
_equal = _of_two("equal", lambda a, b: a == b)
_not_equal = _of_two("not_equal", lambda a, b: a != b)
_and = _of_two("and", lambda a, b: (a != 0) & (b != 0))
_or = _of_two("or", lambda a, b: (a != 0) | (b != 0))
_not = _of_one("not", lambda a: a == 0)
_negative = _of_one("negative", lambda a: -a)
_floor = _of_one("floor", lambda a: np.floor(a))
_ceil = _of_one("ceil", lambda a: np.ceil(a))
_round = _of_one("round", lambda a: np.rint(a))
_absolute = _of_one("absolute", lambda a: abs(a))
_relu = _of_one("relu", lambda a: a if a > 0 or a != a else a * 0)
_exp = _of_one("exp", lambda a: np.exp(a))
_ndtri = _of_one("ndtri", _normal_score)


@_part
def _where(x: Any, made: Any, begin: int, end: int, n: int) -> None:
    for i in range(begin, end):
        d, a, b, c = x[made[0, i]], x[made[1, i]], x[made[2, i]], x[made[3, i]]
        for j in range(n):
            one, other = b[j], c[j]  # both are read, so that several episodes can be worked out at a time
            d[j] = one if a[j] != 0 else other


@intrinsic
def _pointer(context: Any, address: Any, like: Any) -> Any:
    """A pointer to numbers of the type of `like` at an address."""
    target = types.CPointer(like)

    def built(_: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], _.get_value_type(target))

    return target(address, like), built


@_part
def _load(x: Any, made: Any, begin: int, end: int, n: int, carry: Any, places: Any, steps: Any, first: int) -> None:
    size = x.itemsize
    for i in range(begin, end):
        d, source, row = x[made[0, i]], made[1, i], made[2, i]
        if source == 0:
            here = carry[row]
            for j in range(n):
                d[j] = here[first + j]
            continue
        step = steps[row]
        values = numba.carray(_pointer(places[row] + first * step, x[0, 0]), (n if step == size else 1,))
        if step == size:
            for j in range(n):
                d[j] = values[j]
        elif step == 0:
            for j in range(n):
                d[j] = values[0]
        else:
            for j in range(n):
                d[j] = numba.carray(_pointer(places[row] + (first + j) * step, x[0, 0]), (1,))[0]


@_part
def _store(x: Any, made: Any, begin: int, end: int, n: int, kept: Any, told: Any, first: int) -> None:
    for i in range(begin, end):
        row, a = made[0, i], x[made[1, i]]
        values = told[row] if made[2, i] else kept[row]
        for j in range(n):
            values[first + j] = a[j]


@_part
def _show(x: Any, made: Any, begin: int, end: int, n: int, shown: Any, first: int) -> None:
    for begun in range(0, n, TILE):
        done = min(begun + TILE, n)
        for i in range(begin, end):
            column, a = made[0, i], x[made[1, i]]
            for j in range(begun, done):
                shown[first + j, column] = a[j]


LOAD, STORE, SHOW, WHERE = op.LOAD, op.STORE, op.SHOW, op.WHERE
ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM = op.ADD, op.SUBTRACT, op.MULTIPLY, op.DIVIDE, op.MAXIMUM, op.MINIMUM
LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR = op.LESS, op.LESS_EQUAL, op.EQUAL, op.NOT_EQUAL, op.AND, op.OR
NOT, NEGATIVE, FLOOR, CEIL, ROUND, ABSOLUTE, EXP = op.NOT, op.NEGATIVE, op.FLOOR, op.CEIL, op.ROUND, op.ABSOLUTE, op.EXP
RELU, NDTRI = op.RELU, op.NDTRI


def _kept(function: Any) -> Any:
    """A function compiled when it is first called, and kept for later processes where there is a folder to keep it in."""
    try:
        return numba.njit(function, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:
        return _part(function)


@_kept
def run(  # noqa: C901 # one branch for each operation: it is what a machine is
    waves: Any, made: Any, x: Any, carry: Any, places: Any, steps: Any, kept: Any, told: Any, shown: Any, batch: int
) -> None:
    """Work a program out for all episodes, block by block, as `Machine.run` describes it."""
    width = x.shape[1]
    for first in range(0, batch, width):
        n = min(width, batch - first)
        for wave in range(waves.shape[0]):
            code, begin, end = waves[wave, 0], waves[wave, 1], waves[wave, 2]
            if code == LOAD:
                _load(x, made, begin, end, n, carry, places, steps, first)
            elif code == STORE:
                _store(x, made, begin, end, n, kept, told, first)
            elif code == SHOW:
                _show(x, made, begin, end, n, shown, first)
            elif code == ADD:
                _add(x, made, begin, end, n)
            elif code == SUBTRACT:
                _subtract(x, made, begin, end, n)
            elif code == MULTIPLY:
                _multiply(x, made, begin, end, n)
            elif code == RELU:
                _relu(x, made, begin, end, n)
            elif code == MAXIMUM:
                _maximum(x, made, begin, end, n)
            elif code == MINIMUM:
                _minimum(x, made, begin, end, n)
            elif code == WHERE:
                _where(x, made, begin, end, n)
            elif code == LESS:
                _less(x, made, begin, end, n)
            elif code == LESS_EQUAL:
                _less_equal(x, made, begin, end, n)
            elif code == DIVIDE:
                _divide(x, made, begin, end, n)
            elif code == EQUAL:
                _equal(x, made, begin, end, n)
            elif code == NOT_EQUAL:
                _not_equal(x, made, begin, end, n)
            elif code == AND:
                _and(x, made, begin, end, n)
            elif code == OR:
                _or(x, made, begin, end, n)
            elif code == NOT:
                _not(x, made, begin, end, n)
            elif code == NEGATIVE:
                _negative(x, made, begin, end, n)
            elif code == FLOOR:
                _floor(x, made, begin, end, n)
            elif code == CEIL:
                _ceil(x, made, begin, end, n)
            elif code == ROUND:
                _round(x, made, begin, end, n)
            elif code == ABSOLUTE:
                _absolute(x, made, begin, end, n)
            elif code == NDTRI:
                _ndtri(x, made, begin, end, n)
            else:
                _exp(x, made, begin, end, n)
