"""The sequence in which order-up-to levels become orders: peers first, then downstream to upstream, the fastest lane first.

A site's lanes are filled in the order of their protection intervals. A lane looks at the stock arriving within its own; the
slowest therefore looks at the inventory position. Where goods are made, a site orders what it makes before the parts of it.
Letters: N sites, L lanes, K products, n the lanes of one turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import Array, rows
from ..numerics.bundles import Bundle
from .pipelines import Pipeline
from .recipes import Following, PerUnit, Recipes


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
    beside: PerUnit | None = None
    """What comes beside the products of its rows, which loads of orders leave out and those of shipments do not."""


@dataclass(frozen=True)
class OrderTurn:
    """Lanes that order at the same time, at most one into each site."""

    lanes: Any
    at: Any
    """Their sites among the stage's; None where these are all of them, in order."""
    late: tuple[LateOrders, ...]
    coming: tuple[Following, ...] = ()
    """What arrives no later than these lanes' own orders of what has just been ordered: of peers, and beside what is made."""
    slower: Bundle | None = None
    """The lanes into the same sites that take longer: what waits for approval there comes too late here, whenever it goes."""
    only: Array | None = None
    """1 for the products that are ordered in this turn (n, K, 1); None where these are all that the lanes carry."""


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
    """Whether what they are asked for is the last turn's orders, row by row."""
    turns: tuple[OrderTurn, ...]
    parts: Following | None = None
    """What they need of what has been ordered to be made there."""


@dataclass(frozen=True)
class OrderSequence:
    """Stages in the order in which they are worked out."""

    stages: tuple[Stage, ...]
    order: Any
    """The turns' lanes, one turn after the other (L,); `parts` says where each stands, `place` puts them back in order (L,)."""
    parts: tuple[slice, ...]
    place: Any
    together: Bundle | None = None
    """In place of `place`, where a lane orders some products in one turn and others in another."""


class Making(NamedTuple):
    """What the sequence has to know of a network where goods are made, in NumPy."""

    recipes: Recipes
    turn: NDArray[np.int64]
    """In which of its site's turns each lane orders each product (L, K), −1 for never: what is made before its parts."""


def order_sequence(
    source: NDArray[np.int64],
    destination: NDArray[np.int64],
    echelon: Sequence[int],
    lateral: NDArray[np.bool_],
    lead_time: NDArray[np.int64],
    order_delay: NDArray[np.int64],
    shipment_pipelines: tuple[Pipeline, ...],
    order_pipelines: tuple[Pipeline, ...],
    all_known: bool = False,
    making: Making | None = None,
) -> OrderSequence:
    """The sequence of lanes with these sources, destinations, times as they are known (L,) and sites of these echelons (N,).

    A source that learns of an order later does not count on it now, unless all is ordered by one who knows (`all_known`).
    """
    sequencer = _Sequencer(source, destination, lead_time, order_delay, shipment_pipelines, order_pipelines, making)
    if all_known:
        sequencer.known_later[:] = False
    waves: list[Wave] = [(np.flatnonzero(lateral), None)]
    for height in range(max(echelon) + 1):
        waves += sequencer.waves(np.flatnonzero(~lateral & (np.array(echelon)[destination] == height)))
    stages = tuple(sequencer.stage(wave, lateral[wave[0]], only) for wave, only in waves if wave.size)
    order = [*itertools.chain(*sequencer.turns)]
    ends = [0, *itertools.accumulate(map(len, sequencer.turns))]
    parts = tuple(itertools.starmap(slice, itertools.pairwise(ends)))
    together = None if len(order) == len(source) else Bundle.of(order, len(source))
    return OrderSequence(stages, rows(order), parts, rows(np.argsort(order)), together)


Wave: TypeAlias = tuple[NDArray[np.int64], NDArray[np.bool_] | None]
"""Lanes that order in one stage, and which products each orders there (n, K); None for all that it carries."""


class _Sequencer:
    def __init__(
        self,
        source: Any,
        destination: Any,
        lead: Any,
        delay: Any,
        shipment_pipelines: Any,
        order_pipelines: Any,
        making: Making | None = None,
    ) -> None:
        self.source, self.destination, self.lead, self.protection = source, destination, lead, lead + delay + 1
        self.shipment_pipelines, self.order_pipelines, self.making = shipment_pipelines, order_pipelines, making
        self.known_later = np.zeros(len(source), dtype=bool)
        for pipeline in order_pipelines:
            self.known_later[pipeline.lanes] = pipeline.periods > 0
        self.turns: list[list[int]] = []
        self.peers, self.lateral_turns = np.array([], dtype=np.int64), 0

    def waves(self, lanes: NDArray[np.int64]) -> list[Wave]:
        """The lanes into sites of one echelon, in the stages in which they order."""
        if self.making is None or not lanes.size:
            return [(lanes, None)]
        turn = self.making.turn[lanes]
        found: list[Wave] = []
        for number in range(turn.max() + 1):
            there = (turn == number).any(axis=1)
            split = ((turn != number) & (turn >= 0)).any(axis=1)[there]
            found.append((lanes[there], (turn == number)[there] if split.any() else None))
        return found

    def stage(self, wave: NDArray[np.int64], lateral: bool, only: NDArray[np.bool_] | None = None) -> Stage:
        sites = sorted({int(site) for site in self.destination[wave]})
        asked = np.where(self.known_later[self.ordered], -1, self.source[self.ordered])
        since, internal = self._since([sites.index(site) if site in sites else -1 for site in asked], len(sites))
        parts = self._parts(sites)
        each_asks_its_own = internal.complete and list(internal.owner) == list(range(len(sites)))
        direct = each_asks_its_own and since == len(self.turns) - 1 and parts is None
        queue = {site: sorted(wave[self.destination[wave] == site], key=lambda lane: self.protection[lane]) for site in sites}
        turns = []
        for turn in range(max(map(len, queue.values()))):
            lanes = np.array([queue[site][turn] for site in sites if turn < len(queue[site])])
            at = [number for number, site in enumerate(sites) if turn < len(queue[site])]
            place = None if len(at) == len(sites) else rows(at)
            mask = None if only is None else only[[int(np.flatnonzero(wave == lane)[0]) for lane in lanes]].astype(float)
            turns.append(
                OrderTurn(
                    rows(lanes),
                    place,
                    self._late(lanes),
                    (*self._peers(lanes), *self._beside(lanes)),
                    self._slower(lanes),
                    None if mask is None else mask[:, :, None],
                )
            )
            self.turns.append([int(lane) for lane in lanes])
        if lateral:
            self.peers, self.lateral_turns = self.ordered, len(self.turns)
        return Stage(rows(sites), internal, since, len(sites), direct, tuple(turns), parts)

    @property
    def ordered(self) -> NDArray[np.int64]:
        """The lanes of all turns so far, row by row."""
        return np.array([*itertools.chain(*self.turns)], dtype=np.int64)

    def _since(self, owner: Sequence[int], count: int) -> tuple[int, Bundle]:
        """The first turn with a row that belongs to somebody, and whom the rows from there on belong to; −1 is nobody."""
        first = next((row for row, target in enumerate(owner) if target >= 0), 0)
        sizes = np.cumsum([0, *map(len, self.turns)])
        since = int(np.searchsorted(sizes, first, side="right")) - 1
        return since, Bundle.of(owner[sizes[since] :], count)

    def _following(self, goods: PerUnit | None, owner: Sequence[int], count: int) -> Following | None:
        """What follows from the orders so far, by the lane that each row is of; `owner` says to whom that belongs."""
        if goods is None:
            return None
        place = {int(lane): number for number, lane in enumerate(goods.rows)}
        some = [target if int(lane) in place else -1 for lane, target in zip(self.ordered, owner, strict=True)]
        if max(some, default=-1) < 0:
            return None
        since, _ = self._since(some, count)
        skipped = sum(map(len, self.turns[:since]))
        there = [row for row, target in enumerate(some) if target >= 0]
        which = [place[int(self.ordered[row])] for row in there]
        found = PerUnit(np.array(there) - skipped, goods.product[which], goods.amounts[which])
        return Following(Bundle.of([some[row] for row in there], count), since, None, found)

    def _parts(self, sites: Sequence[int]) -> Following | None:
        if self.making is None:
            return None
        recipes = self.making.recipes
        at = [sites.index(site) if site in sites else -1 for site in self.destination[self.ordered]]
        known = [-1 if self.known_later[lane] else target for lane, target in zip(self.ordered, at, strict=True)]
        return self._following(PerUnit(recipes.lanes, recipes.product, recipes.uses), known, len(sites))

    def _beside(self, lanes: NDArray[np.int64]) -> tuple[Following, ...]:
        """What comes beside other products, of what has been ordered, in time for the orders of these lanes."""
        if self.making is None:
            return ()
        owner = np.full(len(self.ordered), -1)
        for number, lane in enumerate(lanes):
            same = self.destination[self.ordered] == self.destination[lane]
            owner[same & (self.protection[self.ordered] <= self.protection[lane])] = number
        found = self._following(self.making.recipes.beside, owner.tolist(), len(lanes))
        return () if found is None else (found,)

    def _peers(self, lanes: NDArray[np.int64]) -> tuple[Following, ...]:
        owner = np.full(len(self.peers), -1)
        for number, lane in enumerate(lanes):
            same = self.destination[self.peers] == self.destination[lane]
            owner[same & (self.protection[self.peers] <= self.protection[lane])] = number
        return (Following(Bundle.of(owner, len(lanes)), 0, self.lateral_turns),) if (owner >= 0).any() else ()

    def _slower(self, lanes: NDArray[np.int64]) -> Bundle | None:
        owner = np.full(len(self.protection), -1)
        for number, lane in enumerate(lanes):
            owner[(self.destination == self.destination[lane]) & (self.protection > self.protection[lane])] = number
        return Bundle.of(owner, len(lanes)) if (owner >= 0).any() else None

    def _late(self, lanes: NDArray[np.int64]) -> tuple[LateOrders, ...]:
        found = [self._part(lanes, np.arange(len(self.lead)), self.lead, LateOrders)]
        for number, pipeline in enumerate(self.shipment_pipelines):
            for entry in range(pipeline.periods):
                left = self.lead[self._lanes(pipeline)] - entry - 1
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
        if not (owner >= 0).any():
            return None
        found: LateOrders = make(Bundle.of(owner, len(lanes)))
        beside = None if self.making is None else self.making.recipes.beside
        return found if beside is None else replace(found, beside=beside.among(members))

    def _lanes(self, pipeline: Pipeline) -> NDArray[np.int64]:
        lanes: NDArray[np.int64] = np.arange(len(self.lead))[pipeline.lanes]
        return lanes
