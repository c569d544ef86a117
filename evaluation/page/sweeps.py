"""What an axis of autonomy does: cost along one that was swept, and a map over two."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ..comparison.comparison import Comparison
from ..comparison.method import Method
from .charts import AXIS
from .embedding import told
from .figure import FEW, LEGEND_BELOW, PALETTE, Figure
from .words import interval_words, signed_percent

AXES = {
    "band": "band [mean demands of a period]",
    "cadence": "periods between two central decisions",
    "approval_latency": "periods that approval takes",
    "approval_threshold": "distance that needs approval [mean demands of a period]",
    "feed_latency": "age of reports [periods]",
    "feed_noise": "error of reports [share]",
    "share": "sites that decide for themselves",
}
MOST = 12
"""Maps on a page: more are not looked at."""

Values: TypeAlias = tuple[float, ...]
Found: TypeAlias = dict[Values, Method]


def sweeps(comparison: Comparison) -> list[Figure]:
    """A line for each agent along each axis that was swept, then maps over two."""
    methods = comparison.methods
    lines = [figure for axis in AXES if (figure := _line(axis, methods)) is not None]
    pairs = itertools.combinations(AXES, 2)
    maps = (_map(comparison, axes, found, place) for axes in pairs for place, found in enumerate(_grids(axes, methods)))
    return [*lines, *itertools.islice(maps, MOST)]


def _families(axes: Sequence[str], methods: Sequence[Method]) -> list[Found]:
    """Methods that differ in nothing but some axes, by their values there."""
    families: dict[str, Found] = {}
    for method in methods:
        axes_left = method.autonomy.model_dump(exclude={"name", "description"})
        values = [axes_left.pop(axis) for axis in axes]
        if all(isinstance(value, (int, float)) for value in values):
            families.setdefault(f"{axes_left} {method.name}", {}).setdefault(tuple(map(float, values)), method)
    return list(families.values())


def _line(axis: str, methods: Sequence[Method]) -> Figure | None:
    families = [dict(sorted(found.items())) for found in _families((axis,), methods)]
    swept = [found for found in families if len(found) > 1]
    if not swept:
        return None
    ticks = sorted({value for found in swept for (value,) in found})
    places = _places(ticks)
    word = methods[0].money.word
    columns = (axis, "autonomy", "agent", word, "low", "high")
    rows = [
        (_short(value), m.autonomy.name, m.name, m.worth.estimate, m.worth.low, m.worth.high)
        for found in swept
        for (value,), m in found.items()
    ]
    return Figure(
        f"sweep-{axis.replace('_', '-')}",
        f"{word.capitalize()} along {AXES[axis].split(' [')[0]}",
        "Everything else is equal along a line. Bars are 95 % confidence intervals of the mean; neighbours on a line met the "
        "same traces, so their difference is more precise than the bars suggest.",
        [_along(axis, found, places, PALETTE[place % len(PALETTE)]) for place, found in enumerate(swept)],
        columns,
        rows,
        {
            "xaxis": {
                "title": {"text": AXES[axis]},
                "tickvals": list(places.values()),
                "ticktext": [*map(_short, ticks)],
                **AXIS,
            },
            "yaxis": {"title": {"text": f"{word} [money/period]"}, **AXIS},
            "height": 430,
            "legend": LEGEND_BELOW,
            "showlegend": len(swept) <= FEW,
        },
    )


def _places(ticks: Sequence[float]) -> dict[float, float]:
    """Where each value stands on the axis: at itself, and without end a fifth of the axis beyond the last."""
    finite = [value for value in ticks if math.isfinite(value)] or [0.0]
    beyond = finite[-1] + ((finite[-1] - finite[0]) / 5 or 1.0)
    return {value: value if math.isfinite(value) else beyond for value in ticks}


def _along(axis: str, found: Found, places: Mapping[float, float], colour: str) -> dict[str, Any]:
    methods = list(found.values())
    bars = {"type": "data", "array": [method.worth.half_width for method in methods], "thickness": 1.5}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": told(_family(methods[0], [axis])),
        "x": [places[value] for (value,) in found],
        "y": [method.worth.estimate for method in methods],
        "error_y": bars,
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "size": 8},
        "text": [told(f"{method.label}: {interval_words(method.worth)}") for method in methods],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _grids(axes: Sequence[str], methods: Sequence[Method]) -> Iterator[Found]:
    """Families that vary along both axes, each with at least half of its grid."""
    for found in _families(axes, methods):
        xs, ys = ({values[at] for values in found} for at in (0, 1))
        if len(xs) > 1 and len(ys) > 1 and 2 * len(found) >= len(xs) * len(ys):
            yield found


def _map(comparison: Comparison, axes: Sequence[str], found: Found, place: int) -> Figure:
    xs, ys = (sorted({values[at] for values in found}) for at in (0, 1))
    cells = [[found.get((x, y)) for x in xs] for y in ys]
    shares = {at: comparison.relative_cost(method).estimate for at, method in found.items()}
    relative = [[100 * shares.get((x, y), math.nan) for x in xs] for y in ys]
    reach = max((abs(value) for row in relative for value in row if math.isfinite(value)), default=1.0) or 1.0
    first = next(iter(found.values()))
    heat = {
        "type": "heatmap",
        "x": [*map(_short, xs)],
        "y": [*map(_short, ys)],
        "z": relative,
        "zmin": -reach,
        "zmax": reach,
        "colorscale": [[0, "#2166AC"], [0.5, "#F7F7F7"], [1, "#B2182B"]],
        "text": [[signed_percent(shares[x, y]) if (x, y) in shares else "" for x in xs] for y in ys],
        "texttemplate": "%{text}",
        "hovertext": [[told(f"{cell.label}: {interval_words(cell.worth)}") if cell else "" for cell in row] for row in cells],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "colorbar": {"title": {"text": "%"}},
        "xgap": 2,
        "ygap": 2,
    }
    return Figure(
        f"map-{axes[0]}-{axes[1]}-{place + 1}".replace("_", "-"),
        f"Autonomy map of {_family(first, axes)}",
        "Cost against the reference: blue costs less, red more.",
        [heat],
        (*axes, "autonomy", "agent", "cost", "relative"),
        [(*map(_short, at), m.autonomy.name, m.name, m.cost, shares[at]) for at, m in found.items()],
        {
            "xaxis": {"title": {"text": AXES[axes[0]]}, "type": "category", "showgrid": False, **AXIS},
            "yaxis": {"title": {"text": AXES[axes[1]]}, "type": "category", "showgrid": False, **AXIS},
            "height": 200 + 60 * len(ys),
        },
    )


def _family(method: Method, axes: Sequence[str]) -> str:
    """An autonomy level without what was changed of it along some axes, and the agent.

    What else was swept stays in its name: `hybrid_soe[band=1,cadence=7]` along the cadence is `hybrid_soe[band=1]`.
    """
    name, _, changes = method.autonomy.name.partition("[")
    kept = [change for change in changes.removesuffix("]").split(",") if change.partition("=")[0] not in ("", *axes)]
    return f"{name}[{','.join(kept)}] / {method.name}" if kept else f"{name} / {method.name}"


def _short(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:g}"
