"""One batch of held-out episodes under a policy, and once more without its disruptions where it has any."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np

from orderup.agents.team import caveats_of, seated
from orderup.envs.demand.file import FileDemand
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.whole_numbers import checked_seed
from orderup.envs.information.policy import Decisions
from orderup.envs.numerics.arrays import in_float64
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.envs.trace.drawn_once import drawn_once
from orderup.envs.trace.trace import Trace

from ..measures.accumulator import Accumulator
from ..measures.adaptation import ShiftLog
from ..measures.amounts import Amount
from ..measures.decision_log import SKETCH, DecisionLog, episodes_kept
from ..measures.kpi import Kpi, amounts_of
from ..measures.period_log import PeriodLog, rest
from ..measures.rerouting import PriceLog
from ..measures.resilience import Course, Response
from ..measures.sums import Sums
from ..statistics.statistics import Floats
from .contestant import Contestant
from .result import TRACE, Traces

Progress: TypeAlias = Callable[[int], None]
"""Told, after every period of a batch, how many episodes have advanced by one."""
Again: TypeAlias = Callable[[Trace], Trace]
"""What a trace is made into before it is played once more."""


class CannotAct(InputError):
    """A policy that has no place at a level of autonomy, or on a network; `reason` says why.

    One that has `failed` broke off by an error of its own program.
    """

    def __init__(self, contestant: Contestant, reason: str, failed: bool = False) -> None:
        self.reason, self.failed = reason, failed
        super().__init__("agent", f"{contestant.name} at {contestant.autonomy.name}", f"one that can act there ({reason})")


def played(
    sim: Simulator, contestant: Contestant, traces: Traces, numbers: Any, progress: Progress | None, asked: Sequence[Kpi] = ()
) -> Sums:
    """One batch of episodes from beginning to end, and once more without its disruptions where it has any.

    `asked` are KPIs beside those of every report. Raises CannotAct where a policy refuses or memory does not suffice for it,
    unless a key of its own is wrong.
    """
    log = DecisionLog(sim, _kept(sim, traces, numbers))
    events = [found for found in (ShiftLog.of(sim), PriceLog.of(sim)) if found is not None]
    seating, accumulator, course = _told(sim, contestant, traces, numbers, progress, own=amounts_of(asked), logs=(log, *events))
    found, trace = replace(accumulator.sums(), orders=log.orders, caveats=caveats_of(seating)), sim.trace
    found = replace(found, network=found.network | {SKETCH: log.sketch})
    for event in events:
        found = replace(found, network=found.network | event.sums(traces.scenario.warmup))
    _check_finite(found, contestant, numbers)
    _check_there(asked, found)
    if trace is not None and any(isinstance(entry.demand, FileDemand) for entry in traces.scenario.customers):
        found = replace(found, network=found.network | {TRACE: _numbers(in_float64(trace.demand))})
    if course is None or trace is None or trace.outage is None:
        return found
    _, _, twin = _told(sim, contestant, traces, numbers, again=Trace.undisturbed)
    assert twin is not None  # as its trace has an outage too, which never is
    if contestant.agent.by_lot:
        twin = replace(twin, orders=course.orders)
    elif trace.feed_error is not None:
        course = replace(course, orders=_clear_orders(sim, contestant, traces, numbers, _without_noise))
        twin = replace(twin, orders=_clear_orders(sim, contestant, traces, numbers, _undisturbed_without_noise))
    response = Response(course, twin, in_float64(trace.outage).T > 0, traces.scenario.warmup, rest(sim.numpy_network))
    return replace(found, network=found.network | response.sums, outages=response.curve)


@contextmanager
def _its_own_limits(contestant: Contestant) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        if isinstance(error, CannotAct) or _is_given(error.key, contestant):
            raise
        raise CannotAct(contestant, str(error)) from error
    except MemoryError as error:
        raise CannotAct(contestant, f"it needs more memory than there is ({str(error) or 'out of memory'})") from error


def _is_given(key: str, contestant: Contestant) -> bool:
    """Whether a complaint is about one of an agent's own keys that its user wrote, and not about one that was left out."""
    named = re.match(r"agent\.(\w+)", key)
    return named is not None and named.group(1) in {"type", *contestant.agent.model_fields_set}


def _check_finite(sums: Sums, contestant: Contestant, numbers: Any) -> None:
    """Raises InputError where a sum is infinite or no number at all, so that none such comes into a table."""
    for name, values in sums.network.items():
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            where = f"{contestant.name} at {contestant.autonomy.name}, episode {numbers[wrong[0]]}"
            accepted = "amounts, prices and decisions of which every sum and square is a finite number"
            raise InputError("scenario", f"{name} {values[wrong[0]]} ({where})", accepted)


def _check_there(asked: Sequence[Kpi], sums: Sums) -> None:
    """Raises InputError for a KPI of what a scenario has nothing of."""
    for kpi in asked:
        missing = [name for name in kpi.columns if name not in sums.network]
        if missing:
            raise InputError("kpis", kpi.name, f"KPIs of what the scenario has: nothing of {missing[0]} is counted here")


def _kept(sim: Simulator, traces: Traces, numbers: Any) -> int:
    """Of how many of a batch's episodes all orders are kept: they are the first of all."""
    places = len(sim.numpy_network.lanes) * len(sim.numpy_network.products)
    return int((np.asarray(numbers) < episodes_kept(traces.episodes, traces.horizon, places)).sum())


def _clear_orders(sim: Simulator, contestant: Contestant, traces: Traces, numbers: Any, again: Again) -> Floats:
    """What a batch would order if its feed had no errors (B, T).

    An error is a share of what is reported, so it shows whatever a disruption did once more, however far back: orders that
    differ by noise alone would pass for a reaction.
    """
    _, _, course = _told(sim, contestant, traces, numbers, again=again)
    assert course is not None  # as the trace has outages
    return course.orders


def _without_noise(trace: Trace) -> Trace:
    return replace(trace, feed_error=None)


def _undisturbed_without_noise(trace: Trace) -> Trace:
    return _without_noise(trace.undisturbed())


def _told(
    sim: Simulator,
    contestant: Contestant,
    traces: Traces,
    numbers: Any,
    progress: Progress | None = None,
    again: Again | None = None,
    own: Sequence[Amount] = (),
    logs: Sequence[DecisionLog | ShiftLog | PriceLog] = (),
) -> tuple[Seating, Accumulator, Course | None]:
    """Who played, what a batch comes to, and its course where the scenario has disruptions."""
    seating, decisions = _opening(sim, contestant, traces, numbers, again)
    has_outages = sim.trace is not None and sim.trace.outage is not None
    accumulator, periods = Accumulator(sim, own), PeriodLog(sim) if has_outages else None
    with _its_own_limits(contestant):
        while True:
            before = sim.now.state
            ledger = sim.advance(decisions)
            flows = sim.now.flows
            if flows is not None and sim.now.period > traces.scenario.warmup:
                accumulator.add(before, sim.now.state, flows, ledger)
            if flows is not None and periods is not None:
                periods.add(before, flows, ledger)
            if flows is not None:
                for log in logs:
                    log.add(flows)
            if progress is not None:
                progress(sim.batch)
            if sim.done:
                return seating, accumulator, None if periods is None else periods.course()
            decisions = seating.decisions()


def _opening(
    sim: Simulator, contestant: Contestant, traces: Traces, numbers: Any, again: Again | None
) -> tuple[Seating, Decisions]:
    """All seats filled, and the first decisions. What is wrong with the traces is nobody's own limit."""
    policies = _policy_seed(checked_seed(traces.seed), int(numbers[0]))
    sim.reset(traces.seed, numbers, drawn_once)
    assert sim.trace is not None
    with _its_own_limits(contestant):
        seating = Seating(sim, seated(contestant.agent, sim))
        seating.replay(sim.trace, policies)
        if again is not None:
            sim.replay(again(sim.trace))
        return seating, seating.decisions()


def _numbers(demand: Floats) -> Floats:
    """A number for each episode (B,) that is another's only where their demand (T, C, K, B) is."""
    rows = np.ascontiguousarray(np.moveaxis(demand, -1, 0))
    return np.array([int.from_bytes(blake2b(row.tobytes(), digest_size=6).digest(), "big") for row in rows], dtype=np.float64)


def _policy_seed(seed: int, first: int) -> int:
    """For a policy's own randomness: another one for each batch."""
    return int(np.random.SeedSequence([seed, first]).generate_state(1)[0])
