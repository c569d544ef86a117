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
    """A text for each point, and where it stands in Plotly's terms; of points close together the outermost says all names.

    >>> beside([(0, 0), (0.1, 0), (10, 5)], ["a", "b", "c"])
    [('', 'middle right'), ('a<br>b', 'middle right'), ('c', 'middle left')]
    """
    (left, bottom), (width, height) = _frame(points)
    places = [((x - left) / width, (y - bottom) / height) for x, y in points]
    found = [("", _side(x)) for x, _ in places]
    for group in _groups(places):
        side = _side(places[group[0]][0])
        outermost = min(group, key=lambda at: places[at][0] * (1 if side == "middle left" else -1))
        found[outermost] = ("<br>".join(names[at] for at in group), side)
    return found


def _groups(places: Sequence[Point]) -> list[list[int]]:
    """Which points are close to the first of each group."""
    groups = list[list[int]]()
    for at, place in enumerate(places):
        near = (group for group in groups if _near(place, places[group[0]]))
        group = next(near, None)
        if group is None:
            groups.append([at])
        else:
            group.append(at)
    return groups


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
