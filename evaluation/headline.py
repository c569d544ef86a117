"""The finding in words: which level wins, by how much, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .contrast import ROUNDING, differences, p_value, relative_cost
from .digits import decimals_for
from .kpis import COST
from .ladder import ladder_best
from .method import FEW_SEEDS, Method
from .statistics import LEVEL, holm


def headline(methods: Sequence[Method]) -> str:
    """Which level wins, by its best method, or of one level which method; comparisons with the cheapest are Holm's."""
    rungs = ladder_best(methods).rungs
    what = "level" if len(rungs) > 1 else "method"
    judged = [rung.method for rung in rungs] if what == "level" else methods
    best, *others = sorted(judged, key=lambda method: method.cost)
    if not others:
        return f"{_named(best)} costs {_money(best.cost)} per period; nobody else was judged.{_caution(best)}"
    found = holm([p_value(differences(other, best, [COST])[COST.name], best) for other in others])
    if any(math.isnan(value) for value in found):
        least = f"{_named(best)} costs {_money(best.cost)} per period, the least of {len(judged)} {what}s"
        return f"{least}; one trace does not tell how sure that is.{_caution(best)}"
    tied = [method for method, value in zip(others, found, strict=True) if not value < 1 - LEVEL]
    if not tied:
        return _winner(what, best, others[0], float(max(found))) + _caution(best)
    return _tie(what, best, tied, [method for method in others if method not in tied]) + _caution(best)


def _winner(what: str, best: Method, second: Method, chance: float) -> str:
    who = f"{best.autonomy.name} wins: with {best.name}" if what == "level" else f"{best.name} wins: at {best.autonomy.name}"
    return (
        f"{who} it costs {_money(best.cost)} per period, {_less(best, second)} less than the next, "
        f"{_named(second) if what == 'level' else second.name} (p {_small(chance)}, all {what}s at once by Holm's method)."
    )


def _tie(what: str, best: Method, tied: Sequence[Method], beaten: Sequence[Method]) -> str:
    same = [method for method in tied if abs(method.cost - best.cost) <= ROUNDING * abs(best.cost)]
    close = [method for method in tied if method not in same]
    said = f"No {what} wins: {_listed([best, *same])}"
    said += f" {'cost the same' if same else 'costs least'}, {_money(best.cost)} per period"
    if close:
        said += f", and cannot be told apart from {_listed(close)}"
    return f"{said}; {_less(best, beaten[0])} less than {_named(beaten[0])}." if beaten else f"{said}."


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


def _less(best: Method, other: Method) -> str:
    """A saving and between what it lies: in percent, or in money where the other's cost is none, as with profits."""
    relative = relative_cost(best, other)
    if math.isfinite(relative.estimate):
        least, most = -100 * relative.high, -100 * relative.low
        return f"{-100 * relative.estimate:.1f} % ({least:.1f} to {most:.1f} %)"
    saving = differences(other, best, [COST])[COST.name]
    return f"{_money(saving.estimate)} ({_money(saving.low)} to {_money(saving.high)}) per period"


def _money(value: float) -> str:
    return f"{value:,.{decimals_for(value)}f}"


def _small(chance: float) -> str:
    return "< 0.001" if chance < 0.001 else f"= {chance:.3f}"
