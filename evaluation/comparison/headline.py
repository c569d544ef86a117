"""The finding in words: what was compared, which autonomy level is cheapest, by how much, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..statistics.digits import significant
from ..statistics.statistics import CONFIDENCE, smallest_chance, traces_of
from .agreement import same_decisions
from .contrast import ROUNDING
from .ladder import cheapest
from .method import FEW_SEEDS, Method
from .rivals import Rivals


def headline(methods: Sequence[Method]) -> str:
    """Which autonomy level is cheapest with its best method, or at one level which agent; none if a loser still learnt.

    Whom the traces have picked is compared by what holds for whomever they would have picked: see `Rivals`. An autonomy level
    is beaten where every method that was evaluated there is. Who makes the same decisions as the best is named, and compared
    with nobody.
    """
    first = min(methods, key=lambda method: method.cost)
    double = [method for method in methods if method is not first and same_decisions(first, method)]
    return _finding([method for method in methods if method not in double]) + _doubles(first, double)


def _finding(methods: Sequence[Method]) -> str:
    """The headline of methods of which none decides like the best."""
    rungs = cheapest(methods)
    what = "autonomy level" if len(rungs) > 1 else "agent"
    evaluated = rungs if what == "autonomy level" else list(methods)
    best, *others = sorted(evaluated, key=lambda method: method.cost)
    if not others:
        return f"{_on(best)}{_named(best)} {_comes_to(best)} per period; nothing else was compared.{_caution(best)}"
    rivals = Rivals.of(methods)
    chances = [_chance(rivals, other, methods if what == "autonomy level" else [other]) for other in others]
    if any(math.isnan(chance) for chance in chances):
        least = f"{_on(best)}{_named(best)} {_comes_to(best)} per period, the {_most(best)} of {len(evaluated)} {what}s"
        return f"{least}; one trace does not tell how sure that is.{_caution(best)}"
    if unsettled := [method for method in methods if method is not best and method.settled is False]:
        return f"{_unordered(what, best, len(evaluated), unsettled)}{_caution(best)}"
    found = _Found(what, rivals, best, others, chances)
    return (found.winner() if not found.tied else found.tie()) + _caution(best)


def _doubles(best: Method, double: Sequence[Method]) -> str:
    """That somebody decides like the best, which says nothing of who should decide."""
    if not double:
        return ""
    several = len(double) > 1
    return f" {_listed(double)} {'make' if several else 'makes'} the same decisions as {_named(best)} on every trace."


def _chance(rivals: Rivals, other: Method, candidates: Sequence[Method]) -> float:
    """How likely the best is ahead by chance alone, over all candidates that may be the best where the other one is."""
    return max(rivals.beaten(method) for method in candidates if method.autonomy.name == other.autonomy.name)


@dataclass(frozen=True)
class _Found:
    """The cheapest, and how likely its lead over each of the others is by chance."""

    what: str
    rivals: Rivals
    best: Method
    others: Sequence[Method]
    chances: Sequence[float]

    @property
    def tied(self) -> list[Method]:
        """Who cannot be told apart from the cheapest."""
        return [method for method, chance in zip(self.others, self.chances, strict=True) if not chance < 1 - CONFIDENCE]

    def winner(self) -> str:
        best, second = self.best, self.others[0]
        levels = self.what == "autonomy level"
        evaluated = f"the {len(self.others) + 1} {_places(self.what, best)}"
        first = f"{best.autonomy.name}: with {best.name} it" if levels else f"{best.name}: it"
        finding = f"{_on(best)}{_the_best(best)} of {evaluated} is {first} {_comes_to(best)} per period"
        chance = f"p {_small(max(self.chances))}, corrected for all comparisons"
        return f"{finding}, {self._lead(second)} than the next, {_named(second) if levels else second.name} ({chance})."

    def tie(self) -> str:
        best, tied = self.best, self.tied
        same = [method for method in tied if abs(method.cost - best.cost) <= ROUNDING * abs(best.cost)]
        close = [method for method in tied if method not in same]
        verb = _verb(best, several=bool(same))
        evaluated = f"the {len(self.others) + 1} {_places(self.what, best)}"
        said = f"{_on(best)}none of {evaluated} is clearly {_the_best(best)}: {_listed([best, *same])} "
        said += f"{verb} the same" if same else f"{verb} {_most(best)}"
        said += f", {_money(_worth(best))} per period"
        if close:
            said += f", and cannot be told apart from {_listed(close)}"
        beaten = [method for method in self.others if method not in tied]
        if beaten:
            return f"{said}. That is {self._lead(beaten[0])} than {_named(beaten[0])}."
        return f"{said}{_too_few(best)}."

    def _lead(self, other: Method) -> str:
        """How much less it costs than one who is beaten, or more it earns: a share of what that spends, of a profit money too.

        Bounds hold for all pairs at once; where somebody is beaten they are cut at nothing, as Hsu's.
        """
        relative, saving = self.rivals.relative_cost(self.best, other), self.rivals.difference(other, self.best)
        told = math.isfinite(relative.estimate)
        least, most = max(-100 * relative.high, 0.0), -100 * relative.low
        share = f"{-100 * relative.estimate:.1f} %"
        money = _money(saving.estimate)
        span = f"{_money(max(saving.low, 0.0))} to {_money(saving.high)}"
        if self.best.earns:
            return f"{money} more {_sure(span)}" + (f", {share} of what that spends," if told else "")
        return f"{share} less {_sure(f'{least:.1f} to {most:.1f} %')}" if told else f"{money} per period less {_sure(span)}"


def _too_few(best: Method) -> str:
    """That no difference could be told from so few traces, where it is so."""
    result = best.seeds[0]
    traces = traces_of(len(result.sums), result.groups)
    few = smallest_chance(traces) >= 1 - CONFIDENCE
    return f": {traces} different traces are too few to tell anything apart" if few else ""


def _unordered(what: str, best: Method, number: int, unsettled: Sequence[Method]) -> str:
    """That longer training could change the order."""
    whose = f"{_listed(unsettled)} had not settled when training ended"
    least = f"{_named(best)} {_comes_to(best)} per period, the {_most(best)} of {number} {what}s as they are"
    ranking = f"{_on(best)}no ranking of {number} {what}s is claimed"
    return f"{ranking}: {whose}, and may cost less after a longer training. {least}."


def _on(best: Method) -> str:
    """On what all were compared, as a sentence begins."""
    traces = best.seeds[0].traces
    kind = "demand trace" if traces.warnings else "held-out demand trace"
    number = f"one {kind}" if traces.episodes == 1 else f"the same {traces.episodes:,} {kind}s"
    return f"On {number} of {traces.scenario.name}, "


def _places(what: str, best: Method) -> str:
    return "autonomy levels" if what == "autonomy level" else f"agents at {best.autonomy.name}"


def _the_best(best: Method) -> str:
    return "the most profitable" if best.earns else "the cheapest"


def _sure(span: str) -> str:
    return f"({100 * CONFIDENCE:g} % confidence interval {span})"


def _caution(best: Method) -> str:
    number = len(best.seeds)
    if best.training is None or number >= FEW_SEEDS:
        return ""
    return f" Of {best.name} there {'is one training seed' if number == 1 else f'are {number} training seeds'}: few to go by."


def _named(method: Method) -> str:
    return f"{method.autonomy.name} with {method.name}"


def _listed(methods: Sequence[Method]) -> str:
    """Their names: one, one and another, or one, another and a third."""
    *first, last = map(_named, methods)
    return f"{', '.join(first)} and {last}" if first else last


def _comes_to(method: Method) -> str:
    """What it costs, or earns where customers pay."""
    return f"{_verb(method)} {_money(_worth(method))}"


def _verb(method: Method, several: bool = False) -> str:
    return ("earn" if method.earns else "cost") + ("" if several else "s")


def _most(method: Method) -> str:
    return "most" if method.earns else "least"


def _worth(method: Method) -> float:
    return -method.cost if method.earns else method.cost


def _money(value: float) -> str:
    return significant(value, ",")


def _small(chance: float) -> str:
    return "< 0.001" if chance < 0.001 else f"= {chance:.3f}"
