"""Gradients of recorded rows, recorded themselves: what a small change of a row changes of a sum, back through its making.

Steps have no slope. Where two operands of a maximum or minimum are equal each takes half; `RELU` takes none at 0. So PyTorch
has it, which this is held to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from . import operations as op
from .graph import Graph


def adjoints(graph: Graph, of: Mapping[int, int], wanted: Sequence[int]) -> list[int]:
    """Rows of the gradients of Σ value · weight for all rows `of` which a weight is given, with respect to rows `wanted`."""
    found: dict[int, int] = {}
    for row, weight in of.items():
        _added(graph, found, row, weight)
    reached = _reaching(graph, wanted)
    for row in range(max(of, default=-1), -1, -1):
        if row not in found or not reached[row]:
            continue
        code, *operands = graph.nodes[row]
        rule = _RULES.get(code)
        if rule is not None:
            for operand, slope in rule(graph, row, found[row], *operands):
                if reached[operand]:
                    _added(graph, found, operand, slope)
    nothing = graph.constant(0.0)
    return [found.get(row, nothing) for row in wanted]


def _added(graph: Graph, found: dict[int, int], row: int, slope: int) -> None:
    found[row] = graph.made(op.ADD, found[row], slope) if row in found else slope


def _reaching(graph: Graph, wanted: Sequence[int]) -> list[bool]:
    """Which rows depend on what is wanted, along ways that have a slope."""
    reached = np.zeros(len(graph.nodes), dtype=bool)
    reached[list(wanted)] = True
    for row, (code, a, b, c) in enumerate(graph.nodes):
        if code == op.STRAIGHT:
            reached[row] = reached[b]
        elif code == op.WHERE:
            reached[row] = reached[b] or reached[c]
        elif code in _RULES:
            reached[row] = any(reached[operand] for operand in (a, b, c) if operand >= 0)
    return reached.tolist()


Slopes = list[tuple[int, int]]
"""Operands, each with its gradient's row."""


def _add(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    return [(a, slope), (b, slope)]


def _subtract(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    return [(a, slope), (b, graph.made(op.NEGATIVE, slope))]


def _multiply(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    return [(a, graph.made(op.MULTIPLY, slope, b)), (b, graph.made(op.MULTIPLY, slope, a))]


def _divide(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    each = graph.made(op.DIVIDE, slope, b)
    return [(a, each), (b, graph.made(op.NEGATIVE, graph.made(op.MULTIPLY, each, row)))]


def _of_larger(larger: bool) -> Callable[..., Slopes]:
    """Of a maximum, or of a minimum."""

    def rule(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
        nothing, half = graph.constant(0.0), graph.made(op.MULTIPLY, slope, graph.constant(0.5))
        same, first = graph.made(op.EQUAL, a, b), graph.made(op.LESS, *((b, a) if larger else (a, b)))
        shared = graph.made(op.WHERE, same, half, nothing)
        rest = graph.made(op.WHERE, graph.made(op.OR, first, same), nothing, slope)
        return [
            (a, graph.made(op.WHERE, first, slope, shared)),
            (b, graph.made(op.ADD, rest, shared)),
        ]

    return rule


def _relu(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    nothing = graph.constant(0.0)
    return [(a, graph.made(op.WHERE, graph.made(op.LESS, nothing, row), slope, nothing))]


def _where(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    nothing = graph.constant(0.0)
    return [(b, graph.made(op.WHERE, a, slope, nothing)), (c, graph.made(op.WHERE, a, nothing, slope))]


def _negative(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    return [(a, graph.made(op.NEGATIVE, slope))]


def _absolute(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    nothing = graph.constant(0.0)
    above = graph.made(op.WHERE, graph.made(op.LESS, nothing, a), slope, nothing)
    below = graph.made(op.WHERE, graph.made(op.LESS, a, nothing), slope, nothing)
    return [(a, graph.made(op.SUBTRACT, above, below))]


def _exp(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    return [(a, graph.made(op.MULTIPLY, slope, row))]


def _ndtri(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    half_square = graph.made(op.MULTIPLY, graph.constant(0.5), graph.made(op.MULTIPLY, row, row))
    inverse_density = graph.made(op.MULTIPLY, graph.constant(np.sqrt(2.0 * np.pi)), graph.made(op.EXP, half_square))
    return [(a, graph.made(op.MULTIPLY, slope, inverse_density))]


def _straight(graph: Graph, row: int, slope: int, a: int, b: int, c: int) -> Slopes:
    return [(b, slope)]


_RULES: dict[int, Callable[..., Slopes]] = {
    op.ADD: _add,
    op.SUBTRACT: _subtract,
    op.MULTIPLY: _multiply,
    op.DIVIDE: _divide,
    op.MAXIMUM: _of_larger(True),
    op.MINIMUM: _of_larger(False),
    op.RELU: _relu,
    op.WHERE: _where,
    op.NEGATIVE: _negative,
    op.ABSOLUTE: _absolute,
    op.EXP: _exp,
    op.NDTRI: _ndtri,
    op.STRAIGHT: _straight,
}
