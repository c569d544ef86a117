"""The vector that a learner sees: the visible fields of its own and of other sites, scaled to the order of one.

Letters: B batch, S seats, N sites, K products, D the length of an observation, G the length of one site's block. Every seat's
observation has the same layout, so that one network can serve all sites: its own block first, then the others it may see, then
zeros where it has fewer neighbours than another seat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import PLANNER, Autonomy, Visibility
from ..network.network import Network
from ..numerics.arrays import Array, namespace, take
from ..numerics.backend import Backend
from ..numerics.bundles import Bundle
from .feed import blurred
from .fields import FIELDS, Field, may_see
from .snapshot import Snapshot

Reader: TypeAlias = Callable[[Snapshot], list[Array]]
"""What reads some rows of a snapshot."""


@dataclass(frozen=True)
class ObservationEntry:
    """One number of an observation."""

    position: int
    whose: str
    field: str
    label: str
    product: str
    unit: str
    scale: float
    """What the raw number is divided by."""
    meaning: str


class Observer:
    """Builds the observations of some seats of an autonomy level on a network: sites, or the planner."""

    def __init__(self, network: Network, autonomy: Autonomy, seats: tuple[str, ...]) -> None:
        self.network, self.autonomy, self.seats = network, autonomy, seats
        self.planner = seats == (PLANNER,)
        self.others = _others(network, autonomy.visibility_of(seats), seats)
        seen = [field for name, field in FIELDS.items() if field.labels(network) and may_see(name, autonomy, seats)]
        self._moving = [field for field in seen if not field.constant]
        self._fixed = [field for field in seen if field.constant]
        self.fields = self._moving + self._fixed

    @cached_property
    def block(self) -> int:
        """G: numbers in one site's block."""
        return sum(len(field.labels(self.network)) for field in self.fields) * len(self.network.products)

    @cached_property
    def length(self) -> int:
        """D."""
        return self.block * int(self.others.shape[1])

    def compile(self, backend: Backend, start: Snapshot) -> Compiled:
        """Make ready for one backend and batch: the parameters are read once, from `start`."""
        pool, parameters = _RowPool.of(self._moving, start), self._parameters(backend, start)
        seen, nobody = np.maximum(self.others, 0), (self.others < 0)[:, :, None]
        below = pool.nothing + 1 + np.arange(parameters.shape[0]).reshape((len(self.network.sites), -1))
        moving, fixed = (np.where(nobody, pool.nothing, rows[seen]) for rows in (pool.rows, below))
        late = None
        if self.autonomy.feed_latency or self.autonomy.feed_noise:
            fed = np.ones(nobody.shape, dtype=bool)
            fed[:, 0] = self.planner
            moving = np.where(fed & (moving != pool.nothing), moving + pool.nothing + 1 + below.size, moving)
            counted = np.concatenate([fed & self._each("noisy"), np.zeros(fixed.shape, dtype=bool)], axis=2)
            late = LateFeed(backend.asarray(seen), backend.asarray(counted[..., None, None].astype(float)))
        weight = np.concatenate([self._weight(), np.ones((*fixed.shape, len(self.network.products)))], axis=2)
        index = np.concatenate([moving, fixed], axis=2)
        still = (pool.zero, parameters)
        return Compiled(pool.readers, still, backend.asarray(index), backend.asarray(weight[..., None]), late)

    def _parameters(self, backend: Backend, start: Snapshot) -> Array:
        """All that is constant, scaled, site by site (N·W', K, B)."""
        values = backend.xp.concat([field.read(start) for field in self._fixed], axis=1)
        values = values / backend.asarray(np.concatenate([self._scale(field) for field in self._fixed], axis=1)[..., None])
        rows = values.reshape((-1, *values.shape[2:]))
        return backend.xp.broadcast_to(rows, (*rows.shape[:2], start.state.on_hand.shape[-1]))

    def _weight(self) -> NDArray[np.float64]:
        """1 / scale of each moving number (S, slots, W, K), 0 for nobody's and for what only a site itself can see."""
        scale = np.concatenate([self._scale(field) for field in self._moving], axis=1)[np.maximum(self.others, 0)]
        weight = np.where((self.others < 0)[:, :, None, None], 0.0, 1.0 / scale)
        weight[:, int(not self.planner) :, self._each("private")] = 0.0
        return weight

    def _each(self, key: str) -> NDArray[np.bool_]:
        """What is said of each moving number's field (W,)."""
        widths = [len(field.labels(self.network)) for field in self._moving]
        return np.repeat([bool(getattr(field, key)) for field in self._moving], widths)

    def _scale(self, field: Field) -> NDArray[np.float64]:
        """What each number of a field is divided by (N, W, K): units by the site's mean demand plus twice its deviation."""
        network = self.network
        sites, _, products, _ = network.topology.shape
        if field.unit == "units":
            scale = np.broadcast_to(unit_scale(network)[:, None], (sites, 1, products))
        elif field.unit == "money":
            scale = np.full((sites, 1, products), max(network.costs.holding.max() + network.costs.shortage.max(), 1e-9))
        elif field.unit == "hours":
            scale = np.full((sites, 1, products), 1.0 if network.machines is None else float(network.machines.most.max()))
        elif field.unit == "periods":
            scale = np.full((sites, 1, products), 1.0 + (network.times.protection - 1).max())
        else:
            scale = np.ones((sites, 1, products))
        return np.repeat(scale, len(field.labels(network)), axis=1)

    def table(self, seat: str) -> list[ObservationEntry]:
        """What every number of a seat's observation is."""
        found: list[ObservationEntry] = []
        for place in self.others[self.seats.index(seat)]:
            name = self.network.sites[place] if place >= 0 else "nobody"
            for field in self.fields:
                whose = "nobody" if field.private and name != seat else name
                scale = self._scale(field)
                for width, label in enumerate(field.labels(self.network)):
                    for product, bought in enumerate(self.network.products):
                        size = float(scale[max(place, 0), width, product])
                        found.append(
                            ObservationEntry(len(found), whose, field.name, label, bought, field.unit, size, field.meaning)
                        )
        return found


@dataclass(frozen=True)
class LateFeed:
    """What a late or noisy feed adds to an observer's layout."""

    sites: Array
    """Whose numbers they are (S, slots)."""
    counted: Array
    """1 where a number is subject to the feed's error (S, slots, G, 1, 1)."""


@dataclass(frozen=True)
class Compiled:
    """An observer's numbers in one backend: each is a row of a pool, in which the fields' raw parts stand one below the other.

    First comes what moves, then what stands still, and then, where some look at a late feed, what moves as the feed shows it.
    A site's block has G rows of the pool.
    """

    moving: tuple[Reader, ...]
    """What reads each moving field's parts, added up where only sums can be picked."""
    still: tuple[Array, Array]
    """A row of nothing (1, K, B), and the parameters of all sites, scaled (N·W', K, B)."""
    index: Array
    """Row of each number (S, slots, G)."""
    weight: Array
    """1 / scale of each (S, slots, G, K, 1), 1 for the parameters, 0 for nobody's."""
    late: LateFeed | None
    """None where everybody sees everything as it is."""
    recorded: Any = None
    """A program that comes to the same; None where there is none."""

    def observe(self, now: Snapshot, feed: Snapshot | None = None) -> Array:
        """Observations (S, D, B) in the simulator's type, fresh: what is one's own from `now`, all else from `feed`."""
        feed = now if feed is None else feed
        pool = [*self._parts(now), *self.still]
        if self.late is not None:
            pool += self._parts(feed)
        blocks = take(namespace(pool[0]).concat(pool), self.index)
        blocks *= self.weight
        if self.late is not None and feed.error is not None:
            blocks = blurred(blocks, self.late.counted * take(feed.error, self.late.sites)[:, :, None])
        return blocks.reshape((blocks.shape[0], -1, blocks.shape[-1]))

    def _parts(self, source: Snapshot) -> list[Array]:
        parts: list[Array] = []
        for read in self.moving:
            parts += read(source)
        return parts


@dataclass(frozen=True)
class _RowPool:
    """Where the moving numbers of each site stand when the fields' parts are put one below the other."""

    rows: NDArray[np.int64]
    """Row of each number of each site (N, W); `nothing` where a site has none."""
    nothing: int
    readers: tuple[Reader, ...]
    zero: Array

    @classmethod
    def of(cls, fields: list[Field], start: Snapshot) -> _RowPool:
        network, offset = start.network, 0
        columns: list[NDArray[np.int64]] = []
        readers: list[Reader] = []
        for field in fields:
            bundle = getattr(network.topology, field.layout.bundle) if field.layout.bundle else None
            sums: Bundle | None = bundle if bundle and not field.layout.spread and bundle.degree > 1 else None
            for part in field.parts(start):
                columns.append(_rows_of(None if sums else bundle, len(network.sites), offset))
                offset += len(network.sites) if sums else part.shape[0]
            readers.append(partial(_totals, field.parts, sums) if sums else field.parts)
        rows = np.concatenate(columns, axis=1)
        return cls(np.where(rows < 0, offset, rows), offset, tuple(readers), start.state.on_hand[:1] * 0.0)


def _totals(read: Reader, bundle: Bundle, source: Snapshot) -> list[Array]:
    """A field's parts, added up by site."""
    return [bundle.total(part) for part in read(source)]


def _rows_of(bundle: Bundle | None, sites: int, offset: int) -> NDArray[np.int64]:
    """Row of each site's entries in a part that begins at `offset` (N, W), −1 where it has none."""
    if bundle is None:
        return np.arange(sites)[:, None] + offset
    lists = bundle.lists()
    found = np.full((sites, max(bundle.degree, 1)), -1)
    for site, members in enumerate(lists):
        found[site, : len(members)] = np.array(members, dtype=np.int64) + offset
    return found


def unit_scale(network: Network) -> NDArray[np.float64]:
    """A usual amount of a product at a site (N, K) [units]: mean demand of a period plus twice its deviation."""
    return np.where(network.loads.usual_amount > 0, network.loads.usual_amount, 1.0)


def _others(network: Network, visibility: Visibility, seats: tuple[str, ...]) -> NDArray[np.int64]:
    """Whose blocks each seat sees (S, slots), its own first, −1 for nobody."""
    all_sites = list(range(len(network.sites)))
    if seats == (PLANNER,):
        return np.array([all_sites])
    seated = [network.sites.index(name) for name in seats]
    if visibility == "silo":
        return np.array(seated)[:, None]
    if visibility != "neighbours":
        return np.array([[site, *(other for other in all_sites if other != site)] for site in seated])
    suppliers = [sorted({int(s) for s, d in _links(network) if d == site and s >= 0}) for site in all_sites]
    customers = [sorted({int(d) for s, d in _links(network) if s == site}) for site in all_sites]
    rows = zip(all_sites, _padded(suppliers), _padded(customers), strict=True)
    return np.array([[site, *up, *down] for site, up, down in rows])[seated]


def _links(network: Network) -> list[tuple[int, int]]:
    return list(zip(network.topology.source.tolist(), network.topology.destination.tolist(), strict=True))


def _padded(lists: list[list[int]]) -> list[list[int]]:
    longest = max(map(len, lists))
    return [found + [-1] * (longest - len(found)) for found in lists]
