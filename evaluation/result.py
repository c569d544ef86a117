"""What an evaluation finds: one policy at one level, and many of them side by side on the same traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from orderup.agents import Agent
from orderup.envs.autonomy import Autonomy
from orderup.envs.errors import InputError
from orderup.envs.schema import Scenario
from orderup.envs.trace import FIRST_HELD_OUT_SEED

from .kpis import COST, Kpi, kpis_of
from .statistics import Floats, Interval, bootstrap_interval, cvar, mean_interval, paired_difference, ratio

ROUNDING = 1e-9
"""Share of a cost below which a difference comes from the order of additions."""


@dataclass(frozen=True)
class Traces:
    """Which traces policies were judged on: those of equal `Traces` saw the same demand, lead times and so on."""

    scenario: Scenario
    seed: int
    episodes: int
    """Numbered from 0."""
    split: str
    """Window of recorded demand."""
    horizon: int
    """Periods, warm-up included."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why these traces may not be held out."""
        found = []
        if self.seed < FIRST_HELD_OUT_SEED:
            found.append(f"seed {self.seed} is one of those for training (below {FIRST_HELD_OUT_SEED}): not held out")
        if self.split != "test":
            found.append(f"split {self.split} is not the held-out window of recorded demand")
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Result:
    """One policy at one level of autonomy."""

    traces: Traces
    autonomy: Autonomy
    agent: Agent
    name: str
    """What the policy is called: its agent's name, or that of its run."""
    terms: tuple[str, ...]
    """The ledger's."""
    sums: pd.DataFrame
    """Numerators and denominators of every episode, after warm-up."""
    site_sums: pd.DataFrame
    """The same of every site, all episodes together."""
    levels: Mapping[str, int]
    """How far each site stands above the customers."""

    @property
    def label(self) -> str:
        """The level and the policy."""
        return f"{self.autonomy.name} / {self.name}"

    @cached_property
    def definitions(self) -> dict[str, Kpi]:
        """What each KPI means."""
        return {kpi.name: kpi for kpi in kpis_of(self.terms)}

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Every KPI of every episode, one row each."""
        return _table(self.definitions, self.sums)

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Every KPI of every site over all episodes, one row each, with the site's `level` first; costs are its own."""
        table = _table(self.definitions, self.site_sums)
        table.insert(0, "level", [self.levels[str(site)] for site in table.index])
        return table

    @cached_property
    def kpis(self) -> dict[str, float]:
        """Every KPI over all episodes."""
        return {name: interval.estimate for name, interval in self.intervals.items()}

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """The same with their 95 % intervals: Student's for means over episodes, a percentile bootstrap's for quotients."""
        found = {name: mean_interval(self.episodes[name]) for name, kpi in self.definitions.items() if kpi.is_mean}
        quotients = [kpi for kpi in self.definitions.values() if not kpi.is_mean]
        found |= dict(zip((kpi.name for kpi in quotients), self._quotients(quotients), strict=True))
        return {name: found[name] for name in self.definitions}

    def _quotients(self, kpis: list[Kpi]) -> list[Interval]:
        count = len(kpis)
        return bootstrap_interval(_columns(self, kpis), lambda means: ratio(means[..., :count], means[..., count:]))

    @property
    def cost(self) -> float:
        """Mean system cost per period [money]."""
        return self.interval.estimate

    @property
    def interval(self) -> Interval:
        """The same with its 95 % interval."""
        return self.intervals["cost"]

    @property
    def cvar95(self) -> float:
        """Mean cost per period of the worst 5 % of the episodes [money]."""
        return cvar(self.episodes["cost"])


def _table(definitions: Mapping[str, Kpi], sums: pd.DataFrame) -> pd.DataFrame:
    columns = {str(name): sums[name].to_numpy() for name in sums}
    return pd.DataFrame({name: kpi.of(columns) for name, kpi in definitions.items()}, index=sums.index)


def _columns(result: Result, kpis: list[Kpi]) -> Floats:
    """Numerators, then denominators (E, 2 M)."""
    return result.sums[[kpi.numerator for kpi in kpis] + [kpi.denominator for kpi in kpis]].to_numpy()


@dataclass(frozen=True)
class Skipped:
    """A policy that cannot act at a level, and why."""

    autonomy: str
    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several policies and levels on the same traces. Raises InputError when the traces are not the same."""

    results: tuple[Result, ...]
    skipped: tuple[Skipped, ...] = ()

    def __post_init__(self) -> None:
        if not self.results:
            raise InputError("results", "none", "at least one")
        for result in self.results:
            if result.traces != self.traces:
                raise InputError(
                    f"results of {result.label}", _difference(result.traces, self.traces), "the same traces for all"
                )

    @property
    def traces(self) -> Traces:
        """What all were judged on."""
        return self.results[0].traces

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why to be careful with what this says."""
        sums = self.results[0].sums
        if (distinct := len(sums.drop_duplicates())) == len(sums):
            return self.traces.warnings
        return (*self.traces.warnings, f"only {distinct} of the {len(sums)} episodes differ: the intervals are too narrow")

    @cached_property
    def reference(self) -> Result:
        """Whom all are compared with: the first at a level with central authority, else the first of all."""
        return next((result for result in self.results if result.autonomy.authority == "central"), self.results[0])

    def difference(self, result: Result, kpi: str = "cost") -> Interval:
        """A KPI of `result` less that of the reference, paired on the traces, with its 95 % interval."""
        definition = result.definitions[kpi]
        if definition.is_mean:
            return paired_difference(result.episodes[kpi], self.reference.episodes[kpi])
        columns = np.concatenate([_columns(result, [definition]), _columns(self.reference, [definition])], axis=1)
        return bootstrap_interval(columns, lambda m: (ratio(m[..., 0], m[..., 1]) - ratio(m[..., 2], m[..., 3]))[..., None])[0]

    def sign(self, result: Result) -> int:
        """1 where `result` costs more than the reference, −1 where less, 0 where they cannot be told apart."""
        difference = self.difference(result)
        beyond_rounding = abs(difference.estimate) > ROUNDING * abs(self.reference.cost)
        return int(np.sign(difference.estimate)) if beyond_rounding and difference.excludes(0.0) else 0

    def relative_cost(self, result: Result) -> Interval:
        """Cost over the reference's, less 1, paired likewise; NaN unless the reference costs something."""
        columns = np.stack([result.episodes[COST.name], self.reference.episodes[COST.name]], axis=1)
        return bootstrap_interval(
            columns, lambda m: (ratio(m[..., 0], np.where(m[..., 1] > 0, m[..., 1], 0.0)) - 1)[..., None]
        )[0]


def _difference(one: Any, other: Any) -> str:
    differing = {name: value for name, value in vars(one).items() if value != getattr(other, name)}
    return ", ".join(f"{name} {getattr(value, 'name', value)}" for name, value in differing.items())
