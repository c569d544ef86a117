"""What sites that trade pay each other beside the price, lane by lane, as the page about a level tells it."""

from __future__ import annotations

from typing import NamedTuple

from ..scenario.scenario import Scenario
from ..scenario.trade_terms import Terms


class TermsRow(NamedTuple):
    """One payment of a lane's terms."""

    lane: str
    term: str
    amount: str
    meaning: str


def terms_rows(scenario: Scenario) -> list[TermsRow]:
    """Every payment there is, as the scenario's keys have it."""
    return [
        TermsRow(lane.label, name, _amount(getattr(lane.terms, name)), field.description or "")
        for lane in scenario.lanes
        if lane.terms is not None
        for name, field in Terms.model_fields.items()
        if getattr(lane.terms, name) != 0.0
    ]


def _amount(value: float | dict[str, float]) -> str:
    return ", ".join(f"{name} {amount:g}" for name, amount in value.items()) if isinstance(value, dict) else f"{value:g}"
