"""The figures of costs, service, stock and bullwhip."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..measures.worked_out import REVENUE
from .embedding import told
from .figure import FEW, GREY, LEGEND_ABOVE, PALETTE, Figure, by_authority, labels, marks, rows_of_methods
from .methods import PageMethod
from .naming import beside
from .words import interval_words, number, percent

AXIS = {"automargin": True}
BULLWHIP = "bullwhip"
OUTLYING = 10.0
"""How many times the middle value the largest may be before a scale is logarithmic."""


def ladder(methods: Sequence[PageMethod]) -> Figure:
    """What each method costs."""
    reference = next(method for method in methods if method.is_reference)
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": reference.worth.estimate, "x1": reference.worth.estimate}
    return Figure(
        "ladder",
        f"{reference.money.word.capitalize()} per period",
        "Mean with its 95 % confidence interval; the dashed line is the reference. Differences on the same traces are far "
        "more precise than these intervals look: see Costs.",
        [_intervals(name, group, "worth") for name, group in by_authority(methods)],
        ("autonomy", "agent", reference.money.word, "low", "high"),
        [(m.autonomy.name, m.name, m.worth.estimate, m.worth.low, m.worth.high) for m in methods],
        rows_of_methods(
            methods,
            xaxis={"title": {"text": f"{reference.money.word} [money/period]"}, **AXIS},
            shapes=[{**line, "y0": 0, "y1": 1, "line": {"dash": "dash", "width": 1.5, "color": GREY}}],
        ),
    )


def forest(methods: Sequence[PageMethod]) -> Figure:
    """How much more each method costs than the reference, on the same traces."""
    others = [method for method in methods if not method.is_reference]
    word = methods[0].money.word
    return Figure(
        "differences",
        f"{word.capitalize()} beyond the reference's, paired on the traces",
        f"Mean over traces of ({word} − reference's {word} on the same trace) with its 95 % confidence interval. One that "
        "crosses zero does not differ significantly from the reference.",
        [_intervals(name, group, "beyond") for name, group in by_authority(others)],
        ("autonomy", "agent", "difference", "low", "high", "relative"),
        [(m.autonomy.name, m.name, m.beyond.estimate, m.beyond.low, m.beyond.high, m.share.estimate) for m in others],
        rows_of_methods(others, xaxis={"title": {"text": "difference [money/period]"}, "zeroline": True, **AXIS}),
    )


def _intervals(authority: str, group: Sequence[PageMethod], what: str) -> dict[str, Any]:
    found = [getattr(method, what) for method in group]
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - interval.estimate for interval in found],
        "arrayminus": [interval.estimate - interval.low for interval in found],
        "thickness": 1.5,
    }
    words = [told(f"{method.label}: {interval_words(interval)}") for method, interval in zip(group, found, strict=True)]
    return marks(authority, x=[interval.estimate for interval in found], y=labels(group), error_x=bars, text=words)


def stacks(methods: Sequence[PageMethod]) -> Figure:
    """What the costs are made of."""
    terms = [name for name in methods[0].definitions if name.startswith("cost_")]
    values = {name: [method.kpi(name) for method in methods] for name in terms}
    taken = f"cost_{REVENUE}"
    shown = [name for name in terms if name != taken and any(abs(value) > 0 for value in values[name])]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": told(_term(name)),
            "x": values[name],
            "y": labels(methods),
            "marker": {"color": PALETTE[place % len(PALETTE)], "pattern": {"shape": "/" if place >= len(PALETTE) else ""}},
            "text": [told(f"{_term(name)} {number(value)}") for value in values[name]],
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
        }
        for place, name in enumerate(shown)
    ]
    return Figure(
        "costs",
        "What the cost is made of",
        "Terms of the ledger, mean per period; terms that are always 0 are left out"
        + (", and revenue, beside which nothing else would show: it is in the file." if taken in terms else "."),
        bars,
        ("autonomy", "agent", *map(_term, terms)),
        [(m.autonomy.name, m.name, *(values[name][row] for name in terms)) for row, m in enumerate(methods)],
        rows_of_methods(methods, barmode="relative", xaxis={"title": {"text": "cost [money/period]"}, **AXIS}),
    )


def _term(name: str) -> str:
    return name.removeprefix("cost_").replace("_", " ")


def frontier(methods: Sequence[PageMethod]) -> Figure:
    """How much service each unit of stock buys."""
    points = [(method.kpi("on_hand"), 100 * method.kpi("fill_rate")) for method in methods]
    named = beside(points, labels(methods)) if len(methods) <= FEW else [("", "middle center")] * len(methods)
    shown = {method.label: (*point, *words) for method, point, words in zip(methods, points, named, strict=True)}
    return Figure(
        "service",
        "Service against stock",
        "Up and to the left is better. The dotted line joins the methods that no other beats on both: fill rate is the share "
        "of demand served in its own period, stock is what is on hand at all sites at a period's end.",
        [_front(points), *(_service(name, group, shown) for name, group in by_authority(methods))],
        ("autonomy", "agent", "on_hand", "fill_rate", methods[0].money.word),
        [(m.autonomy.name, m.name, m.kpi("on_hand"), m.kpi("fill_rate"), m.worth.estimate) for m in methods],
        {
            "xaxis": {"title": {"text": "stock on hand [units]"}, **AXIS},
            "yaxis": {"title": {"text": "fill rate [%]"}, "range": _with_room(points, named), **AXIS},
            "height": 480,
            "legend": LEGEND_ABOVE,
        },
    )


def _with_room(points: Sequence[tuple[float, float]], named: Sequence[tuple[str, str]]) -> list[float]:
    """A range of fill rates in which the names beside the highest and the lowest points are inside the chart."""
    rates = [fill for _, fill in points]
    most = max(text.count("<br>") + 1 for text, _ in named)
    low, high = min(rates), max(rates)
    room = (0.06 + 0.025 * most) * ((high - low) or 1.0)
    return [low - room, high + room]


def _service(authority: str, group: Sequence[PageMethod], shown: Mapping[str, tuple[float, float, str, str]]) -> dict[str, Any]:
    x, y, text, position = zip(*(shown[method.label] for method in group), strict=True)
    told_of = zip(group, x, y, strict=True)
    words = [_served(m, s, f) for m, s, f in told_of]
    return marks(
        authority,
        mode="markers+text",
        x=list(x),
        y=list(y),
        text=list(text),
        textposition=list(position),
        cliponaxis=False,
        hovertext=words,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _served(method: PageMethod, stock: float, fill: float) -> str:
    worth = f"{method.money.word} {number(method.worth.estimate)}"
    return told(f"{method.label}: fill {percent(fill)}, on hand {number(stock)}, {worth}")


def _front(points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    best: list[tuple[float, float]] = []
    for stock, fill in sorted(points, key=lambda point: (point[0], -point[1])):
        if not best or fill > best[-1][1]:
            best.append((stock, fill))
    line = {"dash": "dot", "width": 1.5, "color": GREY, "shape": "hv"}
    x, y = [stock for stock, _ in best], [fill for _, fill in best]
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip", "showlegend": False}


def bullwhip(methods: Sequence[PageMethod]) -> Figure:
    """How orders swing, the further from the customers."""
    kpi = methods[0].definitions[BULLWHIP]
    found = [method.by_echelon(kpi) for method in methods]
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
        },
    )


def _far_apart(values: Sequence[float]) -> bool:
    """Whether the largest would press most of the others to the bottom of a chart from 0."""
    known = sorted(value for value in values if math.isfinite(value))
    return bool(known) and min(known) > 0 and known[-1] > OUTLYING * known[len(known) // 2]


def _echelon(height: int, of: int) -> str:
    side = " (customers' side)" if height == 0 else " (suppliers' side)" if height == of - 1 else ""
    return f"echelon {height}{side}"
