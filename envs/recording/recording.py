"""A function of arrays, recorded: called once with symbols, and from then on run as a program on numbers.

Letters: B batch, the last axis of every array, of B or of one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Graph
from .leaves import leaves, put_together, taken_apart
from .machine import Machine
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


@dataclass(frozen=True)
class Written:
    """Where the numbers of an array that comes out stand: in rows of what the program writes, or they are an argument's."""

    shape: tuple[int, ...]
    first: int = 0
    argument: int | None = None
    truth: bool = False


class Recording:
    """What a function makes of arguments of one pattern.

    Raises NotRecordable for one that looks at the numbers themselves.
    """

    def __init__(self, function: Callable[..., Any], pattern: Hashable, kind: Any, shown: Any = None) -> None:
        """Where `shown` is a type, what comes out is one array, batch first and of this type."""
        graph = Graph(kind)
        self.pattern, self.kind = pattern, np.dtype(kind)
        symbols = list(symbols_of(pattern, graph))
        result, made = function(*put_together(pattern, iter(symbols))), list[Any]()
        self.result = taken_apart(result, made, 1)
        self.written, out = _written(graph, symbols, made if shown is None else [])
        self.layout = None if shown is None else (tuple(result.shape[:-1]), np.dtype(shown))
        self.program = Program.of(graph, out, () if shown is None else result.rows.reshape(-1).tolist())
        self._machines: dict[int, Machine] = {}
        self._offsets: dict[Any, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = {}

    def __call__(self, arrays: Sequence[NDArray[Any]], batch: int) -> Any:
        """The same of numbers: the arguments' arrays, as `taken_apart` has them."""
        out = np.empty((self.program.told, batch), dtype=self.kind)
        self._run(arrays, batch, out, np.empty((batch, 0), dtype=np.float32))
        return put_together(self.result, (self._array(one, arrays, out, batch) for one in self.written))

    def shown(self, arrays: Sequence[NDArray[Any]], batch: int) -> NDArray[Any]:
        """The one array that comes out (B, …), fresh."""
        assert self.layout is not None  # as it was recorded
        shape, kind = self.layout
        found = np.empty((batch, int(np.prod(shape))), dtype=kind)
        self._run(arrays, batch, np.empty((0, batch), dtype=self.kind), found)
        return found.reshape((batch, *shape))

    def _run(self, arrays: Sequence[NDArray[Any]], batch: int, out: NDArray[Any], shown: NDArray[Any]) -> None:
        machine = self._machines.get(batch)
        if machine is None:
            machine = self._machines[batch] = Machine(self.program, batch)
        given = [array if array.dtype == self.kind else array.astype(self.kind) for array in arrays]
        nothing = np.empty((0, batch), dtype=self.kind)
        machine.run(nothing, *self._places(given, batch), nothing, out, shown)

    def _places(self, arrays: list[NDArray[Any]], batch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Address of the first number of each row, and how far the next is from it [bytes]."""
        key = tuple((array.shape, array.strides) for array in arrays)
        if (known := self._offsets.get(key)) is None:
            known = self._offsets[key] = offsets_of(arrays, batch)
        offsets, steps, owner = known
        return _bases(arrays)[owner] + offsets, steps

    def _array(self, one: Written, arrays: Sequence[NDArray[Any]], out: NDArray[Any], batch: int) -> NDArray[Any]:
        if one.argument is not None:
            return arrays[one.argument]
        rows = int(np.prod(one.shape))
        found = out[one.first : one.first + rows].reshape((*one.shape, batch))
        return found != 0 if one.truth else found


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


def _written(graph: Graph, symbols: list[Symbol], made: list[Any]) -> tuple[list[Written], list[int]]:
    """Where each array that comes out stands, and the rows to be written, each array's once."""
    known: dict[Any, Written] = {}
    for number, symbol in enumerate(symbols):
        known.setdefault((symbol.rows.shape, symbol.rows.tobytes()), Written(symbol.shape[:-1], argument=number))
    found, out = [], list[int]()
    for array in made:
        rows = array.rows if isinstance(array, Symbol) else graph.constants(array)
        key = (rows.shape, rows.tobytes())
        if key not in known:
            known[key] = Written(rows.shape[:-1], len(out), truth=bool(array.dtype == bool))
            out += rows.reshape(-1).tolist()
        found.append(known[key])
    return found, out
