"""Ladders of autonomy: what each autonomy level costs, so that information is not taken for a better optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.errors import UnknownName

from ..measures.kpis import COST
from ..running.shown import told
from ..statistics.statistics import Interval
from .contrast import differences, relative_cost
from .method import Method
from .rivals import Rivals


@dataclass(frozen=True, eq=False)
class Rung:
    """A level of autonomy and the method that stands for it."""

    method: Method
    difference: Interval
    """Its cost less that of the ladder's foot [money/period]."""
    relative: Interval
    """Its cost over that of the ladder's foot, less 1."""

    def __repr__(self) -> str:
        """One line."""
        return f"{self.method.label}: {told(self.difference)} beyond the foot"

    @property
    def autonomy(self) -> Autonomy:
        """The autonomy level."""
        return self.method.autonomy


@dataclass(frozen=True, eq=False)
class Ladder:
    """One rung for each autonomy level, in the order they were evaluated in."""

    meaning: str
    foot: Method
    """Whom others are compared with: at the ideal centre, else at the first autonomy level with a centre, else at the first."""
    rungs: tuple[Rung, ...]

    def __repr__(self) -> str:
        """A line for each rung."""
        return "\n".join([f"{self.meaning}, cost beyond {self.foot.label}", *map(repr, self.rungs)])


def ladder_same(methods: Sequence[Method], family: str) -> Ladder:
    """The same method at every autonomy level: what that level is worth. Raises UnknownName for one that was not evaluated."""
    chosen = [method for method in methods if method.family == family]
    if not chosen:
        raise UnknownName("method", family, dict.fromkeys(method.family for method in methods))
    return _ladder(f"{family} at every autonomy level", chosen)


def ladder_best(methods: Sequence[Method]) -> Ladder:
    """The cheapest method of each autonomy level, chosen on the traces it is evaluated on: what is known to be possible there.

    Intervals are so wide that they hold for whomever those traces had chosen.
    """
    return _ladder("the best method at each autonomy level", methods)


def is_ideal(autonomy: Autonomy) -> bool:
    """Whether a centre decides for all, in every period, on up-to-date records."""
    late = autonomy.feed_latency or autonomy.feed_noise or autonomy.approval_latency
    return autonomy.orders_for_all and autonomy.cadence == 1 and not late


def is_late(autonomy: Autonomy) -> bool:
    """Whether a centre decides for all on late or noisy records."""
    return autonomy.orders_for_all and bool(autonomy.feed_latency or autonomy.feed_noise)


def cheapest(methods: Sequence[Method]) -> list[Method]:
    """One method for each autonomy level."""
    best: dict[str, Method] = {}
    for method in methods:
        name = method.autonomy.name
        if name not in best or method.cost < best[name].cost:
            best[name] = method
    return list(best.values())


def _ladder(meaning: str, candidates: Sequence[Method]) -> Ladder:
    methods = cheapest(candidates)
    central = [method for method in methods if method.autonomy.orders_for_all]
    foot = next((method for method in central if is_ideal(method.autonomy)), (central or methods)[0])
    if len(methods) == len(candidates):
        return Ladder(meaning, foot, tuple(_rung(method, foot) for method in methods))
    rivals = Rivals.of(candidates)
    rungs = (Rung(method, rivals.difference(method, foot), rivals.relative_cost(method, foot)) for method in methods)
    return Ladder(meaning, foot, tuple(rungs))


def _rung(method: Method, foot: Method) -> Rung:
    return Rung(method, differences(method, foot, [COST])[COST.name], relative_cost(method, foot))
