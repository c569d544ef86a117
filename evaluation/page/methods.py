"""Whom the page shows: a level and who decides there, beside the reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from orderup.envs.autonomy.autonomy import Autonomy

from ..comparison.comparison import Comparison
from ..comparison.method import Method
from ..measures.kpi import Kpi
from ..measures.money import Money
from ..running.result import Result
from ..statistics.statistics import Interval


@dataclass(frozen=True, eq=False)
class PageMethod:
    """A policy at a level, judged, and how it stands against the reference."""

    judged: Method
    difference: Interval
    """Of the cost to the reference's, paired."""
    relative: Interval
    sign: int
    is_reference: bool

    @property
    def money(self) -> Money:
        """Whether what it comes to is told as a cost or a profit."""
        return Money(self.judged.earns)

    @property
    def worth(self) -> Interval:
        """Its cost, or its profit where customers pay [money/period]."""
        return self.money.told(self.cost)

    @property
    def beyond(self) -> Interval:
        """How much more that is than the reference's."""
        return self.money.told(self.difference)

    @property
    def share(self) -> Interval:
        """The same as a share of what the reference spends."""
        return self.money.told(self.relative)

    @property
    def autonomy(self) -> Autonomy:
        """The level."""
        return self.judged.autonomy

    @property
    def name(self) -> str:
        """Who decides there."""
        return self.judged.name

    @property
    def family(self) -> str:
        """The same at every level: the rule's name, or the learner's."""
        return self.judged.family

    @property
    def label(self) -> str:
        """The level and the policy."""
        return self.judged.label

    @property
    def seeds(self) -> tuple[Result, ...]:
        """One for a rule; several training seeds of one learner are one method."""
        return self.judged.seeds

    @property
    def definitions(self) -> dict[str, Kpi]:
        """What each KPI means."""
        return self.judged.definitions

    @property
    def asked(self) -> tuple[Kpi, ...]:
        """KPIs that were asked for beside those of every report."""
        return self.seeds[0].asked

    @property
    def cost(self) -> Interval:
        """Mean system cost per period [money]."""
        return self.judged.interval

    @property
    def cvar95(self) -> float:
        """Mean cost per period of the worst 5 % of the episodes, and over training seeds [money]."""
        return self.judged.cvar95.estimate

    def kpi(self, name: str) -> float:
        """Over all episodes and training seeds."""
        return self.judged.intervals[name].estimate

    def by_echelon(self, kpi: Kpi) -> pd.Series[float]:
        """A KPI of all sites that stand equally far above the customers, 0 next to them."""
        echelon = self.seeds[0].echelon
        return _of(kpi, self._site_sums.groupby([echelon[str(site)] for site in self._site_sums.index]).sum())

    @cached_property
    def _site_sums(self) -> pd.DataFrame:
        return sum((result.site_sums for result in self.seeds[1:]), start=self.seeds[0].site_sums)


def _of(kpi: Kpi, sums: pd.DataFrame) -> pd.Series[float]:
    return pd.Series(kpi.of({name: sums[name].to_numpy() for name in kpi.columns}), index=sums.index)


def methods_of(comparison: Comparison) -> list[PageMethod]:
    """All methods of a comparison, in its order."""
    return [
        PageMethod(
            judged=method,
            difference=comparison.difference(method),
            relative=comparison.relative_cost(method),
            sign=comparison.sign(method),
            is_reference=method is comparison.reference_method,
        )
        for method in comparison.methods
    ]
