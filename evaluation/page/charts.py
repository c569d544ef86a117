"""The figures of costs, service and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..comparison.comparison import Comparison
from ..comparison.method import Method
from ..measures.worked_out import REVENUE
from ..statistics.statistics import Interval
from .embedding import told
from .figure import FEW, GREY, LEGEND_ABOVE, PALETTE, Figure, by_authority, labels, marks, rows_of_methods
from .naming import beside
from .words import interval_words, number, percent

AXIS = {"automargin": True}


def ladder(comparison: Comparison) -> Figure:
    """What each method costs."""
    methods, reference = comparison.methods, comparison.reference_method
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": reference.worth.estimate, "x1": reference.worth.estimate}
    return Figure(
        "ladder",
        f"{reference.money.word.capitalize()} per period",
        "Mean with its 95 % confidence interval; the dashed line is the reference. Differences on the same traces are far "
        "more precise than these intervals look: see Costs.",
        [_intervals(name, group, [method.worth for method in group]) for name, group in by_authority(methods)],
        ("autonomy", "agent", reference.money.word, "low", "high"),
        [(m.autonomy.name, m.name, m.worth.estimate, m.worth.low, m.worth.high) for m in methods],
        rows_of_methods(
            methods,
            xaxis={"title": {"text": f"{reference.money.word} [money/period]"}, **AXIS},
            shapes=[{**line, "y0": 0, "y1": 1, "line": {"dash": "dash", "width": 1.5, "color": GREY}}],
        ),
    )


def forest(comparison: Comparison) -> Figure:
    """How much more each method costs than the reference, on the same traces."""
    others = [method for method in comparison.methods if method is not comparison.reference_method]
    beyond = list(map(comparison.beyond, others))
    word = comparison.money.word
    return Figure(
        "differences",
        f"{word.capitalize()} beyond the reference's, paired on the traces",
        f"Mean over traces of ({word} − reference's {word} on the same trace) with its 95 % confidence interval. One that "
        "crosses zero does not differ significantly from the reference.",
        [_intervals(name, group, [*map(comparison.beyond, group)]) for name, group in by_authority(others)],
        ("autonomy", "agent", "difference", "low", "high", "relative"),
        [
            (m.autonomy.name, m.name, more.estimate, more.low, more.high, comparison.share_beyond(m).estimate)
            for m, more in zip(others, beyond, strict=True)
        ],
        rows_of_methods(others, xaxis={"title": {"text": "difference [money/period]"}, "zeroline": True, **AXIS}),
    )


def _intervals(authority: str, group: Sequence[Method], found: Sequence[Interval]) -> dict[str, Any]:
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - interval.estimate for interval in found],
        "arrayminus": [interval.estimate - interval.low for interval in found],
        "thickness": 1.5,
    }
    words = [told(f"{method.label}: {interval_words(interval)}") for method, interval in zip(group, found, strict=True)]
    return marks(authority, x=[interval.estimate for interval in found], y=labels(group), error_x=bars, text=words)


def stacks(methods: Sequence[Method]) -> Figure:
    """What the costs are made of."""
    terms = [name for name in methods[0].definitions if name.startswith("cost_")]
    values = {name: [method.kpis[name] for method in methods] for name in terms}
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


def frontier(methods: Sequence[Method]) -> Figure:
    """How much service each unit of stock buys."""
    points = [(method.kpis["on_hand"], 100 * method.kpis["fill_rate"]) for method in methods]
    named = beside(points, labels(methods)) if len(methods) <= FEW else [("", "middle center")] * len(methods)
    shown = {method.label: (*point, *words) for method, point, words in zip(methods, points, named, strict=True)}
    return Figure(
        "service",
        "Service against stock",
        "Up and to the left is better. The dotted line joins the methods that no other beats on both: fill rate is the share "
        "of demand served in its own period, stock is what is on hand at all sites at a period's end.",
        [_front(points), *(_service(name, group, shown) for name, group in by_authority(methods))],
        ("autonomy", "agent", "on_hand", "fill_rate", methods[0].money.word),
        [(m.autonomy.name, m.name, m.kpis["on_hand"], m.kpis["fill_rate"], m.worth.estimate) for m in methods],
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


def _service(authority: str, group: Sequence[Method], shown: Mapping[str, tuple[float, float, str, str]]) -> dict[str, Any]:
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


def _served(method: Method, stock: float, fill: float) -> str:
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
