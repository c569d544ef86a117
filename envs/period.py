"""A period with everybody's decisions: what the centre makes of them, physics, ledger, and what it leaves to the next.

Whoever plays a period plays it here: the simulator on numbers, recorded programs on symbols. Letters: N sites, L lanes,
K products, B batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from .authority.centre import Centre
from .events.conditions import Outlook
from .information.snapshot import Snapshot
from .network.network import Network
from .numerics.arrays import Array
from .physics.decision import Decision, Decisions
from .physics.dynamics import Shocks, inventory_position, period
from .physics.ledger import Term
from .physics.state import Flows, State


class Carry(NamedTuple):
    """What a period leaves to the next, whatever its number: the state, and what of the centre's goes on."""

    state: State
    target: Decision | None
    """The centre's decision in force."""
    queue: tuple[tuple[int, Decision], ...]
    """Its later ones, each with the periods until it comes into force."""
    dated: tuple[Array, ...]
    """Orders that it has dated, the next first (L, K, B)."""
    remembered: tuple[Array, ...]
    """Orders that it remembers, the latest first (L, K, B)."""

    @classmethod
    def of(cls, now: Snapshot, centre: Centre, remembered: Sequence[Array]) -> Carry:
        """What is there to go on from before a period."""
        queue = tuple((due - now.period, decision) for due, decision in centre.queue)
        return cls(now.state, centre.target, queue, tuple(centre.dated), tuple(remembered))

    def centre(self, like: Centre, number: int) -> Centre:
        """The centre before a period of this number."""
        queue = deque((number + due, decision) for due, decision in self.queue)
        return replace(like, target=self.target, queue=queue, dated=deque(self.dated), distance=None)


@dataclass(slots=True, eq=False)
class Played:
    """What came of a period."""

    state: State
    flows: Flows
    paid: dict[str, Array]
    """Each term of the ledger (N, B) [money]."""
    decided: Array
    """Orders that were decided on (L, K, B)."""

    @property
    def by_site(self) -> Array:
        """What every site pays (N, B) [money], all terms together."""
        return reduce(add, self.paid.values())


def play(
    now: Snapshot,
    feed: Snapshot,
    centre: Centre,
    decisions: Decisions,
    shocks: Shocks,
    terms: Sequence[Term],
    ends: Array | None = None,
) -> Played:
    """A period from a snapshot on. `ends` is 1 in an episode's last period, else 0, where its end counts (1, 1, B)."""
    network = now.network
    position = inventory_position(network, now.state)
    ordered = centre.orders(now, feed, position, decisions)
    state, flows = period(network, now.state, position, ordered.released, shocks, ordered.pending)
    flows = flows if ends is None else flows._replace(ends=ends)
    return Played(state, flows, {term.name: term.cost(network, state, flows) for term in terms}, ordered.decided)


@dataclass(frozen=True, eq=False)
class TypicalPeriod:
    """Stands for all periods of a network that differ in nothing but numbers; for recordings."""

    network: Network
    centre: Centre
    """The level's, whatever it has in force."""
    terms: Sequence[Term]
    remembers: int
    """Of how many periods the centre remembers what was ordered."""

    def play(
        self,
        carry: Carry,
        phase: int,
        decisions: Decisions,
        given: tuple[Any, Any, Any],
        feed_of: Callable[[Snapshot], Snapshot] | None = None,
    ) -> tuple[Played, Carry, Centre]:
        """What comes of decisions in a period like number `phase`, what it leaves to the next, and the centre then.

        `given` are the trace's shocks, what is known of them when the period begins, and whether the end is near; `feed_of`
        says what the feed shows of the present, left out: the present.
        """
        shocks, known, ends = given
        outlook = None if known is None else Outlook(known, phase, (), (), {})
        now = Snapshot(self.network, phase, carry.state, None, outlook=outlook)
        feed = replace(now, recent=carry.remembered) if self.remembers else now
        feed = feed if feed_of is None else feed_of(now)
        centre = carry.centre(self.centre, phase)
        played = play(now, feed, centre, decisions, shocks, self.terms, ends)
        remembered = (played.decided, *carry.remembered)[: self.remembers]
        return played, Carry.of(replace(now, period=phase + 1, state=played.state), centre, remembered), centre
