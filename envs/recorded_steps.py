"""An environment's steps as recorded programs: from actions to the next observations and rewards in one run.

What a period leaves to the next, its carry, stays in one block of memory. The simulator's snapshot is worked out only when
somebody looks at it. Letters: B batch, T periods, S seats of a party, A length of an action, D of an observation.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .authority.actions import ActionMap
from .authority.rewards import PeriodOutcome
from .foundation.errors import InputError
from .information.observation import Compiled, Observer
from .information.recorded_view import Outside, observed, outside, timeless
from .information.snapshot import Snapshot
from .numerics.arrays import Array, batch_first, batch_last
from .period import TypicalPeriod
from .physics.decision import Decision, Decisions
from .recorded_policies import taken_on_symbols
from .recorded_trace import TraceRows
from .recording.graph import Graph, NotRecordable
from .recording.leaves import pair, put_together, taken_apart
from .recording.machine import LoadedProgram, block, packed, unpacked
from .recording.program import Program
from .recording.recording import CARRIED, places_of, rows_of, symbols_of
from .simulator import Ledger, Party, Simulator


class View(Protocol):
    """The open seats of one party, as `envs/api/seats.py` has them."""

    party: Party
    names: tuple[str, ...]
    actions: ActionMap
    observer: Observer
    compiled: Compiled


@dataclass(frozen=True, eq=False)
class StepPattern:
    """What one pattern of a step comes to."""

    machine: LoadedProgram
    after: Hashable
    """Pattern of the carry after it."""
    rewards: tuple[slice, ...]
    """Rows of each view's rewards in what is told."""
    by_site: slice
    terms: tuple[slice, ...]
    then: dict[int, StepPattern] = field(default_factory=dict)
    """The steps that have come after it, by their phase."""


class RecordedSteps:
    """The steps of seats whose decisions all come from outside; `refusal` says why they are not recorded, if so."""

    def __init__(
        self,
        simulator: Simulator,
        views: Sequence[View],
        rewards_of: Callable[[Any, PeriodOutcome], Array],
        decided: Callable[[Mapping[Party, NDArray[Any]]], Decision | Decisions],
        required: bool = False,
    ) -> None:
        """Steps that are `required` to be recorded raise InputError where they cannot be.

        `rewards_of` says what a view's seats are paid for a period, `decided` what actions come to, array by array.
        """
        self._simulator, self._views, self._rewards_of, self._decided = simulator, views, rewards_of, decided
        self._required = required
        self.refusal: str | None = None
        self.rewards: list[NDArray[Any]] = []
        """Of the last step, by view (S, B), or (1, B) where all get the same."""
        self.observations: list[NDArray[np.float32]] = []
        """After it, by view (B, S, D)."""
        self._steps: dict[Hashable, StepPattern] = {}
        self._given: Given | None = None
        self._step: StepPattern | None = None
        """The last one, if it was of these episodes."""
        self._pattern: Hashable = None
        """Of the carry; `_before` of the one before the last step, which stands in `_other`."""
        self._before: Hashable = None
        self._carry = self._other = block(0, simulator.batch, simulator.backend.dtype)
        self._synced: Snapshot | None = None
        """The simulator's snapshot that the carry is of; None where it has gone on since."""

    def __getstate__(self) -> dict[str, Any]:
        """All but the programs, whose addresses are of no use elsewhere. The simulator has caught up by then."""
        return self.__dict__ | {"_steps": {}, "_step": None, "_given": None, "_synced": None}

    def __call__(self, actions: Mapping[Party, NDArray[Any]]) -> Ledger | None:
        """One period under actions (B, S, A) of each party; None where it cannot be recorded."""
        if self.refusal is not None:
            return None
        try:
            return self._advance(actions)
        except NotRecordable as error:
            if self._required:
                accepted = "false, or an autonomy level and a scenario without it"
                raise InputError("compiled", f"true, which cannot record {error}", accepted) from None
            self.refusal = str(error)
            return None

    def seen(self, number: int) -> NDArray[np.float32]:
        """What a view's seats see after the last step (B, S, D)."""
        return self.observations[number]

    def _advance(self, actions: Mapping[Party, NDArray[Any]]) -> Ledger:
        simulator, number = self._simulator, self._simulator.period
        if simulator.done:
            raise RuntimeError("no episode is under way: call reset() first")
        if not simulator.is_behind and (simulator.now is not self._synced or self._given is None):
            self._pack()
        if self._given is None or self._given.trace is not simulator.trace:
            given = Given(simulator, self._views, self._given)
            if self._given is None or not given.is_like(self._given):
                self._steps.clear()
                self._step = None
            self._given = given
        given, phase = self._given, simulator.phase
        step = None if self._step is None else self._step.then.get(phase)
        if step is None:
            step = self._found(given, phase)
        program, batch = step.machine.program, simulator.batch
        if len(self._other) != program.kept:
            self._other = block(program.kept, batch, given.kind)
        memory = block(program.told, batch, given.kind)
        told = memory[:, :batch]
        shown = np.empty((batch, given.width), dtype=np.float32)
        step.machine.run(self._carry, *given.at(number, actions), self._other, memory, shown)
        self._carry, self._other = self._other, self._carry
        self._step, self._before, self._pattern = step, self._pattern, step.after
        simulator.run_ahead(self._catch_up)
        self.rewards = [told[part] for part in step.rewards]
        self.observations = given.parted(shown)
        paid = dict(zip(simulator.terms, [told[part] for part in step.terms], strict=True))
        return Ledger(paid, simulator.weight(number) if simulator.discounts else 1.0, told[step.by_site])

    def _found(self, given: Given, phase: int) -> StepPattern:
        """The step of this pattern, recorded if it has not been; from the last one it is found at once when it comes again."""
        step = self._steps.get((self._pattern, phase))
        if step is None:
            step = self._steps[self._pattern, phase] = self._tried(given, phase)
        if self._step is not None:
            self._step.then[phase] = step
        return step

    def _pack(self) -> None:
        """Take the simulator as it is for the carry."""
        self._step = None
        simulator, batch = self._simulator, self._simulator.batch
        if not simulator.sees_the_present:
            raise NotRecordable("a feed that is late or noisy")
        arrays: list[Any] = []
        self._pattern = taken_apart(simulator.carry, arrays, batch)
        self._carry = packed(arrays, batch, simulator.backend.dtype)
        self._other = np.empty_like(self._carry)
        self._synced = simulator.now

    def _catch_up(self) -> None:
        """Play the last period again, array by array, so that everything can be looked at."""
        simulator = self._simulator
        simulator.settle(unpacked(self._other, self._before, simulator.batch), None, back=1)
        assert self._given is not None  # a period has been played
        simulator.advance(self._decided(self._given.actions))
        self._synced = simulator.now

    def _tried(self, given: Given, phase: int) -> StepPattern:
        """A step recorded. Raises NotRecordable whatever goes wrong: somebody's own reward is called with symbols here."""
        try:
            return self._recorded(given, phase)
        except NotRecordable:
            raise
        except Exception as error:  # what is truly wrong is wrong array by array too, and said there
            raise NotRecordable(f"{type(error).__name__}: {error}") from error

    def _recorded(self, given: Given, phase: int) -> StepPattern:
        simulator, graph = self._simulator, Graph(given.kind)
        carry = put_together(self._pattern, symbols_of(self._pattern, graph, CARRIED))
        after, rewards, by_site, terms, seen = self._worked_out(
            given, phase, carry, put_together(given.pattern, symbols_of(given.pattern, graph))
        )
        kept: list[Any] = []
        pattern = taken_apart(after, kept, 1)
        told = [rows_of(graph, one) for one in (*rewards, by_site, *terms)]
        rows = [rows_of(graph, one) for one in kept]
        program = Program.of(
            graph, [*_all(rows), *_all(told)], [*_all(rows_of(graph, one) for one in seen)], sum(map(len, rows))
        )
        ends = np.cumsum([len(part) for part in told]).tolist()
        parts = [slice(begin, end) for begin, end in zip([0, *ends], ends, strict=False)]
        views = len(rewards)
        return StepPattern(
            LoadedProgram(program, simulator.batch), pattern, tuple(parts[:views]), parts[views], tuple(parts[views + 1 :])
        )

    def _worked_out(self, given: Given, phase: int, carry: Any, taken: Any) -> tuple[Any, ...]:
        """A step on symbols: the carry after it, every view's rewards, what sites pay, by term too, and what each view sees."""
        simulator, views = self._simulator, self._views
        (actions, beside), trace = taken
        decided = {
            view.party: taken_on_symbols(simulator, view.actions(batch_first(acts), simulator.backend))
            for view, acts in zip(views, actions, strict=True)
        }
        decisions = Decisions(decided.get("planner"), decided.get("sites"))
        typical = TypicalPeriod(simulator.network, simulator.any_centre, simulator.ledger_terms, simulator.remembers)
        played, after, centre = typical.play(carry, phase, decisions, trace)
        state, flows, by_site = played.state, played.flows, played.by_site
        outcome = PeriodOutcome(simulator.network, state, flows, played.paid, by_site, centre.distance)
        rewards = [self._rewards_of(view, outcome) for view in views]
        level = None if centre.target is None else centre.target.level
        then = timeless(simulator.network, state, flows, level, calm=trace[1] is None)
        seen = [
            observed(view.compiled, one, [(then, parts)]) for view, one, parts in zip(views, given.beside, beside, strict=True)
        ]
        return after, rewards, by_site, tuple(played.paid.values()), seen


def _all(parts: Any) -> list[int]:
    return [row for part in parts for row in part]


class Given:
    """What steps are given beside their carry, and where it stands: actions, a trace, and what looks at the calendar."""

    def __init__(self, simulator: Simulator, views: Sequence[View], before: Given | None = None) -> None:
        """`before` is what steps were given in episodes of these views before."""
        self._views = views
        assert simulator.trace is not None  # a step is asked for
        self.kind, batch = np.dtype(simulator.backend.dtype), simulator.batch
        self._calm = simulator.now.outlook is None
        self.beside: tuple[Outside, ...] = (
            before.beside
            if before is not None and before._calm == self._calm
            else tuple(outside(view.compiled, simulator.now) for view in self._views)
        )
        """What is read beside a program, of each view."""
        self._simulator, self._state = simulator, simulator.now.state
        self._actions = [np.zeros((batch, len(view.names), view.actions.size), dtype=self.kind) for view in self._views]
        shapes = [(batch, len(view.names), view.observer.length) for view in self._views]
        self._shapes, self._widths = shapes, [shape[1] * shape[2] for shape in shapes]
        self.width = sum(self._widths)
        self._read: list[Any] = []
        self.trace = simulator.trace
        read = taken_apart(self._ahead(0), self._read, batch)
        self._read = [np.array(array, dtype=self.kind) for array in self._read]
        own: list[Any] = []
        acts = tuple(batch_last(array) for array in self._actions)
        both = taken_apart((acts, put_together(read, iter(self._read))), own, batch)
        places, steps, _ = places_of(own, batch)
        self.rows = TraceRows(simulator, fixed=(places, steps))
        self.pattern = pair(both, self.rows.pattern)

    def is_like(self, other: Given) -> bool:
        """Whether the same programs serve for both."""
        return self.pattern == other.pattern and self.beside == other.beside

    @property
    def actions(self) -> dict[Party, NDArray[Any]]:
        """Of the last period asked for (B, S, A), fresh."""
        return {view.party: array.copy() for view, array in zip(self._views, self._actions, strict=True)}

    def at(self, number: int, actions: Mapping[Party, NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where all of a period stands."""
        for view, array in zip(self._views, self._actions, strict=True):
            if actions[view.party].shape != array.shape:
                raise InputError("actions", f"shape {actions[view.party].shape}", f"{array.shape}")
            array[...] = actions[view.party]
        if self._read:
            arrays: list[Any] = []
            taken_apart(self._ahead(number + 1), arrays, self._simulator.batch)
            for kept, found in zip(self._read, arrays, strict=True):
                kept[...] = found
        return self.rows.at(number)

    def parted(self, shown: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Every view's observations (B, S, D)."""
        if len(self._shapes) == 1:
            return [shown.reshape(self._shapes[0])]
        parts = np.split(shown, np.cumsum(self._widths)[:-1], axis=1)
        return [np.ascontiguousarray(part).reshape(shape) for part, shape in zip(parts, self._shapes, strict=True)]

    def _ahead(self, number: int) -> tuple[Any, ...]:
        """What each view sees at a period's beginning of what no recording holds."""
        simulator = self._simulator
        if not any(self.beside):
            return tuple(() for _ in self._views)
        now = Snapshot(simulator.network, number, self._state, None, outlook=self.trace.outlook(number))
        return tuple(
            tuple(tuple(view.compiled.moving[field](now)) for field in one)
            for view, one in zip(self._views, self.beside, strict=True)
        )
