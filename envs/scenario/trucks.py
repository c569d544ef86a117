"""Trucks that several lanes have in common, and which are impossible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from ..foundation.errors import InputError, UnknownName
from ..foundation.validation import Keys
from .blocks import Lane


class Truck(Keys):
    """A truck that several lanes have in common: it costs the same however many of them have goods on it.

    Paid in every period in which anything leaves over any of these lanes, in equal parts by the destinations of those over
    which something does. That is the Shapley value of a cost which each alone would have to pay in full.
    """

    lanes: list[str] = Field(description="At least two lanes whose goods are on it, by name or as from->to")
    cost: float = Field(gt=0, description="Of a period in which anything leaves over any of them [money]")


def check_trucks(trucks: Sequence[Truck], lanes: Sequence[Lane]) -> None:
    """Raises InputError for lanes that are not there, on two trucks or alone on one."""
    for problem in _problems(trucks, [lane.label for lane in lanes]):
        raise problem


def _problems(trucks: Sequence[Truck], labels: Sequence[str]) -> Iterator[InputError]:
    taken: set[str] = set()
    for number, truck in enumerate(trucks):
        key = f"trucks[{number}].lanes"
        for label in truck.lanes:
            if label not in labels:
                yield UnknownName(key, label, labels)
            if label in taken:
                yield InputError(key, label, "each lane once, on one truck")
            taken.add(label)
        if len(truck.lanes) < 2:
            yield InputError(key, truck.lanes, "at least two lanes; what an order of one costs is its fixed_cost")
