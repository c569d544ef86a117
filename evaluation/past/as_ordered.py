"""Whoever ordered in the past: quantities by period and lane, as they are on record.

Letters: T periods, L lanes, K products.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_serializer

from orderup.agents import Agent
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision

CALLED = "as ordered"


class AsOrdered(Agent):
    """Orders what was ordered, whatever it sees."""

    quantities: Any = Field(description="Of each period, lane and product (T, L, K) [units]")

    @field_serializer("quantities")
    def _told(self, quantities: Any) -> str:
        return f"{len(quantities)} periods on record"

    @property
    def called(self) -> str:
        """What it is called in tables."""
        return CALLED

    def act(self, information: Information) -> Decision:
        """What was ordered in this period."""
        return Decision(quantity=self.quantities[information.period])
