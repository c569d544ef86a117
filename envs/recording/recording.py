"""A function of arrays, recorded: called once with symbols, and from then on run as a program on numbers.

Letters: B batch, the last axis of every array, of B or of one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Graph
from .leaves import leaves, put_together
from .machine import LoadedProgram
from .program import Program
from .symbol import Symbol

CARRIED, GIVEN = 0, 1
"""Sources of what is loaded: what the last run kept, and what stands anywhere."""


def symbols_of(pattern: Hashable, graph: Graph, source: int = GIVEN) -> Iterator[Symbol]:
    """A symbol for each array of a pattern, whose rows stand in a source one after the other."""
    first = 0
    for leaf in leaves(pattern):
        rows = graph.loads(source, (*leaf.shape, 1), first)
        first += rows.size
        yield Symbol(graph, rows, leaf.truth)


class Recording:
    """The one array that a function makes of arguments of one pattern, batch first and of type `shown`.

    Raises NotRecordable for a function that looks at the numbers themselves.
    """

    def __init__(self, function: Callable[..., Any], pattern: Hashable, kind: Any, shown: Any) -> None:
        graph = Graph(kind)
        self.pattern, self.kind, self.shown = pattern, np.dtype(kind), np.dtype(shown)
        result = function(*put_together(pattern, symbols_of(pattern, graph)))
        self.shape = tuple(result.shape[:-1])
        self.program = Program.of(graph, [], rows_of(graph, result))
        self._machines: dict[int, LoadedProgram] = {}
        self._offsets: dict[Any, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = {}

    def __call__(self, arrays: Sequence[NDArray[Any]], batch: int) -> NDArray[Any]:
        """The same of numbers (B, …), fresh: `arrays` are the arguments', as `taken_apart` has them."""
        machine = self._machines.get(batch)
        if machine is None:
            machine = self._machines[batch] = LoadedProgram(self.program, batch)
        given = [array if array.dtype == self.kind else array.astype(self.kind) for array in arrays]
        found = np.empty((batch, int(np.prod(self.shape))), dtype=self.shown)
        nothing = np.empty((0, batch), dtype=self.kind)
        machine.run(nothing, *self._places(given, batch), nothing, nothing, found)
        return found.reshape((batch, *self.shape))

    def _places(self, arrays: list[NDArray[Any]], batch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Address of the first number of each row, and how far the next is from it [bytes]."""
        key = tuple((array.shape, array.strides) for array in arrays)
        if (known := self._offsets.get(key)) is None:
            known = self._offsets[key] = offsets_of(arrays, batch)
        offsets, steps, owner = known
        return _bases(arrays)[owner] + offsets, steps


def places_of(arrays: Sequence[NDArray[Any]], batch: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Address of the first number of each row, how far the next is from it [bytes], and whose row it is."""
    offsets, steps, owner = offsets_of(arrays, batch)
    return _bases(arrays)[owner] + offsets, steps, owner


def _bases(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    return np.array([array.__array_interface__["data"][0] for array in arrays], dtype=np.int64)


def offsets_of(arrays: Sequence[NDArray[Any]], batch: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """How far each row is from its array's beginning, how far its numbers are apart [bytes], and whose row it is."""
    offsets, owner, steps = [], [], []
    for number, array in enumerate(arrays):
        places = np.zeros(array.shape[:-1], dtype=np.int64)
        for axis, stride in enumerate(array.strides[:-1]):
            along = [1] * places.ndim
            along[axis] = -1
            places = places + np.arange(array.shape[axis], dtype=np.int64).reshape(along) * stride
        offsets.append(places.reshape(-1))
        owner.append(np.full(places.size, number))
        steps.append(np.full(places.size, array.strides[-1] if array.shape[-1] == batch and batch > 1 else 0))
    nothing = [np.zeros(0, dtype=np.int64)]
    joined = [np.concatenate(parts or nothing).astype(np.int64) for parts in (offsets, steps, owner)]
    return joined[0], joined[1], joined[2]


def rows_of(graph: Graph, values: Any) -> list[int]:
    """The rows of a symbol, or of numbers that are known."""
    rows = values.rows if isinstance(values, Symbol) else graph.constants(values)
    found: list[int] = rows.reshape(-1).tolist()
    return found
