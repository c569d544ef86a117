"""A rule's numbers by simulation: the neighbours of closed forms are tried on common episodes, as optimised base-stock does.

Letters: M candidates, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Protocol, Self, TypeAlias, cast

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.numerics.arrays import Floats
from orderup.envs.simulator import Party, Simulator

from ..integrality import is_integral
from ..levels.level_rule import LevelRule
from ..levels.search.search import SearchProblem, SearchResult, try_neighbours

SEED = 0
"""Of the episodes that candidates are tried on; a seed of training, never of evaluation."""
ENDING = "/level"
"""What the search calls a number that it may move."""


Numbers: TypeAlias = dict[str, Floats]
"""A rule's numbers by name, each (L, K), or (B, L, K) where candidates are tried side by side."""


class Fittable(Protocol):
    """A rule whose numbers can be searched."""

    names: ClassVar[tuple[str, ...]]
    """Of its numbers."""
    signed: ClassVar[tuple[str, ...]]
    """Those of them that can be below 0."""

    @property
    def called(self) -> str:
        """Its name in tables."""
        ...

    @property
    def free(self) -> tuple[str, ...]:
        """The numbers that the user did not give."""
        ...

    def bare(self) -> Self:
        """The rule by its keys alone, without what an earlier reset has left."""
        ...

    def start(self, context: Context) -> Numbers:
        """The numbers before any fit."""
        ...

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Make ready for a batch with these numbers."""
        ...

    def act(self, information: Information) -> Decision:
        """Decide for this period."""
        ...


def fit(rule: Fittable, context: Context) -> SearchResult:
    """The numbers of a rule (L, K) that cost least in simulated episodes of the context's scenario and level, near closed form.

    What the user gave stays. Where a centre and sites both decide, both follow the rule, each with its own numbers. Raises
    InputError where the user gave everything.
    """
    if not rule.free:
        raise InputError("agent.fitted", True, f"at least one of {', '.join(rule.names)} left out, to be fitted")
    found = _fit(_Problem(context.network.scenario, context.autonomy, False, SEED, rule.bare()))
    party: Party = "planner" if context.seats == (PLANNER,) else "sites"
    return SearchResult(found.problem, {name: found.numbers[f"{party}/{name}"] for name in rule.names}, found.undone)


@dataclass(frozen=True)
class _Problem(SearchProblem):
    """The numbers of one rule, where optimised base-stock searches levels."""

    rule: Fittable

    def start(self) -> Numbers:
        """Before any fit, `<party>/<name>`."""
        simulator = Simulator(self.scenario, self.autonomy)
        return {
            f"{party}/{name}": values
            for party in self.parties
            for name, values in self.rule.start(simulator.context(0, party)).items()
        }

    def rules(self, numbers: Mapping[str, Any]) -> dict[Party, LevelRule]:
        """The rule of every party with these numbers, and those that stay."""
        known = self.start() | {name.removesuffix(ENDING): values for name, values in numbers.items()}
        return {party: cast(LevelRule, _Candidate(self.rule, known, party)) for party in self.parties}

    @property
    def what(self) -> str:
        """What is fitted, for those who wait."""
        return f"{self.rule.called} for {self.scenario.name} at {self.autonomy.name}"

    @property
    def moving(self) -> Numbers:
        """The numbers that are searched, under the names of the search."""
        return {f"{name}{ENDING}": values for name, values in self.start().items() if name.split("/")[1] in self.rule.free}

    def least(self, name: str) -> float:
        """Nothing, or as little as one likes."""
        return -np.inf if name.removesuffix(ENDING).rpartition("/")[2] in self.rule.signed else 0.0

    @property
    def differentiable(self) -> bool:
        """Never: rules have steps."""
        return False

    def __hash__(self) -> int:
        return hash((self.scenario.name, self.autonomy.name, type(self.rule)))


class _Candidate:
    """A rule that acts with numbers of its own, which may differ from row to row of the batch."""

    def __init__(self, rule: Fittable, numbers: Numbers, party: str) -> None:
        self._rule = rule.bare()
        self._numbers = {name: numbers[f"{party}/{name}"] for name in rule.names}

    def reset(self, context: Context) -> None:
        self._rule.begin(context, self._numbers)

    def act(self, information: Information) -> Decision:
        return self._rule.act(information)


@lru_cache(maxsize=64)
def _fit(problem: _Problem) -> SearchResult:
    """All numbers of each party (L, K)."""
    found = try_neighbours(problem, problem.moving, integral=is_integral(problem.scenario))
    moved = {name.removesuffix(ENDING): np.asarray(values) for name, values in found.numbers.items()}
    return SearchResult(found.problem, problem.start() | moved, found.undone)
