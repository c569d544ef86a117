"""What a learner's numbers in [−1, 1] mean: order-up-to levels or quantities, scaled to the site.

Letters: B batch, S seats, L lanes, K products, P the most lanes into one site. A level is (1 + a) times what the site needs
over the lane's protection interval, mean plus two standard deviations: −1 is nothing, 0 a usual level, 1 twice that. So one
network can serve all sites. A site with fewer lanes than another ignores the rest of its numbers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import PLANNER
from ..foundation.errors import UnknownName
from ..information.policy import Context, Decision
from ..network.network import Network
from ..numerics.arrays import Array, is_numpy
from ..numerics.backend import Backend

Form: TypeAlias = Literal["level", "quantity"]


class ActionMap:
    """Turns actions (B, S, A) into a decision over all lanes. Raises UnknownName for another form than level or quantity.

    As levels, lateral lanes take quantities still: a ≤ 0 asks a peer for nothing. As quantities, every lane gets (1 + a) times
    the mean demand of a period plus two standard deviations. Within a finite `band` b an action is the distance a·b·u from the
    centre's level, u being the mean demand of a period.
    """

    def __init__(self, network: Network, seats: tuple[str, ...], form: Form = "level", band: float | None = None) -> None:
        if form not in ("level", "quantity"):
            raise UnknownName("actions", form, ["level", "quantity"])
        self.form, self.products = form, len(network.products)
        slot, seat = _slots(network, seats)
        self.seats, self.is_planners = len(seats), seats == (PLANNER,)
        self.owned = np.array([seats == (PLANNER,) or network.sites[site] in seats for site in network.topology.destination])
        """Which lanes some seat decides (L,)."""
        most = int(slot.max()) + 1
        self.size = most * self.products
        """A: numbers in one seat's action."""
        self.flat = seat * most + slot
        """Where each lane's numbers stand among all seats' (L,), in blocks of K; a lane of nobody's stands anywhere."""
        self.lateral = network.topology.is_lateral if network.topology.is_lateral.any() else None
        self.usual_level = network.usual_level
        """What a = 0 means as a level (L, K) [units]; `usual_quantity` as a quantity."""
        self.usual_quantity = _usual_amount(network)[network.topology.destination]
        self.width = None if band is None or math.isinf(band) else band * network.loads.mean[network.topology.destination, :, 0]
        """b·u (L, K) [units], or None."""
        self._converted: tuple[Backend, Array, Array] | None = None

    def actions_for(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """The actions of all seats (S, A) that mean these levels (L, K); 0 where a level is fixed to nothing."""
        seats = self.seats * self.size // self.products
        found = np.zeros((seats, self.products))
        usual = np.where(self.usual_level > 0, self.usual_level, 1.0)
        found[self.flat[self.owned]] = (level / usual - 1.0)[self.owned]
        return found.reshape((self.seats, self.size))

    @classmethod
    def of(cls, context: Context, form: Form = "level") -> ActionMap:
        """The map of a context's seats."""
        return cls(context.network, context.seats, form, None if context.seats == (PLANNER,) else context.autonomy.band)

    def __call__(self, actions: Array, backend: Backend, around: Decision | None = None) -> Decision:
        """The decision of actions (B, S, A); with `around`, another decision, they are what is added to it."""
        if self._converted is None or self._converted[0] is not backend:
            level = self.usual_level if self.width is None else self.width
            self._converted = backend, backend.asarray(level), backend.asarray(self.usual_quantity)
        _, usual_level, usual_quantity = self._converted
        by_slot = actions.reshape((actions.shape[0], -1, self.products))
        raw = by_slot.take(self.flat, axis=1) if is_numpy(actions) else by_slot[:, self.flat]
        if around is not None:
            return _moved(around, raw * usual_level, raw * usual_quantity)
        if self.form == "quantity":
            return Decision(quantity=raw * usual_quantity + usual_quantity)
        relative = self.width is not None
        level = raw * usual_level if relative else raw * usual_level + usual_level
        if self.lateral is None:
            return Decision(level, None, None, relative)
        return Decision(level, raw * usual_quantity, self.lateral, relative)


def _usual_amount(network: Network) -> NDArray[np.float64]:
    """A usual amount of a period at each site (N, K) [units]; where no main lane leads from it, of all that it can supply."""
    found, inside = network.loads.usual_amount, network.topology.source >= 0
    source, destination = network.topology.source[inside], network.topology.destination[inside]
    for _ in range(1 + max(network.topology.echelon)):
        below = np.zeros_like(found)
        np.add.at(below, source, found[destination])
        found = np.where(found > 0, found, below)
    return found


def _moved(around: Decision, level: Array, quantity: Array) -> Decision:
    """A decision with something added to its levels and to its quantities (B, L, K) [units]."""
    return replace(
        around,
        level=None if around.level is None else around.level + level,
        quantity=None if around.quantity is None else around.quantity + quantity,
    )


def _slots(network: Network, seats: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each lane's place among those of its seat (L,), and its seat's number (L,), 0 where nobody has it."""
    if seats == (PLANNER,):
        return np.arange(len(network.lanes)), np.zeros(len(network.lanes), dtype=np.int64)
    to = network.topology.destination
    seat = np.array([seats.index(network.sites[site]) if network.sites[site] in seats else 0 for site in to])
    slot = np.array([int((to[:lane] == site).sum()) if network.sites[site] in seats else 0 for lane, site in enumerate(to)])
    return slot, seat
