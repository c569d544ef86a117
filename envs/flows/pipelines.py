"""Things under way: shipments on their lanes and orders on their way to the source.

Letters: L lanes, n the lanes of one pipeline, K products, B batch. What entered `a` periods ago has age a.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..numerics.arrays import Array, namespace, rows, zeros_for

Load: TypeAlias = tuple[Array, ...]
"""What is in a pipeline at a period's start: entry i is what entered i+1 periods ago (n, K, B)."""


@dataclass(frozen=True)
class Pipeline:
    """The lanes that share a travel time of `periods`, or that draw theirs up to `periods` (`random`)."""

    lanes: Any
    periods: int
    random: bool = False
    drawn: Any = None
    """Where a random pipeline's lanes stand in the trace's lead times (n,)."""
    undisturbed: Any = None
    """Their longest lead times as long as nothing delays them (n, 1, 1)."""

    def advance(
        self, load: Load, entering: Array, times: Array | None, moving: Array | None = None, receiving: Array | None = None
    ) -> tuple[Array, Load]:
        """One period: what arrives (n, K, B), and the load after it. `times` (n, 1, B) are those of `entering` if random.

        Where `moving` (n, 1, B) is 0 everything stays where it is, where `receiving` is 0 what has arrived waits at the door.
        """
        if not self.random:
            queue = (entering, *load)
            if self.periods and not (moving is None and receiving is None):
                return _held(queue, moving, receiving)
            return queue[-1], queue[:-1]
        units, due = (entering, *load[0::2]), (times, *load[1::2])
        xp = namespace(entering)
        zero = xp.zeros_like(entering)
        arrived = [xp.where(time == age, what, zero) for age, (what, time) in enumerate(zip(units, due, strict=True))]
        left = [xp.where(time == age, zero, what) for age, (what, time) in enumerate(zip(units, due, strict=True))]
        kept = zip(left[:-1], due[:-1], strict=True)
        return _add(arrived), tuple(part for pair in kept for part in pair)

    def total(self, load: Load) -> Array | None:
        """Everything under way (n, K, B); None where nothing can be."""
        entries = self.by_age(load)
        return _add(entries) if entries else None

    def by_age(self, load: Load) -> Load:
        """The units alone, youngest first."""
        return load[0::2] if self.random else load


def _held(queue: Load, moving: Array | None, receiving: Array | None) -> tuple[Array, Load]:
    """One period of a pipeline that may stand still, or that nobody takes anything from."""
    *after, arrived = queue
    if receiving is not None:
        let_in = receiving * arrived
        after[-1], arrived = after[-1] + (arrived - let_in), let_in
    if moving is not None:
        entering, *stay = queue
        stay[0] = stay[0] + entering
        after = [moving * there + (1.0 - moving) * here for there, here in zip(after, stay, strict=True)]
        arrived = moving * arrived
    return arrived, tuple(after)


def _add(entries: Any) -> Array:
    first, *others = entries
    for entry in others:
        first = first + entry
    return first


def pipelines(times: Any, random: Any, delay: Any = 0) -> tuple[Pipeline, ...]:
    """Group lanes by (longest) travel time (L,), of which `delay` (L,) is for disruptions, and by whether it is random (L,)."""
    undisturbed = np.array(times - delay, float)[:, None, None]
    keys = sorted({(bool(is_random), int(time)) for time, is_random in zip(times, random, strict=True)})
    order = np.cumsum(random) - 1
    found = []
    for is_random, time in keys:
        lanes = np.flatnonzero((np.asarray(times) == time) & (np.asarray(random) == is_random))
        drawn = (rows(order[lanes]), undisturbed[lanes]) if is_random else ()
        found.append(Pipeline(rows(lanes), time, is_random, *drawn))
    return tuple(found)


def advance(
    pipelines: tuple[Pipeline, ...],
    loads: tuple[Load, ...],
    entering: Array,
    times: Array | None = None,
    moving: Array | None = None,
    receiving: Array | None = None,
) -> tuple[Array, tuple[Load, ...]]:
    """All pipelines by one period: what arrives on each lane (L, K, B), and the loads after it.

    `times` (R, 1, B) are the lead times of what enters random ones; `moving` and `receiving` (L, 1, B) are 0 where goods are
    held in transit, or not let in.
    """
    if len(pipelines) == 1 and not pipelines[0].random:
        arrived, load = pipelines[0].advance(loads[0], entering, None, moving, receiving)
        return arrived, (load,)
    out = zeros_for(entering, *entering.shape)
    after = []
    for pipeline, load in zip(pipelines, loads, strict=True):
        drawn = times[pipeline.drawn] if pipeline.random and times is not None else None
        going = None if moving is None else moving[pipeline.lanes]
        open_ = None if receiving is None else receiving[pipeline.lanes]
        out[pipeline.lanes], moved = pipeline.advance(load, entering[pipeline.lanes], drawn, going, open_)
        after.append(moved)
    return out, tuple(after)


def under_way(pipelines: tuple[Pipeline, ...], loads: tuple[Load, ...], like: Array) -> Array:
    """What is under way on each lane (L, K, B), in an array like `like`."""
    if len(pipelines) == 1 and pipelines[0].periods:
        return pipelines[0].total(loads[0])
    out = zeros_for(like, *like.shape)
    for pipeline, load in zip(pipelines, loads, strict=True):
        total = pipeline.total(load)
        if total is not None:
            out[pipeline.lanes] = total
    return out
