"""Policies inside recorded programs: what they decide is worked out in the same run as the period.

A period ends with the decision for the next one, so that no program has to keep what moved. Letters: B batch.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeGuard, TypeVar

from .events.conditions import Outlook
from .information.information import Information
from .information.policy import Policy
from .information.recorded_view import timeless
from .information.snapshot import Snapshot
from .numerics.arrays import batch_first, batch_last
from .period import Carry, Played, TypicalPeriod
from .physics.decision import Decision, Decisions
from .recorded_feed import Kept, RecordedFeed, Slots, every, looked_at
from .recording.graph import Graph, NotRecordable
from .recording.leaves import pair, put_together, taken_apart
from .recording.recording import CARRIED, symbols_of
from .simulator import Party, Simulator

Own = TypeVar("Own", bound="RecordablePolicy")


class RecordablePolicy(Policy, Protocol):
    """A policy whose decisions depend on its numbers and on what it may know now, by array operations alone."""

    @property
    def numbers(self) -> tuple[Any, ...]:
        """What it goes by, arrays with the batch, of B or of one, first; nothing where there is none. After a reset."""
        ...

    def by(self: Own, numbers: tuple[Any, ...]) -> Own:
        """The same policy, going by other numbers."""
        ...

    def in_numpy(self: Own) -> Own:
        """The same policy with its numbers in NumPy, before a reset."""
        ...


def is_recordable(policy: Policy) -> TypeGuard[RecordablePolicy]:
    """Whether a policy says that it can be inside recorded programs."""
    return all(hasattr(type(policy), name) for name in ("numbers", "by", "in_numpy"))


class Inside:
    """Who decides inside the programs of a simulator's periods: policies that have been reset."""

    def __init__(self, simulator: Simulator, policies: Mapping[Party, RecordablePolicy]) -> None:
        self._simulator, self._policies = simulator, policies
        self._feed = RecordedFeed(simulator)

    def begun(self) -> tuple[Carry, Decisions, Slots]:
        """What the first period goes on from, by numbers."""
        if self._simulator.period:
            raise NotRecordable("episodes that have begun")
        return self._simulator.carry, self._now(), self._feed.begun()

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Of all policies, the batch last."""
        return tuple(
            tuple(None if one is None else batch_last(one) for one in policy.numbers) for policy in self._policies.values()
        )

    def looked_at(self, typical: TypicalPeriod, begun: Hashable, numbers: Hashable, given: Hashable, kind: Any) -> Kept | None:
        """What of a late feed's snapshots somebody looks at, to be `kept`.

        It is tried out on symbols in the first period, and then in each that is another for the centre, by the patterns of
        what the first one goes on from, of the numbers, and of what is given.
        """
        if not self._feed.slots:
            return None
        pattern, found, outside = begun, list[Kept](), pair(numbers, given)
        for phase in range(self._simulator.phases + 1):
            graph = Graph(kind, exact=False)
            own, taken = put_together(outside, symbols_of(outside, graph))
            before = put_together(pattern, symbols_of(pattern, graph, CARRIED))
            played, after = self.play(typical, own, before, phase % self._simulator.phases, taken)
            if phase:
                found.append(looked_at(before[2], graph, (played.by_site, *after[:2])))
            pattern = taken_apart((*after[:2], (after[2][-1],) * self._feed.slots), [], 1)
        return every(found)

    @property
    def kept(self) -> Kept | None:
        """What of a late feed's snapshots goes from period to period; nothing said: all."""
        return self._feed.kept

    @kept.setter
    def kept(self, kept: Kept | None) -> None:
        self._feed = replace(self._feed, kept=kept)

    def _now(self) -> Decisions:
        """What is decided for it, as the core has it."""
        simulator = self._simulator
        decided = {
            party: policy.act(simulator.information_of(party))
            for party, policy in self._policies.items()
            if party == "sites" or simulator.centre_decides
        }
        return simulator.taken(Decisions(decided.get("planner"), decided.get("sites")))

    def play(
        self, typical: TypicalPeriod, numbers: tuple[Any, ...], before: tuple[Carry, Decisions, Slots], phase: int, given: Any
    ) -> tuple[Played, tuple[Carry, Decisions, Slots]]:
        """A period on symbols, and what it leaves to the next: with the decisions for that, by policies with these numbers.

        `given` is what `TraceRows` has with what is beyond the period.
        """
        carry, decisions, slots = before
        *during, promotions, errors = given
        error_now, error_then = errors or (None, None)
        played, after, centre = typical.play(
            carry,
            phase,
            decisions,
            (during[0], during[1], during[2]),
            partial(self._feed.shown, slots=slots, carry=carry, error=error_now),
        )
        level = None if centre.target is None else centre.target.level
        now = timeless(typical.network, played.state, played.flows, level, calm=during[1] is None, begun=True)
        unknown: Any = now.outlook
        outlook: Any = None
        if promotions is not None:
            own, reported, reported_late = promotions
            now = replace(now, outlook=Outlook(unknown, 0, own, reported, unknown, unknown))
            outlook = Outlook(unknown, 0, (), reported_late, unknown, unknown)
        slots = self._feed.afterwards(slots, now)
        feed = self._feed.shown(now, slots, after, error_then, outlook)
        return played, (after, self._decided(numbers, now, feed, phase + 1), slots)

    def _decided(self, numbers: tuple[Any, ...], now: Snapshot, feed: Snapshot, phase: int) -> Decisions:
        """What is decided, on symbols, by what can be known then."""
        simulator, decided = self._simulator, dict[str, Decision]()
        for (party, policy), own in zip(self._policies.items(), numbers, strict=True):
            if party == "sites" or simulator.any_centre.decides(phase):
                symbolic = policy.by(tuple(None if one is None else batch_first(one) for one in own))
                known = Information(now, feed, simulator.autonomy, simulator.seats_of(party))
                decided[party] = taken_on_symbols(simulator, _acted(symbolic, known))
        return Decisions(decided.get("planner"), decided.get("sites"))


def _acted(policy: Policy, known: Information) -> Decision:
    """What a policy decides on symbols. Raises NotRecordable whatever goes wrong: what truly is wrong is so on numbers too."""
    try:
        return policy.act(known)
    except NotRecordable:
        raise
    except Exception as error:
        raise NotRecordable(f"{type(error).__name__}: {error}") from error


def taken_on_symbols(simulator: Simulator, decision: Decision) -> Decision:
    """A decision on symbols as the core has it."""
    if decision.later is not None:
        raise NotRecordable("a decision that dates orders itself")
    by_quantity, relative = simulator.flags_of(decision)
    return Decision(
        _batch_last(decision.level),
        _batch_last(decision.quantity),
        by_quantity,
        relative,
        _batch_last(decision.response),
        expected=_batch_last(decision.expected),
    )


def _batch_last(values: Any) -> Any:
    return None if values is None else batch_last(values)
