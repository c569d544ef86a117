"""The tables of the page: the ladder, both ladders side by side, prices, how far decisions are apart, and what outages do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..comparison.agreement import order_spread
from ..comparison.comparison import Comparison
from ..comparison.method import Method
from ..comparison.prices import MEANINGS, Price
from ..statistics.digits import UNKNOWN, decimals_for, formatted
from ..statistics.statistics import Interval
from ..tables import resilience_table
from .figure import Cell, DataSheet
from .words import STYLES, number, percent, signed_percent

LADDER_KPIS = ("fill_rate", "on_hand", "bullwhip")


@dataclass(frozen=True)
class LadderRow:
    """A row of the ladder."""

    method: Method
    is_reference: bool
    cost: str
    difference: str
    relative: str
    arrow: str
    decisions: str
    """In how many of its decisions it differs from the reference."""
    style: str
    meaning: str
    cells: tuple[str, ...]
    """Fill rate, stock on hand, bullwhip, CVaR, and what else was asked for."""


def steps(comparison: Comparison) -> list[LadderRow]:
    """The ladder, in the order given."""
    decimals = min(decimals_for(method.cost) for method in comparison.methods)
    return [_step(comparison, method, decimals) for method in comparison.methods]


def _step(comparison: Comparison, method: Method, decimals: int) -> LadderRow:
    kpis, cost = method.kpis, _plus_minus(method.worth, decimals)
    cells = (
        percent(100 * kpis["fill_rate"]),
        number(kpis["on_hand"]),
        number(kpis["bullwhip"], 2),
        number(method.cvar95.estimate, decimals),
        *(number(kpis[kpi.name]) for kpi in comparison.asked),
    )
    if method is comparison.reference_method:
        return LadderRow(method, True, cost, "", "", "", "", "same", "reference", cells)
    sign = comparison.sign(method)
    difference = _plus_minus(comparison.beyond(method), decimals, "+")
    relative = signed_percent(comparison.share_beyond(method).estimate)
    arrow, meaning = comparison.money.arrow(sign)
    return LadderRow(
        method, False, cost, difference, relative, arrow, _decisions(comparison, method), STYLES[sign], meaning, cells
    )


def _decisions(comparison: Comparison, method: Method) -> str:
    """How many decisions differ from the reference's."""
    if comparison.reference_method.label in comparison.alike.get(method.label, ()):
        return "same decisions"
    return percent(100 * comparison.differing_decisions(method))


def ladder_sheet(comparison: Comparison) -> DataSheet:
    """The ladder's numbers in full."""
    asked = [kpi.name for kpi in comparison.asked]
    columns = [
        f"{name}{bound}" for name in (comparison.money.word, "difference", "relative") for bound in ("", "_low", "_high")
    ]
    rows = [_ladder_row(comparison, method, asked) for method in comparison.methods]
    return DataSheet(("autonomy", "agent", *columns, "differing_decisions", *LADDER_KPIS, "cvar95", *asked), rows)


def _ladder_row(comparison: Comparison, method: Method, asked: Sequence[str]) -> list[Cell]:
    told = (method.worth, comparison.beyond(method), comparison.share_beyond(method))
    bounds, kpis = [number for found in told for number in _numbers(found)], method.kpis
    shown, further = map(kpis.__getitem__, LADDER_KPIS), map(kpis.__getitem__, asked)
    differing = comparison.differing_decisions(method)
    return [method.autonomy.name, method.name, *bounds, differing, *shown, method.cvar95.estimate, *further]


def _numbers(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _plus_minus(interval: Interval, decimals: int, sign: str = "") -> str:
    half = interval.half_width
    told = formatted(interval.estimate, f"{sign}z,.{decimals}f").replace("-", "−")
    return f"{told} ± {number(half, decimals)}" if math.isfinite(half) else told


@dataclass(frozen=True)
class Ladders:
    """Agents by autonomy level: a column for each agent, and a last one for the best of each autonomy level."""

    agents: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, bool], ...], str], ...]
    """An autonomy level, its cells with whether they are its best, and who is."""


def levels(methods: Sequence[Method]) -> list[tuple[str, str]]:
    """Every autonomy level compared, and what it means; one without a description is left out."""
    return list({m.autonomy.name: m.autonomy.description for m in methods if m.autonomy.description}.items())


def ladders(methods: Sequence[Method]) -> Ladders:
    """Autonomy levels by agents, so that what information is worth is not mixed up with who optimises better."""
    agents = tuple(dict.fromkeys(method.family for method in methods))
    autonomies = tuple(dict.fromkeys(method.autonomy.name for method in methods))
    decimals = min(decimals_for(method.cost) for method in methods)
    found = {(method.autonomy.name, method.family): method for method in methods}
    rows = []
    for autonomy in autonomies:
        best = min((m for m in methods if m.autonomy.name == autonomy), key=lambda m: m.cost)
        at = [found.get((autonomy, agent)) for agent in agents]
        cells = tuple((number(m.worth.estimate, decimals) if m else "", m is best) for m in at)
        rows.append((autonomy, cells, f"{number(best.worth.estimate, decimals)} by {best.family}"))
    return Ladders(agents, tuple(rows))


def ladders_sheet(methods: Sequence[Method]) -> DataSheet:
    """Every autonomy level's cost by agent."""
    return DataSheet(
        ("autonomy", "agent", methods[0].money.word), [(m.autonomy.name, m.family, m.worth.estimate) for m in methods]
    )


@dataclass(frozen=True)
class Charge:
    """A row of the table of prices."""

    of: str
    against: str
    estimate: str
    interval: str


def charges(prices: Sequence[Price]) -> list[tuple[str, str, list[Charge]]]:
    """Each kind of price that could be told, what it means, and what it is for whom."""
    kinds = dict.fromkeys(price.kind for price in prices)
    return [(kind, MEANINGS[kind], [_charge(price) for price in prices if price.kind == kind]) for kind in kinds]


def _charge(price: Price) -> Charge:
    found, said = price.interval, signed_percent if price.unit == "1" else number
    interval = f"{said(found.low)} to {said(found.high)}" if math.isfinite(found.low) else UNKNOWN
    return Charge(price.method.label, price.against, said(found.estimate), interval)


def prices_sheet(prices: Sequence[Price]) -> DataSheet:
    """The prices in full."""
    rows = [(p.kind, p.method.label, p.against, *_numbers(p.interval), p.unit) for p in prices]
    return DataSheet(("price", "of", "against", "estimate", "low", "high", "unit"), rows)


@dataclass(frozen=True)
class ByEchelon:
    """Something of methods in mean demands, a column for each echelon."""

    echelons: tuple[int, ...]
    rows: list[tuple[Method, dict[int, float]]]

    @property
    def cells(self) -> list[tuple[str, str, list[str]]]:
        """Autonomy level, agent and what they come to, as the table shows it."""
        return [(m.autonomy.name, m.name, [number(of.get(at, math.nan)) for at in self.echelons]) for m, of in self.rows]

    @property
    def sheet(self) -> DataSheet:
        """The numbers in full."""
        rows = [(m.autonomy.name, m.name, *(of.get(at) for at in self.echelons)) for m, of in self.rows]
        return DataSheet(("autonomy", "agent", *(f"echelon_{echelon}" for echelon in self.echelons)), rows)


def distances(comparison: Comparison) -> ByEchelon:
    """How far everybody's orders are from the reference's; no rows where none were kept."""
    others = [method for method in comparison.methods if method is not comparison.reference_method]
    return _by_echelon([(method, comparison.order_distance(method)) for method in others])


def spreads(methods: Sequence[Method]) -> ByEchelon:
    """How far the orders of a learner's training seeds are apart; no rows where nobody has several."""
    return _by_echelon([(method, order_spread(method)) for method in methods])


def _by_echelon(found: Sequence[tuple[Method, dict[int, float]]]) -> ByEchelon:
    rows = [(method, of) for method, of in found if of]
    return ByEchelon(tuple(sorted({echelon for _, of in rows for echelon in of})), rows)


@dataclass(frozen=True)
class Outages:
    """What outages do to all methods."""

    reading: str
    headings: list[tuple[str, str]]
    """And what each means."""
    rows: list[list[str]]


def outages(methods: Sequence[Method]) -> Outages | None:
    """The table of resilience; None where nothing is ever disrupted."""
    if not resilience_table.disrupted(methods):
        return None
    meanings = [
        "",
        "",
        "Traces with an outage to evaluate",
        *(methods[0].definitions[kpi].meaning for kpi in resilience_table.MEASURES),
    ]
    headings = list(zip(resilience_table.HEADINGS, meanings, strict=True))
    return Outages(resilience_table.READING, headings, resilience_table.rows(methods))
