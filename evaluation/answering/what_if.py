"""Several networks side by side: one table of KPIs, each with its difference to the first, an arrow and an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..comparison.contrast import differences
from ..comparison.method import Method
from ..measures.kpi import Kpi
from ..statistics.digits import significant
from ..statistics.statistics import Interval

SHOWN = ("cost", "fill_rate", "cycle_service_level", "on_hand", "days_of_supply", "working_capital", "turns", "bullwhip")
"""KPIs that are compared."""


@dataclass(frozen=True)
class Cell:
    """A KPI of one network."""

    value: str
    difference: str
    """To the first network, with half its 95 % interval; blank for the first."""
    arrow: str
    """▲ for more, ▼ for less, ≈ for no significant difference; blank for the first."""
    better: bool | None
    """None where it is neither better nor worse, or nobody can tell."""


def kpi_rows(methods: Sequence[Method]) -> list[tuple[Kpi, list[Cell]]]:
    """One row for each KPI that all have: the first network's value, then each other's with its difference."""
    first, *others = methods
    kpis = [kpi for name in SHOWN if (kpi := first.definitions.get(name)) is not None]
    kpis = [kpi for kpi in kpis if all(kpi.name in method.definitions for method in methods)]
    gaps = [differences(method, first, kpis) for method in others]
    return [
        (
            kpi,
            [
                Cell(significant(first.kpis[kpi.name], ","), "", "", None),
                *(cell(kpi, method.kpis[kpi.name], gap[kpi.name]) for method, gap in zip(others, gaps, strict=True)),
            ],
        )
        for kpi in kpis
    ]


def cell(kpi: Kpi, value: float, difference: Interval) -> Cell:
    """A KPI beside the one that it is compared with."""
    sign = 1 if difference.low > 0 else -1 if difference.high < 0 else 0
    better = None if not sign or kpi.better == "neither" else (sign > 0) == (kpi.better == "higher")
    told = f"{significant(difference.estimate, '+z,')} ± {significant(difference.half_width, ',')}"
    return Cell(significant(value, ","), told, {1: "▲", -1: "▼", 0: "≈"}[sign], better)
