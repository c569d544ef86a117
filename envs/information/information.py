"""What can be known, and by whom: the one layer through which everybody looks, learners, rules and the centre alike.

Letters: B batch, N sites, W the width of a field, K products. Nobody reads the simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autonomy.autonomy import PLANNER, Autonomy
from ..foundation.errors import InputError
from ..numerics.arrays import Array, batch_first, is_numpy, tree_sum
from ..numerics.backend import Backend
from .fields import FIELDS, read, refusal
from .observation import Compiled, Observer
from .snapshot import Snapshot
from .tokens import Tokens, TokenView


class Information:
    """What the seats of one autonomy level may know now. Arrays are batch first, (B, N, K), or (B, N, W, K) at width W > 1.

    `own` gives each site's fields to the seat of that site, as they are; `everywhere` the feed of all sites, as old and as
    noisy as the autonomy level has it, to everybody. A planner owns nothing: it has the feed alone. A field that the autonomy
    level does not give is refused by its name.
    """

    def __init__(self, now: Snapshot, feed: Snapshot, autonomy: Autonomy, seats: tuple[str, ...]) -> None:
        self.autonomy, self.seats = autonomy, seats
        self.planner = seats == (PLANNER,)
        self._now, self._feed = feed if self.planner else now, feed

    @property
    def period(self) -> int:
        """Number of the period that is about to begin, from 0."""
        return self._feed.period + self._feed.age

    @property
    def age(self) -> int:
        """How old the feed is [periods]."""
        return self._feed.age

    @property
    def makes_goods(self) -> bool:
        """Whether anything is made in the network, so that there are fields of parts."""
        return self._feed.network.recipes is not None

    def own(self, name: str, summed: bool = False) -> Array:
        """A field of each seat's own site; row n may be used for the decisions of site n alone. `summed` adds its width up."""
        return self._field(self._now, name, summed)

    def everywhere(self, name: str, summed: bool = False) -> Array:
        """A field of all sites, for all decisions. Raises InputError below the visibility `shared`."""
        if not self.autonomy.sees(self.seats, "shared"):
            found = f"asked of all sites at visibility {self.autonomy.visibility_of(self.seats)}"
            raise InputError(f"information.{name}", found, "shared or integrated")
        if name in FIELDS and FIELDS[name].private:
            raise InputError(f"information.{name}", "asked of all sites", "a field that sites pass on; this is their own")
        return self._field(self._feed, name, summed)

    def compiled(self, observer: Observer, backend: Backend) -> Compiled:
        """An observer made ready for information of this kind and batch.

        Raises ValueError for an observer of other seats, or of another autonomy level.
        """
        if observer.autonomy != self.autonomy or not {*observer.seats} <= {*self.seats}:
            raise ValueError("this information is for other seats, or another autonomy level, than the observer")
        return observer.compile(backend, self._now)

    def observations(self, compiled: Compiled, kind: Any = None) -> Array:
        """The learner's view of the same (B, S, D), in a type of NumPy's, or else in the simulator's."""
        if compiled.recorded is not None:
            shown = compiled.recorded(self._now, self._feed, self._now.state.on_hand.dtype if kind is None else kind)
            if shown is not None:
                return shown
        found = batch_first(compiled.observe(self._now, self._feed))
        return found if kind is None else found.astype(kind, order="C")

    def tokens(self, view: TokenView) -> Tokens:
        """The same as sets: numbers of each site, of each lane, and of other sites as far as they are seen.

        Raises ValueError for a view of other seats, or of another autonomy level.
        """
        if (view.autonomy, view.seats) != (self.autonomy, self.seats):
            raise ValueError("this information is for other seats, or another autonomy level, than the view")
        return view(self._now, self._feed)

    def choices(self, masks: Callable[[Snapshot, Any], Any], active: Any) -> Any:
        """What `masks` leave to choose from, by how lanes are as far as these seats know, for who is `active` (B, S)."""
        return masks(self._now, active)

    def _field(self, source: Snapshot, name: str, summed: bool) -> Array:
        refused = refusal(name, self.autonomy, self.seats)
        if refused is not None:
            raise refused
        values = read(source, name)
        if summed:
            values = tree_sum(values, axis=1) if values.shape[1] else source.state.on_hand * 0.0
        elif len(FIELDS[name].labels(source.network)) == 1:
            values = values[:, 0]
        shown = batch_first(values)
        if is_numpy(shown):
            shown.flags.writeable = False
        return shown


def inventory_level(information: Information) -> Array:
    """Each seat's own on hand − backlog − owed to other sites, and to its own recipes (B, N, K)."""
    level = information.own("on_hand") - information.own("backlog") - information.own("owed")
    return level - information.own("parts_owed") if information.makes_goods else level


def internal_orders(information: Information) -> Array:
    """What each seat's site was asked for in the last period by other sites, and by its own recipes (B, N, K)."""
    orders = information.own("received_orders")
    return orders + information.own("parts_asked") if information.makes_goods else orders


def on_order(information: Information) -> Array:
    """Each seat's own orders that have not arrived (B, N, K)."""
    return information.own("unfilled", summed=True) + information.own("pipeline", summed=True)
