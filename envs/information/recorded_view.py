"""Observations on symbols, for recorded programs; and what of them no recording can hold.

A field that looks at the calendar or at what is announced changes with the period, and is read beside the program as ever.
Letters: B batch, S seats, D the length of an observation.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

import numpy as np

from ..network.network import Network
from ..numerics.arrays import Array
from ..recording.graph import Graph, NotRecordable
from ..recording.leaves import put_together, taken_apart
from ..recording.recording import Recording, symbols_of
from .observation import Compiled, Reader
from .snapshot import Snapshot

Outside = tuple[int, ...]
"""Numbers of the moving fields that are read beside a program."""


class _Unknown:
    """Stands for what changes with the period: whoever looks at it cannot be recorded."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NotRecordable(name)

    def _refuse(self, *_: Any) -> NoReturn:
        raise NotRecordable("the period's number")

    __add__ = __radd__ = __sub__ = __mod__ = __mul__ = __lt__ = __float__ = __index__ = _refuse


class _Dated(_Unknown):
    """A period of which no more is known than whether episodes had begun, so many periods ago."""

    def __init__(self, age: int, begun: bool) -> None:
        self._age, self._begun = age, begun

    def __add__(self, age: int) -> _Dated:  # type: ignore[override] # this much is known
        return self

    def __gt__(self, age: int) -> bool:
        return self._begun if age == self._age else self._refuse(age)

    def __le__(self, age: int) -> bool:
        return not self > age


def outside(compiled: Compiled, now: Snapshot) -> Outside:
    """Which fields look at what no recording can hold, in networks and levels such as this snapshot's."""
    pattern = taken_apart(_argument(now), [], now.state.on_hand.shape[-1])
    symbolic = _snapshot(now.network, put_together(pattern, symbols_of(pattern, Graph(now.state.on_hand.dtype))))
    return tuple(number for number, read in enumerate(compiled.moving) if not _can(read, symbolic))


def observed(compiled: Compiled, beside: Outside, sources: Sequence[tuple[Snapshot, Any]]) -> Any:
    """Observations (S, D, 1) on symbols: of the present, and of the feed if that is another; each with the fields beside it."""
    zero, parameters = compiled.still
    parts = {id(snapshot): given for snapshot, given in sources}

    def reader(number: int, read: Reader) -> Reader:
        return read if number not in beside else lambda source: list(parts[id(source)][beside.index(number)])

    moving = tuple(reader(number, read) for number, read in enumerate(compiled.moving))
    alone = replace(compiled, still=(zero[..., :1], parameters[..., :1]), moving=moving, recorded=None)
    return alone.observe(sources[0][0], sources[-1][0])


def timeless(
    network: Network, state: Any, flows: Any, target: Any = None, calm: bool = True, age: int = 0, begun: bool | None = None
) -> Snapshot:
    """A snapshot on symbols, of no period in particular, seen at this age; `begun` if it is known whether it is a first one."""
    number: Any = _Unknown() if begun is None else _Dated(age, begun)
    outlook: Any = None if calm else _Unknown()
    return Snapshot(network, number, state, flows, target, outlook=outlook)


class RecordedView:
    """What one observer's seats see of snapshots, as a program for each pattern that is met."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._recordings: dict[Hashable, tuple[Recording, Outside] | None] = {}

    def __call__(self, now: Snapshot, feed: Snapshot, kind: Any) -> Array | None:
        """Observations (B, S, D) of this type, fresh; None where they cannot be recorded."""
        sources = (now,) if feed is now or self._compiled.late is None else (now, feed)
        batch = now.state.on_hand.shape[-1]
        key = taken_apart(tuple(map(_argument, sources)), [], batch), np.dtype(kind)
        if key not in self._recordings:
            self._recordings[key] = self._recorded(sources, kind, batch)
        known = self._recordings[key]
        if known is None:
            return None
        recording, beside = known
        arrays: list[Any] = []
        taken_apart(tuple((_argument(one), self._beside(beside, one)) for one in sources), arrays, batch)
        try:
            return recording(arrays, batch)
        except NotRecordable:
            self._recordings[key] = None
            return None

    def _beside(self, beside: Outside, source: Snapshot) -> tuple[tuple[Array, ...], ...]:
        return tuple(tuple(self._compiled.moving[number](source)) for number in beside)

    def _recorded(self, sources: Sequence[Snapshot], kind: Any, batch: int) -> tuple[Recording, Outside] | None:
        network, of = sources[0].network, sources[0].state.on_hand.dtype
        try:
            beside = outside(self._compiled, sources[0])
            pattern = taken_apart(tuple((_argument(one), self._beside(beside, one)) for one in sources), [], batch)
            return Recording(partial(self._seen, network, beside), pattern, of, kind), beside
        except NotRecordable:
            return None

    def _seen(self, network: Network, beside: Outside, *given: Any) -> Any:
        return observed(self._compiled, beside, [(_snapshot(network, argument), parts) for argument, parts in given])


def _argument(source: Snapshot) -> tuple[Any, ...]:
    """What fields are made of, apart from the period and what is announced."""
    one = source
    return one.state, one.flows, one.target, one.since, one.error, one.age, one.outlook is None, one.recent


def _snapshot(network: Network, argument: Any) -> Snapshot:
    state, flows, target, since, error, age, calm, recent = argument
    found = timeless(network, state, flows, target, calm)
    return replace(found, age=age, error=error, since=since, recent=recent)


def _can(read: Reader, symbolic: Snapshot) -> bool:
    try:
        read(symbolic)
    except NotRecordable:
        return False
    return True
