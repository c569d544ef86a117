"""The tables of the page: the ladder, both ladders side by side, prices, and what outages do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..comparison.prices import MEANINGS, Price
from ..statistics.digits import UNKNOWN, decimals_for, formatted
from ..statistics.statistics import Interval
from ..tables import resilience_table
from .figure import Cell, Sheet
from .methods import PageMethod
from .words import STYLES, number, percent, signed_percent


@dataclass(frozen=True)
class LadderRow:
    """A row of the ladder."""

    method: PageMethod
    cost: str
    difference: str
    relative: str
    arrow: str
    style: str
    meaning: str
    cells: tuple[str, ...]
    """Fill rate, stock on hand, bullwhip, CVaR, and what else was asked for."""


def steps(methods: Sequence[PageMethod]) -> list[LadderRow]:
    """The ladder, in the order given."""
    decimals = min(decimals_for(method.cost.estimate) for method in methods)
    return [_step(method, decimals) for method in methods]


def _step(method: PageMethod, decimals: int) -> LadderRow:
    arrow, meaning = ("", "reference") if method.is_reference else method.money.arrow(method.sign)
    style = "same" if method.is_reference else STYLES[method.sign]
    return LadderRow(
        method,
        _plus_minus(method.worth.estimate, method.worth.half_width, decimals),
        "" if method.is_reference else _plus_minus(method.beyond.estimate, method.beyond.half_width, decimals, "+"),
        "" if method.is_reference else signed_percent(method.share.estimate),
        arrow,
        style,
        meaning,
        (
            percent(100 * method.kpi("fill_rate")),
            number(method.kpi("on_hand")),
            number(method.kpi("bullwhip"), 2),
            number(method.cvar95, decimals),
            *(number(method.kpi(kpi.name)) for kpi in method.asked),
        ),
    )


def ladder_sheet(methods: Sequence[PageMethod]) -> Sheet:
    """The ladder's numbers in full."""
    kpis = ("fill_rate", "on_hand", "bullwhip")
    asked = [kpi.name for kpi in methods[0].asked]
    columns = [
        f"{name}{bound}" for name in (methods[0].money.word, "difference", "relative") for bound in ("", "_low", "_high")
    ]
    return Sheet(("autonomy", "agent", *columns, *kpis, "cvar95", *asked), [_ladder_row(method, kpis) for method in methods])


def _ladder_row(method: PageMethod, kpis: Sequence[str]) -> list[Cell]:
    bounds = [number for found in (method.worth, method.beyond, method.share) for number in _numbers(found)]
    asked = [method.kpi(kpi.name) for kpi in method.asked]
    return [method.autonomy.name, method.name, *bounds, *map(method.kpi, kpis), method.cvar95, *asked]


def _numbers(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _plus_minus(value: float, half: float, decimals: int, sign: str = "") -> str:
    told = formatted(value, f"{sign}z,.{decimals}f").replace("-", "−")
    return f"{told} ± {number(half, decimals)}" if math.isfinite(half) else told


@dataclass(frozen=True)
class Ladders:
    """Agents by autonomy level: a column for each agent, and a last one for the best of each autonomy level."""

    agents: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, bool], ...], str], ...]
    """An autonomy level, its cells with whether they are its best, and who is."""


def levels(methods: Sequence[PageMethod]) -> list[tuple[str, str]]:
    """Every autonomy level compared, and what it means; one without a description is left out."""
    return list({m.autonomy.name: m.autonomy.description for m in methods if m.autonomy.description}.items())


def ladders(methods: Sequence[PageMethod]) -> Ladders:
    """Levels by agents, so that what information is worth is not mixed up with who optimises better."""
    agents = tuple(dict.fromkeys(method.family for method in methods))
    levels = tuple(dict.fromkeys(method.autonomy.name for method in methods))
    decimals = min(decimals_for(method.cost.estimate) for method in methods)
    found = {(method.autonomy.name, method.family): method for method in methods}
    rows = []
    for level in levels:
        best = min((m for m in methods if m.autonomy.name == level), key=lambda m: m.cost.estimate)
        at = [found.get((level, agent)) for agent in agents]
        cells = tuple((number(m.worth.estimate, decimals) if m else "", m is best) for m in at)
        rows.append((level, cells, f"{number(best.worth.estimate, decimals)} by {best.family}"))
    return Ladders(agents, tuple(rows))


def ladders_sheet(methods: Sequence[PageMethod]) -> Sheet:
    """Every level's cost by agent."""
    return Sheet(("autonomy", "agent", methods[0].money.word), [(m.autonomy.name, m.family, m.worth.estimate) for m in methods])


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


def prices_sheet(prices: Sequence[Price]) -> Sheet:
    """The prices in full."""
    rows = [(p.kind, p.method.label, p.against, *_numbers(p.interval), p.unit) for p in prices]
    return Sheet(("price", "of", "against", "estimate", "low", "high", "unit"), rows)


@dataclass(frozen=True)
class Outages:
    """What outages do to everybody."""

    reading: str
    headings: list[tuple[str, str]]
    """And what each means."""
    rows: list[list[str]]


def outages(methods: Sequence[PageMethod]) -> Outages | None:
    """The table of resilience; None where nothing is ever disrupted."""
    judged = [method.judged for method in methods]
    if not resilience_table.disrupted(judged):
        return None
    meanings = [
        "",
        "",
        "Traces with an outage to judge",
        *(methods[0].definitions[kpi].meaning for kpi in resilience_table.MEASURES),
    ]
    headings = list(zip(resilience_table.HEADINGS, meanings, strict=True))
    return Outages(resilience_table.READING, headings, resilience_table.rows(judged))
