"""The vector that a learner sees: the visible fields of its own and of other sites, scaled to the order of one.

Letters: B batch, S seats, N sites, K products, D the length of an observation, G the length of one site's block. Every seat's
observation has the same layout, so that one network can serve all sites: its own block first, then the others it may see, then
zeros where it has fewer neighbours than another seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, namespace, rows
from .autonomy import PLANNER, VISIBILITIES, Autonomy
from .backend import Backend
from .information import FIELDS, Field, Snapshot
from .network import Network


@dataclass(frozen=True)
class Entry:
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
    """Builds the observations of a level's seats on a network."""

    def __init__(self, network: Network, autonomy: Autonomy, seats: tuple[str, ...]) -> None:
        self.network, self.autonomy, self.seats = network, autonomy, seats
        sight = VISIBILITIES.index(autonomy.visibility)
        self.fields = [field for field in FIELDS.values() if VISIBILITIES.index(field.visibility) <= sight and field.labels(network)]
        self.others = _others(network, autonomy, seats)
        self._moving = [field for field in self.fields if not field.constant]
        self._fixed = [field for field in self.fields if field.constant]
        self.fields = self._moving + self._fixed

    @cached_property
    def block(self) -> int:
        """G: numbers in one site's block."""
        return sum(len(field.labels(self.network)) for field in self.fields) * len(self.network.products)

    @cached_property
    def length(self) -> int:
        """D."""
        return self.block * self.others.shape[1]

    def compile(self, network: Network, backend: Backend, start: Snapshot) -> Compiled:
        """Make ready for one backend: the parameters are read once, from `start`."""
        xp = backend.xp
        fixed = [field.read(start) + 0.0 * start.state.on_hand[:, None, :, :1] for field in self._fixed]
        scales = [self._scale(field) for field in self.fields]
        cut = len(self._moving)
        constants = xp.concat(fixed, axis=1) / backend.asarray(np.concatenate(scales[cut:], axis=1)[..., None])
        moving = 1.0 / backend.asarray(np.concatenate(scales[:cut], axis=1)[..., None])
        index = np.maximum(self.others, 0)
        alone = index.shape[1] == 1 and np.array_equal(index[:, 0], np.arange(len(self.network.sites)))
        mask = None if (self.others >= 0).all() else backend.asarray((self.others >= 0).astype(float)[:, :, None, None, None])
        return Compiled(self._moving, moving, constants, None if alone else backend.asarray(index), mask, backend)

    def _scale(self, field: Field) -> NDArray[np.float64]:
        """What each number of a field is divided by (N, W, K): units by the site's mean demand plus twice its deviation."""
        network = self.network
        sites, _, products, _ = network.shape
        if field.unit == "units":
            scale = np.broadcast_to(unit_scale(network)[:, None], (sites, 1, products))
        elif field.unit == "money":
            scale = np.full((sites, 1, products), max(network.holding.max() + network.shortage.max(), 1e-9))
        elif field.unit == "periods":
            scale = np.full((sites, 1, products), 1.0 + (network.lead_time + network.order_delay).max())
        else:
            scale = np.ones((sites, 1, products))
        return np.repeat(scale, len(field.labels(network)), axis=1)

    def table(self, seat: str) -> list[Entry]:
        """What every number of a seat's observation is."""
        found = []
        for place in self.others[self.seats.index(seat)]:
            whose = self.network.sites[place] if place >= 0 else "nobody"
            for field in self.fields:
                scale = self._scale(field)
                for width, label in enumerate(field.labels(self.network)):
                    for product, name in enumerate(self.network.products):
                        size = float(scale[max(place, 0), width, product])
                        found.append(Entry(len(found), whose, field.name, label, name, field.unit, size, field.meaning))
        return found


@dataclass(frozen=True)
class Compiled:
    """An observer's numbers in one backend."""

    moving: list[Field]
    inverse: Array
    """1 / scale of the moving fields (N, G', K, 1)."""
    constants: Array
    index: Array | None
    """Whose blocks each seat sees (S, slots), or None where each sees its own alone."""
    mask: Array | None
    backend: Backend

    def observe(self, now: Snapshot) -> Array:
        """Observations (S, D, B) in the simulator's type, fresh."""
        xp = namespace(now.state.on_hand)
        moving = xp.concat([now.read(field.name) for field in self.moving], axis=1) * self.inverse
        batch = now.state.on_hand.shape[-1]
        constants = self.constants if batch == 1 else xp.broadcast_to(self.constants, (*self.constants.shape[:3], batch))
        blocks = xp.concat([moving, constants], axis=1)
        if self.index is not None:
            blocks = blocks[self.index]
            if self.mask is not None:
                blocks = blocks * self.mask
        return blocks.reshape((blocks.shape[0], -1, batch))


def unit_scale(network: Network) -> NDArray[np.float64]:
    """A usual amount of a product at a site (N, K) [units]: mean demand of a period plus twice its deviation."""
    amount = (network.mean + 2 * network.deviation)[:, :, 0]
    return np.where(amount > 0, amount, 1.0)


def _others(network: Network, autonomy: Autonomy, seats: tuple[str, ...]) -> NDArray[np.int64]:
    """Whose blocks each seat sees (S, slots), its own first, −1 for nobody."""
    everybody = list(range(len(network.sites)))
    if seats == (PLANNER,):
        return np.array([everybody])
    if autonomy.visibility == "silo":
        return np.array(everybody)[:, None]
    if autonomy.visibility != "neighbours":
        return np.array([[site, *(other for other in everybody if other != site)] for site in everybody])
    suppliers = [sorted({int(s) for s, d in _links(network) if d == site and s >= 0}) for site in everybody]
    customers = [sorted({int(d) for s, d in _links(network) if s == site}) for site in everybody]
    return np.array(
        [[site, *up, *down] for site, up, down in zip(everybody, _padded(suppliers), _padded(customers), strict=True)]
    )


def _links(network: Network) -> list[tuple[int, int]]:
    return list(zip(network.source.tolist(), network.destination.tolist(), strict=True))


def _padded(lists: list[list[int]]) -> list[list[int]]:
    longest = max(map(len, lists))
    return [found + [-1] * (longest - len(found)) for found in lists]
