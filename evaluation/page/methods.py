"""Whom the page shows: a level and who decides there, beside the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orderup.envs.autonomy import Autonomy

from ..comparison import Comparison
from ..kpis import Kpi
from ..method import Method as Judged
from ..result import Result
from ..statistics import Interval


@dataclass(frozen=True, eq=False)
class Method:
    """A policy at a level, judged; several training seeds of one learner are one method."""

    autonomy: Autonomy
    name: str
    family: str
    """The same at every level: the rule's name, or the learner's."""
    seeds: tuple[Result, ...]
    cost: Interval
    difference: Interval
    """Of the cost to the reference's, paired."""
    relative: Interval
    sign: int
    is_reference: bool

    @property
    def label(self) -> str:
        """The level and the policy."""
        return f"{self.autonomy.name} / {self.name}"

    @property
    def definitions(self) -> dict[str, Kpi]:
        """What each KPI means."""
        return self.seeds[0].definitions

    def kpi(self, name: str) -> float:
        """Over all episodes, and the mean over training seeds."""
        return float(np.mean([result.kpis[name] for result in self.seeds]))

    @property
    def cvar95(self) -> float:
        """Mean cost per period of the worst 5 % of the episodes, and over training seeds [money]."""
        return float(np.mean([result.cvar95 for result in self.seeds]))

    def by_site(self, kpi: Kpi) -> pd.Series[float]:
        """A KPI of every site, over all episodes and seeds."""
        sums = self._site_sums
        return pd.Series(kpi.of({str(name): sums[name].to_numpy() for name in sums}), index=sums.index)

    def by_echelon(self, kpi: Kpi) -> pd.Series[float]:
        """A KPI of all sites that stand equally far above the customers, 0 next to them."""
        heights = self.seeds[0].levels
        sums = self._site_sums
        sums = sums.groupby([heights[str(site)] for site in sums.index]).sum()
        return pd.Series(kpi.of({str(name): sums[name].to_numpy() for name in sums}), index=sums.index)

    @property
    def _site_sums(self) -> pd.DataFrame:
        return sum((result.site_sums for result in self.seeds[1:]), start=self.seeds[0].site_sums)


def methods_of(comparison: Comparison) -> list[Method]:
    """All methods of a comparison, in its order."""
    return [_shown(comparison, method) for method in comparison.methods]


def _shown(comparison: Comparison, method: Judged) -> Method:
    return Method(
        autonomy=method.autonomy,
        name=method.name,
        family=method.family,
        seeds=method.seeds,
        cost=method.interval,
        difference=comparison.difference(method),
        relative=comparison.relative_cost(method),
        sign=comparison.sign(method),
        is_reference=method is comparison.reference_method,
    )
