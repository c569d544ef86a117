"""Whole episodes with policies inside as recorded programs: a period is one run, decisions included.

Letters: B batch.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .numerics.arrays import tree_sum
from .period import TypicalPeriod
from .recorded_policies import Inside, RecordablePolicy
from .recorded_trace import TraceRows
from .recording.graph import Graph
from .recording.leaves import pair, put_together, taken_apart
from .recording.machine import LoadedProgram, block, packed, unpacked
from .recording.program import Program
from .recording.recording import CARRIED, places_of, rows_of, symbols_of
from .simulator import Party, Simulator


@dataclass(eq=False)
class Programs:
    """What has been recorded of episodes of one scenario, autonomy level and kind of policy, for batches of any size."""

    of: dict[Hashable, tuple[Program, Hashable]] = field(default_factory=dict)
    """A period's program, and the pattern of the carry after it, by all that distinguishes it."""
    kept: dict[Hashable, Any] = field(default_factory=dict)
    """What of a late feed's snapshots somebody looks at."""


class RecordedEpisodes:
    """The periods of a simulator's episodes from now on, its policies, which have been reset, inside.

    Costs are NumPy's to the last digits: where policies take exponentials or normal scores another library works them out.
    Raises NotRecordable where programs cannot hold what happens.
    """

    def __init__(
        self,
        simulator: Simulator,
        policies: Mapping[Party, RecordablePolicy],
        programs: Programs | None = None,
    ) -> None:
        """`programs` are those of other episodes of the kind, which serve here too."""
        self._simulator, self._inside = simulator, Inside(simulator, policies)
        self._typical = TypicalPeriod(simulator.network, simulator.any_centre, simulator.ledger_terms, simulator.remembers)
        self._programs = Programs() if programs is None else programs
        self._machines: dict[Hashable, LoadedProgram] = {}
        self._trace = TraceRows(simulator, beyond=True)
        arrays, kind = list[Any](), np.dtype(simulator.backend.dtype)
        self._given = taken_apart(self._inside.numbers, arrays, simulator.batch)
        self._numbers = [np.asarray(array, dtype=kind) for array in arrays]
        self._places, self._steps, _ = places_of(self._numbers, simulator.batch)
        tried = taken_apart(self._inside.begun(), [], simulator.batch), self._given, self._trace.pattern
        kept = self._programs.kept
        if tried not in kept:
            kept[tried] = self._inside.looked_at(self._typical, *tried, kind)
        self._inside.kept, arrays = kept[tried], []
        self._pattern = taken_apart(self._inside.begun(), arrays, simulator.batch)
        self._carry = packed(arrays, simulator.batch, kind)
        self._other = np.empty_like(self._carry)

    def advance(self) -> NDArray[Any]:
        """One period: what each episode pays (B,) [money], as it counts."""
        simulator, batch = self._simulator, self._simulator.batch
        number, key, kind = simulator.period, self._key, self._carry.dtype
        if key not in self._programs.of:
            self._programs.of[key] = self._recorded()
        program, after = self._programs.of[key]
        if key not in self._machines:
            self._machines[key] = LoadedProgram(program, batch)
        if len(self._other) != program.kept:
            self._other = block(program.kept, batch, kind)
        cost, nothing = np.empty((1, batch), dtype=kind), np.empty((batch, 0), dtype=kind)
        places, steps = self._trace.at(number)
        own = np.concatenate([self._places, places]), np.concatenate([self._steps, steps])
        self._machines[key].run(self._carry, *own, self._other, cost, nothing)
        self._carry, self._other, self._pattern = self._other, self._carry, after
        simulator.run_ahead(self._show)
        paid: NDArray[Any] = cost[0] * simulator.weight(number) if simulator.discounts else cost[0]
        return paid

    @property
    def _key(self) -> Hashable:
        """What distinguishes the next period from others of the same scenario, autonomy level and kind of policy."""
        return self._pattern, self._given, self._trace.pattern, self._simulator.phase, self._carry.dtype.str

    def _show(self) -> None:
        """Let the simulator be as it is now; what moved is not known."""
        carry, *_ = unpacked(self._carry, self._pattern, self._simulator.batch)
        self._simulator.settle(carry, None)

    def _recorded(self) -> tuple[Program, Hashable]:
        simulator, kept = self._simulator, list[Any]()
        graph = Graph(self._carry.dtype, exact=False)
        before = put_together(self._pattern, symbols_of(self._pattern, graph, CARRIED))
        given = pair(self._given, self._trace.pattern)
        numbers, trace = put_together(given, symbols_of(given, graph))
        played, after = self._inside.play(self._typical, numbers, before, simulator.phase, trace)
        pattern = taken_apart(after, kept, 1)
        rows = [row for one in kept for row in rows_of(graph, one)]
        program = Program.of(graph, [*rows, *rows_of(graph, tree_sum(played.by_site))], (), len(rows))
        return program, pattern
