"""What the plain model counts with: amounts of each product, and queues that remember how old each unit is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Amounts = list[float]
"""One number for each product [units]."""
NEUTRAL = {"tariff": 0.0, "delay": 0.0}
"""What a channel says where nothing is said; of all others, 1."""


class Queue:
    """Units of each product, the oldest first, with how many periods each of them has been there."""

    def __init__(self, units: Amounts, age: int = 0) -> None:
        self.lines = [[(age, amount)] for amount in units]

    @property
    def units(self) -> Amounts:
        return [sum(amount for _, amount in line) for line in self.lines]

    def age(self) -> None:
        self.lines = [[(age + 1, amount) for age, amount in line] for line in self.lines]

    def add(self, units: Amounts) -> None:
        for line, amount in zip(self.lines, units, strict=True):
            line.append((0, amount))

    def take(self, units: Amounts) -> None:
        """The oldest first."""
        for k, wanted in enumerate(units):
            left = []
            for age, amount in self.lines[k]:
                got = min(amount, wanted)
                wanted -= got
                left += [(age, amount - got)] if amount > got else []
            self.lines[k] = left

    def take_youngest(self, units: Amounts) -> None:
        for line in self.lines:
            line.reverse()
        self.take(units)
        for line in self.lines:
            line.reverse()

    def as_old_as(self, age: int) -> Amounts:
        """What has been there for so many periods, or longer."""
        return [sum(amount for old, amount in line if old >= age) for line in self.lines]


@dataclass
class World:
    """What a period brings, whatever is decided: demand by customer, lead times by lane, by channel what is unusual where."""

    demand: dict[str, Amounts]
    lead_times: dict[str, int]
    channels: dict[str, dict[str, float]] = field(default_factory=dict)

    def of(self, channel: str, name: str) -> float:
        return self.channels.get(channel, {}).get(name, NEUTRAL.get(channel, 1.0))


def total(first: Amounts, others: Iterable[Amounts]) -> Amounts:
    found = list(first)
    for units in others:
        found = [x + y for x, y in zip(found, units, strict=True)]
    return found


def less(units: Amounts, others: Amounts) -> Amounts:
    return [x - y for x, y in zip(units, others, strict=True)]


def least(units: Amounts, others: Amounts) -> Amounts:
    return [min(x, y) for x, y in zip(units, others, strict=True)]


def times(units: Amounts, factor: float) -> Amounts:
    return [x * factor for x in units]


def dot(units: Amounts, rates: Amounts) -> float:
    return sum(x * rate for x, rate in zip(units, rates, strict=True))


def scaled(units: Amounts, limit: float) -> Amounts:
    """All products by the same share, so that they stay within a limit in sum."""
    return units if sum(units) <= limit else [x * limit / sum(units) for x in units]


def counted(units: Amounts, sizes: Amounts) -> Amounts:
    return [x * size for x, size in zip(units, sizes, strict=True)]


def uncounted(units: Amounts, sizes: Amounts) -> Amounts:
    return [x / size for x, size in zip(units, sizes, strict=True)]
