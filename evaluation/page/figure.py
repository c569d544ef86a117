"""A figure of the page, as plain data: what is drawn, how to read it, and the table it is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..comparison.method import Method
from ..tables.csv_text import harmless
from .embedding import told

Cell: TypeAlias = str | float | int | None

BLUE, SKY, GREEN, ORANGE, RED, PINK, GREY = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#8A9099"
PALETTE = (BLUE, ORANGE, GREEN, PINK, SKY, RED, "#B8A800", GREY)
"""Told apart by the colour-blind too: Okabe and Ito, the yellow darkened to be seen on white."""

AUTHORITIES = {  # who has the last word: a colour and a shape each
    "central": (BLUE, "circle", "the centre orders"),
    "target": (SKY, "square", "the centre sets levels"),
    "band": (GREEN, "diamond", "sites within a band"),
    "approve": (ORANGE, "triangle-up", "sites, with approval"),
    "autonomous": (RED, "star", "sites alone"),
}

FEW = 14
"""Methods that can be named beside their marks."""


@dataclass(frozen=True)
class DataSheet:
    """What a button gives as a CSV file."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def plain(self) -> dict[str, Any]:
        """As the page's script takes it; no text begins a formula in a spreadsheet."""
        rows = [[harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in self.rows]
        return {"columns": [harmless(name) for name in self.columns], "rows": rows}


@dataclass(frozen=True)
class Figure:
    """A chart in Plotly's terms; colours of text, grid and paper are the page's own."""

    key: str
    """Its id in the page, and the name of its CSV file."""
    title: str
    note: str
    data: list[dict[str, Any]]
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    layout: dict[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, Any]:
        """As the page's script takes it."""
        return {"data": self.data, "layout": self.layout, **DataSheet(self.columns, self.rows).plain}


def by_authority(methods: Sequence[Method]) -> list[tuple[str, list[Method]]]:
    """The methods at autonomy levels of the same authority, from the centre's to the sites' own."""
    groups: dict[str, list[Method]] = {name: [] for name in AUTHORITIES}
    for method in methods:
        groups.setdefault(method.autonomy.authority, []).append(method)
    return [(name, group) for name, group in groups.items() if group]


def marks(authority: str, **more: Any) -> dict[str, Any]:
    """A trace of marks in an authority's colour and shape."""
    colour, symbol, meaning = AUTHORITIES.get(authority, (PINK, "hexagon", authority))
    marker = {"color": colour, "symbol": symbol, "size": 10}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": meaning,
        "marker": marker,
        "hovertemplate": "%{text}<extra></extra>",
    } | more


def labels(methods: Sequence[Method]) -> list[str]:
    """The methods' names, for Plotly."""
    return [told(method.label) for method in methods]


def rows_of_methods(methods: Sequence[Method], **more: Any) -> dict[str, Any]:
    """Layout of a figure with a row for each method, the first on top."""
    axis = {
        "categoryorder": "array",
        "categoryarray": labels(methods)[::-1],
        "automargin": True,
        "type": "category",
        "dtick": 1,
    }
    axis["range"] = [-0.6, len(methods) - 0.4]
    return {"yaxis": axis, "height": 130 + 26 * len(methods), "legend": LEGEND_ABOVE} | more


LEGEND_ABOVE = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
LEGEND_BELOW = {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"}
