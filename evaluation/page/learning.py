"""How the runs have learnt, from their tables of metrics, beside what others cost at their autonomy level."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from orderup.agents.runs.metrics import Row, kept_rows

from ..comparison.method import Method
from .charts import AXIS
from .embedding import told
from .figure import GREY, LEGEND_BELOW, PALETTE, Figure
from .words import number

CLOSED_FORM, OPTIMISED = "base_stock", "optimised_base_stock"
LINES = {  # what a run is drawn beside: a dash each
    CLOSED_FORM: ("closed-form base stock at the same autonomy level", "dash"),
    OPTIMISED: ("optimised base stock at the same autonomy level", "dashdot"),
    "bound": ("the exact optimum of an ideal centre", "dot"),
}

Curve: TypeAlias = list[tuple[float, float]]


@dataclass(frozen=True)
class _Run:
    """One training seed of a method: cost against periods simulated, and what others cost on the same episodes."""

    method: Method
    label: str
    colour: str
    curve: Curve
    lines: dict[str, float]


def learning(methods: Sequence[Method]) -> Figure | None:
    """Cost on validation's episodes while it was learnt; None where nobody has learnt, or no run has kept its table."""
    runs = list(_runs(methods))
    if not runs:
        return None
    end = max(periods for run in runs for periods, _ in run.curve)
    return Figure(
        "learning",
        "Cost while learning",
        "On episodes of training's own validation, which are none of those evaluated here. Broken lines, in the colour of "
        "their autonomy level: what others cost there; optimised base stock is as far from the closed-form one as on the "
        "traces of this report.",
        [*map(_curve, runs, _firsts(runs)), *_all_lines(runs, end)],
        ("run", "periods", "cost", *LINES),
        [(run.label, periods, cost, *map(run.lines.get, LINES)) for run in runs for periods, cost in run.curve],
        {
            "xaxis": {"title": {"text": "periods simulated"}, "rangemode": "tozero", **AXIS},
            "yaxis": {"title": {"text": "cost [money/period]"}, "type": "log", **AXIS},
            "height": 480,
            "legend": LEGEND_BELOW,
        },
    )


def _runs(methods: Sequence[Method]) -> Iterator[_Run]:
    learners = [method for method in methods if method.training is not None]
    for place, method in enumerate(learners):
        for result in method.seeds:
            table = _table(getattr(result.agent, "run", None))
            if curve := _column(table, "cost"):
                yield _Run(method, result.label, PALETTE[place % len(PALETTE)], curve, _beside(table, method, methods))


def _beside(table: Sequence[Row], method: Method, methods: Sequence[Method]) -> dict[str, float]:
    """What the table says of others, and of optimised levels as much more or less as was evaluated here."""
    columns = {CLOSED_FORM: _column(table, "cost_of_base_stock"), "bound": _column(table, "bound")}
    found = {name: values[0][1] for name, values in columns.items() if values}
    evaluated = {other.name: other.cost for other in methods if other.autonomy == method.autonomy}
    if CLOSED_FORM in found and {CLOSED_FORM, OPTIMISED} <= set(evaluated) and evaluated[CLOSED_FORM]:
        found[OPTIMISED] = found[CLOSED_FORM] * evaluated[OPTIMISED] / evaluated[CLOSED_FORM]
    return found


def _table(folder: Any) -> list[Row]:
    """A run's table as of its last checkpoint; nothing where there is none, for the policy alone can be evaluated too."""
    return [dict(row) for row in kept_rows(Path(folder))] if isinstance(folder, str) else []


def _column(table: Sequence[Row], name: str) -> Curve:
    """What is there of a column, against the periods simulated."""
    points = [(row.get("periods"), row.get(name)) for row in table]
    found = [(periods, value) for periods, value in points if periods is not None and value is not None]
    return [(periods, value) for periods, value in found if math.isfinite(periods) and math.isfinite(value)]


def _firsts(runs: Sequence[_Run]) -> list[bool]:
    """Which runs are the first of their method."""
    labels = [run.method.label for run in runs]
    return [label not in labels[:place] for place, label in enumerate(labels)]


def _curve(run: _Run, named: bool) -> dict[str, Any]:
    """A run's curve; the seeds of a method have one colour, and one name in the legend."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": told(run.method.label),
        "legendgroup": told(run.method.label),
        "showlegend": named,
        "x": [periods for periods, _ in run.curve],
        "y": [cost for _, cost in run.curve],
        "line": {"color": run.colour, "width": 2},
        "marker": {"size": 5},
        "text": [told(f"{run.label}: {number(cost)}") for _, cost in run.curve],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _all_lines(runs: Sequence[_Run], end: float) -> Iterator[dict[str, Any]]:
    """Each line once, in its method's colour, and each kind once in the legend."""
    drawn = dict[tuple[str, float], _Run]()
    for run in runs:
        for kind, value in run.lines.items():
            drawn.setdefault((kind, value), run)
    for (kind, value), run in drawn.items():
        yield _line(kind, [0, end], [value, value], GREY if kind == "bound" else run.colour, told(run.method.label))
    for kind in LINES:
        if any(kind == other for other, _ in drawn):
            yield _line(kind, [None], [None], GREY, "") | {"name": LINES[kind][0], "showlegend": True}


def _line(kind: str, x: list[Any], y: list[Any], colour: str, group: str) -> dict[str, Any]:
    meaning, dash = LINES[kind]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"dash": dash, "width": 1.5, "color": colour},
        "legendgroup": group or kind,
        "showlegend": False,
        "text": [told(f"{meaning}: {number(value)}") if value is not None else "" for value in y],
        "hovertemplate": "%{text}<extra></extra>",
    }
