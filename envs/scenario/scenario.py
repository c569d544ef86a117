"""A scenario: its keys, and whether they make a problem together."""

from __future__ import annotations

import math
from typing import Any

from pydantic import field_validator, model_validator

from ..demand.file import FileDemand
from ..demand.service import targets
from ..foundation.errors import InputError
from .blocks import Correlation, Customers, Lane, Site, Supplier
from .event_checks import check_events
from .naming import agent_names, check_site_name
from .opening_checks import check_opening
from .scenario_keys import ScenarioKeys
from .storage_checks import check_storage
from .terms_checks import check_terms
from .topology import check
from .trucks import check_trucks

__all__ = ["Correlation", "Customers", "Lane", "Scenario", "Site", "Supplier"]


LONGEST = 10_000
"""Periods after which the seasons of a calendar have to begin again together."""


class Scenario(ScenarioKeys):
    """A problem: a network, what happens to it, and for how long."""

    @field_validator("warmup")
    @classmethod
    def _warmup_fits(cls, warmup: int, info: Any) -> int:
        if warmup >= info.data.get("horizon", math.inf):
            raise InputError("", warmup, f"fewer periods than the horizon, {info.data['horizon']}")
        return warmup

    @field_validator("sites")
    @classmethod
    def _of_their_own(cls, sites: dict[str, Site]) -> dict[str, Site]:
        for name in sites:
            check_site_name(name)
        return sites

    @field_validator("customers")
    @classmethod
    def _with_data(cls, customers: list[Customers], info: Any) -> list[Customers]:
        data = info.data.get("data")
        return customers if data is None else [entry.reading(data) for entry in customers]

    @field_validator("calendar")
    @classmethod
    def _seasons_come_together(cls, calendar: Any) -> Any:
        if isinstance(calendar, list) and math.lcm(*calendar) > LONGEST:
            accepted = f"seasons that all begin again after at most {LONGEST} periods"
            raise InputError("", calendar, accepted)
        return calendar

    @property
    def seasons(self) -> tuple[int, ...]:
        """Periods of each season that everybody knows, the shortest first."""
        given = [] if self.calendar is None else self.calendar if isinstance(self.calendar, list) else [self.calendar]
        return tuple(sorted(set(given)))

    @property
    def agents(self) -> dict[str, str]:
        """The name of the site that each agent is, in the sites' order."""
        return agent_names(self.sites)

    @model_validator(mode="after")
    def _data_for_customers(self) -> Scenario:
        recorded = [entry.demand for entry in self.customers if isinstance(entry.demand, FileDemand)]
        if self.data is not None and not recorded:
            raise InputError("data", self.data.path, "nothing: none of the customers has `demand: {type: file}`")
        if self.forecasts is not None and not recorded:
            raise InputError("forecasts", self.forecasts.path, "nothing: none of the customers has `demand: {type: file}`")
        if any(demand.windows is None for demand in recorded):
            raise InputError("data.windows", "nothing", "train, validation and test, here or with each customer's demand")
        return self

    @model_validator(mode="after")
    def _possible(self) -> Scenario:
        check(self)
        check_events(self)
        check_opening(self)
        check_storage(self)
        check_terms(self)
        check_trucks(self.trucks, self.lanes)
        if self.budget is not None and not any(targets(self.customers, tuple(self.products))):
            accepted = "nothing, unless customers are promised `service` in place of a shortage cost"
            raise InputError("budget", self.budget, accepted)
        return self
