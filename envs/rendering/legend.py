"""The picture's colours, and the legend that explains them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from .canvas import Canvas, width_of
from .deciders import DECIDERS
from .layout import BOTTOM, MARGIN, NetworkLayout
from .network_view import NetworkView

COLOURS = {  # told apart by the colour-blind too: Okabe and Ito
    "site": "#0072B2",
    "policy": "#56B4E9",
    "planner": "#E69F00",
    "planner's policy": "#8C6100",
    "fallback": "#CC79A7",
    "nobody": "#9AA0A6",
}
STOCK, POSITION, OWED, BAND, LEVEL, GREY = "#4C6A85", "#9FC5B8", "#D0312D", "#FBE3B5", "#7A4B00", "#6B7280"
Key: TypeAlias = tuple[Callable[[Canvas, float, float], None], str]
"""What draws a sample of a colour or number in the legend, and what that means."""


def draw_legend(canvas: Canvas, view: NetworkView, layout: NetworkLayout) -> None:
    """What the colours and numbers mean, as far as they can occur."""
    autonomy, y = view.simulator.autonomy, layout.height - BOTTOM + 20.0
    frames: list[Key] = [(partial(_framed, COLOURS[name]), f"decides: {DECIDERS[name]}") for name in view.deciders.possible]
    bars: list[Key] = [
        (partial(_barred, STOCK), "on hand"),
        (partial(_barred, OWED), "owes customers and other sites"),
        (partial(_barred, POSITION), "inventory position: on hand - owes + on order"),
    ]
    if autonomy.has_planner:
        band = autonomy.band or 0.0
        width = f", with the band of ±{band:g} mean demands around it" if 0 < band < math.inf else ""
        bars.append((partial(_aimed, band), f"the centre's order-up-to level{width}"))
    arrows: list[Key] = [
        (partial(_numbered, "12", "black"), "under way"),
        (partial(_numbered, "+8", GREY), "ordered in the period"),
        (partial(_numbered, "(3)", OWED), "waiting: ordered and not shipped"),
    ]
    for group in (frames, bars, arrows):
        x: float = MARGIN
        for sample, words in group:
            if x > MARGIN and x + 22 + width_of(words, 10) > layout.width - MARGIN:
                x, y = MARGIN, y + 15
            sample(canvas, x, y)
            x += 22 + canvas.text(x + 22, y, words, 10, GREY) + 16
        y += 15


def _framed(colour: str, canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x, y - 9, x + 17, y + 1, "white", colour, 2.5, 2)


def _barred(colour: str, canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x, y - 7, x + 17, y - 1, colour)


def _aimed(band: float, canvas: Canvas, x: float, y: float) -> None:
    if 0 < band < math.inf:
        canvas.box(x, y - 9, x + 17, y + 1, BAND)
    canvas.line([(x + 8.5, y - 9), (x + 8.5, y + 1)], LEVEL, 1.5)


def _numbered(words: str, colour: str, canvas: Canvas, x: float, y: float) -> None:
    canvas.text(x + 17, y, words, 10, colour, "rs")
