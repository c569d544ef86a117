"""A feed on symbols: what it will show goes from period to period, as far as anybody looks at it.

A slot is what a period left for reports: state, flows, and the centre's levels in force; the last one is the present's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .information.feed import shown
from .information.recorded_view import timeless
from .information.snapshot import Snapshot
from .period import Carry
from .recording.graph import Graph
from .recording.leaves import Leaf, leaves, put_together, replaced, taken_apart
from .recording.program import NOWHERE, rows_needed
from .recording.recording import rows_of
from .recording.symbol import Symbol
from .simulator import Simulator

Slot = tuple[Any, Any, Any]
Slots = tuple[Slot, ...]
"""Of as many periods as the feed is old, and of the present; none where it shows the present as it is."""


class _NotKept:
    """Stands for an array of an old snapshot on which nothing depended when that was tried; no array itself."""

    def __init__(self, number: int, leaf: Leaf) -> None:
        self._what = number, leaf

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _NotKept) and self._what == other._what

    def __hash__(self) -> int:
        return hash(self._what)

    def on(self, graph: Graph) -> Symbol:
        """Rows that no program may need."""
        number, leaf = self._what
        return Symbol(graph, graph.loads(NOWHERE, (*leaf.shape, 1), number * LARGEST_ARRAY), leaf.truth)


LARGEST_ARRAY = 1_000_000
"""Rows, apart from the batch."""


@dataclass(frozen=True)
class _Part:
    """Which arrays of a slot's part are kept, of one with so many; of another all."""

    count: int
    numbers: frozenset[int]

    def of(self, part: Any, batch: int) -> Any:
        """The part without the others."""
        arrays: list[Any] = []
        pattern = taken_apart(part, arrays, batch)
        if len(arrays) != self.count:
            return part
        places = enumerate(zip(arrays, leaves(pattern), strict=True))
        kept = (one if number in self.numbers else _NotKept(number, leaf) for number, (one, leaf) in places)
        return put_together(pattern, kept)


Kept = tuple[_Part, ...]
"""Of the parts of a slot."""


@dataclass(frozen=True)
class RecordedFeed:
    """The feed of a simulator's autonomy level, for its recorded programs."""

    simulator: Simulator
    kept: Kept | None = None
    """Of its snapshots; None: everything."""

    @property
    def slots(self) -> int:
        """How many there are once episodes have gone on for a while."""
        return 0 if self.simulator.sees_the_present else self.simulator.autonomy.feed_latency + 1

    def begun(self) -> Slots:
        """Before the first period, by numbers."""
        now = self.simulator.now
        return (self._pruned((now.state, now.flows, now.target), self.simulator.batch),) if self.slots else ()

    def shown(self, now: Snapshot, slots: Slots, carry: Carry, error: Any, outlook: Any = None) -> Snapshot:
        """What it shows at a period's beginning; `error` is that of what it shows (N, K, B), `outlook` what was known then."""
        if not slots:
            return replace(now, recent=carry.remembered) if self.simulator.remembers else now
        age, (state, flows, target) = len(slots) - 1, _whole(slots[0], now.state.on_hand.graph)
        old = timeless(now.network, state, flows, target, calm=now.outlook is None, age=age, begun=flows is not None)
        old = old if outlook is None else replace(old, outlook=outlook)
        return shown(old if age else now, age, carry.remembered, error, self.simulator.any_centre.places)

    def afterwards(self, slots: Slots, then: Snapshot) -> Slots:
        """The slots after a period that left a snapshot."""
        return (*slots, self._pruned((then.state, then.flows, then.target), 1))[-self.slots :] if slots else ()

    def _pruned(self, slot: Slot, batch: int) -> Slot:
        if self.kept is None:
            return slot
        state, flows, target = (kept.of(part, batch) for kept, part in zip(self.kept, slot, strict=True))
        return state, flows, target


def looked_at(slots: Slots, graph: Graph, results: Any) -> Kept:
    """Which arrays of slots on symbols results depend on."""
    arrays: list[Any] = []
    taken_apart(results, arrays, 1)
    used = rows_needed(graph.nodes, [row for one in arrays for row in rows_of(graph, one)])
    parts = []
    for versions in zip(*slots, strict=True):
        numbers: set[int] = set()
        for part in versions:
            found: list[Any] = []
            taken_apart(part, found, 1)
            numbers |= {number for number, one in enumerate(found) if any(used[row] for row in rows_of(graph, one))}
        parts.append(_Part(len(found), frozenset(numbers)))
    return tuple(parts)


def _whole(slot: Slot, graph: Graph) -> Slot:
    """On symbols, with something for every array."""
    arrays: list[Any] = []
    pattern = replaced(taken_apart(slot, arrays, 1), _NotKept, lambda one: one.on(graph))
    state, flows, target = put_together(pattern, iter(arrays))
    return state, flows, target


def every(several: Iterable[Kept]) -> Kept:
    """What any of them keeps."""
    parts = zip(*several, strict=True)
    return tuple(_Part(versions[0].count, frozenset[int]().union(*(part.numbers for part in versions))) for versions in parts)
