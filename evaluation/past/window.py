"""The periods that are gone through once more: a window of recorded demand, as it was and from its first period on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderup.envs.catalogue import changed
from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.periods import Calendar
from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.scenario import Scenario


@dataclass(frozen=True)
class RecordedWindow:
    """A window of a scenario's recorded demand."""

    scenario: Scenario
    split: str
    calendar: Calendar
    """How the file names periods."""
    first: int
    """The number of its first period there."""
    periods: int

    @classmethod
    def of(cls, scenario: Scenario, split: str) -> RecordedWindow:
        """Raises InputError where demand is not recorded, or there are no windows."""
        for number, entry in enumerate(scenario.customers):
            if not isinstance(entry.demand, FileDemand):
                found = f"customers[{number}].demand of {scenario.name}"
                raise InputError("scenario", found, "recorded demand of all customers: demand: {type: file}")
        demand = scenario.customers[0].demand
        assert isinstance(demand, FileDemand)  # as above
        first, last = demand.bounds(split)
        return cls(scenario, split, demand.table.calendar, first, last - first + 1)

    def name(self, period: int) -> str:
        """What the file calls a period, counted from the window's first."""
        return self.calendar.name(self.first + period)

    @property
    def span(self) -> str:
        """From when to when."""
        return f"{self.name(0)} to {self.name(self.periods - 1)}"

    def as_it_was(
        self, stock: Mapping[str, Mapping[str, float]] | None, arriving: Sequence[Mapping[str, Any]], warmup: int
    ) -> Scenario:
        """The scenario with this window as its only episode, from some stock by site and product, and goods under way."""
        keys: dict[str, Any] = {"horizon": self.periods, "warmup": warmup, "arriving": list(arriving)}
        dumped = self.scenario.model_dump(by_alias=True)
        keys["data"] = None if self.scenario.data is None else {**self.scenario.data.model_dump(), "block": None}
        keys["customers"] = [_in_order(entry) for entry in dumped["customers"]]
        keys["lanes"] = [{**lane, "initial": 0.0} for lane in dumped["lanes"]] if arriving else dumped["lanes"]
        if stock is not None:
            keys["sites"] = {name: {**site, "initial": dict(stock[name])} for name, site in dumped["sites"].items()}
        return changed(self.scenario, **keys)


def _in_order(customers: dict[str, Any]) -> dict[str, Any]:
    """Customers whose demand is played as it was recorded, and not put together anew."""
    demand = customers["demand"]
    return {**customers, "demand": {**demand, "block": None} if "block" in demand else demand}
