"""What an episode would have cost had everything been known from its start: a bound that no policy is below on any trace.

Letters: T periods, L lanes, C customers, K products, B episodes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from orderup.agents.exact.scope import ANY, check_scope
from orderup.agents.planning import Plan, Program, Start, solver_of
from orderup.agents.planning.program import RELAXED
from orderup.envs.backend import Backend
from orderup.envs.building import build
from orderup.envs.errors import InputError
from orderup.envs.network import Network
from orderup.envs.trace import Trace, draw_trace

from .prices import Bound
from .result import Traces
from .statistics import Floats

NAME = "hindsight"
TOGETHER = 4
"""Episodes that a process takes at a time."""


@dataclass(frozen=True, eq=False)
class Hindsight(Bound):
    """The optimum of a linear program on each realised trace, its costs counted after the warm-up as evaluation counts them.

    Everything is known from the first period on, and what is done in the warm-up costs nothing, so that it is a bound and no
    policy. `relaxed` says what else is left free: all of it can only lower the bound.
    """

    relaxed: tuple[str, ...] = RELAXED


def hindsight_bound(traces: Traces, *, workers: int = 1, progress: Callable[[int], None] | None = None) -> Hindsight:
    """The bound on each of some traces, by `workers` processes.

    `progress` is told after every few episodes how many episodes × periods are done. Raises InputError where the scenario says
    what the program does not know of, or an episode's program is not solved, since no number would then be a bound.
    """
    check_scope(traces.scenario, "bound", NAME, ANY)
    numbers = range(0, traces.episodes, TOGETHER)
    chunks = [range(first, min(first + TOGETHER, traces.episodes)) for first in numbers]
    found: list[Floats] = []
    for costs in _each(partial(_costs, traces), chunks, workers):
        found.append(costs)
        if progress is not None:
            progress(costs.size * traces.horizon)
    return Hindsight(NAME, np.concatenate(found), on_every_trace=True)


def _each(work: Callable[[range], Floats], chunks: Sequence[range], workers: int) -> Iterator[Floats]:
    if workers == 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, chunks)


def _costs(traces: Traces, numbers: range) -> Floats:
    """Cost of some episodes (B,) [money/period]."""
    network = build(traces.scenario)
    trace = draw_trace(network, Backend("numpy"), traces.seed, np.array(numbers), traces.horizon, traces.split)
    start, counted = Start.of_episode(network, traces.horizon), traces.horizon - traces.scenario.warmup
    program: Program | None = None
    found = np.zeros(len(numbers))
    for row, number in enumerate(numbers):
        if program is None or trace.lead_time is not None:
            program = Program(network, Plan.hindsight(network, _lead_times(network, trace, row), traces.scenario.warmup))
        solution = solver_of(program).solve(program.limits(start, trace.demand[..., row : row + 1]))
        if not solution.solved:
            raise InputError(
                "bound", f"{NAME} of episode {number}: {solution.message}", "a program that is solved, or no bound"
            )
        found[row] = solution.cost / counted
    return found


def _lead_times(network: Network, trace: Trace, row: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Of what is shipped in each period of an episode (T, L) [periods]."""
    times = np.tile(network.lead_time, (trace.periods, 1))
    if trace.lead_time is not None:
        times[:, network.is_random] = trace.lead_time[:, :, 0, row]
    return times
