"""Where everything stands in the picture of a network: upstream left, customers right. In pixels, from the top left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import TypeAlias

from ..network.network import Network

TOP, BOTTOM, MARGIN = 84, 70, 14
"""Height of the title and of the legend, and what stays free at the sides."""
STUB = 76
"""Width of an arrow to customers with its numbers."""
OUTSIDE, WIDEST, CHARACTER = 106, 220, 7.6
"""Width of a supplier's box, at most, and of a character in it."""
TAIL = 132.0
"""Most of a lane's end that is straight, so that numbers can stand on it."""
STEPS = 24
"""Straight pieces of a bend."""

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.top + self.bottom) / 2

    def port(self, number: int, of: int) -> float:
        """Height at which one of several lanes meets it."""
        return self.top + self.height * (number + 1) / (of + 1)


@dataclass(frozen=True)
class Way:
    """A lane's way from its source to its destination."""

    points: tuple[Point, ...]
    room: float
    """Free width in front of its destination."""
    pitch: float
    """Height that its numbers have to themselves."""

    @property
    def end(self) -> Point:
        return self.points[-1]


class NetworkLayout:
    """The places of a network's sites, suppliers, lanes and customers."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._columns = [
            [row for row, echelon in enumerate(network.topology.echelon) if echelon == at]
            for at in range(max(network.topology.echelon) + 1)
        ]
        count, tallest = len(self._columns), max(len(self._outside), *map(len, self._columns))
        self.outside = int(min(max(OUTSIDE, 14 + CHARACTER * max(map(len, self._outside), default=0)), WIDEST))
        """Width of the suppliers' boxes, which their names fit into."""
        fixed = 2 * MARGIN + self.outside + STUB
        self.width = max(960, fixed + count * 180)
        self.height = TOP + BOTTOM + max(200, min(tallest * 78, 470), tallest * 28)
        share = (self.width - fixed) / count
        self._box = min(max(0.6 * share, 100.0), 170.0)
        self.gap = min(share - self._box, 220.0)
        """Free width between two columns."""
        self._left = (self.width - fixed - count * (self._box + self.gap)) / 2 + MARGIN + self.outside

    @cached_property
    def _outside(self) -> dict[str, list[int]]:
        """The outside suppliers with their lanes."""
        found: dict[str, list[int]] = {}
        for lane, source in enumerate(self._network.topology.sources):
            if self._network.topology.source[lane] < 0 and not self._network.topology.is_made[lane]:
                found.setdefault(source, []).append(lane)
        return found

    @cached_property
    def sites(self) -> list[Box]:
        """Every site's box (N,): in each column in the order of those that it supplies."""
        network = self._network
        boxes = [Box(0, 0, 0, 0)] * len(network.sites)
        for echelon, column in enumerate(self._columns):
            if echelon:
                supplied = {
                    row: [boxes[int(d)].middle for s, d in self._links if s == row and network.topology.echelon[d] < echelon]
                    for row in column
                }
                column = sorted(column, key=lambda row: sum(supplied[row]) / len(supplied[row]))
            tallest = max(84.0, 34.0 * (1 + max(sum(d == row for _, d in self._links) for row in column)))
            left = self._left + self.gap + (len(self._columns) - 1 - echelon) * (self._box + self.gap)
            for row, (top, bottom) in zip(column, self._rows(len(column), tallest), strict=True):
                boxes[row] = Box(left, top, left + self._box, bottom)
        return boxes

    @cached_property
    def suppliers(self) -> dict[str, Box]:
        """Every outside supplier's box, by its name."""
        ends = {
            name: [self.sites[int(self._network.topology.destination[lane])].middle for lane in lanes]
            for name, lanes in self._outside.items()
        }
        names = sorted(ends, key=lambda name: sum(ends[name]) / len(ends[name]))
        rows = self._rows(len(names), 30.0)
        return {
            name: Box(self._left - self.outside, *row[:1], self._left, row[1]) for name, row in zip(names, rows, strict=True)
        }

    @cached_property
    def lanes(self) -> list[Way]:
        """Every lane's way (L,)."""
        return [self._way(lane) for lane in range(len(self._network.lanes))]

    @cached_property
    def customers(self) -> dict[int, tuple[float, float]]:
        """Where the arrow to a site's customers starts, by the site's row."""
        buying = sorted({int(site) for site in self._network.topology.customer_site})
        return {
            row: (self.sites[row].right, self.sites[row].port(len(self._leaving[row]), len(self._leaving[row]) + 1))
            for row in buying
        }

    @property
    def _links(self) -> list[tuple[int, int]]:
        return list(zip(self._network.topology.source.tolist(), self._network.topology.destination.tolist(), strict=True))

    def _rows(self, count: int, tallest: float) -> list[tuple[float, float]]:
        """Top and bottom of so many boxes, one below the other."""
        area = self.height - TOP - BOTTOM
        pitch = min(area / max(count, 1), 170.0)
        height = min(pitch - (12 if pitch > 40 else 5), tallest)
        first = TOP + (area - pitch * count) / 2 + (pitch - height) / 2
        return [(first + pitch * number, first + pitch * number + height) for number in range(count)]

    def _source_box(self, lane: int) -> Box:
        topology = self._network.topology
        source = int(topology.destination[lane] if topology.is_made[lane] else topology.source[lane])
        return self.sites[source] if source >= 0 else self.suppliers[topology.sources[lane]]

    @cached_property
    def _leaving(self) -> list[list[int]]:
        """Every site's lanes that leave to the right, from the top."""
        return [
            sorted(
                (lane for lane, (s, d) in enumerate(self._links) if s == row and self.sites[d].left > self.sites[row].left),
                key=lambda lane: self.sites[int(self._network.topology.destination[lane])].middle,
            )
            for row in range(len(self.sites))
        ]

    @cached_property
    def _arriving(self) -> list[list[int]]:
        """Every site's lanes that meet it on the left, from the top: all that lead to it, and those that leave to a peer."""

        def other(lane: int, row: int) -> float:
            source, destination = self._links[lane]
            return self.sites[destination].middle if source == row else self._source_box(lane).middle

        return [
            sorted(
                (lane for lane, (s, d) in enumerate(self._links) if d == row or (s == row and lane not in self._leaving[row])),
                key=lambda lane: (other(lane, row), lane),
            )
            for row in range(len(self.sites))
        ]

    def _way(self, lane: int) -> Way:
        source, destination = self._links[lane]
        box, origin, arriving = self.sites[destination], self._source_box(lane), self._arriving[destination]
        end = (box.left, box.port(arriving.index(lane), len(arriving)))
        tail, pitch = min(TAIL, 0.6 * self.gap), box.height / (len(arriving) + 1)
        if self._network.topology.is_made[lane]:
            start = (end[0], end[1] - pitch / 2)
            loop = _bend((end[0] - tail, start[1]), (end[0] - tail, end[1]), -0.2 * self.gap, -0.2 * self.gap)
            return Way((start, *loop, end), tail - 10, pitch)
        if source >= 0 and lane not in self._leaving[source]:
            start = (origin.left, origin.port(self._arriving[source].index(lane), len(self._arriving[source])))
            middle = _bend(
                (min(start[0], end[0]) - tail, start[1]), (end[0] - tail, end[1]), -0.35 * self.gap, -0.35 * self.gap
            )
            return Way((start, *middle, end), tail - 10, pitch)
        height = origin.port(0, 1)
        if source >= 0:
            leaving = self._leaving[source]
            height = origin.port(leaving.index(lane), len(leaving) + (source in self._network.topology.customer_site))
        start, turn = (origin.right, height), (box.left - tail, end[1])
        if abs(start[1] - end[1]) < 0.5:
            return Way((start, end), self.gap - 16, pitch)
        reach = min(0.5 * (turn[0] - start[0]), self.gap)
        return Way((*_bend(start, turn, reach, -reach), end), self.gap - 16 if self.gap < TAIL else tail - 10, pitch)


def _bend(start: Point, end: Point, out: float, back: float) -> list[Point]:
    """A cubic between two points that leaves and arrives level, by control points so far to the right of them."""
    xs, ys = (start[0], start[0] + out, end[0] + back, end[0]), (start[1], start[1], end[1], end[1])
    shares = [step / STEPS for step in range(STEPS + 1)]
    weights = [((1 - s) ** 3, 3 * s * (1 - s) ** 2, 3 * s**2 * (1 - s), s**3) for s in shares]
    return [(sum(map(mul, weight, xs)), sum(map(mul, weight, ys))) for weight in weights]
