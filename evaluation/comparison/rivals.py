"""Methods of which some are to be picked by what they cost: whatever is said of any two of them holds after the pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..measures.kpis import COST
from ..statistics.family import Family
from ..statistics.statistics import Interval, by_trace
from .contrast import differences, relative_cost
from .method import Method


@dataclass(frozen=True, eq=False)
class Rivals:
    """All methods that a choice is made among, evaluated on the same traces."""

    methods: tuple[Method, ...]

    @classmethod
    def of(cls, methods: Sequence[Method]) -> Rivals:
        """All of them."""
        return cls(tuple(methods))

    def beaten(self, method: Method) -> float:
        """How likely it only looks dearer than another by chance; 1 for the cheapest, NaN on one trace."""
        return float(self._family.beaten[self._place(method)])

    def difference(self, one: Method, other: Method) -> Interval:
        """Cost of one less that of the other, with an interval that holds for all pairs at once."""
        return self._family.widened(differences(one, other, [COST])[COST.name])

    def relative_cost(self, one: Method, other: Method) -> Interval:
        """The same as a share of what the other spends."""
        return self._family.widened(relative_cost(one, other))

    def _place(self, method: Method) -> int:
        return next(place for place, known in enumerate(self.methods) if known is method)

    @cached_property
    def _family(self) -> Family:
        groups = self.methods[0].seeds[0].groups
        tables = (np.array([result.episodes[COST.name] for result in method.seeds]) for method in self.methods)
        return Family(tuple(by_trace(costs.T, groups).T for costs in tables))
