"""Every operation on symbols comes to what NumPy makes of the numbers, and what no row can hold is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from orderup.envs.numerics.arrays import (
    along,
    among_zeros,
    minimum,
    namespace,
    ndtri,
    positive,
    put_rows,
    straight,
    take,
    take_from,
)
from orderup.envs.recording.graph import Graph, NotRecordable
from orderup.envs.recording.namespace import MOST_SORTED
from orderup.envs.recording.symbol import Symbol

from .recordings import needs_numba, recorded, same

SPECIAL = np.array([0.0, 1.0, -1.0, 0.5, 2.5, -3.5, 1e300, 1e-300, np.inf, -np.inf, np.nan, 7.25])
ONE, OTHER = (part.reshape(1, -1) for part in np.meshgrid(SPECIAL, SPECIAL))
"""Every pair of them, as a batch."""
PAIRS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "&": lambda a, b: (a > 0.5) & (b < 1),
    "|": lambda a, b: (a > 0.5) | (b < 1),
    "largest": np.maximum,
    "smallest": np.minimum,
    "greater": np.greater,
    "at least": np.greater_equal,
    "and": lambda a, b: np.logical_and(a > 0.5, b < 1),
    "where": lambda a, b: np.where(a < b, a, b),
    "stacked": lambda a, b: np.stack([a, b, a], axis=1),
    "joined": lambda a, b: np.concatenate([a, b], axis=0),
}
SINGLE: dict[str, Callable[[Any], Any]] = {
    "negative": lambda a: -a,
    "absolute": abs,
    "floor": np.floor,
    "ceil": np.ceil,
    "rounded": np.rint,
    "rounded as the standard has it": lambda a: namespace(a).round(a),
    "not": lambda a: ~(a > 0.5),
    "with zeros": lambda a: np.zeros_like(a) + a,
    "with ones": lambda a: a + np.ones_like(a),
    "truth as a number": lambda a: namespace(a).astype(a > 0.5, a.dtype) * 3.0,
}
ARRAYS = [np.random.default_rng(number).normal(size=shape) for number, shape in enumerate([(4, 3, 5), (3, 5), (4, 1, 1)])]
"""In shapes that broadcast."""
SEEN: dict[str, Callable[[Any, Any, Any], Any]] = {
    "broadcasting": lambda a, b, c: a * b + c - b * c,
    "nothing added, one times": lambda a, b, c: (a + 0.0) * 1.0 + 0.0 * b - 0.0 * c,
    "the same twice": lambda a, b, c: (a - a) + np.maximum(b, b) + np.minimum(c, c) + (a + b) * (b + a),
    "nothing divided": lambda a, b, c: 0.0 * c / (abs(a) + 1.0) + b / 1.0,
    "rows taken": lambda a, b, c: take(a, np.array([3, 0, 3])) * take(a, slice(0, 3)) + b,
    "rows put": lambda a, b, c: put_rows(a, np.array([2, 0]), a[:2] * c[:2]) + put_rows(a, slice(1, 3), b[:2, None] + a[:2]),
    "rows among zeros": lambda a, b, c: among_zeros(a[:2] + b, np.array([4, 1]), 6),
    "less in some rows": lambda a, b, c: take_from(1.0 * a + c, np.array([2, 1]), a[:2]),
    "turned": lambda a, b, c: np.moveaxis(a, 0, 1) + np.moveaxis(c, 0, 1),
    "reshaped": lambda a, b, c: a.reshape((2, 6, -1)) * 2.0,
    "the largest of a column": lambda a, b, c: np.max(a, axis=0) - np.min(a, axis=1)[0],
    "any of a column": lambda a, b, c: np.any(a > c, axis=0),
    "in order": lambda a, b, c: along(a + b, namespace(a).argsort(a, axis=0, stable=True)),
    "the lesser": lambda a, b, c: minimum(a + 0.0 * b, c + b),
    "positive": lambda a, b, c: positive(a - c),
    "straight": lambda a, b, c: straight(a + b, c),
    "a choice that is known": lambda a, b, c: np.where(np.arange(4)[:, None, None] > 1, a + b, c + 0.0 * a),
    "a choice of the same": lambda a, b, c: np.where(a > b, c, c) + a,
    "what is written": lambda a, b, c: written(1.0 * a, b, c),
}


def written(a: Any, b: Any, c: Any) -> Any:
    """Parts of an array are set, and what was read of it before stays."""
    before = 1.0 * a[0]
    a[0] = b
    a[1:3] = a[1:3] + c[1:3]
    a[[3, 2]] = a[[2, 3]]
    return a - before


@needs_numba
@pytest.mark.parametrize("operation", PAIRS)
def test_an_operation_on_two_is_numpys_with_nan_and_infinity_too(operation: str) -> None:
    same(PAIRS[operation], ONE, OTHER)


@needs_numba
@pytest.mark.parametrize("value", [1.0, -1.0, 0.5, 2.5, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("operation", [name for name in PAIRS if name not in ("stacked", "joined")])
def test_an_operation_with_a_number_that_is_known_is_numpys(operation: str, value: float) -> None:
    row = SPECIAL[None]
    same(lambda a: PAIRS[operation](a, value), row)
    same(lambda a: PAIRS[operation](value, a), row)


@needs_numba
@pytest.mark.parametrize("operation", SINGLE)
def test_an_operation_on_one_is_numpys(operation: str) -> None:
    same(SINGLE[operation], SPECIAL[None])


@needs_numba
def test_normal_scores_are_scipys_bit_for_bit_far_out_too() -> None:
    chance = np.concatenate(
        [np.linspace(0.0, 1.0, 4001), 10.0 ** np.linspace(-300, -1, 2000), 1.0 - 10.0 ** np.linspace(-16, -1, 500)]
    )
    same(ndtri, np.append(chance, [-0.5, 1.5, np.nan])[None])


@needs_numba
def test_a_sum_of_products_is_one_where_last_digits_do_not_count() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(3, 4)), rng.normal(size=(4, 5, 6))
    with pytest.raises(NotRecordable):
        recorded(lambda a: namespace(a).einsum("nm,mkb->nkb", one, a), other)
    graph = Graph(np.float64, exact=False)
    symbol = Symbol(graph, graph.constants(other))
    found = namespace(symbol).einsum("nm,mkb->nkb", one, symbol)
    values = [graph.values[graph.nodes[row][1]] for row in found.rows.reshape(-1).tolist()]
    np.testing.assert_allclose(np.reshape(values, found.shape), np.einsum("nm,mkb->nkb", one, other), rtol=1e-12)


@needs_numba
@pytest.mark.parametrize("seen", SEEN)
def test_rows_are_taken_joined_and_put_in_order_as_numpy_does(seen: str) -> None:
    same(SEEN[seen], *ARRAYS)


@needs_numba
def test_equal_ones_keep_their_order_and_infinite_ones_come_where_they_belong() -> None:
    draws = np.random.default_rng(3).choice([0.0, 1.0, 1.0, 2.0, np.inf, -np.inf], size=(7, 2, 200))
    beside = np.arange(7.0)[:, None, None] + 0.0 * np.where(np.isfinite(draws), draws, 0.0)
    same(lambda a, b: along(b, namespace(a).argsort(a, axis=0, stable=True)), draws, beside)
    same(lambda a, b: along(b, namespace(a).argsort(-a, axis=0, stable=True)), draws, beside)


@needs_numba
def test_what_comes_out_may_be_what_went_in_or_a_number_known_beforehand() -> None:
    given = np.random.default_rng(1).normal(size=(2, 9))
    same(lambda a: a, given)
    same(lambda a: np.concatenate([a, np.zeros_like(a) + 3.0]), given)
    same(lambda a: np.where(a > 0, 2.0, a), given)


def test_equal_rows_are_one_and_what_is_known_takes_no_row() -> None:
    graph = Graph()
    a, b = (Symbol(graph, rows) for rows in (graph.loads(0, (1, 1), 0), graph.loads(0, (1, 1), 1)))
    before = len((a + b).graph.nodes)
    assert ((b + a).rows == (a + b).rows).all()
    assert ((a + 0.0).rows == a.rows).all()
    assert ((1.0 * a).rows == a.rows).all()
    assert (namespace(a).where(a > b, a, a).rows == a.rows).all()
    known = [graph.nodes[row] for row in ((a - a) * 2.0 + 3.0).rows.reshape(-1)]
    assert [graph.values[number] for _, number, *_ in known] == [3.0]
    assert before < len(graph.nodes) < before + 8


REFUSED: dict[str, Callable[[Any], Any]] = {
    "a decision by the numbers": lambda a: 1 if a[0, 0] > 0 else 2,
    "a number that is not known yet": lambda a: float(a[0, 0]),
    "a whole number": lambda a: int(a[0, 0]),
    "its numbers as an array": lambda a: np.asarray(a),
    "rows that its numbers choose": lambda a: np.arange(3)[a[0, 0]],
    "a sum that NumPy orders": lambda a: np.sum(a, axis=0),
    "a sum by its method": lambda a: a.sum(axis=0),
    "a function that differs in a last place": np.exp,
    "a power": lambda a: a**2,
    "what is left of a division": lambda a: a % 2.0,
    "whole parts": lambda a: 2.0 // a,
    "a product of matrices": lambda a: a @ np.eye(4),
    "writing into another array": lambda a: np.add(a, 1.0, out=np.zeros((3, 4))),
    "a sum along an axis": np.add.reduce,
    "an order along another axis": lambda a: namespace(a).argsort(a, axis=1),
    "many put in order": lambda a: namespace(a).argsort(np.concatenate([a] * MOST_SORTED)),
    "what its space of functions lacks": lambda a: namespace(a).median(a),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_what_no_row_can_hold_is_refused(refused: str) -> None:
    graph = Graph()
    with pytest.raises(NotRecordable):
        REFUSED[refused](Symbol(graph, graph.loads(0, (3, 4), 0)))
