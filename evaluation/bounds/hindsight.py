"""What an episode would have cost had everything been known from its start: a bound that no policy is below on any trace.

Letters: T periods, L lanes, M limits that lanes have in common, B episodes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from orderup.agents.exact.scope import REALISED, check_scope
from orderup.agents.planning.programs import AssembledProgram, InitialState, PlanningProblem, solver_of
from orderup.agents.planning.programs.lots import has_lots
from orderup.envs.events.conditions import NEUTRAL, Conditions
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.network.network import Network
from orderup.envs.numerics.backend import Backend
from orderup.envs.trace.trace import Trace, draw_trace

from ..comparison.prices import Bound
from ..running.result import Traces
from ..statistics.statistics import Floats
from .lots import Solved, solved_with_lots
from .relaxed import left_out

NAME = "hindsight"
HELD = ("transit", "receipts")
"""What disruptions pause that the program does not know of."""
TOGETHER = 4
"""Episodes that a process takes at a time."""
LOTS = 20.0
"""Seconds for a program with whole numbers in it, which usually ends earlier by the branches it looks into."""
FREE = ("rationing: a source divides its stock as is best, and may hold back what was ordered and what customers are owed",)
"""What the program leaves free whatever the scenario says."""


@dataclass(frozen=True, eq=False)
class Hindsight(Bound):
    """The optimum of a program on each realised trace, its costs counted after the warm-up as evaluation counts them.

    Everything is known from the first period on, and what is done in the warm-up costs nothing, so that it is a bound and no
    policy. Where orders cost something whatever their size, or come in certain sizes, the program has whole numbers in it, and
    what no plan is below counts: `gap` is how far the best plan that was found is above that. `relaxed` says what of the
    scenario is left out, `free` what always is: all of it can only lower the bound.
    """

    free: tuple[str, ...] = FREE


def check_hindsight(traces: Traces) -> None:
    """Raises InputError where the scenario says what the program does not know of."""
    check_scope(traces.scenario, "bound", NAME, REALISED)
    for number, event in enumerate(traces.scenario.disruptions):
        for held in [change.of for change in event.changes if change.of in HELD]:
            found = f"{NAME}, disruptions[{number}].{event.way}={held} in {traces.scenario.name}"
            raise InputError("bound", found, "a scenario in which goods under way are not held up")


def hindsight_bound(
    traces: Traces, *, workers: int = 1, progress: Callable[[int], None] | None = None, seconds: float = LOTS
) -> Hindsight:
    """The bound on each of some traces, by `workers` processes; a program with whole numbers in it gets so many `seconds`.

    `progress` is told after every few episodes how many episodes × periods are done. Raises InputError where the scenario says
    what the program does not know of, or an episode's program is not solved, since no number would then be a bound.
    """
    check_hindsight(traces)
    numbers = range(0, traces.episodes, TOGETHER)
    chunks = [range(first, min(first + TOGETHER, traces.episodes)) for first in numbers]
    paid: list[Floats] = []
    for costs in _each(partial(_costs, traces, seconds), chunks, workers):
        paid.append(costs)
        if progress is not None:
            progress(len(costs) * traces.horizon)
    bound, best = np.concatenate(paid).T
    gap = float((best - bound).sum() / max(abs(best).sum(), 1e-12))
    return Hindsight(NAME, bound, on_every_trace=True, relaxed=left_out(traces.scenario, NAME), gap=gap)


def _each(work: Callable[[range], Floats], chunks: Sequence[range], workers: int) -> Iterator[Floats]:
    if workers == 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, chunks)


def _costs(traces: Traces, seconds: float, numbers: range) -> Floats:
    """What no plan is below, and the best that was found (B, 2), of some episodes [money/period]."""
    network = build(traces.scenario)
    trace = draw_trace(network, Backend("numpy"), traces.seed, np.array(numbers), traces.horizon, traces.split)
    start, counted = InitialState.of_episode(network, traces.horizon), traces.horizon - traces.scenario.warmup
    always_alike = trace.lead_time is None and network.events.channels is None
    program: AssembledProgram | None = None
    found = np.zeros((len(numbers), 2))
    for row, number in enumerate(numbers):
        if program is None or not always_alike:
            program = AssembledProgram(network, realised(network, trace, row, traces.scenario.warmup))
        solved = _solved(program, start, trace.demand[..., row : row + 1], seconds)
        if np.isnan(solved.bound):
            raise InputError("bound", f"{NAME} of episode {number}: {solved.message}", "a program that is solved, or no bound")
        found[row] = solved.bound / counted, solved.best / counted
    return found


def _solved(program: AssembledProgram, start: InitialState, demand: Floats, seconds: float) -> Solved:
    limits = program.limits(start, demand)
    if has_lots(program.network, trucks=False):
        return solved_with_lots(program, limits, start, demand[..., 0], seconds)
    solution = solver_of(program).solve(limits)
    return Solved(solution.cost, solution.cost, solution.message)


def realised(network: Network, trace: Trace, row: int, warmup: int) -> PlanningProblem:
    """The planning problem of an episode of a trace, whose costs count after the warm-up."""
    shocks = [trace.at(period) for period in range(trace.periods)]
    times = np.tile(network.times.lead_time, (trace.periods, 1))
    if trace.lead_time is not None:
        drawn = [now.lead_time for now in shocks]
        times[:, network.times.is_random] = np.stack([periods[:, 0, row] for periods in drawn if periods is not None])
    problem = PlanningProblem.hindsight(network, times, warmup)
    if network.events.channels is None:
        return problem

    def each_lane(channel: str) -> Floats:
        like = np.zeros((len(network.lanes), 1, trace.demand.shape[-1]))
        values = [network.on_lanes(channel, now.conditions, like) for now in shocks]
        return np.stack([like[:, 0, row] + NEUTRAL[channel] if value is None else value[:, 0, row] for value in values])

    at_once = (network.times.order_delay == 0) & ~network.stays_open  # what leaves was ordered in the same period
    taken = np.where(at_once, each_lane("accepting"), 1.0)
    price = each_lane("price") * (1.0 + each_lane("tariff"))
    limits = [_limits_left(network, now.conditions, row) for now in shocks]
    return replace(problem, left=each_lane("available") * taken, limits_left=np.stack(limits), price=price)


def _limits_left(network: Network, now: Conditions, row: int) -> Floats:
    """Share of each limit that lanes have in common (M,)."""
    share = [1.0 if place is None or now.limits is None else now.limits[place][0, row] for place in network.limits.limit_places]
    return np.array(share)
