"""The figures of outages: service and cost around their beginning, against the same traces without disruptions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..comparison.method import Method
from ..measures.outage_kpis import OfOutages
from ..measures.resilience import BEFORE
from ..tables.resilience_table import disrupted
from .charts import AXIS
from .embedding import told
from .figure import LEGEND_BELOW, PALETTE, DataSheet, Figure
from .words import number

BANDS = 6
"""Methods whose intervals can be shaded."""
SHORTEST = 20
"""Periods after an outage's beginning that are shown at least."""
DASHES = ("solid", "dash", "dot", "dashdot")
BEYOND_TWIN = {  # a column of sums: how it is called, what it is told in, and how many of that make one of the column's
    "gap": ("Service around an outage", "difference in fill rate [points]", 100.0),
    "extra_cost": ("Cost around an outage", "difference in cost [money/period]", 1.0),
}


def resilience(methods: Sequence[Method]) -> list[Figure]:
    """Service, and cost; none where nothing is ever disrupted, or no outage could be evaluated."""
    if not disrupted(methods):
        return []
    sums = [_sums(method) for method in methods]
    return [_figure(column, methods, sums) for column in BEYOND_TWIN] if any(len(found) for found in sums) else []


def resilience_sheet(methods: Sequence[Method]) -> DataSheet:
    """What outages do to all methods, in full."""
    names = [name for name, kpi in methods[0].definitions.items() if isinstance(kpi, OfOutages)]
    found = [(method, name, method.intervals[name]) for method in methods for name in names]
    rows = [(m.autonomy.name, m.name, name, each.estimate, each.low, each.high) for m, name, each in found]
    return DataSheet(("autonomy", "agent", "kpi", "estimate", "low", "high"), rows)


def _sums(method: Method) -> pd.DataFrame:
    """All seeds' together, by offset, as far as a quarter of the episodes reach."""
    each = [result.outage_sums.set_index("offset") for result in method.seeds]
    together: pd.DataFrame = sum(each[1:], start=each[0])
    counted = together["episodes"]
    reached: pd.DataFrame = together[(counted > 0) & (counted >= counted.max() / 4)]
    return reached


def _figure(column: str, methods: Sequence[Method], sums: Sequence[pd.DataFrame]) -> Figure:
    title, axis, scale = BEYOND_TWIN[column]
    curves = [_mean(found, column, scale) for found in sums]
    alike = _alike(methods, curves)
    lines = [_line(group, place, curve) for place, (group, curve) in enumerate(alike)]
    bands = [_band(place, curve) for place, (_, curve) in enumerate(alike)] if len(alike) <= BANDS else []
    last = max(method.kpis["time_to_recover"] for method in methods if not math.isnan(method.kpis["time_to_recover"]))
    return Figure(
        f"around-outage-{column.replace('_', '-')}",
        title,
        "Mean over traces, put upon each other at the beginning of the outage that each is evaluated by, less the same traces "
        "without disruptions: 0 is as if nothing had happened. Grey is the share of traces in which the outage is going on; a "
        "trace is followed until its next one begins. Methods that come to the same share a line. "
        + ("Shades are 95 % confidence intervals." if bands else "The file has 95 % confidence intervals."),
        [_share(sums[0]), *bands, *lines],
        ("autonomy", "agent", "period", "difference", "low", "high", "outage"),
        [row for method, found, curve in zip(methods, sums, curves, strict=True) for row in _rows(method, found, curve, scale)],
        {
            "xaxis": {
                "title": {"text": "periods since the outage began"},
                "range": [-BEFORE, min(max(3 * last, SHORTEST), max(int(found.index[-1]) for found in sums if len(found)))],
                "zeroline": True,
                **AXIS,
            },
            "yaxis": {"title": {"text": axis}, "overlaying": "y2", "tickmode": "auto", **AXIS},
            "yaxis2": {"side": "right", "range": [0, 1], "visible": False},
            "height": 440,
            "legend": LEGEND_BELOW,
        },
    )


def _mean(found: pd.DataFrame, column: str, scale: float) -> pd.DataFrame:
    """Mean and bounds of its 95 % confidence interval (normal, as all episodes are many) by offset."""
    count = found["episodes"]
    mean = found[column] / count
    variance = np.maximum(found[f"{column}_squares"] / count - mean**2, 0.0)
    reach = 1.96 * np.sqrt(variance / np.maximum(count - 1, 1))
    return scale * pd.DataFrame({"mean": mean, "low": mean - reach, "high": mean + reach})


def _alike(methods: Sequence[Method], curves: Sequence[pd.DataFrame]) -> list[tuple[list[Method], pd.DataFrame]]:
    """Curves to be seen, each with the methods that it stands for: of equal lines only the last that is drawn is seen."""
    found: list[tuple[list[Method], pd.DataFrame]] = []
    for method, curve in zip(methods, curves, strict=True):
        if not len(curve):
            continue
        same = next((group for group, other in found if _equal(curve, other)), None)
        if same is None:
            found.append(([method], curve))
        else:
            same.append(method)
    return found


def _equal(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return one.index.equals(other.index) and bool(np.allclose(one["mean"], other["mean"], rtol=1e-9, atol=1e-9))


def _rows(method: Method, found: pd.DataFrame, curve: pd.DataFrame, scale: float) -> list[tuple[Any, ...]]:
    share = (found["outage"] / found["episodes"]).to_numpy()
    values = (curve / scale).to_numpy()
    return [
        (method.autonomy.name, method.name, int(offset), *map(float, each), float(part))
        for offset, each, part in zip(curve.index, values, share, strict=True)
    ]


def _line(group: Sequence[Method], place: int, curve: pd.DataFrame) -> dict[str, Any]:
    values, label = list(map(float, curve["mean"])), _together(group)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": told(label),
        "legendgroup": str(place),
        "x": list(map(int, curve.index)),
        "y": values,
        "line": {"color": PALETTE[place % len(PALETTE)], "width": 2, "dash": DASHES[place // len(PALETTE) % len(DASHES)]},
        "text": [told(f"{label}, period {offset}: {number(value)}") for offset, value in zip(curve.index, values, strict=True)],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _together(group: Sequence[Method]) -> str:
    """The names of methods that come to the same; a policy that is the same at all of their autonomy levels is named once."""
    if len({method.name for method in group}) == 1:
        return f"{' = '.join(method.autonomy.name for method in group)} / {group[0].name}"
    return " = ".join(method.label for method in group)


def _band(place: int, curve: pd.DataFrame) -> dict[str, Any]:
    offsets = list(map(int, curve.index))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": offsets + offsets[::-1],
        "y": list(map(float, [*curve["low"], *curve["high"][::-1]])),
        "fill": "toself",
        "line": {"width": 0},
        "fillcolor": PALETTE[place % len(PALETTE)],
        "opacity": 0.15,
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": str(place),
    }


def _share(found: pd.DataFrame) -> dict[str, Any]:
    """In how many of the reference's traces an outage is going on."""
    share = list(map(float, found["outage"] / found["episodes"]))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "traces in an outage",
        "x": list(map(int, found.index)),
        "y": share,
        "yaxis": "y2",
        "fill": "tozeroy",
        "fillcolor": "rgba(138, 144, 153, 0.25)",
        "line": {"width": 0, "shape": "hv"},
        "text": [f"{100 * value:.0f} % of the traces are in an outage" for value in share],
        "hovertemplate": "%{text}<extra></extra>",
    }
