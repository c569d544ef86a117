"""The frontier as lines in a picture: plain coordinates that a page draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT, MARGIN = 640, 340, 56
COLOURS = ("#0060a0", "#b23a00", "#00704f", "#7a4b9a", "#8d6e00", "#3f6fd1", "#a0326b", "#4c6a85", "#c0562a", "#2f7d7d")


@dataclass(frozen=True)
class Line:
    """One level's frontier."""

    name: str
    colour: str
    points: str
    """As an SVG polyline has them."""
    dots: tuple[tuple[float, float, str], ...]
    """Each point, and what it says."""


@dataclass(frozen=True)
class Tick:
    """A mark of an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Frontier:
    """Cost against service, a line for each level."""

    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    margin: int = MARGIN


def chart(table: pd.DataFrame) -> Frontier:
    """The lines of a table of frontiers, service across and cost up."""
    service, cost = 100 * table["service"].to_numpy(float), table["cost"].to_numpy(float)
    left, right = service.min() - 0.5, min(service.max() + 0.5, 100.0)
    low, high = (0.0, cost.max() * 1.06) if cost.min() > 0 else (cost.min() * 1.06, max(cost.max() * 1.06, 0.0))
    x = MARGIN + (service - left) / (right - left) * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - (cost - low) / (high - low) * (HEIGHT - 2 * MARGIN)
    lines = []
    for number, name in enumerate(dict.fromkeys(table["autonomy"])):
        rows = np.flatnonzero((table["autonomy"] == name).to_numpy())
        rows = rows[np.argsort(service[rows])]
        places = " ".join(f"{x[row]:.1f},{y[row]:.1f}" for row in rows)
        dots = tuple(
            (round(float(x[row]), 1), round(float(y[row]), 1), f"{name}: {service[row]:.1f} % at {cost[row]:.4g}")
            for row in rows
        )
        lines.append(Line(name, COLOURS[number % len(COLOURS)], places, dots))
    across = [Tick(MARGIN + (at - left) / (right - left) * (WIDTH - 2 * MARGIN), f"{at:g} %") for at in _ticks(left, right)]
    up = [Tick(HEIGHT - MARGIN - (at - low) / (high - low) * (HEIGHT - 2 * MARGIN), f"{at:,.4g}") for at in _ticks(low, high)]
    return Frontier(tuple(lines), tuple(across), tuple(up))


def _ticks(low: float, high: float) -> list[float]:
    """About five round numbers between two."""
    raw = (high - low) / 5
    size = 10.0 ** np.floor(np.log10(raw))
    step = float(size * min((1, 2, 5, 10), key=lambda times: abs(times * size - raw)))
    return [float(round(at, 10)) for at in np.arange(np.ceil(low / step) * step, high + step * 1e-9, step)]
