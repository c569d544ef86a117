"""What became of the orderings that scenarios' cards expect: held, refuted or open.

Letters: S seeds, E episodes, R resamples. Both sides are evaluated on episodes of the same numbers and seed. Where the worse
one is played in another scenario, demand of equal names is the same there, and the pairs still cancel what they have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from orderup.envs.scenario.card import Hypothesis, Measure

from ..measures.kpis import COST
from ..statistics.statistics import CONFIDENCE, Floats, Interval, holm, weighted_cvar
from ..statistics.two_level import two_level_difference
from .agreement import same_decisions
from .contrast import ROUNDING, differences, groups_of
from .method import Method

Conclusion: TypeAlias = Literal["held", "refuted", "open", "not evaluated"]


@dataclass(frozen=True, eq=False)
class Question:
    """A registered hypothesis, and who was evaluated for it."""

    scenario: str
    hypothesis: Hypothesis
    better: Method | None
    worse: Method | None
    registered: str = ""
    """The day on which it was registered of the scenario as it is; nothing where it never was."""
    reason: str = ""
    """Why one of them is missing."""

    @property
    def expected(self) -> str:
        """In a few words: who is expected to be better than whom."""
        return self.hypothesis.expected


@dataclass(frozen=True, eq=False)
class Finding:
    """What became of a hypothesis."""

    question: Question
    conclusion: Conclusion
    values: tuple[float, float] | None = None
    """The measure of the better one, and of the worse."""
    advantage: Interval | None = None
    """How far the worse one is behind, above 0 where it is, in the measure's units."""
    same_decisions: bool = False
    """Whether both make the same decisions on every trace, which judges nothing."""
    p_value: float | None = None
    """How likely an estimate so far from where the conclusion would change is by chance; Holm's, of all hypotheses at once."""

    @property
    def relative(self) -> float | None:
        """The advantage as a share of what the worse one comes to; None where that is nothing."""
        if self.advantage is None or self.values is None or not self.values[1]:
            return None
        return self.advantage.estimate / abs(self.values[1])


def findings(questions: Sequence[Question]) -> list[Finding]:
    """The conclusion on each, Holm's correction made for all that were evaluated.

    An ordering has held where the advantage is above 0, and is refuted where it is below; with `by_at_most` the hypothesis has
    held where the advantage is within that share on either side, and is refuted where it is outside. It is open as long as the
    interval does not tell, and where the method makes the same decisions at both levels: it cannot tell them apart, and that it
    does not is no finding.
    """
    evaluated = [_evaluated(question) for question in questions]
    adjusted = holm([np.nan if one.p_value is None else one.p_value for one in evaluated])
    return [_settled(one, float(chance)) for one, chance in zip(evaluated, adjusted, strict=True)]


def _evaluated(question: Question) -> Finding:
    """Everything but the conclusion, with a p-value that knows of no others."""
    if question.better is None or question.worse is None:
        return Finding(question, "not evaluated")
    measure, share = question.hypothesis.measure, question.hypothesis.by_at_most
    values = (_value(measure, question.better), _value(measure, question.worse))
    found = _cleared(_advantage(measure, question.better, question.worse), values[1])
    if same_decisions(question.better, question.worse):
        return Finding(question, "open", values, found, same_decisions=True, p_value=np.nan)
    edge = 0.0 if share is None else np.copysign(share * abs(values[1]), found.estimate)
    shifted = replace(found, estimate=found.estimate - edge, low=found.low - edge, high=found.high - edge)
    return Finding(question, "open", values, found, p_value=np.nan if share is None and same(found) else shifted.p_value)


def _settled(found: Finding, chance: float) -> Finding:
    """With the conclusion, at a p-value that knows of all others."""
    if found.advantage is None or found.values is None or found.same_decisions:
        return found
    share, estimate = found.question.hypothesis.by_at_most, found.advantage.estimate
    as_expected = estimate > 0 if share is None else abs(estimate) < share * abs(found.values[1])
    conclusion: Conclusion = "open" if not chance < 1 - CONFIDENCE else "held" if as_expected else "refuted"
    return replace(found, conclusion=conclusion, p_value=chance)


def same(found: Interval) -> bool:
    """Whether there is no difference on any trace."""
    return found.estimate == found.low == found.high == 0


def _cleared(found: Interval, size: float) -> Interval:
    """Nothing at all where only the order of additions differs."""
    nothing = max(abs(found.estimate), abs(found.low), abs(found.high)) <= ROUNDING * abs(size)
    return replace(found, estimate=0.0, low=0.0, high=0.0) if nothing else found


def _advantage(measure: Measure, better: Method, worse: Method) -> Interval:
    if measure == "cost":
        return differences(worse, better, [COST])["cost"]
    if measure == "fill_rate":
        return differences(better, worse, [better.definitions["fill_rate"]])["fill_rate"]
    return two_level_difference(_costs(worse), _costs(better), WORKED_OUT[measure], groups=groups_of(worse, better))


def _value(measure: Measure, method: Method) -> float:
    if measure in WORKED_OUT:
        costs = _costs(method)
        alike = np.full((1, costs.shape[1]), 1 / costs.shape[1])
        return float(np.mean([WORKED_OUT[measure](row, alike)[0] for row in costs]))
    return method.kpis[measure]


def _costs(method: Method) -> Floats:
    """Cost per period of every seed and episode (S, E)."""
    return np.array([result.episodes["cost"] for result in method.seeds])


def weighted_spread(costs: Floats, weights: Floats) -> Floats:
    """Standard deviation (R,) of costs (E,) that count with these weights (R, E), which sum to one in every row."""
    above = costs - costs.mean()
    found: Floats = np.sqrt(np.maximum(weights @ above**2 - (weights @ above) ** 2, 0.0))
    return found


WORKED_OUT: dict[Measure, Callable[[Floats, Floats], Floats]] = {"cvar": weighted_cvar, "spread": weighted_spread}
"""Measures that are no means over episodes, from the costs of these (E,) and weights (R, E)."""
