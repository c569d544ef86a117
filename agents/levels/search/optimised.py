"""Order-up-to levels optimised by simulation, at any level of autonomy: the comparator of every report.

Letters: L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from pydantic import Field, PrivateAttr

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.validation import Count
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.simulator import Party
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ...base import Agent, agents
from ...integrality import is_integral
from ..allocating import ALLOCATION, AllocationRule, divides, no_allocation, shared_lanes
from ..level_rule import LevelRule
from .included import as_sites_would, is_carried_out_by_sites, sites_alone
from .search import Numbers, SearchProblem, SearchResult, best_variant, better, descend, try_neighbours

MANY = 24
"""Numbers beyond which the gradient is followed even where the cost has steps, of which it sees little: neighbours alone are
too many to be tried often."""
UNTRIED = ("its levels' neighbours were not tried (neighbours=false)",)
UNMOVED = "its levels are those of the closed form: where the cost has steps, or goods are made, a gradient is not followed"


@agents.register("optimised_base_stock")
class OptimisedBaseStock(Agent):
    """Constant levels that cost least in simulated episodes at the autonomy level; with `forecast`, levels that move.

    A moving level rises by a gain, optimised too, for every unit by which the latest demand that the seat knows is above its
    mean: a site's own customers and the orders it received, or, where all sites' records are shared, the customers' demand
    downstream of it, as old as the feed, if that costs less; where sales alone are seen, what they let expect of it by the
    network's mean. Fitted once for a scenario and a level, from the closed-form levels: by Adam on the episodes' gradients,
    fresh episodes in every step, then by trying each level's neighbours, and those of a site, of a product and all scaled
    together; by neighbours alone where levels are few and the cost has steps, or goods are made. Where a centre and sites both
    decide, each has its own levels. Who can do as sites that decide alone has what is fitted for them for a second start, where
    sites execute or propose, and for a result if it costs less.
    """

    forecast: bool = Field(False, description="Let levels follow the latest demand known")
    allocation: AllocationRule | Literal["auto"] | None = Field(
        None, description=f"{ALLOCATION}; auto: least_cost where a centre can divide anything and that costs less"
    )
    iterations: int = Field(100, ge=0, le=100_000, description="Steps down the gradient")
    episodes: Count = Field(256, description="Episodes of each step")
    neighbours: bool = Field(True, description="Whether each level's neighbours are tried in the end")
    rate: float = Field(0.02, gt=0, description="First step size, in usual levels")
    seed: int = Field(0, ge=0, lt=FIRST_HELD_OUT_SEED, description="Seed of the training episodes")
    _rule: LevelRule = PrivateAttr()
    _undone: tuple[str, ...] = PrivateAttr(default=())

    def reset(self, context: Context) -> None:
        """Fit, unless that has been done for this scenario and level."""
        rule = self._allocation(context)
        problem = SearchProblem(context.network.scenario, context.autonomy, self.forecast, self.seed, allocation=rule)
        fitted = searched(problem, self)
        party: Party = "planner" if context.seats == (PLANNER,) else "sites"
        self._rule, self._undone = fitted.problem.rules(fitted.numbers)[party], fitted.undone
        self._rule.reset(context)

    def _allocation(self, context: Context) -> AllocationRule | None:
        """The rule by which stock is divided here. Raises InputError for one where nobody can divide anything."""
        can_divide = divides(context.autonomy)
        if self.allocation == "auto":
            return "least_cost" if can_divide and shared_lanes(context.network).any() else None
        if self.allocation is not None and not can_divide:
            raise no_allocation(self.allocation, context.autonomy)
        return self.allocation

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What the search has left undone."""
        return (*super().caveats(context), *self._undone)

    def act(self, information: Information) -> Decision:
        """The levels, as the latest demand has them."""
        return self._rule.act(information)


def searched(problem: SearchProblem, settings: OptimisedBaseStock) -> SearchResult:
    """The levels, and gains, of each party (L, K), by a search with these settings; done once in a process."""
    return _fit(_Task(problem, settings))


@dataclass(frozen=True)
class _Task:
    problem: SearchProblem
    settings: OptimisedBaseStock

    def __hash__(self) -> int:
        return hash((self.problem.scenario.name, self.problem.autonomy.name))

    def __eq__(self, other: object) -> bool:
        mine = (self.problem, self.settings.model_dump())
        return isinstance(other, _Task) and mine == (other.problem, other.settings.model_dump())


@lru_cache(maxsize=64)
def _fit(task: _Task) -> SearchResult:
    """From closed forms, and where sites carry out what is decided from what suits them alone; and no worse than that."""
    problem, settings = task.problem, task.settings
    may_leave = settings.allocation == "auto"
    taken_over = _taken_over(task, may_leave)
    starts = [(variant, variant.start()) for variant in problem.variants(may_leave)]
    starts += taken_over if is_carried_out_by_sites(problem.autonomy) else []
    own = _near(*best_variant([(variant, _descended(variant, start, settings)) for variant, start in starts]), settings)
    best, numbers = best_variant([(own.problem, own.numbers), *taken_over])
    return replace(own, problem=best, numbers=numbers)


def _taken_over(task: _Task, may_leave: bool) -> list[tuple[SearchProblem, Numbers]]:
    """What is fitted for sites that decide alone, as this level can do it; nothing where it cannot."""
    alone = sites_alone(task.problem)
    if alone is None:
        return []
    fitted = searched(alone, task.settings).numbers
    return as_sites_would(task.problem, alone, fitted, _in_whole_levels(task.problem), may_leave)


def _near(problem: SearchProblem, numbers: Numbers, settings: OptimisedBaseStock) -> SearchResult:
    """The best in the neighbourhood, if it is to be tried."""
    if settings.neighbours:
        return try_neighbours(problem, numbers, _in_whole_levels(problem))
    many = problem.places * len(numbers) > MANY
    return SearchResult(problem, numbers, UNTRIED if problem.slopes_help or many else (*UNTRIED, UNMOVED))


def _in_whole_levels(problem: SearchProblem) -> bool:
    return is_integral(problem.scenario) and not problem.forecast


def _descended(problem: SearchProblem, start: Numbers, settings: OptimisedBaseStock) -> Numbers:
    """The levels of a start, or better ones down the gradient."""
    many = problem.places * len(start) > MANY
    if not settings.iterations or not (problem.slopes_help or problem.forecast or many):
        return start
    return better(problem, [start, descend(problem, start, settings.iterations, settings.episodes, settings.rate)])
