"""What each single decision costs beyond the best that could still have been had: its regret in hindsight.

Everything is known of an episode. What leaves because of the decisions up to a period stays as it was, and all later ones are
as is best: how much more that costs with a period's decision than without it is the decision's regret. Letters: E episodes,
T periods, L lanes, K products, P pairs of a lane and a product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from orderup.agents.planning.programs import AssembledProgram, InitialState, solver_of
from orderup.agents.planning.programs.lots import has_lots
from orderup.agents.planning.programs.program import Limits
from orderup.agents.team import seated
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.numerics.arrays import in_float64
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import Trace

from ..comparison.comparison import Comparison
from ..running.result import Result, Traces
from ..statistics.statistics import Floats
from .hindsight import check_hindsight, realised

KEY = "decisions"
LAST_DIGITS = 1e-6
"""Share of an episode's cost that a solver may be out by."""


def with_decision_regret(found: Comparison, traces: int, progress: Callable[[int], None] | None = None) -> Comparison:
    """The same comparison, with the regret of every decision on the first traces; `progress` is told of episodes × periods."""
    return replace(found, results=tuple(_with_regret(result, traces, progress) for result in found.results))


def check_decisions(traces: Traces, count: int) -> None:
    """Raises InputError for more traces than there are, and where the scenario has what the program does not know of."""
    if count > traces.episodes:
        raise InputError(KEY, count, f"at most as many traces as there are episodes, {traces.episodes}")
    check_hindsight(traces)
    if has_lots(build(traces.scenario)):
        wanted = (
            "a scenario without fixed costs, trucks, minima and lot sizes, whose every decision is a program in whole numbers"
        )
        raise InputError(KEY, f"{count}, in {traces.scenario.name}", wanted)


def _with_regret(result: Result, count: int, progress: Callable[[int], None] | None) -> Result:
    found = decision_regret(result, count)
    if progress is not None:
        progress(found.size)
    return replace(result, decision_regret=found)


def decision_regret(result: Result, count: int) -> Floats:
    """Of each decision in the first `count` episodes (E, T) [money], none below 0.

    A decision is all that leaves because of a period's orders, when sources know of it, by the lanes' order delays. What a
    source is short of then, and ships later, counts as decided later. Costs count as evaluation counts them, so that a decision
    of the warm-up has only those that come after it. A policy that draws lots draws others than when it was evaluated. Raises
    InputError where `check_decisions` does, and for a program that is not solved.
    """
    traces = result.traces
    check_decisions(traces, count)
    shipped, trace = _played(result, count)
    regrets = [_regrets(traces, trace, row, shipped[..., row]) for row in range(count)]
    return np.stack(regrets)


def _played(result: Result, count: int) -> tuple[Floats, Trace]:
    """What left by each lane in each period (T, L, K, E), and the trace."""
    traces = result.traces
    simulator = Simulator(
        traces.scenario, result.autonomy, batch=count, horizon=traces.horizon, split=traces.split, dtype="float64"
    )
    seating = Seating(simulator, seated(result.agent, simulator))
    seating.reset(traces.seed, np.arange(count))
    shipments = []
    while not simulator.done:
        simulator.advance(seating.decisions())
        flows = simulator.now.flows
        assert flows is not None  # as a period has been played
        shipments.append(in_float64(flows.shipments))
    assert simulator.trace is not None  # as above
    return np.stack(shipments), simulator.trace


@dataclass(frozen=True, eq=False)
class _Kept:
    """A program with a row for each shipment, by which it can be kept as it was."""

    program: AssembledProgram
    cost: Floats
    matrix: sparse.csc_array

    @classmethod
    def of(cls, program: AssembledProgram) -> _Kept:
        places = program.place[0][program.columns.ship].ravel()
        entries = (np.ones(places.size), (np.arange(places.size), places))
        rows = sparse.csc_array(entries, shape=(places.size, program.cost.size))
        return cls(program, program.cost, sparse.vstack([program.matrix, rows], format="csc"))

    def limits(self, plain: Limits, shipped: Floats, kept: NDArray[np.bool_]) -> Limits:
        """The program's, with the shipments (P, T) of which that is said kept."""
        low = np.where(kept, shipped, -np.inf).ravel()
        high = np.where(kept, shipped, np.inf).ravel()
        return replace(plain, low=np.concatenate([plain.low, low]), high=np.concatenate([plain.high, high]))


def _regrets(traces: Traces, trace: Trace, row: int, shipped: Floats) -> Floats:
    """Of each decision of an episode (T,) [money], from what left in it (T, L, K)."""
    network = build(traces.scenario)
    program = AssembledProgram(network, realised(network, trace, row, traces.scenario.warmup))
    start = InitialState.of_episode(network, traces.horizon)
    plain = program.limits(start, trace.demand[..., row : row + 1])
    kept, columns = _Kept.of(program), program.columns
    amounts = shipped[:, columns.lane, columns.product].T
    decided = np.arange(traces.horizon) - network.times.order_delay[columns.lane][:, None]
    solver, costs = solver_of(kept), []
    for period in range(-1, traces.horizon):
        solution = solver.solve(kept.limits(plain, amounts, decided <= period))
        if not solution.solved:
            where = f"{KEY} of episode {row}, period {period + 1}: {solution.message}"
            raise InputError(KEY, where, "a program that is solved, or no regret of decisions")
        costs.append(solution.cost)
    return _dearer(np.array(costs))


def _dearer(costs: Floats) -> Floats:
    """What each period's decision makes an episode dearer (T,) [money], from its cost before and after each (T + 1,).

    What is kept can only make it dearer, but for the solver's last digits. Raises InputError where it does more than that.
    """
    more = np.diff(costs)
    if more.min(initial=0.0) < -LAST_DIGITS * max(1.0, float(np.abs(costs).max())):
        found = f"an episode that costs {-more.min():g} less with a decision kept than without"
        raise InputError(KEY, found, "programs that are solved exactly, or no regret of decisions")
    return np.maximum(more, 0.0)
