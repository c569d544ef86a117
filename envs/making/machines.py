"""Machines that recipes take hours of: what each may make in a period, and how long the machines run.

Letters: M machines, R recipes, B batch. Where hours do not reach, recipes share them by their site's rule. But a product that
is set up takes hours before the first unit is made, so that a machine with set-ups makes one product after the other, as much
of each as is wanted and as there are hours for: first those of whose hours the rule would give the largest part, of equals the
one that wants most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..flows.rationing import Division
from ..numerics.arrays import Array, along, constant, may_hold, minimum, namespace, positive, put_rows, take, tree_sum
from ..numerics.bundles import Bundle

EQUAL = 1e-6
"""Shares that differ by less are the same."""


@dataclass(frozen=True)
class Machines:
    """All machines of a network, and how recipes take them."""

    stays_in_numpy: ClassVar = ("names", "site", "places")

    names: tuple[str, ...]
    """`site/machine` of each."""
    site: NDArray[np.int64]
    """Where each stands (M,)."""
    machine: Any
    """Which one each recipe takes (R,): 0 too where it takes none, for no hours."""
    takes_one: Array
    """Whether it takes one (R, 1)."""
    on: Bundle
    """Recipes by their machines."""
    hours: Array
    """For a unit (R, 1, 1)."""
    setup: Array
    """In a period in which anything is made (R, 1, 1)."""
    regular: Array
    """Hours of a period (M, 1, 1)."""
    most: Array
    """The same with overtime (M, 1, 1)."""
    crumbs: Array
    """Units up to which what a recipe makes is rounding, and sets nothing up (R, 1)."""
    overtime: Array | None
    """What an hour beyond the regular ones costs (M, 1, 1) [money]; None where none costs anything."""
    of_site: Bundle
    """Machines by their sites."""
    single: tuple[Any, Any] | None
    """Recipes that are the only one on their machine, and those machines."""
    shared: tuple[Division, ...]
    """Machines whose hours several recipes share."""
    queued: tuple[Division, ...]
    """Machines that make one product after the other."""
    places: tuple[int | None, ...]
    """Where each stands in the conditions' `limits`."""

    def left(self, limits: Array | None, like: Array) -> Array:
        """The share of its hours that each machine has in a period (M, 1, B), by the conditions' `limits` (D, 1, B)."""
        one = 1.0 + 0.0 * like[:1, :1]
        if limits is None:
            return one + 0.0 * self.regular
        return namespace(one).concat([one if place is None else limits[place][None] + 0.0 * one for place in self.places])

    def used(self, made: Array) -> Array:
        """How long machines run (M, 1, B) [hours] to make so much (R, B), set-ups included."""
        return self.on.total(self.hours * made[:, None] + self._setups(made))

    def running(self, made: Array) -> Array:
        """How long they run for that, set-ups left out (M, 1, B) [hours]."""
        return self.on.total(self.hours * made[:, None])

    def more(self, made: Array, before: Array, which: Any) -> Array:
        """How long it takes some recipes (n, 1, B) [hours] to make so much beside what they made `before` (n, B)."""
        crumbs = self.crumbs[which]
        first = ((made > crumbs) & (before <= crumbs))[:, None]
        return self.hours[which] * made[:, None] + self.setup[which] * first

    def set_up(self, made: Array) -> Array:
        """How long they are set up, of that (M, 1, B) [hours]."""
        return self.on.total(self._setups(made))

    def _setups(self, made: Array) -> Array:
        return self.setup * (made > self.crumbs)[:, None]

    def granted(
        self, wanted: Array, made: Array, free: Array, cover: Callable[[], Array], asked_for: Callable[[], tuple[Array, ...]]
    ) -> Array:
        """How much of what is `wanted` beside what is `made` already (R, B) there are `free` hours for (M, 1, B).

        Should a rule ask for it, `cover()` gives what each recipe's product has (R, B), and `asked_for()` all that recipes are
        owed and what was heard of in each period (R, B) [units].
        """
        more = wanted[:, None]
        setup = self.setup * ((wanted > self.crumbs) & (made <= self.crumbs))[:, None]
        claims = self.hours * more + setup
        given = claims
        if self.single is not None:
            alone, on = self.single
            given = put_rows(given, alone, minimum(take(given, alone), take(free, on)))
        xp = namespace(more)

        def due() -> tuple[Array, ...]:
            hours = xp.where(more > 0, claims / xp.where(more > 0, more, 1.0 + 0.0 * more), self.hours)
            return tuple(hours * units[:, None] for units in asked_for())

        def covers() -> Array:
            return self.hours * cover()[:, None]

        for division in self.shared:
            given = put_rows(given, division.members, division.divide(claims, free, covers, due))
        for division in self.queued:
            each, left = division.lanes.each, free[division.sites]
            if not may_hold(tree_sum(each(claims)) > left):
                continue
            given = put_rows(given, division.members, division.divide(claims, free, covers, due))
            turns = in_turn(each(claims), each(given), each(setup), left)
            given = put_rows(given, division.members, turns.reshape((-1, *claims.shape[1:]))[division.slot])
        pace = xp.where(self.hours > 0, self.hours, 1.0 + 0.0 * self.hours)
        enough = minimum(positive(given - setup) / pace, more)
        return xp.where(given >= claims, more, enough)[:, 0]

    def alone(self, wanted: Array, made: Array, free: Array, which: Any = slice(None)) -> Array:
        """The same of some recipes (n, B), if each had all free hours of its machine; `which` are these (n,), left out: all."""
        xp, more, hours = namespace(wanted), wanted[:, None], self.hours[which]
        room = positive(free[self.machine[which]] - self.setup[which] * (made <= self.crumbs[which])[:, None])
        pace = xp.where(hours > 0, hours, 1.0 + 0.0 * hours)
        most = xp.where(hours > 0, room / pace, xp.where(room > 0, more, 0.0 * more))
        return xp.where(self.takes_one[which], minimum(most, more)[:, 0], wanted)


def in_turn(claims: Array, given: Array, setup: Array, free: Array) -> Array:
    """Hours one after the other: claims, what a rule has given of them, set-ups among them (m, S, 1, B), and hours (S, 1, B).

    Whose claim the rule fills most comes first, of equals the largest; whom what is left does not even set up has none.
    """
    xp, order = namespace(free), _order(constant(claims), constant(given))
    left, turns, nothing = free, [], 0.0 * free
    for claim, first in zip(along(claims, order), along(setup + 0.0 * claims, order), strict=True):
        got = xp.where(left >= first, minimum(claim, left), nothing)
        turns.append(got)
        left = left - got
    back = xp.argsort(order, axis=0, stable=True)
    return xp.where(tree_sum(claims) > free, along(xp.stack(turns), back), claims)


def _order(claims: Array, given: Array) -> Array:
    """In which order claims (m, S, 1, B) have their turns."""
    xp, some = namespace(claims), claims > 0
    filled = xp.where(some, given / xp.where(some, claims, 1.0 + 0.0 * claims), 0.0 * given)
    by_size = xp.argsort(-claims, axis=0, stable=True)
    return along(by_size, xp.argsort(-along(xp.round(filled / EQUAL), by_size), axis=0, stable=True))
