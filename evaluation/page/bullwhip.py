"""The figure of the bullwhip: how orders swing, echelon by echelon."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from ..comparison.method import Method
from ..measures.kpi import Kpi
from .charts import AXIS
from .embedding import told
from .figure import FEW, Figure, marks
from .words import number

BULLWHIP = "bullwhip"
OUTLYING = 10.0
"""How many times the middle value the largest may be before a scale is logarithmic."""


def bullwhip(methods: Sequence[Method]) -> Figure:
    """How orders swing, the further from the customers."""
    kpi = methods[0].definitions[BULLWHIP]
    found = [by_echelon(method, kpi) for method in methods]
    heights = [_echelon(int(height), len(found[0])) for height in found[0].index]
    flattened = _far_apart([float(value) for values in found for value in values])
    data = [
        marks(
            method.autonomy.authority,
            mode="lines+markers",
            name=told(method.label),
            x=heights,
            y=list(map(float, values)),
            line={"width": 1.5, "dash": ("solid", "dot", "dash", "longdash", "dashdot")[place % 5]},
            text=[told(f"{method.label}: {number(value)}") for value in values],
        )
        for place, (method, values) in enumerate(zip(methods, found, strict=True))
    ]
    return Figure(
        "bullwhip",
        "Bullwhip by echelon",
        f"{kpi.meaning}. 1 is orders that swing as demand does. Colours and shapes are those of the other figures."
        + (" The scale is logarithmic, as some are many times the others." if flattened else ""),
        data,
        ("autonomy", "agent", *heights),
        [(m.autonomy.name, m.name, *map(float, values)) for m, values in zip(methods, found, strict=True)],
        {
            "xaxis": {"type": "category", **AXIS},
            "yaxis": {
                "title": {"text": "Var(orders) / Var(demand)"},
                **({"type": "log", "dtick": "D2"} if flattened else {"rangemode": "tozero"}),
                **AXIS,
            },
            "height": 460 if len(methods) <= FEW else 520,
            "showlegend": len(methods) <= FEW,
            "legend": {"itemwidth": 60},  # as long as it takes to tell dashes apart
        },
    )


def by_echelon(method: Method, kpi: Kpi) -> pd.Series[float]:
    """A KPI of all sites that stand equally far above the customers, 0 next to them, over all training seeds."""
    first = method.seeds[0]
    sums = sum((result.site_sums for result in method.seeds[1:]), start=first.site_sums)
    grouped = sums.groupby([first.echelon[str(site)] for site in sums.index]).sum()
    return pd.Series(kpi.of({name: grouped[name].to_numpy() for name in kpi.columns}), index=grouped.index)


def _far_apart(values: Sequence[float]) -> bool:
    """Whether the largest would press most of the others to the bottom of a chart from 0."""
    known = sorted(value for value in values if math.isfinite(value))
    return bool(known) and min(known) > 0 and known[-1] > OUTLYING * known[len(known) // 2]


def _echelon(height: int, of: int) -> str:
    side = " (customers' side)" if height == 0 else " (suppliers' side)" if height == of - 1 else ""
    return f"echelon {height}{side}"
