"""Periods of a PyTorch simulator as recorded programs: one call forward, one back, whatever happens in the network.

What a period leaves to the next, its carry, is one block of rows. Back through a period the program works its rows out once
more, so that nothing but the carries has to be remembered. Letters: B batch, C rows that are carried, R numbers that are seen.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from orderup.envs.authority.centre import Centre
from orderup.envs.events.conditions import USUAL
from orderup.envs.information.information import Information
from orderup.envs.information.observation import Compiled, Observer
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.information.recorded_view import observed, outside, timeless
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.numerics.backend import Backend
from orderup.envs.period import TypicalPeriod
from orderup.envs.physics.state import start
from orderup.envs.recorded_policies import Inside, RecordablePolicy
from orderup.envs.recorded_trace import TraceRows
from orderup.envs.recording.adjoint import adjoints
from orderup.envs.recording.graph import Graph, NotRecordable
from orderup.envs.recording.leaves import Nest, leaves, pair, put_together, taken_apart
from orderup.envs.recording.machine import LoadedProgram
from orderup.envs.recording.operations import ADD
from orderup.envs.recording.program import Program
from orderup.envs.recording.recording import CARRIED, GIVEN, offsets_of, rows_of, symbols_of
from orderup.envs.simulator import Ledger, Party, Simulator

from .objective import Objective

Tensor = torch.Tensor


class NeedsFlows(Exception):
    """A policy looks at more than its observations: what moved in a period has to be carried as well."""


@dataclass(frozen=True, eq=False)
class PeriodStep:
    """A period of one pattern, forward and back."""

    forward: LoadedProgram
    back: LoadedProgram
    after: Hashable
    """Pattern of the carry after it."""
    carried: int
    decided: int
    """Rows of the decisions."""


class RecordedPeriods:
    """The periods of a simulator's episodes, for one objective; `observers` are those whose observations are wanted.

    Raises NotRecordable where programs cannot hold what happens.
    """

    def __init__(
        self,
        simulator: Simulator,
        objective: Objective,
        observers: Mapping[Party, Observer],
        with_flows: bool = False,
        inside: Mapping[Party, RecordablePolicy] | None = None,
    ) -> None:
        if objective.share != 1.0 or objective.reward is not None or simulator.discounts:
            raise NotRecordable("sites' own costs, or discounted costs")
        if inside is None and not simulator.sees_the_present:
            raise NotRecordable("a feed that is late or noisy")
        self.simulator, self.objective, self.with_flows = simulator, objective, with_flows
        network = self._network = simulator.numpy_network
        here = self._here = Backend("numpy", dtype=simulator.backend.dtype)
        first = Snapshot(network, 0, start(network, here.zeros(1, 1, 1)), None)
        self._centre = Centre.of(simulator.autonomy, network, network, simulator.within, here)
        self._views: dict[Party, Compiled] = {party: one.compile(here, first) for party, one in observers.items()}
        if any(outside(view, replace(first, outlook=simulator.now.outlook)) for view in self._views.values()):
            raise NotRecordable("fields that look at the calendar or ahead")
        self._widths = [int(np.prod(view.index.shape) * len(network.products)) for view in self._views.values()]
        self._seats = [view.index.shape[0] for view in self._views.values()]
        self._typical = TypicalPeriod(network, self._centre, simulator.ledger_terms, simulator.remembers)
        self._inside = None if inside is None else Inside(simulator, inside)
        self._on_symbols = None if inside is None else Inside(simulator, _twins(inside, simulator, here))
        self._steps: dict[Hashable, PeriodStep] = {}
        self._offsets: dict[Hashable, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = {}
        self._trace: TraceRows | None = None

    def begin(self) -> None:
        """Take the simulator's episodes up where they are."""
        simulator, arrays, made = self.simulator, list[Any](), list[Any]()
        if self._trace is None or self._trace.trace is not simulator.trace:
            self._trace = TraceRows(simulator, beyond=self._inside is not None)
        begun: Any = (simulator.carry, None, ())
        if self._inside is not None:
            self._numbers = taken_apart(self._inside.numbers, made, simulator.batch)
            begun = self._begun(self._trace.pattern)
        self._pattern = taken_apart((*begun, None), arrays, simulator.batch)
        self._tensors = self._of_one_type(made)
        rows = [torch.as_tensor(one).expand(*one.shape[:-1], simulator.batch).reshape(-1, simulator.batch) for one in arrays]
        self._carry = torch.cat([one.to(simulator.backend.float) for one in rows]).contiguous()
        self._seen: dict[Party, Tensor] = {}

    def _begun(self, given: Hashable) -> Any:
        """What periods with policies inside go on from."""
        assert self._inside is not None
        assert self._on_symbols is not None
        begun = self._inside.begun()
        if not self._steps:
            pattern = taken_apart(begun, [], self.simulator.batch)
            tried = self._typical, pattern, self._numbers, given, self._here.dtype
            self._inside.kept = self._on_symbols.kept = self._on_symbols.looked_at(*tried)
        return self._inside.begun()

    def _of_one_type(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        kind = self.simulator.backend.float
        return [one.to(kind) if one.dtype != kind else one for one in tensors]

    def advance(self, decisions: Decision | Decisions | None) -> Tensor:
        """One period: what it contributes to the objective (B,); under decisions, or those of the policies inside."""
        simulator, made = self.simulator, list[Any]()
        if decisions is None:
            decided, tensors = self._numbers, self._tensors
        else:
            decided = taken_apart(simulator.taken(decisions), made, simulator.batch)
            tensors = self._of_one_type(made)
        assert self._trace is not None  # episodes have begun
        key = (self._pattern, decided, self._trace.pattern, simulator.phase)
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = self._recorded(decided)
        self._carry, cost, seen = _Period.apply(self, step, simulator.period, self._carry, *tensors)  # type: ignore[no-untyped-call] # PyTorch's
        self._pattern = step.after
        parts = seen.split_with_sizes(self._widths, dim=1) if len(self._widths) > 1 else [seen]
        self._seen = {
            party: part.reshape(simulator.batch, seats, -1)
            for party, seats, part in zip(self._views, self._seats, parts, strict=False)
        }
        simulator.run_ahead(self.settle)
        return cost  # type: ignore[no-any-return] # a tensor

    def forget(self) -> None:
        """Let gradients pass from what comes to what has been decided for the next period, and to nothing before."""
        assert isinstance(self._pattern, Nest)  # a tuple's
        counts = [sum(int(np.prod(leaf.shape)) for leaf in leaves(part)) for part in self._pattern.parts]
        state, decided, *others = self._carry.split_with_sizes(counts)
        self._carry = torch.cat([state.detach(), decided, *(other.detach() for other in others)])

    def information_of(self, party: Party) -> Information:
        """What a party may know; its observations are there already."""
        if party not in self._seen:
            return self.simulator.information_of(party)
        return _Seen(self.simulator, party, self._seen[party])

    def settle(self) -> None:
        """Let the simulator's snapshot be that of the carry. Raises NeedsFlows where what moved is not known."""
        if not self.with_flows:
            raise NeedsFlows
        self.show()

    def show(self) -> None:
        """The same without what moved."""
        found, batch = [], self.simulator.batch
        places = list(leaves(self._pattern))
        parts = self._carry.split_with_sizes([int(np.prod(leaf.shape)) for leaf in places])
        for leaf, part in zip(places, parts, strict=True):
            values = part.reshape(*leaf.shape, batch)
            found.append(values != 0 if leaf.truth else values)
        carry, *_, flows = put_together(self._pattern, iter(found))
        self.simulator.settle(carry, flows)

    def places(self, number: int, decided: Sequence[Tensor]) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
        """Addresses of the rows of decisions and of a period's part of the trace, and how far their numbers are apart."""
        assert self._trace is not None  # episodes have begun
        of_decisions, apart = self.rows(decided)
        places, steps = self._trace.at(number)
        return [of_decisions, places], [apart, steps]

    def rows(self, tensors: Sequence[Tensor]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Addresses of tensors' rows, and how far their numbers are apart [bytes]."""
        key = tuple((one.shape, one.stride()) for one in tensors)
        if (known := self._offsets.get(key)) is None:
            known = self._offsets[key] = offsets_of([one.detach().numpy() for one in tensors], self.simulator.batch)
        offsets, steps, owner = known
        return np.array([one.data_ptr() for one in tensors], dtype=np.int64)[owner] + offsets, steps

    def _recorded(self, decided: Hashable) -> PeriodStep:
        graph = Graph(self._here.dtype, has_slopes=True)
        carried = list(symbols_of(self._pattern, graph, CARRIED))
        assert self._trace is not None  # episodes have begun
        both = pair(decided, self._trace.pattern)
        given = list(symbols_of(both, graph))
        after, cost, seen = self._worked_out(put_together(self._pattern, iter(carried)), *put_together(both, iter(given)))
        kept: list[Any] = []
        pattern = taken_apart(after, kept, 1)
        rows = [row for one in kept for row in rows_of(graph, one)]
        told, shown = rows_of(graph, cost), [row for one in seen for row in rows_of(graph, one)]
        forward = Program.of(graph, [*rows, *told], shown, len(rows))
        out = [*rows, *told, *shown]
        there = sum(one.rows.size for one in given)
        weights = graph.loads(GIVEN, (len(out),), there).tolist()
        of: dict[int, int] = {}
        for row, weight in zip(out, weights, strict=True):
            of[row] = graph.made(ADD, of[row], weight) if row in of else weight
        own = [row for one in carried for row in one.rows.reshape(-1).tolist()]
        theirs = [row for one in given[: len(list(leaves(decided)))] for row in one.rows.reshape(-1).tolist()]
        back = Program.of(graph, adjoints(graph, of, [*own, *theirs]), (), len(own))
        batch = self.simulator.batch
        return PeriodStep(LoadedProgram(forward, batch), LoadedProgram(back, batch), pattern, len(own), len(theirs))

    def _worked_out(self, carry: Any, own: Any, taken: Any) -> tuple[Any, Any, list[Any]]:
        """A period on symbols: the carry after it, what it contributes to the objective (1,), and what is seen after it."""
        simulator, network, (*before, _) = self.simulator, self._network, carry
        typical = self._typical
        if self._on_symbols is None:
            played, left, _ = typical.play(before[0], simulator.phase, own, taken)
            after: Any = (left, None, ())
        else:
            played, after = self._on_symbols.play(typical, own, (before[0], before[1], before[2]), simulator.phase, taken)
        state, flows, target = played.state, played.flows, after[0].target
        stand_in: Any = _Symbolic(network, self._here, Snapshot(network, simulator.phase, state, flows))
        cost = self.objective.by_row(stand_in, Ledger(played.paid, 1.0, played.by_site))
        then = timeless(network, state, flows, None if target is None else target.level, calm=taken[1] is None)
        seen = [observed(view, (), [(then, ())]) for view in self._views.values()]
        moved = flows._replace(conditions=USUAL) if self.with_flows else None
        return (*after, moved), cost, seen


def _twins(policies: Mapping[Party, RecordablePolicy], simulator: Simulator, here: Backend) -> dict[Party, RecordablePolicy]:
    """The same policies in NumPy, whose constants programs take."""
    twins = {party: policy.in_numpy() for party, policy in policies.items()}
    for party, twin in twins.items():
        twin.reset(replace(simulator.context(0, party), backend=here, batch=1))
    return twins


@dataclass(frozen=True)
class _Symbolic:
    """What an objective looks at of a simulator, on symbols."""

    network: Any
    backend: Backend
    now: Snapshot

    @property
    def numpy_network(self) -> Any:
        return self.network


class _Seen(Information):
    """What a party may know after a recorded period: observations at once, all else once it is asked for."""

    def __init__(self, simulator: Simulator, party: Party, seen: Tensor) -> None:
        self._simulator, self._party, self._seen = simulator, party, seen
        self.autonomy, self.seats = simulator.autonomy, simulator.seats_of(party)

    def __getattr__(self, name: str) -> Any:
        self.__dict__.update(self._simulator.information_of(self._party).__dict__)
        return self.__dict__[name]

    def observations(self, compiled: Compiled, kind: Any = None) -> Any:
        return self._seen


class _Period(torch.autograd.Function):
    """A period as one operation of PyTorch's."""

    @staticmethod
    def forward(ctx: Any, periods: RecordedPeriods, step: PeriodStep, number: int, carry: Tensor, *decided: Tensor) -> Any:
        batch, program = carry.shape[1], step.forward.program
        kept, told = carry.new_empty(program.kept, batch), carry.new_empty(1, batch)
        seen = carry.new_empty(batch, sum(periods._widths))
        places, apart = periods.places(number, decided)
        step.forward.run(
            carry.detach().numpy(), np.concatenate(places), np.concatenate(apart), kept.numpy(), told.numpy(), seen.numpy()
        )
        ctx.save_for_backward(carry, *decided)
        ctx.periods, ctx.step, ctx.number = periods, step, number
        return kept, told[0], seen

    @staticmethod
    def backward(ctx: Any, of_kept: Tensor, of_cost: Tensor, of_seen: Tensor) -> Any:
        carry, *decided = ctx.saved_tensors
        periods, step, batch = ctx.periods, ctx.step, carry.shape[1]
        slopes, own = carry.new_empty(step.carried, batch), carry.new_empty(step.decided, batch)
        places, apart = periods.places(ctx.number, decided)
        weights = (of_kept, of_cost[None], of_seen.T)
        more, steps = periods.rows(weights)
        step.back.run(
            carry.detach().numpy(), np.concatenate([*places, more]), np.concatenate([*apart, steps]),
            slopes.numpy(), own.numpy(), np.empty((batch, 0), dtype=own.numpy().dtype),
        )  # fmt: skip # sources, then what comes out
        found, first = [], 0
        for one in decided:
            count = int(np.prod(one.shape[:-1]))
            part = own[first : first + count].reshape(*one.shape[:-1], batch)
            found.append(part if one.shape[-1] == batch else part.sum(-1, keepdim=True))
            first += count
        return None, None, None, slopes, *found
