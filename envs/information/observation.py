"""The vector that a learner sees: the visible fields of its own and of other sites, scaled to the order of one.

Letters: B batch, S seats, N sites, K products, D the length of an observation, G the length of one site's block. Every seat's
observation has the same layout, so that one network can serve all sites: its own block first, then the others it may see, then
zeros where it has fewer neighbours than another seat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

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
    """Builds the observations of some seats of a level on a network: sites, or the planner."""

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
        xp, cut = backend.xp, len(self._moving)
        scales = [self._scale(field) for field in self.fields]
        nobody = (self.others < 0)[:, :, None, None, None]
        seen = np.maximum(self.others, 0)
        weight = np.where(nobody, 0.0, 1.0 / np.concatenate(scales[:cut], axis=1)[seen][..., None])
        widths = [len(field.labels(self.network)) for field in self._moving]
        private = np.repeat([field.private for field in self._moving], widths)
        weight[:, int(not self.planner) :, private] = 0.0
        fixed = backend.xp.concat([field.read(start) for field in self._fixed], axis=1)
        constants = take(fixed / backend.asarray(np.concatenate(scales[cut:], axis=1)[..., None]), backend.asarray(seen))
        constants = constants * backend.asarray(np.where(nobody, 0.0, 1.0))
        batch = start.state.on_hand.shape[-1]
        if batch > 1:
            constants = xp.broadcast_to(constants, (*constants.shape[:-1], batch))
        pool = _RowPool.of(self._moving, start)
        index = np.where(self.others[:, :, None] < 0, pool.nothing, pool.rows[seen])
        late = None
        if self.autonomy.feed_latency or self.autonomy.feed_noise:
            fed = np.ones(seen.shape, dtype=bool)
            fed[:, 0] = self.planner
            noisy = np.repeat([field.noisy for field in self._moving], widths)
            counted = (fed[:, :, None] & noisy)[..., None, None].astype(float)
            late = LateFeed(
                backend.asarray(fed[:, :, None] * (pool.nothing + 1)), backend.asarray(seen), backend.asarray(counted)
            )
        return Compiled(pool.readers, backend.asarray(index), backend.asarray(weight), constants, pool.zero, late)

    def _scale(self, field: Field) -> NDArray[np.float64]:
        """What each number of a field is divided by (N, W, K): units by the site's mean demand plus twice its deviation."""
        network = self.network
        sites, _, products, _ = network.topology.shape
        if field.unit == "units":
            scale = np.broadcast_to(unit_scale(network)[:, None], (sites, 1, products))
        elif field.unit == "money":
            scale = np.full((sites, 1, products), max(network.costs.holding.max() + network.costs.shortage.max(), 1e-9))
        elif field.unit == "periods":
            scale = np.full((sites, 1, products), 1.0 + (network.times.lead_time + network.times.order_delay).max())
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

    offset: Array
    """How much further down a number stands when it comes from the feed (S, slots, 1)."""
    sites: Array
    """Whose numbers they are (S, slots)."""
    counted: Array
    """1 where a number is subject to the feed's error (S, slots, W, 1, 1)."""


@dataclass(frozen=True)
class Compiled:
    """An observer's numbers in one backend: every moving number is a row of the fields' raw parts, one below the other."""

    moving: list[tuple[Callable[[Snapshot], list[Array]], Bundle | None]]
    """How each field's parts are read, and by what they are added up before their rows can be picked."""
    index: Array
    """Row of each moving number (S, slots, W)."""
    weight: Array
    """1 / scale of each (S, slots, W, K, 1), 0 for nobody's."""
    constants: Array
    """The parameters, scaled (S, slots, W', K, B)."""
    zero: Array
    """A row of nothing (1, K, B)."""
    late: LateFeed | None
    """None where everybody sees everything as it is."""

    def observe(self, now: Snapshot, feed: Snapshot | None = None) -> Array:
        """Observations (S, D, B) in the simulator's type, fresh: what is one's own from `now`, all else from `feed`."""
        feed = now if feed is None else feed
        xp = namespace(self.zero)
        if self.late is None:
            moving = take(xp.concat([*self._parts(now), self.zero]), self.index) * self.weight
        else:
            pool = xp.concat([*self._parts(now), self.zero, *self._parts(feed), self.zero])
            moving = take(pool, self.index + self.late.offset) * self.weight
            if feed.error is not None:
                moving = blurred(moving, self.late.counted * take(feed.error, self.late.sites)[:, :, None])
        blocks = xp.concat([moving, self.constants], axis=2)
        return blocks.reshape((blocks.shape[0], -1, blocks.shape[-1]))

    def _parts(self, source: Snapshot) -> list[Array]:
        parts: list[Array] = []
        for read, bundle in self.moving:
            found = read(source)
            parts += found if bundle is None else [bundle.total(part) for part in found]
        return parts


@dataclass(frozen=True)
class _RowPool:
    """Where the moving numbers of each site stand when the fields' parts are put one below the other."""

    rows: NDArray[np.int64]
    """Row of each number of each site (N, W); `nothing` where a site has none."""
    nothing: int
    readers: list[tuple[Callable[[Snapshot], list[Array]], Bundle | None]]
    zero: Array

    @classmethod
    def of(cls, fields: list[Field], start: Snapshot) -> _RowPool:
        network, offset = start.network, 0
        columns, readers = [], []
        for field in fields:
            bundle = getattr(network.topology, field.layout.bundle) if field.layout.bundle else None
            adds_up = bundle is not None and not field.layout.spread and bundle.degree > 1
            for part in field.parts(start):
                columns.append(_rows_of(None if adds_up else bundle, len(network.sites), offset))
                offset += len(network.sites) if adds_up else part.shape[0]
            readers.append((field.parts, bundle if adds_up else None))
        rows = np.concatenate(columns, axis=1)
        return cls(np.where(rows < 0, offset, rows), offset, readers, start.state.on_hand[:1] * 0.0)


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
    everybody = list(range(len(network.sites)))
    if seats == (PLANNER,):
        return np.array([everybody])
    seated = [network.sites.index(name) for name in seats]
    if visibility == "silo":
        return np.array(seated)[:, None]
    if visibility != "neighbours":
        return np.array([[site, *(other for other in everybody if other != site)] for site in seated])
    suppliers = [sorted({int(s) for s, d in _links(network) if d == site and s >= 0}) for site in everybody]
    customers = [sorted({int(d) for s, d in _links(network) if s == site}) for site in everybody]
    rows = zip(everybody, _padded(suppliers), _padded(customers), strict=True)
    return np.array([[site, *up, *down] for site, up, down in rows])[seated]


def _links(network: Network) -> list[tuple[int, int]]:
    return list(zip(network.topology.source.tolist(), network.topology.destination.tolist(), strict=True))


def _padded(lists: list[list[int]]) -> list[list[int]]:
    longest = max(map(len, lists))
    return [found + [-1] * (longest - len(found)) for found in lists]
