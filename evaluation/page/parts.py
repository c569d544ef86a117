"""What a network is made of, each part by its own numbers: sites, products, segments of customers, lanes, machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..comparison.method import Method
from ..measures import amounts, sums, worked_out
from ..measures.kpi import Kpi
from ..tables.csv_text import harmless

SITE = ("cost", "fill_rate", "cycle_service_level", "stockout_periods", "on_hand", "days_of_supply", "turns", "bullwhip")
"""KPIs of a site that the page shows, and after them its costs by term."""
ALWAYS = ("site", "machine")
"""Kinds of which one part alone is shown too; of products, segments and lanes it would say what the whole network's KPIs do."""
MACHINE = ("utilisation", "setup_share", "machine_queue")
PRODUCT = (
    "fill_rate",
    "cycle_service_level",
    "stockout_periods",
    "on_hand",
    "in_transit",
    "backlog",
    "days_of_supply",
    "turns",
)


class Demanded(Kpi):
    """Units that customers ask for."""

    unit, better = "units/period", "neither"
    numerator, denominator = amounts.demanded, worked_out.periods


class Shipped(Kpi):
    """Units shipped."""

    unit, better = "units/period", "neither"
    numerator, denominator = amounts.shipped, worked_out.periods


class Share(Kpi):
    """Of all that is shipped to the lane's site."""

    unit, better = "1", "neither"
    numerator, denominator = amounts.shipped, sums.INFLOW


@dataclass(frozen=True)
class _Kind:
    """Parts of one kind."""

    name: str
    sums: str
    """The results' table of them."""
    note: str
    kpis: tuple[Kpi, ...]


def parts(methods: Sequence[Method]) -> list[dict[str, Any]]:
    """Every kind of which one part (`ALWAYS`) or several tell something: each method's KPIs of each, for the page's script."""
    first = methods[0].seeds[0]
    shown = [_shown(kind, methods) for kind in _kinds(methods[0])]
    shown[0]["echelons"] = [first.echelon[str(site)] for site in first.site_sums.index]
    return [kind for kind in shown if kind["name"] in ALWAYS or len(kind["rows"]) > 1]


def _kinds(method: Method) -> Iterator[_Kind]:
    known, sums, all_asked = method.definitions, set(method.seeds[0].site_sums), method.seeds[0].asked
    terms = tuple(kpi for name, kpi in known.items() if name.startswith("cost_"))
    asked = tuple(kpi for kpi in all_asked if kpi.name not in SITE and set(kpi.columns) <= sums)
    yield _Kind("site", "site_sums", "costs are a site's own", (*map(known.__getitem__, SITE), *asked, *terms))
    yield _Kind("product", "product_sums", "money is not kept by product", tuple(map(known.__getitem__, PRODUCT)))
    yield _Kind("segment", "segment_sums", "at all sites together", (Demanded(), known["fill_rate"], known["backlog"]))
    yield _Kind("lane", "lane_sums", "the lane mix", (Shipped(), Share()))
    if (machine := method.seeds[0].bottleneck) is not None:
        yield _Kind("machine", "machine_sums", f"the busiest is {machine}", tuple(map(known.__getitem__, MACHINE)))


def _shown(kind: _Kind, methods: Sequence[Method]) -> dict[str, Any]:
    names = [str(name) for name in getattr(methods[0].seeds[0], kind.sums).index]
    return {
        "name": kind.name,
        "note": kind.note,
        "rows": names,
        "safe": list(map(harmless, names)),
        "columns": [{"name": kpi.name.replace("_", " "), "unit": kpi.unit, "meaning": kpi.meaning} for kpi in kind.kpis],
        "methods": [
            {"label": method.label, "safe": harmless(method.label), "values": _values(kind, method)} for method in methods
        ],
    }


def _values(kind: _Kind, method: Method) -> list[list[float]]:
    """Each KPI of each part, over all episodes and seeds."""
    each: list[pd.DataFrame] = [getattr(result, kind.sums) for result in method.seeds]
    sums: pd.DataFrame = sum(each[1:], start=each[0])
    columns = {str(name): sums[name].to_numpy() for name in sums}
    return [list(map(float, kpi.of(columns))) for kpi in kind.kpis]
