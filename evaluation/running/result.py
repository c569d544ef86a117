"""What an evaluation finds of one policy at one level of autonomy."""

from __future__ import annotations

import html
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderup.agents import Agent
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..measures.kpi import Kpi
from ..measures.kpis import kpis_of
from ..measures.money import Money
from ..measures.worked_out import REVENUE
from ..statistics.statistics import Floats, Groups, Interval, bootstrap_interval, mean_interval, ratio
from ..statistics.two_level import two_level_cvar
from .game import Game
from .replay import EpisodeReplay
from .shown import html_table, told

TRACE = "trace"
"""The column of sums that says which trace an episode is, where several can be the same."""


@dataclass(frozen=True)
class Traces:
    """Which traces policies were evaluated on: those of equal `Traces` saw the same demand, lead times and so on."""

    scenario: Scenario
    seed: int
    episodes: int
    """Numbered from 0."""
    split: str
    """Window of recorded demand."""
    horizon: int
    """Periods, warm-up included."""

    def __repr__(self) -> str:
        """One line."""
        return f"{self.episodes} traces of {self.scenario.name}, seed {self.seed}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why these traces may not be held out."""
        found = []
        if self.seed < FIRST_HELD_OUT_SEED:
            found.append(f"seed {self.seed} is one of those for training (below {FIRST_HELD_OUT_SEED}): not held out")
        if self.split != "test":
            found.append(f"split {self.split} is not the held-out window of recorded demand")
        return tuple(found)


@dataclass(frozen=True)
class Training:
    """Where a learned policy comes from."""

    learner: str
    """The agent that learnt: its `type`."""
    settings: Mapping[str, Any]
    """Its keys."""
    seed: int
    autonomy: Autonomy
    """The autonomy level it was trained at."""
    scenario: Scenario
    game: Game | None = None
    """What came of it where each site learnt for itself and no run's folder tells."""


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
    echelon: Mapping[str, int]
    """How far each site stands above the customers."""
    product_sums: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Those of every product, all episodes together."""
    segment_sums: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Those of every segment of customers, at all sites together."""
    lane_sums: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Units by every lane, and into its site by any."""
    machine_sums: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Hours of every machine, `site/machine`; empty where there is none."""
    outage_sums: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Service and cost around the outages that episodes are evaluated by; empty where the scenario has no disruptions."""
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    """What was ordered in the first episodes, one row for each episode and period, warm-up included; `lane/product` [units]."""
    training: Training | None = None
    """None for a rule."""
    caveats: tuple[str, ...] = ()
    """What the policy says that it leaves out of account, a clause each."""
    replay: EpisodeReplay | None = None
    """One of its episodes, where it was kept for the replay."""
    asked: tuple[Kpi, ...] = ()
    """KPIs that were asked for beside those of every report."""
    decision_regret: Floats | None = None
    """What each decision of the first episodes costs beyond the best still to be had (D, T) [money]; None: nobody asked."""

    def __repr__(self) -> str:
        """One line."""
        return f"Result({self.label}: {self.told}, {self.traces})"

    def _repr_html_(self) -> str:
        rows = [(name, told(found), self.definitions[name].unit) for name, found in self.intervals.items()]
        return f"<p>{html.escape(repr(self))}</p>{html_table(('measure', '95 % confidence interval', 'unit'), rows)}"

    @property
    def told(self) -> str:
        """What it costs, or earns where customers pay."""
        money = Money(self.earns)
        return f"{money.word} {told(money.told(self.interval))} per period"

    @property
    def label(self) -> str:
        """The autonomy level and the policy."""
        return f"{self.autonomy.name} / {self.name}"

    @property
    def earns(self) -> bool:
        """Whether customers pay, so that what it comes to is a profit."""
        return REVENUE in self.terms

    @cached_property
    def groups(self) -> Groups:
        """Which trace each episode is (E,), where recorded demand may have given several the same; else None."""
        if TRACE not in self.sums:
            return None
        numbers: NDArray[np.int64] = pd.factorize(self.sums[TRACE])[0].astype(np.int64)
        return numbers if numbers.max() + 1 < numbers.size else None

    @cached_property
    def game(self) -> Game | None:
        """What came of a training in which each site learnt for itself, as the run says; None where none did."""
        folder = getattr(self.agent, "run", None)
        if self.training is None or folder is None:
            return None if self.training is None else self.training.game
        from orderup.agents.runs.run import result_of  # PyTorch with it, which takes its time

        return Game.of(result_of(Path(folder)))

    @cached_property
    def settled(self) -> bool | None:
        """Whether learning had settled when training ended, as the run says; None for a rule, and where nobody says."""
        folder = getattr(self.agent, "run", None)
        if self.training is None or folder is None:
            return None
        from orderup.agents.runs.run import has_settled  # PyTorch with it, which takes its time

        return has_settled(Path(folder))

    @cached_property
    def definitions(self) -> dict[str, Kpi]:
        """What each KPI means."""
        return {kpi.name: kpi for kpi in (*kpis_of(self.terms, map(str, self.sums)), *self.asked)}

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Every KPI of every episode, one row each; and what its single decisions cost beyond the best, where that is known."""
        table = _table(self.definitions, self.sums)
        if self.decision_regret is not None:
            counted = self.traces.horizon - self.traces.scenario.warmup
            of_all = np.full(len(table), np.nan)
            of_all[: len(self.decision_regret)] = self.decision_regret.sum(axis=1) / counted
            table["decision_regret"] = of_all
        return table

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Every KPI of every site over all episodes, one row each, with the site's `echelon` first; costs are its own."""
        table = _table(self.definitions, self.site_sums)
        table.insert(0, "echelon", [self.echelon[str(site)] for site in table.index])
        return table

    @cached_property
    def echelons(self) -> pd.DataFrame:
        """The same of all sites that stand equally far above the customers, one row for each `echelon`, 0 next to them."""
        echelon = [self.echelon[str(site)] for site in self.site_sums.index]
        grouped = self.site_sums.groupby(pd.Index(echelon, name="echelon"))
        return _table(self.definitions, grouped.sum().assign(periods=grouped["periods"].first()))

    @cached_property
    def products(self) -> pd.DataFrame:
        """Every KPI that can be told of a product, one row each; money cannot."""
        return _table(self.definitions, self.product_sums)

    @cached_property
    def segments(self) -> pd.DataFrame:
        """Service and backlog of every segment of customers, one row each, with what they `demanded` [units/period] first."""
        table = _table(self.definitions, self.segment_sums)
        table.insert(0, "demanded", ratio(self.segment_sums["demanded"], self.segment_sums["periods"]))
        return table

    @cached_property
    def lanes(self) -> pd.DataFrame:
        """The lane mix: units `shipped` by every lane [units/period], and their `share` of all that its site gets."""
        sums = self.lane_sums
        columns = {"shipped": ratio(sums["shipped"], sums["periods"]), "share": ratio(sums["shipped"], sums["inflow"])}
        return pd.DataFrame(columns, index=sums.index)

    @cached_property
    def machines(self) -> pd.DataFrame:
        """Utilisation, share of set-ups and queue of every machine, one row each."""
        return _table(self.definitions, self.machine_sums)

    @property
    def bottleneck(self) -> str | None:
        """The machine that runs most of its hours; None where there is none."""
        return None if self.machines.empty else str(self.machines["utilisation"].idxmax())

    @cached_property
    def outages(self) -> pd.DataFrame:
        """Mean service and cost around the evaluated outages by `offset` [periods], beside those of the undisturbed twin."""
        sums = self.outage_sums
        if sums.empty:
            return sums
        means = {name: ratio(sums[name], sums["episodes"]) for name in ("outage", "fill", "twin_fill", "cost", "twin_cost")}
        return pd.DataFrame({"offset": sums["offset"], "episodes": sums["episodes"], **means})

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Every KPI with its 95 % confidence interval, one row each, and last CVaR95 of the cost."""
        return bounds_table(self.definitions, self.intervals, self.tail)

    @cached_property
    def kpis(self) -> dict[str, float]:
        """Every KPI over all episodes."""
        return {name: interval.estimate for name, interval in self.intervals.items()}

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """The same with 95 % confidence intervals: Student's for means over episodes, a percentile bootstrap's for ratios."""
        found = {
            name: mean_interval(self.episodes[name], groups=self.groups)
            for name, kpi in self.definitions.items()
            if kpi.is_mean
        }
        quotients = [kpi for kpi in self.definitions.values() if not kpi.is_mean]
        found |= dict(zip((kpi.name for kpi in quotients), self._quotients(quotients), strict=True))
        return {name: found[name] for name in self.definitions}

    def _quotients(self, kpis: list[Kpi]) -> list[Interval]:
        count = len(kpis)
        found = columns_of(self, kpis)
        return bootstrap_interval(found, lambda means: ratio(means[..., :count], means[..., count:]), groups=self.groups)

    @property
    def cost(self) -> float:
        """Mean system cost per period [money]."""
        return self.interval.estimate

    @property
    def interval(self) -> Interval:
        """The same with its 95 % confidence interval."""
        return self.intervals["cost"]

    @property
    def cvar95(self) -> float:
        """Mean cost per period of the worst 5 % of the episodes [money]."""
        return self.tail.estimate

    @cached_property
    def tail(self) -> Interval:
        """The same with its 95 % confidence interval, a bootstrap's."""
        return two_level_cvar(self.episodes["cost"].to_numpy()[None], groups=self.groups)


def _table(definitions: Mapping[str, Kpi], sums: pd.DataFrame) -> pd.DataFrame:
    """Every KPI that these sums tell of."""
    columns = {str(name): sums[name].to_numpy() for name in sums}
    told = {name: kpi for name, kpi in definitions.items() if set(kpi.columns) <= set(columns)}
    return pd.DataFrame({name: kpi.of(columns) for name, kpi in told.items()}, index=sums.index)


def columns_of(result: Result, kpis: Sequence[Kpi]) -> Floats:
    """Numerators, then denominators (E, 2 M)."""
    return result.sums[[kpi.columns[part] for part in (0, 1) for kpi in kpis]].to_numpy()


def bounds_table(definitions: Mapping[str, Kpi], intervals: Mapping[str, Interval], tail: Interval) -> pd.DataFrame:
    """Intervals of KPIs, one row each, and of CVaR95 of the cost."""
    told = [(name, found, definitions[name].unit, definitions[name].better) for name, found in intervals.items()]
    told.append(("cost_cvar95", tail, definitions["cost"].unit, "lower"))
    rows = [
        {"kpi": name, "estimate": found.estimate, "low": found.low, "high": found.high, "unit": unit, "better": better}
        for name, found, unit, better in told
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Skipped:
    """A policy that cannot act at an autonomy level, and why."""

    autonomy: str
    name: str
    reason: str
    failed: bool = False
    """Whether it broke off by an error of its own program, rather than said that it has no place there."""

    @property
    def told(self) -> str:
        """Who is left out, and why, in one line."""
        return f"{'Failed' if self.failed else 'Skipped'}: {self.name} at {self.autonomy}: {self.reason}"

    @classmethod
    def after(cls, autonomy: str, name: str, error: Exception) -> Skipped:
        """One whose program broke off by an error, with the place where it did."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rpartition('/')[2]}, line {place.lineno}, in {place.name}"
        return cls(autonomy, name, f"{type(error).__name__}: {error} ({where})", failed=True)
