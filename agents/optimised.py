"""Order-up-to levels optimised by simulation, at any level of autonomy: the comparator of every report.

Letters: L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from orderup.envs.autonomy import PLANNER
from orderup.envs.information import Information
from orderup.envs.policy import Context, Decision
from orderup.envs.trace import FIRST_HELD_OUT_SEED
from orderup.envs.validation import Count

from .base import Agent, agents
from .level_rule import LevelRule
from .level_search import Problem, better, descend, rule_of, try_neighbours
from .whole import comes_whole


@agents.register("optimised_base_stock")
class OptimisedBaseStock(Agent):
    """Constant levels that cost least in simulated episodes of the level of autonomy; with `forecast`, levels that move.

    A moving level rises by a gain, optimised too, for every unit by which the latest demand that the seat knows is above its
    mean: a site's own customers and the orders it received, or, where everybody's books are open, the customers' demand
    downstream of it, as old as the feed. Fitted once for a scenario and a level, from the closed-form levels: by Adam on the
    episodes' gradients, fresh episodes in every step, then by trying each level's neighbours; by neighbours alone where the
    cost has steps. Where a centre and sites both decide, each has its own levels.
    """

    forecast: bool = Field(False, description="Let levels follow the latest demand known")
    iterations: int = Field(100, ge=0, le=100_000, description="Steps down the gradient")
    episodes: Count = Field(256, description="Episodes of each step")
    neighbours: bool = Field(True, description="Whether each level's neighbours are tried in the end")
    rate: float = Field(0.02, gt=0, description="First step size, in usual levels")
    seed: int = Field(0, ge=0, lt=FIRST_HELD_OUT_SEED, description="Seed of the training episodes")
    _rule: LevelRule = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Fit, unless that has been done for this scenario and level."""
        problem = Problem(context.network.scenario, context.autonomy, self.forecast, self.seed)
        fitted = _fit(_Task(problem, self))
        party = "planner" if context.seats == (PLANNER,) else "sites"
        self._rule = rule_of(fitted, party)
        self._rule.reset(context)

    def act(self, information: Information) -> Decision:
        """The levels, as the latest demand has them."""
        return self._rule.act(information)


@dataclass(frozen=True)
class _Task:
    problem: Problem
    settings: OptimisedBaseStock

    def __hash__(self) -> int:
        return hash((self.problem.scenario.name, self.problem.autonomy.name))

    def __eq__(self, other: object) -> bool:
        mine = (self.problem, self.settings.model_dump())
        return isinstance(other, _Task) and mine == (other.problem, other.settings.model_dump())


@lru_cache(maxsize=64)
def _fit(task: _Task) -> dict[str, NDArray[np.float64]]:
    """The levels, and gains, of each party (L, K)."""
    problem, settings = task.problem, task.settings
    numbers = problem.start()
    if settings.iterations and (problem.differentiable or problem.forecast):
        found = descend(problem, numbers, settings.iterations, settings.episodes, settings.rate)
        numbers = better(problem, [numbers, found])
    if settings.neighbours:
        numbers = try_neighbours(problem, numbers, whole=comes_whole(problem.scenario) and not problem.forecast)
    return numbers
