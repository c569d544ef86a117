"""Programs of random graphs come to what is worked out row by row, however they are put into waves, places and blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.envs.recording import operations
from orderup.envs.recording.graph import Graph
from orderup.envs.recording.leaves import leaves, put_together, taken_apart
from orderup.envs.recording.machine import LoadedProgram, block
from orderup.envs.recording.program import Program
from orderup.envs.recording.recording import CARRIED, GIVEN, Recording, places_of
from orderup.envs.recording.symbol import Symbol

from .recordings import needs_numba

Values = Any
"""A symbol, or numbers."""
STEPS: tuple[Callable[[Values, Values, Values], Values], ...] = (
    lambda a, b, c: 0.5 * (a + b),
    lambda a, b, c: np.minimum(np.maximum(a - b, -9.0), 9.0),
    lambda a, b, c: np.maximum(np.minimum(a * b, 9.0), -9.0),
    lambda a, b, c: a / (1.0 + abs(b)),
    lambda a, b, c: np.where(a < b, b, c),
    lambda a, b, c: np.where((a <= c) & ~(b == a), 0.25 - a, c),
    lambda a, b, c: np.where((a != 1.0) | (b > c), np.floor(a), np.ceil(b)),
    lambda a, b, c: np.rint(0.75 * c) + -a * 0.125,
)
"""Steps after which numbers are not much larger than before, and soon small again."""


def grown(rng: np.random.Generator, rows: list[Values], count: int) -> list[Values]:
    """That many steps more, on rows that were made lately and long ago."""
    rows = list(rows)
    for _ in range(count):
        lately = max(len(rows) - 20, 0)
        picked = [int(rng.integers(lately if rng.random() < 0.7 else 0, len(rows))) for _ in range(3)]
        rows.append(STEPS[int(rng.integers(len(STEPS)))](*(rows[number] for number in picked)))
    return rows


class Both:
    """A random graph and the same steps on numbers, from rows that are carried and others that stand anywhere."""

    def __init__(self, seed: int, batch: int, kind: Any, steps: int = 1500) -> None:
        rng = np.random.default_rng(seed)
        self.carry = block(5, batch, kind)
        self.carry[...] = rng.normal(size=self.carry.shape)
        self.beside = [rng.normal(size=shape).astype(kind) for shape in [(3, 2, batch), (4, 1), (batch, 2)]]
        self.beside[2] = self.beside[2].T  # whose numbers lie apart
        rows = [self.carry[:, :batch], *(array.reshape((-1, array.shape[-1])) for array in self.beside)]
        numbers = [row[None] + np.zeros(batch, kind) for part in rows for row in part]
        graph = Graph(kind)
        symbols = [Symbol(graph, one) for one in graph.loads(CARRIED, (5, 1, 1), 0)]
        symbols += [Symbol(graph, one) for one in graph.loads(GIVEN, (12, 1, 1), 0)]
        seed = int(rng.integers(1 << 30))
        self.rows = grown(np.random.default_rng(seed), symbols, steps)
        self.numbers = grown(np.random.default_rng(seed), numbers, steps)
        self.graph, self.batch, self.kind = graph, batch, kind
        self.out, self.shown = rng.integers(0, len(self.rows), 150), rng.integers(0, len(self.rows), 60)
        self.kept = 40

    def of(self, numbers: NDArray[np.int64]) -> list[int]:
        return [int(self.rows[number].rows.reshape(-1)[0]) for number in numbers]

    def expected(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        return np.concatenate([self.numbers[number] for number in numbers])

    def machine(self) -> LoadedProgram:
        program = Program.of(self.graph, self.of(self.out), self.of(self.shown), self.kept)
        machine = LoadedProgram(program, self.batch)
        machine.numbers[len(program.constants) :] = np.nan  # whoever reads what has not been worked out is found out
        return machine

    def run(self, machine: LoadedProgram) -> tuple[NDArray[Any], ...]:
        kept, told = (block(rows, self.batch, self.kind) for rows in (self.kept, len(self.out) - self.kept))
        shown = np.empty((self.batch, len(self.shown)), dtype=np.float32)
        places, steps, _ = places_of(self.beside, self.batch)
        machine.run(self.carry, places, steps, kept, told, shown)
        return kept[:, : self.batch], told[:, : self.batch], shown


@needs_numba
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("batch", [1, 3, 257, 1000])
def test_a_program_comes_to_what_is_worked_out_row_by_row(batch: int, kind: Any) -> None:
    for seed in range(3):
        both = Both(seed, batch, kind)
        machine = both.machine()
        assert machine.program.places < len(both.graph.nodes) // 4  # which is only so if places are used again
        for _ in range(2):
            kept, told, shown = both.run(machine)
            assert np.array_equal(np.concatenate([kept, told]), both.expected(both.out))
            assert np.array_equal(shown, both.expected(both.shown).T.astype(np.float32))


@needs_numba
def test_of_a_graph_of_thousands_every_row_is_right() -> None:
    both = Both(7, 5, np.float64, steps=4000)
    both.out, both.kept = np.random.default_rng(1).permutation(len(both.rows)), 40
    kept, told, _ = both.run(both.machine())
    assert np.array_equal(np.concatenate([kept, told]), both.expected(both.out))


@needs_numba
def test_a_program_of_nothing_but_what_comes_in_and_what_is_known() -> None:
    graph = Graph()
    rows = [*graph.loads(GIVEN, (2, 1), 0).reshape(-1).tolist(), graph.constant(4.0), graph.constant(np.inf)]
    machine = LoadedProgram(Program.of(graph, rows[::-1], rows[:1], 1), 3)
    given, nothing = np.arange(6.0).reshape(2, 3), np.empty((0, 3))
    kept, told, shown = np.empty((1, 3)), np.empty((3, 3)), np.empty((3, 1))
    places, steps, _ = places_of([given], 3)
    machine.run(nothing, places, steps, kept, told, shown)
    assert np.array_equal(kept, np.full((1, 3), np.inf))
    assert np.array_equal(told, np.stack([np.full(3, 4.0), given[1], given[0]]))
    assert np.array_equal(shown[:, 0], given[0])


@needs_numba
def test_a_recording_serves_for_arrays_that_lie_otherwise_and_gives_fresh_ones() -> None:
    rng, arrays = np.random.default_rng(1), list[Any]()
    one, other = rng.normal(size=(2, 4, 5)), rng.normal(size=(4, 1))
    recording = Recording(lambda a, b: a + b, taken_apart((one, other), arrays, 5), np.float64, np.float32)
    first = recording([one, other], 5)
    assert first.dtype == np.float32
    apart = np.asfortranarray(rng.normal(size=(2, 4, 5)))
    second = recording([apart, other[::-1]], 5)
    assert np.array_equal(second, _batch_first(apart + other[::-1]))
    assert np.array_equal(first, _batch_first(one + other))
    wide = rng.normal(size=(2, 4, 700))
    assert np.array_equal(recording([wide, other], 700), _batch_first(wide + other))


def _batch_first(values: NDArray[Any]) -> NDArray[Any]:
    return np.moveaxis(values, -1, 0).astype(np.float32)


@needs_numba
def test_codes_of_operations_are_those_that_the_compiled_loop_was_written_for() -> None:
    from orderup.envs.recording import compiled

    codes = {name: code for name, code in vars(operations).items() if isinstance(code, int)}
    digest = hashlib.sha256(repr(sorted(codes.items())).encode()).hexdigest()
    assert digest[:16] == compiled.WRITTEN_FOR, "compiled.py needs this digest: Numba keeps its loop until that file changes"


def test_values_are_taken_apart_into_arrays_and_put_together_again() -> None:
    value = (np.zeros((2, 3)), (None, True, "word", (np.ones((4, 1)), np.ones((0, 3)) > 0)), 7)
    arrays: list[Any] = []
    pattern = taken_apart(value, arrays, 3)
    assert [leaf.uniform for leaf in leaves(pattern)] == [False, True, False]
    assert [leaf.truth for leaf in leaves(pattern)] == [False, False, True]
    again = put_together(pattern, iter(arrays))
    assert again[1][:3] == (None, True, "word")
    assert again[0] is value[0]
    assert again[1][3][1] is value[1][3][1]
    assert again[2] == 7
    assert pattern == taken_apart(again, [], 3)
    assert pattern != taken_apart((*value[:2], 8), [], 3)
