"""The sequence in which order-up-to levels become orders: peers first, then downstream to upstream, the fastest lane first.

A site's lanes are filled in the order of their protection intervals. A lane looks at the stock arriving within its own; the
slowest therefore looks at the inventory position. Letters: N sites, L lanes, n the lanes of one turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import rows
from ..numerics.bundles import Bundle
from .pipelines import Pipeline


@dataclass(frozen=True)
class LateOrders:
    """Part of what a lane's order must not count on: it arrives after the order itself would.

    `entry` of the load of pipeline number `pipeline` (of shipments, or of orders), or all that waits at the source where
    `pipeline` is None; `lanes` adds its rows up for the lanes of the turn.
    """

    lanes: Bundle
    by_order_pipeline: bool = False
    pipeline: int | None = None
    entry: int = 0


@dataclass(frozen=True)
class Turn:
    """Lanes that order at the same time, at most one into each site."""

    lanes: Any
    at: Any
    """Their sites among the stage's; None where these are all of them, in order."""
    late: tuple[LateOrders, ...]
    peers: Bundle | None = None
    """What was ordered of peers just now and arrives no later than these lanes' own orders, as rows of the lateral turns."""
    slower: Bundle | None = None
    """The lanes into the same sites that take longer: what waits for approval there comes too late here, whenever it goes."""


@dataclass(frozen=True)
class Stage:
    """Sites of one echelon (or, for lateral lanes, all that have one), whose internal customers have ordered before."""

    sites: Any
    internal: Bundle
    """The lanes out of these sites among those that have ordered and whose orders are known at once, as rows of the turns
    from number `since` on."""
    since: int
    size: int
    """How many sites."""
    direct: bool
    """Whether what they are asked for is one earlier turn's orders, row by row."""
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class OrderSequence:
    """Stages in the order in which they are worked out."""

    stages: tuple[Stage, ...]
    order: Any
    """The turns' lanes, one turn after the other (L,); `sizes` says how many each has, `place` puts them back in order (L,)."""
    sizes: tuple[int, ...]
    place: Any
    lateral_turns: int
    """How many turns belong to lateral lanes; they come first."""


def order_sequence(
    source: NDArray[np.int64],
    destination: NDArray[np.int64],
    echelon: Sequence[int],
    lateral: NDArray[np.bool_],
    protection: NDArray[np.int64],
    shipment_pipelines: tuple[Pipeline, ...],
    order_pipelines: tuple[Pipeline, ...],
    all_known: bool = False,
) -> OrderSequence:
    """The sequence of lanes with these sources, destinations, protection intervals (L,) and sites of these echelons (N,).

    A source that learns of an order later does not count on it now, unless all is ordered by one who knows (`all_known`).
    """
    sequencer = _Sequencer(source, destination, protection, shipment_pipelines, order_pipelines)
    if all_known:
        sequencer.known_later[:] = False
    waves = [np.flatnonzero(lateral)]
    waves += [np.flatnonzero(~lateral & (np.array(echelon)[destination] == height)) for height in range(max(echelon) + 1)]
    stages = tuple(sequencer.stage(wave, lateral[wave[0]]) for wave in waves if wave.size)
    order = [*itertools.chain(*sequencer.turns)]
    sizes = tuple(map(len, sequencer.turns))
    return OrderSequence(stages, rows(order), sizes, rows(np.argsort(order)), len(stages[0].turns) if lateral.any() else 0)


class _Sequencer:
    def __init__(self, source: Any, destination: Any, protection: Any, shipment_pipelines: Any, order_pipelines: Any) -> None:
        self.source, self.destination, self.protection = source, destination, protection
        self.shipment_pipelines, self.order_pipelines = shipment_pipelines, order_pipelines
        self.lead = np.zeros(len(source), dtype=np.int64)
        for pipeline in shipment_pipelines:
            self.lead[pipeline.lanes] = pipeline.periods
        self.known_later = np.zeros(len(source), dtype=bool)
        for pipeline in order_pipelines:
            self.known_later[pipeline.lanes] = pipeline.periods > 0
        self.turns: list[list[int]] = []
        self.peers = np.array([], dtype=np.int64)

    def stage(self, wave: NDArray[np.int64], lateral: bool) -> Stage:
        sites = sorted({int(site) for site in self.destination[wave]})
        ordered = np.array([*itertools.chain(*self.turns)], dtype=np.int64)
        asked = np.where(self.known_later[ordered], -1, self.source[ordered])
        owner = [sites.index(site) if site in sites else -1 for site in asked]
        first = next((row for row, site in enumerate(owner) if site >= 0), 0)
        sizes = np.cumsum([0, *map(len, self.turns)])
        since = int(np.searchsorted(sizes, first, side="right")) - 1
        internal = Bundle.of(owner[sizes[since] :], len(sites))
        queue = {site: sorted(wave[self.destination[wave] == site], key=lambda lane: self.protection[lane]) for site in sites}
        turns = []
        for turn in range(max(map(len, queue.values()))):
            lanes = np.array([queue[site][turn] for site in sites if turn < len(queue[site])])
            at = [number for number, site in enumerate(sites) if turn < len(queue[site])]
            place = None if len(at) == len(sites) else rows(at)
            turns.append(Turn(rows(lanes), place, self._late(lanes), self._peers(lanes), self._slower(lanes)))
            self.turns.append([int(lane) for lane in lanes])
        if lateral:
            self.peers = np.array([*itertools.chain(*self.turns)])
        direct = internal.complete and list(internal.owner) == list(range(len(sites)))
        return Stage(rows(sites), internal, since, len(sites), direct, tuple(turns))

    def _peers(self, lanes: NDArray[np.int64]) -> Bundle | None:
        owner = np.full(len(self.peers), -1)
        for number, lane in enumerate(lanes):
            same = self.destination[self.peers] == self.destination[lane]
            owner[same & (self.protection[self.peers] <= self.protection[lane])] = number
        return Bundle.of(owner, len(lanes)) if (owner >= 0).any() else None

    def _slower(self, lanes: NDArray[np.int64]) -> Bundle | None:
        owner = np.full(len(self.protection), -1)
        for number, lane in enumerate(lanes):
            owner[(self.destination == self.destination[lane]) & (self.protection > self.protection[lane])] = number
        return Bundle.of(owner, len(lanes)) if (owner >= 0).any() else None

    def _late(self, lanes: NDArray[np.int64]) -> tuple[LateOrders, ...]:
        found = [self._part(lanes, np.arange(len(self.lead)), self.lead, LateOrders)]
        for number, pipeline in enumerate(self.shipment_pipelines):
            for entry in range(pipeline.periods):
                left = np.full(self._lanes(pipeline).size, pipeline.periods - entry - 1)
                found.append(
                    self._part(lanes, self._lanes(pipeline), left, lambda b, n=number, e=entry: LateOrders(b, False, n, e))
                )
        for number, pipeline in enumerate(self.order_pipelines):
            for entry in range(pipeline.periods):
                left = self.lead[self._lanes(pipeline)] + pipeline.periods - entry - 1
                found.append(
                    self._part(lanes, self._lanes(pipeline), left, lambda b, n=number, e=entry: LateOrders(b, True, n, e))
                )
        return tuple(part for part in found if part is not None)

    def _part(self, lanes: Any, members: Any, left: Any, make: Any) -> LateOrders | None:
        """The members (rows of one load) that are still `left` periods away when each lane's own order has arrived."""
        owner = np.full(len(members), -1)
        for number, lane in enumerate(lanes):
            late = (self.destination[members] == self.destination[lane]) & (left > self.protection[lane] - 1)
            owner[late] = number
        return make(Bundle.of(owner, len(lanes))) if (owner >= 0).any() else None

    def _lanes(self, pipeline: Pipeline) -> NDArray[np.int64]:
        lanes: NDArray[np.int64] = np.arange(len(self.lead))[pipeline.lanes]
        return lanes
