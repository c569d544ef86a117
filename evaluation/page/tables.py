"""The tables of the page: the ladder, both ladders side by side, and every site."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..digits import decimals_for
from ..report import harmless
from .methods import Method
from .words import ARROWS, number, percent, signed_percent

COLUMNS = ("cost", "fill_rate", "cycle_service_level", "stockout_periods", "on_hand", "days_of_supply", "turns", "bullwhip")
"""KPIs of a site that the page shows, and after them its costs by term."""


@dataclass(frozen=True)
class Step:
    """A row of the ladder."""

    method: Method
    cost: str
    difference: str
    relative: str
    arrow: str
    style: str
    meaning: str
    cells: tuple[str, ...]
    """Fill rate, stock on hand, bullwhip, CVaR."""


def steps(methods: Sequence[Method]) -> list[Step]:
    """The ladder, in the order given."""
    decimals = min(decimals_for(method.cost.estimate) for method in methods)
    return [_step(method, decimals) for method in methods]


def _step(method: Method, decimals: int) -> Step:
    arrow, style, meaning = ("", "same", "reference") if method.is_reference else ARROWS[method.sign]
    return Step(
        method,
        _plus_minus(method.cost.estimate, method.cost.half_width, decimals),
        "" if method.is_reference else _plus_minus(method.difference.estimate, method.difference.half_width, decimals, "+"),
        "" if method.is_reference else signed_percent(method.relative.estimate),
        arrow,
        style,
        meaning,
        (
            percent(100 * method.kpi("fill_rate")),
            number(method.kpi("on_hand")),
            number(method.kpi("bullwhip"), 2),
            number(method.cvar95, decimals),
        ),
    )


def _plus_minus(value: float, half: float, decimals: int, sign: str = "") -> str:
    told = f"{value:{sign}z,.{decimals}f}".replace("-", "−") if math.isfinite(value) else number(value)
    return f"{told} ± {number(half, decimals)}" if math.isfinite(half) else told


@dataclass(frozen=True)
class Ladders:
    """Both ladders: read down a column for one agent at every level, and the last column for the best known of each level."""

    agents: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, bool], ...], str], ...]
    """A level, its cells with whether they are the level's best, and who is."""


def ladders(methods: Sequence[Method]) -> Ladders:
    """Levels by agents, so that what information is worth is not mixed up with who optimises better."""
    agents = tuple(dict.fromkeys(method.family for method in methods))
    levels = tuple(dict.fromkeys(method.autonomy.name for method in methods))
    decimals = min(decimals_for(method.cost.estimate) for method in methods)
    found = {(method.autonomy.name, method.family): method for method in methods}
    rows = []
    for level in levels:
        best = min((m for m in methods if m.autonomy.name == level), key=lambda m: m.cost.estimate)
        at = [found.get((level, agent)) for agent in agents]
        cells = tuple((number(m.cost.estimate, decimals) if m else "", m is best) for m in at)
        rows.append((level, cells, f"{number(best.cost.estimate, decimals)} by {best.family}"))
    return Ladders(agents, tuple(rows))


def sites(methods: Sequence[Method]) -> dict[str, Any]:
    """Every KPI of every site for every method, for the page's script."""
    definitions = methods[0].definitions
    names = [*COLUMNS, *(name for name in definitions if name.startswith("cost_"))]
    kpis = [definitions[name] for name in names]
    first = methods[0].seeds[0]
    return {
        "sites": [str(site) for site in first.site_sums.index],
        "safe": [harmless(str(site)) for site in first.site_sums.index],
        "echelons": [first.levels[str(site)] for site in first.site_sums.index],
        "columns": [{"name": kpi.name.replace("_", " "), "unit": kpi.unit, "meaning": kpi.meaning} for kpi in kpis],
        "methods": [
            {
                "label": method.label,
                "safe": harmless(method.label),
                "values": [list(map(float, method.by_site(kpi))) for kpi in kpis],
            }
            for method in methods
        ],
    }
