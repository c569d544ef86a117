"""The atlas drawn: what levels cost, where the border lies, and what decides it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..page.embedding import told
from ..page.figure import BLUE, LEGEND_ABOVE, ORANGE, PALETTE, RED, Figure
from ..statistics.digits import in_percent
from .answers import MORE
from .design import Atlas
from .expectation import Expectation
from .factors import BY_NAME
from .verdicts import Confronted
from .words import factor_words, level_words

STEPS = 41
"""Points along an axis of a map."""
MAPS = 3
AXIS = {"automargin": True}


def costs(atlas: Atlas, table: pd.DataFrame) -> Figure:
    """How much more each level costs than the first, over all networks."""
    levels = atlas.levels[1:]
    found = {level: in_percent(table[MORE + level].to_numpy()) for level in levels}
    names = [told(level_words(level)) for level in levels]
    quantiles = {level: np.quantile(values, [0.1, 0.25, 0.5, 0.75, 0.9]) for level, values in found.items()}
    box = {
        "type": "box",
        "orientation": "h",
        "y": names,
        **{key: [float(q[at]) for q in quantiles.values()] for key, at in
           (("lowerfence", 0), ("q1", 1), ("median", 2), ("q3", 3), ("upperfence", 4))},
        "marker": {"color": BLUE},
        "name": "",
    }  # fmt: skip
    return Figure(
        "costs",
        f"What other levels cost beyond the {level_words(atlas.levels[0])}, in %",
        "A box has the middle half of the networks, its line the median, its whiskers nine tenths from the tenth.",
        [box],
        ("level", "10 %", "25 %", "median", "75 %", "90 %"),
        [(level, *map(float, quantiles[level])) for level in levels],
        {
            "xaxis": {"title": {"text": "% more"}, "zeroline": True, **AXIS},
            "yaxis": {"autorange": "reversed", **AXIS},
            "height": 420,
            "showlegend": False,
        },
    )


def maps(expectation: Expectation, table: pd.DataFrame, one: str, other: str) -> list[Figure]:
    """Where one level is expected to cost less than another, over the pairs of factors that matter most for it."""
    weight = {name: _importance(expectation, one, name) + _importance(expectation, other, name) for name in expectation.factors}
    first = sorted(weight, key=lambda name: -weight[name])[: MAPS + 1]
    pairs = list(itertools.combinations(first, 2))[:MAPS]
    return [_map(expectation, table, one, other, pair) for pair in pairs]


def _importance(expectation: Expectation, level: str, name: str) -> float:
    return max(expectation.levels[level].importance[name], 0.0) if level in expectation.levels else 0.0


def difference(expectation: Expectation, table: pd.DataFrame, one: str, other: str) -> NDArray[np.float64]:
    """The logarithm of what one level is expected to cost over another (M,)."""
    parts = [
        expectation.expected(table, level) if level in expectation.levels else np.zeros(len(table)) for level in (one, other)
    ]
    return parts[0] - parts[1]


def _map(expectation: Expectation, table: pd.DataFrame, one: str, other: str, pair: Sequence[str]) -> Figure:
    grids = [BY_NAME[name].values(np.linspace(0, 1, STEPS), *expectation.factors[name]) for name in pair]
    middle = {name: BY_NAME[name].values(np.array([0.5]), *ends)[0] for name, ends in expectation.factors.items()}
    x, y = np.meshgrid(*grids)
    cells = pd.DataFrame(
        {**{name: np.full(x.size, value) for name, value in middle.items()}, pair[0]: x.ravel(), pair[1]: y.ravel()}
    )
    z = in_percent(difference(expectation, cells, one, other)).reshape(x.shape)
    doubt = float(in_percent(_half(expectation, one, other)))
    reach = float(np.abs(z).max()) or 1.0
    heat = {
        "type": "contour", "x": grids[0].tolist(), "y": grids[1].tolist(), "z": z.tolist(), "zmin": -reach, "zmax": reach,
        "colorscale": [[0, "#2166AC"], [0.5, "#F7F7F7"], [1, "#B2182B"]],
        "contours": {"coloring": "heatmap", "showlines": False}, "line": {"width": 0},
        "colorbar": {"title": {"text": "%"}}, "hovertemplate": "%{z:.1f} %<extra></extra>", "name": "",
    }  # fmt: skip
    lines = [_line(grids, z, value, dash, name) for value, dash, name in
             ((0.0, "solid", "border"), (-doubt, "dot", "90 % of networks"), (doubt, "dot", "90 % of networks"))
             if z.min() < value < z.max()]  # fmt: skip
    truth = difference_seen(table, one, other)
    cheaper = truth < 0
    points = [
        {
            "type": "scatter", "mode": "markers", "x": table[pair[0]][rows].tolist(), "y": table[pair[1]][rows].tolist(),
            "marker": {"color": colour, "size": 4, "opacity": 0.6}, "name": told(f"{level_words(name)} cheaper"),
            "text": [f"{value:+.1f} %" for value in in_percent(truth[rows])], "hovertemplate": "%{text}<extra></extra>",
        }
        for rows, colour, name in ((cheaper, BLUE, one), (~cheaper, RED, other))
    ]  # fmt: skip
    words = [factor_words(name) for name in pair]
    return Figure(
        f"map-{pair[0]}-{pair[1]}".replace("_", "-"),
        f"{level_words(one).capitalize()} against {level_words(other)}: {words[0]} and {words[1]}",
        "Colour: what is expected of networks that are in the middle of everything else; blue costs less. The solid line is "
        "the border; between dotted lines a network may well lie on either side. Points are networks whose other factors "
        "differ.",
        [heat, *lines, *points],
        (*pair, "difference_percent"),
        [(float(a), float(b), float(c)) for a, b, c in zip(x.ravel(), y.ravel(), z.ravel(), strict=True)],
        {
            "xaxis": {"title": {"text": words[0]}, **_scale(pair[0]), **AXIS},
            "yaxis": {"title": {"text": words[1]}, **_scale(pair[1]), **AXIS},
            "height": 520, "legend": LEGEND_ABOVE,
        },
    )  # fmt: skip


def difference_seen(table: pd.DataFrame, one: str, other: str) -> NDArray[np.float64]:
    """The same as it was found (M,)."""
    columns = [table[MORE + level].to_numpy() if MORE + level in table else np.zeros(len(table)) for level in (one, other)]
    return columns[0] - columns[1]


def _half(expectation: Expectation, one: str, other: str) -> float:
    """Half an interval for the difference of two levels, as if their errors had nothing to do with each other."""
    one_half, other_half = (
        expectation.levels[level].half_width if level in expectation.levels else 0.0 for level in (one, other)
    )
    return math.hypot(one_half, other_half)


def _line(grids: Sequence[NDArray[np.float64]], z: NDArray[np.float64], value: float, dash: str, name: str) -> dict[str, Any]:
    return {
        "type": "contour", "x": grids[0].tolist(), "y": grids[1].tolist(), "z": z.tolist(), "showscale": False,
        "hoverinfo": "skip",
        "contours": {"start": value, "end": value, "size": 1, "coloring": "none"},
        "line": {"dash": dash, "width": 2.5 if dash == "solid" else 1.5, "color": "#222222"},
        "name": name, "showlegend": False,
    }  # fmt: skip


def _scale(name: str) -> dict[str, Any]:
    return {"type": "log"} if BY_NAME[name].scale == "ratio" else {}


def importance(expectation: Expectation) -> Figure:
    """How much worse networks that were set aside are predicted where a factor is shuffled."""
    levels, names = list(expectation.levels), list(expectation.factors)
    z = [[max(expectation.levels[level].importance[name], 0.0) for level in levels] for name in names]
    order = sorted(range(len(names)), key=lambda at: sum(z[at]))
    heat = {
        "type": "heatmap", "x": [told(level_words(level)) for level in levels],
        "y": [told(factor_words(names[at])) for at in order],
        "z": [z[at] for at in order],
        "colorscale": [[0, "#F7F7F7"], [1, ORANGE]], "colorbar": {"title": {"text": "R²"}}, "xgap": 2, "ygap": 2,
        "hovertemplate": "%{y}, %{x}: %{z:.2f}<extra></extra>",
    }  # fmt: skip
    return Figure(
        "importance",
        "What decides what a level costs",
        "How much of the explained variance (R², on networks that were set aside) is lost where a factor is shuffled.",
        [heat],
        ("factor", *levels),
        [(name, *row) for name, row in zip(names, z, strict=True)],
        {"xaxis": {"type": "category", **AXIS}, "yaxis": {"type": "category", **AXIS}, "height": 160 + 24 * len(names)},
    )


def effects(found: Sequence[Confronted]) -> Figure:
    """What was expected beforehand, and what came."""
    colours = {"held": PALETTE[2], "refuted": RED, "open": PALETTE[-1]}
    names = [told(f"{level_words(each.measure)}: {factor_words(each.factor)} ({each.expected})") for each in found]
    marks = [
        {
            "type": "scatter", "mode": "markers", "name": verdict, "marker": {"color": colour, "size": 10},
            "x": [float(in_percent(found[at].effect)) for at in rows], "y": [names[at] for at in rows],
            "error_x": {
                "type": "data", "symmetric": False,
                "array": [float(in_percent(found[at].high) - in_percent(found[at].effect)) for at in rows],
                "arrayminus": [float(in_percent(found[at].effect) - in_percent(found[at].low)) for at in rows],
            },
            "hovertemplate": "%{y}: %{x:.1f} %<extra></extra>",
        }
        for verdict, colour in colours.items()
        if (rows := [at for at, each in enumerate(found) if each.verdict == verdict])
    ]  # fmt: skip
    return Figure(
        "expectations",
        "What was expected beforehand",
        "What a level costs, beside the first level, at the end of a factor's range against its beginning, all else equal; "
        "with 95 % intervals, those of organisations by blocks.",
        marks,
        ("level", "factor", "expected", "effect_percent", "low", "high", "verdict", "because"),
        [
            (
                each.measure, each.factor, each.expected,
                *(float(in_percent(value)) for value in (each.effect, each.low, each.high)),
                each.verdict, each.because,
            )
            for each in found
        ],
        {
            "xaxis": {"title": {"text": "% more"}, "zeroline": True, **AXIS},
            "yaxis": {"type": "category", "categoryorder": "array", "categoryarray": names[::-1], **AXIS},
            "height": 160 + 30 * len(names), "legend": LEGEND_ABOVE,
        },
    )  # fmt: skip
