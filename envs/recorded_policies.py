"""Policies inside recorded programs: what they decide is worked out in the same run as the period.

A period ends with the decision for the next one, so that no program has to keep what moved. Letters: B batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from .information.information import Information
from .information.policy import Policy
from .information.recorded_view import timeless
from .network.network import Network
from .numerics.arrays import batch_first, batch_last
from .period import Carry, Played
from .physics.decision import Decision, Decisions
from .recording.symbol import NotRecordable
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


class Inside:
    """Who decides inside the programs of a simulator's periods: policies that have been reset."""

    def __init__(
        self, simulator: Simulator, policies: Mapping[Party, RecordablePolicy], network: Network | None = None
    ) -> None:
        """The `network` is in NumPy where it is symbols that decisions are worked out on; left out, the simulator's."""
        self._simulator, self._policies = simulator, policies
        self._network = simulator.network if network is None else network

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Of all policies, the batch last."""
        return tuple(
            tuple(None if one is None else batch_last(one) for one in policy.numbers) for policy in self._policies.values()
        )

    def now(self) -> Decisions:
        """What is decided for the period that is about to begin, as the core has it; by numbers."""
        simulator = self._simulator
        decided = {
            party: policy.act(simulator.information_of(party))
            for party, policy in self._policies.items()
            if party == "sites" or simulator.centre_decides
        }
        return simulator.taken(Decisions(decided.get("planner"), decided.get("sites")))

    def afterwards(self, numbers: tuple[Any, ...], played: Played, after: Carry, phase: int, calm: bool) -> Decisions:
        """The same of the period after one that was played on symbols, for policies with these `numbers`.

        `calm` says that nothing is known of any period beforehand.
        """
        simulator, decided = self._simulator, dict[str, Decision]()
        level = None if after.target is None else after.target.level
        now = timeless(self._network, played.state, played.flows, level, calm, begun=True)
        feed = replace(now, recent=after.remembered) if simulator.remembers else now
        for (party, policy), own in zip(self._policies.items(), numbers, strict=True):
            if party == "sites" or simulator.any_centre.decides(phase + 1):
                symbolic = policy.by(tuple(None if one is None else batch_first(one) for one in own))
                decision = symbolic.act(Information(now, feed, simulator.autonomy, simulator.seats_of(party)))
                decided[party] = taken_on_symbols(simulator, decision)
        return Decisions(decided.get("planner"), decided.get("sites"))


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
