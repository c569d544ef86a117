"""Model-predictive control: in every period a linear program over sampled futures, and only the first order of its plan.

Letters: B batch, L lanes, K products, S futures, T periods.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Periods
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.numerics.backend import Backend

from ..base import Agent, agents
from ..integrality import is_integral
from ..levels.base_stock import waiting_time
from ..levels.base_stock_levels import Tree, installation_levels
from ..size_limits import check_memory
from .futures import GROUPS, Futures
from .left_out import left_out
from .objective import worth
from .planner_state import PlannerState
from .problem import Places, PlanningProblem
from .program import RELAXED, Program
from .safety import SafetyStock
from .solve import LONGEST, Solution, Solver, solver_of
from .view import PlannerView

STRATA = 8
COLUMN = 30
"""Numbers that a program holds for each of its columns, about."""
BEYOND = 2
"""Periods that are planned after those that the orders of now serve; more of them cost time, and found nothing."""
AVERAGED = 256
"""Futures whose mean a certainty-equivalent planner takes for the one that comes."""


@agents.register("mpc")
class ModelPredictive(Agent):
    """Order what a stochastic program over sampled futures orders first, and plan anew in the next period.

    What is ordered now is the same in all `scenarios` futures, and so is what an express, dearer and quicker than the main lane
    of its site, brings as long as that could stand in for it; all else knows its future (two stages). A centre that orders
    knows its own orders, and adds the age of its feed and the approval to the time they take; at `target` and `band` it sets
    the levels that these orders come to, by its feed. It may fill the sites' seats, all of them, where they see all sites'
    inventory records. Fixed costs, minima and multiples are not planned for: orders are rounded to what a lane takes.
    Random lead times are taken for their means, and what else is left out stands beside its results.
    """

    costly: ClassVar[bool] = True
    scenarios: Count = Field(30, description="Futures of every decision")
    horizon: Periods | None = Field(
        None, description="Periods that are planned; left out: two more than it takes what is ordered now to be of use"
    )
    seconds: float = Field(LONGEST, gt=0, description="Longest that a program may take; then closed-form levels stand in")
    _state: PlannerState = PrivateAttr()
    _futures: Futures = PrivateAttr()
    _programs: dict[int, tuple[Program, Solver]] = PrivateAttr(default_factory=dict)
    _safety: SafetyStock = PrivateAttr()
    _make: Callable[[int], Program] = PrivateAttr()
    _backend: Backend = PrivateAttr()
    _whole: bool = PrivateAttr(default=False)
    _solved: int = PrivateAttr(default=0)
    _failed: int = PrivateAttr(default=0)

    @property
    def relaxed(self) -> tuple[str, ...]:
        """What its program leaves out or leaves free."""
        return RELAXED

    @property
    def solved(self) -> int:
        """Programs solved since the last reset."""
        return self._solved

    @property
    def failed(self) -> int:
        """Programs that were not, and closed-form levels were gone by."""
        return self._failed

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What its plans leave out, and how many were never made."""
        unsolved = (
            f"closed-form levels stood in for {self._failed} of {self._failed + self._solved} programs not solved in time"
        )
        return (*left_out(context.network), *([unsolved] if self._failed else []))

    def reset(self, context: Context) -> None:
        """Prepare the program. Raises InputError where it cannot see all sites' inventory records."""
        network, planner = context.network, context.seats == (PLANNER,)
        if not context.autonomy.sees(context.seats, "shared"):
            seen = context.autonomy.visibility_of(context.seats)
            raise InputError("agent", f"{agents.name_of(type(self))} at visibility {seen}", "shared or integrated")
        if not planner and len(context.seats) < len(network.sites):
            raise InputError(
                "agent", f"{len(context.seats)} of {len(network.sites)} sites", "the seats of all sites, or a planner's"
            )
        fallback = installation_levels(network, all_known=context.autonomy.acts.places_orders, wait=waiting_time(context))
        self._state = PlannerState(network, context.autonomy, planner, context.batch, fallback)
        horizon = self.horizon or longest_protection(network) + BEYOND + (self._state.cadence - 1) * echelons(network)
        horizon += self._state.approval
        most = horizon + (context.autonomy.feed_latency if self._state.keeps_record else 0)
        check_memory("agent.horizon", most, most * self._size(context), "futures and programs")
        seed = int(np.random.SeedSequence([context.seed, 0x6D7063]).generate_state(1)[0])
        self._futures = Futures(network, most, self.scenarios, context.batch, seed, self._strata)
        self._safety = SafetyStock(network, self._state.cadence)
        self._make = lambda age: Program(network, self._problem(network, horizon + age, age))
        self._programs, self._solved, self._failed = {}, 0, 0
        self._backend, self._whole = context.backend, is_integral(network.scenario)

    def _size(self, context: Context) -> int:
        """Numbers that are held for each period of the horizon, about."""
        network = context.network
        columns = network.topology.main_lanes.size + network.costs.unit_cost.size + network.costs.price.size
        drawn = network.costs.price.size * self.scenarios * self._strata * min(context.batch, GROUPS)
        return int(COLUMN * columns * self._planned_for + drawn)

    def act(self, information: Information) -> Decision:
        """Plan for every episode."""
        view = PlannerView.of_all(information, self._state.network)
        age = information.age if self._state.keeps_record else 0
        if not self._state.decides(information.period):
            return self._given(self._state.wait(view))
        orders = np.stack([self._planned(age, view, information, episode) for episode in range(view.episodes)])
        return self._given(self._state.decide(orders, view, age))

    def _planned(self, age: int, view: PlannerView, information: Information, episode: int) -> Floats:
        """Orders (L, K) of one episode."""
        own, (program, solver) = view.of(episode), self._program(age)
        start = self._state.start(own, information.period, age, program.problem, episode)
        missing = information.age - age
        demand = self._futures.after(information.period - age, missing, own.demand, episode)[: program.problem.periods]
        solution = solver.solve(program.limits(start, self._as_planned(demand), self._safety.of(demand)), series=episode)
        self._count(solution)
        if solution.values is None:
            return self._state.fallback(own, episode, age)
        return rounded(self._state.network, program.first_orders(solution.values, start), self._whole)

    def _count(self, solution: Solution) -> None:
        if solution.solved:
            self._solved += 1
            return
        self._failed += 1
        if self._failed == 1:
            logging.getLogger(__name__).warning("a program was not solved, closed-form levels stand in: %s", solution.message)

    def _given(self, decision: Decision) -> Decision:
        if decision.level is not None:
            return Decision(level=self._backend.asarray(decision.level))
        return Decision(quantity=self._backend.asarray(decision.quantity))

    def _program(self, age: int) -> tuple[Program, Solver]:
        """For a feed of an age, made once."""
        if age not in self._programs:
            program = self._make(age)
            self._programs[age] = (program, solver_of(program, self.seconds))
        return self._programs[age]

    def _problem(self, network: Network, periods: int, age: int) -> PlanningProblem:
        lead_time = np.tile(expected_lead_times(network), (periods, 1))
        wait = network.times.order_delay + age + self._state.approval
        return PlanningProblem(
            lead_time,
            np.power(network.scenario.discount, np.arange(periods, dtype=np.float64)),
            wait,
            self._planned_for,
            decided=True,
            cadence=self._state.cadence,
            terminal=worth(network),
        )

    @property
    def _strata(self) -> int:
        """How many times as many futures are drawn, to spread those that are planned for evenly over them."""
        return STRATA

    @property
    def _planned_for(self) -> int:
        """Futures that are planned for."""
        return self.scenarios

    def _as_planned(self, demand: Floats) -> Floats:
        """The futures that are planned for, from those drawn (T, C, K, S)."""
        return demand


@agents.register("certainty_equivalent")
class CertaintyEquivalent(ModelPredictive):
    """Plan as if the mean of all futures were sure to come, without safety stock: a strawman."""

    scenarios: Count = Field(AVERAGED, description="Futures whose mean is planned for")

    @property
    def _strata(self) -> int:
        return 1

    @property
    def _planned_for(self) -> int:
        return 1

    def _as_planned(self, demand: Floats) -> Floats:
        mean: Floats = demand.mean(axis=3, keepdims=True)
        return mean


def longest_protection(network: Network) -> int:
    """The most periods from an order to the last demand that what it brings can serve, over all sites on its way."""
    trees, sites = Tree.each(network), range(len(network.sites))
    return max(tree.interval(top, below, delays_below=True) for tree in trees for top in sites for below in tree.below(top))


def echelons(network: Network) -> int:
    """Sites that goods pass on their longest way; they may wait for the next orders at each."""
    return max(network.topology.echelon) + 1


def expected_lead_times(network: Network) -> Places:
    """Mean lead time of each lane (L,), rounded [periods]."""
    return np.array([round(network.scenario_lane(label).lead_time.mean) for label in network.lanes])


def rounded(network: Network, orders: Floats, whole: bool) -> Floats:
    """The nearest orders (L, K) that the lanes take, whole ones where all comes whole."""
    found = np.round(orders) if whole else np.where(orders > 1e-9, orders, 0.0)
    if network.limits.multiple is not None:
        step = network.limits.multiple[:, :, 0]
        found = np.where(step > 0, np.round(found / np.where(step > 0, step, 1.0)) * step, found)
    if network.limits.minimum is not None:
        least = network.limits.minimum[:, :, 0]
        found = np.where(found < least / 2, 0.0, np.maximum(found, np.where(found > 0, least, 0.0)))
    for rule in network.limits.least_orders:
        found = np.where((found * rule.unit[:, :, 0]).sum(axis=1)[:, None] < rule.least[:, :, 0] / 2, 0.0, found)
    return found
