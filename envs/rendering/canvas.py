"""Smooth lines and fitting text on a small canvas."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FINER = 2
"""Everything is drawn so many times larger and then averaged, which smooths it."""

Point: TypeAlias = tuple[float, float]

_INSTEAD = {"−": "-", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"', "×": "x", "→": ">", "ß": "ss", "ø": "o", "Ø": "O"}
_LARGER = (
    "DejaVuSans.ttf",
    "LiberationSans-Regular.ttf",
    "NotoSans-Regular.ttf",
    "Arial Unicode.ttf",
    "arial.ttf",
    "Arial.ttf",
)
"""Fonts with the letters of many languages, of which most systems have one."""


class Canvas:
    """Draws on a white canvas of `width` × `height` pixels; words end up above everything else."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width * FINER, height * FINER), "white")
        self._draw = ImageDraw.Draw(self._image)
        self._words: list[tuple[Point, str, str, float, str, bool]] = []

    def pixels(self) -> NDArray[np.uint8]:
        """What has been drawn (height, width, 3)."""
        image = self._image.reduce(FINER)
        draw = ImageDraw.Draw(image)
        for place, words, colour, size, anchor, halo in self._words:
            draw.text(place, words, colour, font_of(words, size), anchor, stroke_width=int(halo), stroke_fill="white")
        return np.array(image, dtype=np.uint8)

    def line(self, points: Sequence[Point], colour: str, width: float = 1.0) -> None:
        """Through all points."""
        self._draw.line([_fine(point) for point in points], colour, round(width * FINER))

    def arrow(self, points: Sequence[Point], colour: str, width: float = 1.0) -> None:
        """Through all points, with a head at the last, which points right."""
        x, y = points[-1]
        self.line([*points[:-1], (x - 5, y)], colour, width)
        self._draw.polygon([_fine(point) for point in ((x, y), (x - 8, y - 4), (x - 8, y + 4))], colour)

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0,
        round_: float = 0,
    ) -> None:
        """A rectangle, or nothing where it has no width."""
        if right > left and bottom > top:
            corners = [_fine((left, top)), _fine((right, bottom))]
            self._draw.rounded_rectangle(corners, round_ * FINER, fill, edge, round(width * FINER))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 11,
        colour: str = "black",
        anchor: str = "ls",
        room: float | None = None,
        halo: bool = False,
    ) -> float:
        """Words at a point, cut to the `room` there is [pixels]; returns how wide they are. Anchors are Pillow's.

        A halo keeps lines away from them.
        """
        words = words if room is None else fitting(words, size, room)
        self._words.append(((x, y), drawable(words, size), colour, size, anchor, halo))
        return width_of(words, size)


@cache
def font(size: float) -> Any:
    """Pillow's own, which knows little more than ASCII."""
    return ImageFont.load_default(size)


@cache
def larger_font(size: float) -> Any:
    """One of the system's that knows the letters of many languages; None where there is none."""
    for name in _LARGER:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return None


def drawable(words: str, size: float) -> str:
    """The words in signs that their font has, and far enough apart where it is small."""
    signs = "".join(sign if _known(sign) else _INSTEAD.get(sign, sign) for sign in words)
    if not all(map(_known, signs)):
        if larger_font(size) is not None:
            return words
        signs = "".join(sign if _known(sign) else _plain(sign) for sign in signs)
    return signs.replace(" ", "  " if size < 12 else " ")


def font_of(words: str, size: float) -> Any:
    """Pillow's own, or a larger one for drawable words that it does not know."""
    return font(size) if all(map(_known, words)) else larger_font(size)


def width_of(words: str, size: float) -> float:
    """How wide words are [pixels]."""
    shown = drawable(words, size)
    return float(font_of(shown, size).getlength(shown))


def _known(sign: str) -> bool:
    return sign.isascii() or sign in "±·…"


def _plain(sign: str) -> str:
    """A letter without its accents; a question mark for what is no letter then."""
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii()) or "?"


def fitting(words: str, size: float, room: float) -> str:
    """The words, or as much of their beginning as there is room for."""
    if width_of(words, size) <= room:
        return words
    while words and width_of(words + "…", size) > room:
        words = words[:-1]
    return words + "…" if words else ""


def _fine(point: Point) -> Point:
    return point[0] * FINER, point[1] * FINER
