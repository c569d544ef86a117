"""What outages do to each method, as a table's cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..comparison.method import Method
from ..statistics.digits import UNKNOWN, decimals_for

MEASURES = {  # a KPI, what it is called here, and the share of cases that are not seen to their end
    "outage_length": ("outage", None),
    "time_to_detect": ("detect", "undetected"),
    "time_to_survive": ("survive", "unharmed"),
    "time_to_recover": ("recover", "unrecovered"),
    "fill_depth": ("depth %", None),
    "lost_fill": ("lost fill", None),
    "extra_cost": ("extra cost", None),
    "disruption_cost": ("all, per period", None),
}
HEADINGS = ("autonomy", "agent", "outages", *(name for name, _ in MEASURES.values()))
READING = (
    "Of every trace one outage is evaluated, the first after the warm-up that finds the network at rest, against the same "
    "trace without disruptions. Times are periods from its beginning: how long it lasts; until an order differs; until less "
    "is served on time; until service is back. Then how deep the fill rate falls, and its area in periods without any "
    "service; the cost until service is back; and what all outages together cost per period. ≥ is a lower bound: in some "
    "traces it had not happened yet when counting ended."
)


def disrupted(methods: Sequence[Method]) -> bool:
    """Whether there is anything to tell."""
    return "time_to_recover" in methods[0].definitions


def rows(methods: Sequence[Method]) -> list[list[str]]:
    """A row for each method, one cell for each of `HEADINGS`."""
    columns = [_column(methods, kpi, unseen) for kpi, (_, unseen) in MEASURES.items()]
    evaluated = [str(sum(int(result.sums["outages"].sum()) for result in method.seeds)) for method in methods]
    return [
        [method.autonomy.name, method.name, count, *cells]
        for method, count, *cells in zip(methods, evaluated, *columns, strict=True)
    ]


def _column(methods: Sequence[Method], kpi: str, unseen: str | None) -> list[str]:
    """A KPI of all methods, with as many decimals for one as for the other."""
    scale = 100.0 if kpi == "fill_depth" else 1.0
    largest = max((abs(method.kpis[kpi]) for method in methods if math.isfinite(method.kpis[kpi])), default=0.0)
    form = f",.{decimals_for(largest * scale, 3) if largest else 1}f"
    return [_cell(method, kpi, unseen, scale, form) for method in methods]


def _cell(method: Method, kpi: str, unseen: str | None, scale: float, form: str) -> str:
    found = method.intervals[kpi]
    if not math.isfinite(found.estimate):
        return UNKNOWN
    least = "≥ " if unseen is not None and method.kpis[unseen] > 0 else ""
    half = f" ± {found.half_width * scale:{form}}" if math.isfinite(found.half_width) else ""
    return f"{least}{found.estimate * scale:z{form}}{half}".replace("-", "−")
