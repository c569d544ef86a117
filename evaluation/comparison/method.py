"""A method: one way to decide at one level of autonomy, evaluated by all the training seeds there are of it.

Letters: S seeds, E episodes, M KPIs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from orderup.envs.autonomy.autonomy import Autonomy

from ..measures.kpi import Kpi
from ..measures.kpis import COST
from ..measures.money import Money
from ..running.game import Game
from ..running.result import Result, Training, bounds_table, columns_of
from ..running.shown import told
from ..statistics.statistics import Floats, Interval, ratio
from ..statistics.two_level import two_level_cvar, two_level_intervals

FEW_SEEDS = 5
"""Fewer than that say little of a learner. Source: Agarwal et al. (2021)."""


@dataclass(frozen=True, eq=False)
class Method:
    """A rule, or what a learner has come to from several seeds under the same settings, at one level of autonomy."""

    name: str
    """That of its runs, without the seed."""
    family: str
    """The same at every autonomy level: the rule's or learner's name, with a number where a learner has several settings."""
    seeds: tuple[Result, ...]

    def __repr__(self) -> str:
        """One line."""
        seeds = f", {len(self.seeds)} seeds" if len(self.seeds) > 1 else ""
        return f"Method({self.label}{seeds}: {self.told})"

    @property
    def told(self) -> str:
        """What it costs, or earns where customers pay."""
        return f"{self.money.word} {told(self.worth)} per period"

    @property
    def money(self) -> Money:
        """Whether what it comes to is told as a cost or a profit."""
        return Money(self.earns)

    @property
    def worth(self) -> Interval:
        """Its cost, or its profit where customers pay, with its 95 % confidence interval [money/period]."""
        return self.money.told(self.interval)

    @property
    def autonomy(self) -> Autonomy:
        """The autonomy level it was evaluated at."""
        return self.seeds[0].autonomy

    @property
    def training(self) -> Training | None:
        """Where its first seed comes from; None for a rule."""
        return self.seeds[0].training

    @property
    def label(self) -> str:
        """The autonomy level and the method."""
        return f"{self.autonomy.name} / {self.name}"

    @property
    def definitions(self) -> dict[str, Kpi]:
        """What each KPI means."""
        return self.seeds[0].definitions

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """Every KPI with its 95 % confidence interval: over traces, and over seeds where there are several."""
        if len(self.seeds) == 1:
            return self.seeds[0].intervals
        kpis, count = list(self.definitions.values()), len(self.definitions)
        found = two_level_intervals(
            [self.columns(kpis)], lambda means: ratio(means[..., :count], means[..., count:]), groups=self.seeds[0].groups
        )
        return dict(zip(self.definitions, found, strict=True))

    @property
    def kpis(self) -> dict[str, float]:
        """Every KPI over all seeds and episodes."""
        return {name: interval.estimate for name, interval in self.intervals.items()}

    @property
    def earns(self) -> bool:
        """Whether customers pay, so that it is told by its profit."""
        return self.seeds[0].earns

    @property
    def cost(self) -> float:
        """Mean system cost per period [money]."""
        return self.interval.estimate

    @property
    def interval(self) -> Interval:
        """The same with its 95 % confidence interval."""
        return self.intervals["cost"]

    @cached_property
    def cvar95(self) -> Interval:
        """Mean cost per period of the worst 5 % of the episodes [money], as a mean over seeds."""
        return two_level_cvar(np.array([result.episodes["cost"] for result in self.seeds]), groups=self.seeds[0].groups)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Every KPI with its 95 % confidence interval, one row each, and last CVaR95 of the cost."""
        return bounds_table(self.definitions, self.intervals, self.cvar95)

    @property
    def flags(self) -> tuple[str, ...]:
        """Why to be careful with what is said of it."""
        training, number = self.training, len(self.seeds)
        if training is None:
            return ()
        found = []
        if number == 1:
            found.append(f"{self.label}: one training seed, not enough seeds to evaluate the method")
        elif number < FEW_SEEDS:
            found.append(f"{self.label}: {number} training seeds are few; {FEW_SEEDS} or more tell a method from its luck")
        if not same_axes(training.autonomy, self.autonomy):
            found.append(f"{self.label}: trained at {training.autonomy.name}, not at the autonomy level it is evaluated at")
        if training.scenario != self.seeds[0].traces.scenario:
            found.append(f"{self.label}: trained on {training.scenario.name}, not on the scenario it is evaluated on")
        if self.settled is False:
            short = sum(result.settled is False for result in self.seeds)
            whose = f" in {short} of {number} trainings" if number > 1 else ""
            found.append(f"{self.label}: it had not settled when training ended{whose}: no order of cost is claimed of it")
        return tuple(found)

    @property
    def games(self) -> tuple[Game | None, ...]:
        """What came of each seed's training, where each site learnt for itself."""
        return tuple(result.game for result in self.seeds)

    @property
    def settled(self) -> bool | None:
        """Whether all its trainings had settled when they ended; None for a rule, and where nobody says."""
        told = [result.settled for result in self.seeds]
        return False if False in told else None if None in told else True

    @property
    def is_selfish(self) -> bool:
        """Whether it has learnt for each site's own cost, in part at least."""
        reward = "team" if self.training is None else self.training.settings.get("reward", "team")
        return reward == "own" or (isinstance(reward, int | float) and reward < 1)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What it leaves out of account, by its own account."""
        return tuple(dict.fromkeys(caveat for result in self.seeds for caveat in result.caveats))

    @property
    def costs(self) -> Floats:
        """Of each episode, the mean over seeds (E,) [money/period]."""
        found: Floats = np.mean([result.episodes[COST.name].to_numpy() for result in self.seeds], axis=0)
        return found

    def columns(self, kpis: Sequence[Kpi]) -> Floats:
        """Numerators, then denominators, of every seed and episode (S, E, 2 M)."""
        return np.stack([columns_of(result, kpis) for result in self.seeds])


def methods_of(results: Sequence[Result]) -> tuple[Method, ...]:
    """The methods that results belong to, in their order; two of one seed are two methods."""
    groups: list[list[Result]] = []
    for result in results:
        fitting = (group for group in groups if _is_another_seed(result, group))
        group = next(fitting, None)
        if group is None:
            groups.append([result])
        else:
            group.append(result)
    families, found = _families(results), list[Method]()
    for group in groups:
        family = families[id(group[0])]
        taken = {method.name for method in found if method.autonomy.name == group[0].autonomy.name}
        found.append(Method(_free(_name(group, family), taken), family, tuple(group)))
    return tuple(found)


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where others have it."""
    number, tried = 1, name
    while tried in taken:
        number += 1
        tried = f"{name} ({number})"
    return tried


def same_axes(one: Autonomy, other: Autonomy, apart: frozenset[str] = frozenset()) -> bool:
    """Whether two autonomy levels are the same but for their names, and for the axes that are `apart`."""
    left_out = {"name", "description", *apart}
    return one.model_dump(exclude=left_out) == other.model_dump(exclude=left_out)


def _is_another_seed(result: Result, group: Sequence[Result]) -> bool:
    mine, first = result.training, group[0].training
    if mine is None or first is None or result.autonomy != group[0].autonomy:
        return False
    alike = (mine.settings, mine.autonomy, mine.scenario) == (first.settings, first.autonomy, first.scenario)
    return alike and all(other.training is not None and other.training.seed != mine.seed for other in group)


def _families(results: Sequence[Result]) -> dict[int, str]:
    """A name for each result that says nothing of autonomy level and seed."""
    variants: dict[str, list[object]] = {}
    found = {}
    for result in results:
        if result.training is None:
            found[id(result)] = result.name
            continue
        known = variants.setdefault(result.training.learner, [])
        if result.training.settings not in known:
            known.append(result.training.settings)
        number = known.index(result.training.settings) + 1
        found[id(result)] = result.training.learner + (f" ({number})" if number > 1 else "")
    return found


def _name(group: Sequence[Result], family: str) -> str:
    """What its runs' names have in common once the seed is taken off, else the family's."""
    stems = {result.name.removesuffix(f"-{result.training.seed}") if result.training else result.name for result in group}
    if len(group) == 1:
        return group[0].name
    return stems.pop() if len(stems) == 1 else family
