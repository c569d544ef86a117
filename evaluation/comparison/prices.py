"""What autonomy, information, latency and selfishness cost: each price names whom it compares with.

A price is there only where both were evaluated: nothing is guessed. All are paired on the traces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from orderup.agents import agents
from orderup.envs.autonomy.autonomy import Autonomy

from ..measures.kpis import COST
from ..running.shown import columns, html_table, told
from ..statistics.statistics import Floats, Interval
from .contrast import differences, relative_cost, relative_to_bound
from .ladder import is_ideal, is_late
from .method import Method, same_axes
from .rivals import Rivals
from .selfish import LARGEST_GAIN, no_price

Kind = Literal[
    "price of autonomy", "value of autonomy", "value of information", "price of latency", "price of anarchy", "regret"
]

MEANINGS: dict[Kind, str] = {
    "price of autonomy": "cost less that of the ideal centre, as a share of the latter",
    "value of autonomy": "cost of the realistic centre, deciding on late or noisy records, less this one's, over the former",
    "value of information": "cost where sites see only their own records less cost where they see all sites'",
    "price of latency": (
        "cost less that without the delay of feed and approval, as a share of the latter; with order-up-to levels that stay it "
        "is what lead times as much longer cost, which is a theorem and no finding"
    ),
    "price of anarchy": "cost of what learnt for each site's own reward less that for the team's, as a share of the latter",
    "regret": "cost less the bound, as a share of the bound",
}
"""Where customers pay, a share of a cost is one of what is spent, revenue left out."""


@dataclass(frozen=True, eq=False)
class Price:
    """A number that two methods, or a method and a bound, come to."""

    kind: Kind
    method: Method
    against: str
    """Label of whom it is compared with."""
    interval: Interval

    def __repr__(self) -> str:
        """One line."""
        return f"{self.kind} of {self.method.label} against {self.against}: {self.told}"

    @property
    def told(self) -> str:
        """The number with its bounds: a share in per cent."""
        return told(self.interval, share=self.unit == "1")

    @property
    def meaning(self) -> str:
        """How it is worked out."""
        return MEANINGS[self.kind]

    @property
    def unit(self) -> str:
        """Money per period for the value of information, a share for all others."""
        return "money/period" if self.kind == "value of information" else "1"


class Prices(tuple[Price, ...]):
    """Prices that show themselves as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        """A line for each."""
        return columns(self._rows) if self else "no prices: none of those that were evaluated is another's partner"

    def _repr_html_(self) -> str:
        return html_table(("price", "of", "against", "95 % confidence interval"), self._rows)

    @property
    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [(price.kind, price.method.label, price.against, price.told) for price in self]


@dataclass(frozen=True, eq=False)
class Bound:
    """A cost that nobody can be below: on every trace, as with hindsight, or in expectation only, as of the optimal policy."""

    name: str
    cost: Floats
    """Of each episode (E,) [money/period]."""
    on_every_trace: bool
    relaxed: tuple[str, ...] = ()
    """What of the scenario is left out of it, which makes it lower than it need be."""
    gap: float = 0.0
    """How far above it the best plan that was found is, as a share, where the programs behind it were not solved to the end."""


def bound_of(methods: Sequence[Method]) -> Bound | None:
    """The cost of the exact optimum, where it was evaluated."""
    exact = next((method for method in methods if _is_exact(method)), None)
    if exact is None:
        return None
    return Bound(exact.label, exact.seeds[0].episodes[COST.name].to_numpy(), on_every_trace=False)


def _is_exact(method: Method) -> bool:
    """`optimal` refuses to act where it is not; `clark_scarf` acts on late records too, and is exact for an ideal centre."""
    name = agents.name_of(type(method.seeds[0].agent))
    return name == "optimal" or (name == "clark_scarf" and is_ideal(method.autonomy))


def prices_of(methods: Sequence[Method], bound: Bound | None = None, largest_gain: float = LARGEST_GAIN) -> Prices:
    """Everything that can be told of these methods, kind by kind; `largest_gain` as for `no_price`."""
    ideal, realistic = _autonomy(methods, is_ideal, "central_ideal"), _autonomy(methods, is_late, "central_stale")
    return Prices(
        (
            *_against_centre("price of autonomy", methods, ideal),
            *_against_centre("value of autonomy", methods, realistic),
            *_information(methods),
            *_latency(methods),
            *_anarchy(methods, largest_gain),
            *([] if bound is None else _regrets(methods, bound)),
        )
    )


def _autonomy(methods: Sequence[Method], fits: Callable[[Autonomy], bool], name: str) -> Autonomy | None:
    """The autonomy level of this name where it fits, else the first that fits."""
    found = [method.autonomy for method in methods if fits(method.autonomy)]
    return next((autonomy for autonomy in found if autonomy.name == name), found[0] if found else None)


def _against_centre(kind: Kind, methods: Sequence[Method], centre: Autonomy | None) -> Iterator[Price]:
    """Each method that leaves sites something against itself at the centre, or the centre's best if it was not there."""
    there = [method for method in methods if method.autonomy == centre]
    for method in methods:
        if not there or method.autonomy.orders_for_all:
            continue
        alike = [other for other in there if other.family == method.family]
        partner = alike[0] if alike else min(there, key=lambda other: other.cost)
        picked = not alike and len(there) > 1
        found = Rivals.of([method, *there]).relative_cost(method, partner) if picked else relative_cost(method, partner)
        yield Price(kind, method, partner.label, found if kind == "price of autonomy" else _negative(found))


def _information(methods: Sequence[Method]) -> Iterator[Price]:
    for method, other in _pairs(methods, frozenset({"visibility"})):
        if (method.autonomy.visibility, other.autonomy.visibility) == ("silo", "shared"):
            found = differences(method, other, [COST])[COST.name]
            yield Price("value of information", method, other.label, found)


def _latency(methods: Sequence[Method]) -> Iterator[Price]:
    for method, other in _pairs(methods, frozenset({"feed_latency", "approval_latency"})):
        late, prompt = (autonomy.feed_latency + autonomy.approval_latency for autonomy in (method.autonomy, other.autonomy))
        if late and not prompt:
            equivalent = f"{other.label}, as lead times longer by {late}"
            yield Price("price of latency", method, equivalent, relative_cost(method, other))


def _pairs(methods: Sequence[Method], apart: frozenset[str]) -> Iterator[tuple[Method, Method]]:
    """Methods of one family at autonomy levels that differ in these axes alone."""
    for method in methods:
        for other in methods:
            alike = method.family == other.family and same_axes(method.autonomy, other.autonomy, apart)
            if alike and method.autonomy != other.autonomy:
                yield method, other


def _anarchy(methods: Sequence[Method], largest_gain: float) -> Iterator[Price]:
    """Of what is an equilibrium, as far as was looked: whoever would leave it has no outcome to be priced."""
    for method in methods:
        for other in methods:
            if _differ_in_reward(method, other) and no_price(method, largest_gain) is None:
                yield Price("price of anarchy", method, other.label, relative_cost(method, other))


def _differ_in_reward(own: Method, team: Method) -> bool:
    """Whether one has learnt for its own reward and the other, else the same, for the team's."""
    mine, theirs = own.training, team.training
    if mine is None or theirs is None or own.autonomy != team.autonomy or not same_axes(mine.autonomy, theirs.autonomy):
        return False
    if (mine.settings.get("reward"), theirs.settings.get("reward")) != ("own", "team"):
        return False
    return {**mine.settings, "reward": "team"} == dict(theirs.settings)


def _regrets(methods: Sequence[Method], bound: Bound) -> Iterator[Price]:
    """Of all but the one whose cost the bound is."""
    for method in methods:
        if method.label != bound.name:
            yield Price("regret", method, bound.name, relative_to_bound(method, bound.cost))


def _negative(interval: Interval) -> Interval:
    return replace(interval, estimate=-interval.estimate, low=-interval.high, high=-interval.low)
