"""Places: shared by all whom chance alone may have set apart.

Letters: E traces, M entries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ..statistics.family import Family
from ..statistics.statistics import CONFIDENCE, Floats, Interval, mean_interval, paired_difference
from .board import Board, BoardTask
from .entry import KeptEntry

WORST = 0.05
"""Share of traces whose mean cost is the CVaR."""


@dataclass(frozen=True)
class Place:
    """An entry's on one task."""

    name: str
    rank: int
    """One more than the entries that are cheaper by more than chance."""
    cost: Interval
    cvar: float
    """Mean of the dearest twentieth of traces [money/period]."""
    above: Interval | None
    """Share above the optimum, where it is known."""
    behind: Interval | None
    """Cost less the best rule's, paired, so wide that all such intervals hold at once [money/period]; None without a rule."""


@dataclass(frozen=True)
class OverallPlace:
    """An entry's over all tasks."""

    name: str
    rank: int | None
    """None for one that has not entered every task."""
    score: float
    """Mean logarithm of cost over that of the reference, over the tasks that both have entered; NaN where there is none."""
    half: float
    """Half a 95 % interval of that, by paired traces."""
    worst: tuple[str, float]
    """The task where it is the most above the cheapest entry, and the share by which."""
    tail: float
    """Mean logarithm of CVaR over the reference's."""
    tasks: int


def costs_of(kept: KeptEntry, sealed: bool) -> Mapping[str, Floats]:
    """On the traces that count."""
    return (kept.sealed or {}) if sealed else kept.costs


def places(task: BoardTask, entries: Sequence[KeptEntry], sealed: bool = False) -> list[Place]:
    """Of all who have entered a task, the cheapest first."""
    there = [kept for kept in entries if task.name in costs_of(kept, sealed)]
    costs = {kept.name: costs_of(kept, sealed)[task.name] for kept in there}
    family = Family(tuple(found[None] for found in costs.values())) if len(costs) > 1 else None
    rules = [kept.name for kept in there if kept.entry.kind == "rule"]
    best = min(rules, key=lambda name: float(costs[name].mean()), default=None)
    found = [
        Place(
            name,
            1 + _cheaper(number, list(costs.values()), family),
            mean_interval(mine),
            _cvar(mine),
            None if task.optimum is None else mean_interval(mine / task.optimum - 1.0),
            None if best is None or family is None else family.widened(paired_difference(mine, costs[best])),
        )
        for number, (name, mine) in enumerate(costs.items())
    ]
    return sorted(found, key=lambda place: (place.rank, place.cost.estimate))


def _cheaper(one: int, costs: Sequence[Floats], family: Family | None) -> int:
    """How many are cheaper than one by more than chance, all pairs told at once."""
    if family is None:
        return 0
    mean = costs[one].mean()
    return sum(
        bool(other.mean() < mean) and family.p_value(one, number) < 1 - CONFIDENCE
        for number, other in enumerate(costs)
        if number != one
    )


def _cvar(costs: Floats) -> float:
    dearest = np.sort(costs)[-max(1, round(WORST * costs.size)) :]
    return float(dearest.mean())


def standings(board: Board, entries: Sequence[KeptEntry], reference: str, sealed: bool = False) -> list[OverallPlace]:
    """Over all tasks, beside a reference; who has not entered some has no rank, and comes last."""
    names = [task.name for task in board.tasks]
    costs = {kept.name: costs_of(kept, sealed) for kept in entries}
    whole = [name for name, found in costs.items() if set(names) <= set(found)]
    least = {task: min(float(found[task].mean()) for found in costs.values() if task in found) for task in names
             if any(task in found for found in costs.values())}  # fmt: skip
    found = []
    for name, mine in costs.items():
        theirs = costs[reference]
        both = [task for task in mine if task in theirs]
        score, half = _logarithm(mine, theirs, both) if both else (math.nan, math.nan)
        worst = max(
            ((task, float(values.mean() / least[task] - 1.0)) for task, values in mine.items()), key=lambda pair: pair[1]
        )
        tail = float(np.mean([math.log(_cvar(mine[task]) / _cvar(theirs[task])) for task in both])) if both else math.nan
        rank = 1 + _ahead(name, whole, costs, names) if name in whole else None
        found.append(OverallPlace(name, rank, score, half, worst, tail, len(mine)))
    return sorted(found, key=lambda each: (each.rank is None, each.rank or 0, each.score))


def _logarithm(one: Mapping[str, Floats], other: Mapping[str, Floats], tasks: Sequence[str]) -> tuple[float, float]:
    """The mean logarithm of one's cost over the other's over tasks, and half a 95 % interval by paired traces."""
    apart = [one[task] / one[task].mean() - other[task] / other[task].mean() for task in tasks]
    mean = float(np.mean([math.log(one[task].mean() / other[task].mean()) for task in tasks]))
    variance = sum(float(each.var(ddof=1)) / each.size for each in apart) / len(tasks) ** 2
    return mean, float(norm.ppf(0.5 + CONFIDENCE / 2)) * math.sqrt(variance)


def _ahead(name: str, whole: Sequence[str], costs: Mapping[str, Mapping[str, Floats]], tasks: Sequence[str]) -> int:
    """How many are ahead by more than chance, of all pairs at once (Bonferroni)."""
    pairs = max(len(whole) * (len(whole) - 1) / 2, 1)
    wider = float(norm.ppf(1 - (1 - CONFIDENCE) / 2 / pairs) / norm.ppf(0.5 + CONFIDENCE / 2))
    found = (_logarithm(costs[other], costs[name], tasks) for other in whole if other != name)
    return sum(mean < -wider * half for mean, half in found)
