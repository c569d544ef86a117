"""Names beside the points of a chart, so that none covers another or leaves the chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]

NEAR = (0.2, 0.05)
"""Points closer than these shares of the chart's width and height have their names in one place."""
EDGE = 0.3
"""Names of points within this share of the left or right edge go inwards."""


def beside(points: Sequence[Point], names: Sequence[str]) -> list[tuple[str, str]]:
    """A text for each point, and where it stands in Plotly's terms; of points close together the first says all names.

    >>> beside([(0, 0), (0.1, 0), (10, 5)], ["a", "b", "c"])
    [('a<br>b', 'middle right'), ('', 'middle right'), ('c', 'middle left')]
    """
    (left, bottom), (width, height) = _frame(points)
    places = [((x - left) / width, (y - bottom) / height) for x, y in points]
    leaders = list[int]()
    led: dict[int, list[str]] = {}
    for at, name in enumerate(names):
        leader = next((other for other in leaders if _near(places[at], places[other])), at)
        if leader == at:
            leaders.append(at)
        led.setdefault(leader, []).append(name)
    return [("<br>".join(led.get(at, [])), _side(places[at][0])) for at in range(len(names))]


def _frame(points: Sequence[Point]) -> tuple[Point, Point]:
    """The lower left corner, width and height."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys)), ((max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0)


def _near(one: Point, other: Point) -> bool:
    return all(abs(mine - theirs) < near for mine, theirs, near in zip(one, other, NEAR, strict=True))


def _side(place: float) -> str:
    if place < EDGE:
        return "middle right"
    return "middle left" if place > 1 - EDGE else "top center"
