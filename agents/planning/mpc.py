"""Model-predictive control: in every period a linear program over sampled futures, and only the first order of its plan.

Letters: B batch, L lanes, K products, S futures, T periods.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
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
from ..levels.base_stock import closed_form_levels
from ..prospects.prospects import News, Prospects
from ..sales.asked import AskedFor
from ..size_limits import check_memory
from .cycles import MachineCycles
from .futures import GROUPS, Futures
from .horizon import foresight, longest_protection, stages
from .left_out import left_out
from .planner_state import PlannerState
from .programs.lots import has_lots
from .programs.problem import InitialState, Places, PlanningProblem
from .programs.program import RELAXED, AssembledProgram, Limits
from .programs.setups import SetupProgram
from .programs.solve import LONGEST, Solution, Solver, solver_of
from .programs.worth import worth, worth_after
from .safety import SafetyStock
from .view import PlannerView

STRATA = 8
GAP, LOT_SECONDS = 0.01, 1.0
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
    knows its own orders, and adds the age of its feed and the approval to the time they take; where it dates orders, those of
    all periods until it decides again are the same in all futures. At `target` and `band` it sets the levels that these orders
    come to, by its feed. It may fill the sites' seats, all of them, where they see all sites' inventory records. Where orders
    cost something whatever their size, or come in certain sizes, the program has whole numbers in it: whether a lane, or a
    product, orders is one decision for all futures in each period, how much after the first knows its future, and what a lot
    saves after the last period is what the square-root formula makes of it. Such orders are not dated ahead. Packs are planned
    for what is ordered now; what is ordered from a site is planned to leave at once. Random lead times are taken for their
    means, and what is left out stands beside its results.

    Prices, tariffs, closures and cuts of limits are planned as they are announced to it, then by what it sees of them now: what
    comes and goes by its chances, a closure for as long as that is likelier than not, all else as it is. Where forecasts come
    from elsewhere, the futures have their quantiles.
    """

    costly: ClassVar[bool] = True
    scenarios: Count = Field(30, description="Futures of every decision")
    horizon: Periods | None = Field(
        None, description="Periods that are planned; left out: two more than it takes what is ordered now to be of use"
    )
    seconds: float = Field(LONGEST, gt=0, description="Longest that a program may take; then closed-form levels stand in")
    gap: float = Field(
        GAP, ge=0, le=1, description="Relative distance to the best plan possible that is good enough, where orders are in lots"
    )
    lot_seconds: float = Field(
        LOT_SECONDS, gt=0, description="Longest that a program of lots may take; then the best plan that was found is taken"
    )
    lot_periods: Periods | None = Field(
        None, description="Orders whose set-ups are planned; later ones pay their share of a lot; left out: all of the horizon"
    )
    _state: PlannerState = PrivateAttr()
    _asked: AskedFor = PrivateAttr()
    _prospects: Prospects = PrivateAttr()
    _futures: Futures = PrivateAttr()
    _programs: dict[int, tuple[AssembledProgram, Solver]] = PrivateAttr(default_factory=dict)
    _safety: SafetyStock = PrivateAttr()
    _cycles: MachineCycles | None = PrivateAttr(default=None)
    _make: Callable[[int], AssembledProgram] = PrivateAttr()
    _backend: Backend = PrivateAttr()
    _whole: bool = PrivateAttr(default=False)
    _solved: int = PrivateAttr(default=0)
    _failed: int = PrivateAttr(default=0)
    _setups: dict[int, SetupProgram] = PrivateAttr(default_factory=dict)
    _unproven: int = PrivateAttr(default=0)
    _without_lots: int = PrivateAttr(default=0)

    @property
    def relaxed(self) -> tuple[str, ...]:
        """What its program leaves out or leaves free."""
        return RELAXED

    @property
    def solved(self) -> int:
        """Programs solved since the last reset."""
        return self._solved

    @property
    def unproven(self) -> int:
        """Programs of lots whose time was over before the best plan found was known to be the best."""
        return self._unproven

    @property
    def without_lots(self) -> int:
        """Programs of lots in whose time no plan was found, and one without lots was raised to economic ones."""
        return self._without_lots

    @property
    def failed(self) -> int:
        """Programs that were not, and closed-form levels were gone by."""
        return self._failed

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What its plans leave out, and how many were never made."""
        unsolved = (
            f"closed-form levels stood in for {self._failed} of {self._failed + self._solved} programs not solved in time"
        )
        unproven = (
            f"the best plans found in time stood in for {self._unproven} of {self._failed + self._solved} that are best within "
            f"{self.gap:.1%}"
        )
        without = f"plans without lots, raised to economic ones, stood in for {self._without_lots} not found in time"
        said = [unsolved] if self._failed else []
        said += [unproven] if self._unproven else []
        said += [without] if self._without_lots else []
        return (*left_out(context.network), *said)

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
        fallback = closed_form_levels(context)
        self._state = PlannerState(network, context.autonomy, planner, context.batch, fallback)
        self._asked, self._prospects = AskedFor(network, context.backend), Prospects(context)
        between = self._state.dated or (self._state.cadence - 1) * stages(network)
        horizon = self.horizon or longest_protection(network) + BEYOND + between + foresight(network, self._prospects)
        seed = int(np.random.SeedSequence([context.seed, 0x6D7063]).generate_state(1)[0])
        self._cycles = None if network.machines is None else MachineCycles(network, network.machines, seed)
        horizon += self._state.approval + (0 if self._cycles is None else int(self._cycles.between.max()))
        most = horizon + (context.autonomy.feed_latency if self._state.keeps_record else 0)
        check_memory("agent.horizon", most, most * self._size(context), "futures and programs")
        hears = self._prospects.hears_promotions
        self._futures = Futures(network, most, self.scenarios, context.batch, seed, self._strata, hears)
        self._safety = SafetyStock(network, self._state.cadence, None if self._cycles is None else self._cycles.between)
        self._make = lambda age: AssembledProgram(network, self._problem(network, horizon + age, age))
        self._programs, self._setups, self._solved, self._failed = {}, {}, 0, 0
        self._unproven = self._without_lots = 0
        self._backend, self._whole = context.backend, is_integral(network.scenario)

    def _size(self, context: Context) -> int:
        """Numbers that are held for each period of the horizon, about."""
        network = context.network
        columns = network.topology.main_lanes.size + network.costs.unit_cost.size + network.costs.price.size
        drawn = network.costs.price.size * self.scenarios * self._strata * min(context.batch, GROUPS)
        return int(COLUMN * columns * self._planned_for + drawn)

    def act(self, information: Information) -> Decision:
        """Plan for every episode."""
        view = PlannerView.of_all(information, self._state.network, self._asked)
        age = information.age if self._state.keeps_record else 0
        if not self._state.decides(information.period):
            return self._given(self._state.wait(view))
        news = self._prospects.look(information)
        orders = np.stack([self._planned(age, view, information, news, episode) for episode in range(view.episodes)])
        return self._given(self._state.decide(orders, view, age))

    def _planned(self, age: int, view: PlannerView, information: Information, news: News, episode: int) -> Floats:
        """Orders of one episode (1 + D, L, K), of this period and of those for which it dates them."""
        own, (program, solver) = view.of(episode), self._program(age)
        start = self._state.start(own, information.period, age, program.problem, episode)
        first, missing = information.period - age, information.age - age
        heard = None if news.promotions is None else news.promotions[episode, missing:]
        told = None if news.forecasts is None else news.forecasts[:, episode, :, missing:]
        demand = self._futures.after(first, missing, own.demand, episode, heard, told)[: program.problem.periods]
        if self._cycles is not None:
            demand = demand + self._cycles.late(program.problem, demand)
        safety, futures = self._safety.of(demand), self._as_planned(demand)
        now = self._expecting(program.problem, news, missing, episode)
        if self._cycles is not None:
            now = (now or program.problem).in_turn(self._cycles.turns(first, program.problem.periods))
        limits = program.limits(start, futures, safety, now)
        if has_lots(program.network):
            orders = self._in_lots(age, program, limits, start, futures, safety)
            if orders is not None:
                return rounded(self._state.network, orders, self._whole)[None]
        solution = solver.solve(limits, series=episode)
        self._count(solution)
        if solution.values is None:
            return self._state.fallback(own, episode, age)
        orders = program.first_orders(solution.values, start)
        if age in self._setups:
            orders = self._setups[age].raised(orders)
            self._without_lots += 1
        dated = [orders, *program.dated_orders(solution.values)]
        return np.stack([rounded(self._state.network, each, self._whole) for each in dated])

    def _expecting(self, problem: PlanningProblem, news: News, missing: int, episode: int) -> PlanningProblem | None:
        """The problem with the prices, lanes and limits to be expected in an episode; None where nothing can happen to them."""
        if not self._prospects.is_anything:
            return None
        prospect = self._prospects.expect(news, episode, problem.periods + missing).later(missing)
        found = problem.expecting(prospect)
        return found if found.price is None else replace(found, terminal=worth_after(self._state.network, found))

    def _in_lots(
        self, age: int, program: AssembledProgram, limits: Limits, start: InitialState, futures: Floats, safety: Floats
    ) -> Floats | None:
        """Orders (L, K) by a program with whole numbers; None where no plan was found in time."""
        if age not in self._setups:
            self._setups[age] = SetupProgram(program, self.lot_periods)
        setups = self._setups[age]
        solution = setups.solve(limits, start, futures, safety, self.gap, self.lot_seconds)
        if solution.values is None:
            return None
        self._count(solution)
        self._unproven += not solution.proven
        return setups.first_orders(solution.values, start)

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
        later = None if decision.later is None else self._backend.asarray(decision.later)
        return Decision(quantity=self._backend.asarray(decision.quantity), later=later)

    def _program(self, age: int) -> tuple[AssembledProgram, Solver]:
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
            cadence=1 if self._state.dated else self._state.cadence,
            dated=self._state.dated,
            terminal=worth(network),
            set_up=None if self._cycles is None else self._cycles.set_up,
            between=None if self._cycles is None else self._cycles.between,
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


def expected_lead_times(network: Network) -> Places:
    """Mean lead time of each lane (L,), rounded [periods]."""
    return np.array([round(network.scenario_lane(label).known_lead_time.mean) for label in network.lanes])


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
