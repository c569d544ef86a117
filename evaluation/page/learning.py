"""How the runs that were judged have learnt, from their tables of metrics."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from orderup.agents.metrics import METRICS

from .charts import AXIS
from .embedding import told
from .figure import PALETTE, Figure
from .methods import Method
from .words import number

REFERENCES = {"cost_of_base_stock": ("base stock there", "dash"), "bound": ("the exact optimum there", "dot")}
"""Columns of a run's table that say what others cost on the same episodes."""

Curve: TypeAlias = list[tuple[float, float]]


def learning(methods: Sequence[Method]) -> Figure | None:
    """Cost on validation's episodes while it was learnt; None where nobody has learnt, or no run has kept its table."""
    curves: list[tuple[Method, str, Curve]] = []
    lines: dict[tuple[str, float], None] = {}
    for method in methods:
        for result in method.seeds:
            table = _table(getattr(result.agent, "run", None))
            curve = _column(table, "cost")
            if curve:
                curves.append((method, result.label, curve))
                lines |= {(name, values[0][1]): None for name in REFERENCES if (values := _column(table, name))}
    if not curves:
        return None
    end = max(periods for _, _, curve in curves for periods, _ in curve)
    learners = list(dict.fromkeys(method.label for method, _, _ in curves))
    colours = {label: PALETTE[place % len(PALETTE)] for place, label in enumerate(learners)}
    first = {method.label: label for method, label, _ in reversed(curves)}
    return Figure(
        "learning",
        "Cost while learning",
        "On episodes of training's own validation, which are none of those judged here; levels of different runs may differ.",
        [
            *(
                _curve(method.label, label, curve, colours[method.label], label == first[method.label])
                for method, label, curve in curves
            ),
            *(_level(name, value, end) for name, value in lines),
        ],
        ("run", "periods", "cost"),
        [(label, periods, cost) for _, label, curve in curves for periods, cost in curve],
        {
            "xaxis": {"title": {"text": "periods simulated"}, "rangemode": "tozero", **AXIS},
            "yaxis": {"title": {"text": "cost [money per period]"}, "type": "log", **AXIS},
            "height": 460,
        },
    )


def _table(folder: Any) -> list[dict[str, str]]:
    """A run's table; nothing where there is none, for the policy alone can be judged too."""
    path = Path(folder) / METRICS if isinstance(folder, str) else None
    if path is None or not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file))


def _column(table: Sequence[dict[str, str]], name: str) -> Curve:
    """What is there of a column, against the periods simulated."""
    points = [(_float(row.get("periods")), _float(row.get(name))) for row in table]
    return [(periods, value) for periods, value in points if math.isfinite(periods) and math.isfinite(value)]


def _float(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _curve(method: str, label: str, curve: Curve, colour: str, named: bool) -> dict[str, Any]:
    """A run's curve; the seeds of a method have one colour, and one name in the legend."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": told(method),
        "legendgroup": told(method),
        "showlegend": named,
        "x": [periods for periods, _ in curve],
        "y": [cost for _, cost in curve],
        "line": {"color": colour, "width": 2},
        "marker": {"size": 5},
        "text": [told(f"{label}: {number(cost)}") for _, cost in curve],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _level(name: str, value: float, end: float) -> dict[str, Any]:
    meaning, dash = REFERENCES[name]
    line = {"dash": dash, "width": 1.5, "color": "#8A9099"}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{meaning}: {number(value)}",
        "x": [0, end],
        "y": [value, value],
        "line": line,
        "hoverinfo": "name",
    }
