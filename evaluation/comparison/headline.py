"""The finding in words: which level wins, by how much, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..statistics.digits import significant
from ..statistics.statistics import LEVEL, smallest_chance, traces_of
from .contrast import ROUNDING
from .ladder import cheapest
from .method import FEW_SEEDS, Method
from .rivals import Rivals


def headline(methods: Sequence[Method]) -> str:
    """Which level wins, by its best method, or of one level which method; nobody where a learner that lost was still learning.

    Whom the traces have picked is compared by what holds for whomever they would have picked: see `Rivals`. A level is beaten
    where every method that was judged there is.
    """
    rungs = cheapest(methods)
    what = "level" if len(rungs) > 1 else "method"
    judged = rungs if what == "level" else list(methods)
    best, *others = sorted(judged, key=lambda method: method.cost)
    if not others:
        return f"{_named(best)} {_comes_to(best)} per period; nobody else was judged.{_caution(best)}"
    rivals = Rivals.of(methods)
    chances = [_chance(rivals, other, methods if what == "level" else [other]) for other in others]
    if any(math.isnan(chance) for chance in chances):
        least = f"{_named(best)} {_comes_to(best)} per period, the {_most(best)} of {len(judged)} {what}s"
        return f"{least}; one trace does not tell how sure that is.{_caution(best)}"
    if unsettled := [method for method in methods if method is not best and method.settled is False]:
        return f"{_unordered(what, best, len(judged), unsettled)}{_caution(best)}"
    found = _Found(what, rivals, best, others, chances)
    return (found.winner() if not found.tied else found.tie()) + _caution(best)


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
        return [method for method, chance in zip(self.others, self.chances, strict=True) if not chance < 1 - LEVEL]

    def winner(self) -> str:
        best, second = self.best, self.others[0]
        level = self.what == "level"
        who = f"{best.autonomy.name} wins: with {best.name}" if level else f"{best.name} wins: at {best.autonomy.name}"
        return (
            f"{who} it {_comes_to(best)} per period, {self._lead(second)} than the next, "
            f"{_named(second) if level else second.name} "
            f"(p {_small(max(self.chances))}, all {self.what}s at once, whichever is the cheapest)."
        )

    def tie(self) -> str:
        best, tied = self.best, self.tied
        same = [method for method in tied if abs(method.cost - best.cost) <= ROUNDING * abs(best.cost)]
        close = [method for method in tied if method not in same]
        verb = _verb(best, several=bool(same))
        said = f"No {self.what} wins: {_listed([best, *same])} "
        said += f"{verb} the same" if same else f"{verb} {_most(best)}"
        said += f", {_money(_worth(best))} per period"
        if close:
            said += f", and cannot be told apart from {_listed(close)}"
        beaten = [method for method in self.others if method not in tied]
        if beaten:
            return f"{said}; {self._lead(beaten[0])} than {_named(beaten[0])}."
        return f"{said}{_too_few(best)}."

    def _lead(self, other: Method) -> str:
        """How much less it costs than one who is beaten, or more it earns: a share of what that spends, of a profit money too.

        Bounds hold for all pairs at once; where somebody is beaten they are cut at nothing, as Hsu's.
        """
        relative, saving = self.rivals.relative_cost(self.best, other), self.rivals.difference(other, self.best)
        told = math.isfinite(relative.estimate)
        least, most = max(-100 * relative.high, 0.0), -100 * relative.low
        share = f"{-100 * relative.estimate:.1f} % ({least:.1f} to {most:.1f} %)"
        money = f"{_money(saving.estimate)} ({_money(max(saving.low, 0.0))} to {_money(saving.high)})"
        if not self.best.earns:
            return f"{share if told else f'{money} per period'} less"
        return f"{money} more" + (f", {-100 * relative.estimate:.1f} % of what that spends," if told else "")


def _too_few(best: Method) -> str:
    """That no difference could be told from so few traces, where it is so."""
    result = best.seeds[0]
    traces = traces_of(len(result.sums), result.groups)
    few = smallest_chance(traces) >= 1 - LEVEL
    return f": {traces} different traces are too few to tell anything apart" if few else ""


def _unordered(what: str, best: Method, number: int, unsettled: Sequence[Method]) -> str:
    """That longer training could change the order."""
    whose = f"{_listed(unsettled)} had not settled when training ended"
    least = f"{_named(best)} {_comes_to(best)} per period, the {_most(best)} of {number} {what}s as they are"
    return f"No order is claimed: {whose}, and may cost less with a longer one. {least}."


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
