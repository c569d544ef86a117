"""What outages do, told of the one that each episode is evaluated by: see `resilience`."""

from __future__ import annotations

from .kpi import IfCounted, kpis
from .resilience import (
    DETECT_PERIODS,
    DISRUPTION_COST,
    EXTRA_COST,
    FILL_DEPTH,
    LOST_FILL,
    OUTAGE_PERIODS,
    OUTAGES,
    RECOVER_PERIODS,
    SURVIVE_PERIODS,
    UNDETECTED,
    UNHARMED,
    UNRECOVERED,
)
from .worked_out import periods


class OfOutages(IfCounted):
    """What is told where a scenario has disruptions."""


@kpis.register("disruption_cost")
class DisruptionCost(OfOutages):
    """Cost less that of the same traces without disruptions."""

    unit, better = "money/period", "lower"
    numerator, denominator = DISRUPTION_COST, periods


@kpis.register("time_to_detect")
class TimeToDetect(OfOutages):
    """How long until somebody reacts."""

    meaning = (
        "Periods from the beginning of the outage that an episode is evaluated by to an order that is not the "
        "undisturbed twin's; a lower bound where some never show"
    )
    unit, better = "periods", "lower"
    numerator, denominator = DETECT_PERIODS, OUTAGES


@kpis.register("time_to_survive")
class TimeToSurvive(OfOutages):
    """How long service holds."""

    meaning = (
        "Periods from the beginning of the outage that an episode is evaluated by until fewer are served on time than in "
        "the twin, by 2 % of demand; a lower bound where service holds"
    )
    unit, better = "periods", "higher"
    numerator, denominator = SURVIVE_PERIODS, OUTAGES


@kpis.register("time_to_recover")
class TimeToRecover(OfOutages):
    """How long until service is back."""

    meaning = (
        "Periods from the beginning of the outage that an episode is evaluated by until service is the twin's again and "
        "stays so, 0 where it held; a lower bound where the episode ends before"
    )
    unit, better = "periods", "lower"
    numerator, denominator = RECOVER_PERIODS, OUTAGES


@kpis.register("fill_depth")
class FillDepth(OfOutages):
    """Deepest loss of fill rate against the twin until then."""

    unit, better = "1", "lower"
    numerator, denominator = FILL_DEPTH, OUTAGES


@kpis.register("lost_fill")
class LostFill(OfOutages):
    """Area between the twin's fill rate and this one until then: periods without any service that would lose as much."""

    unit, better = "periods", "lower"
    numerator, denominator = LOST_FILL, OUTAGES


@kpis.register("extra_cost")
class ExtraCost(OfOutages):
    """Cost beyond the twin's until then."""

    unit, better = "money", "lower"
    numerator, denominator = EXTRA_COST, OUTAGES


@kpis.register("outage_length")
class OutageLength(OfOutages):
    """Periods that such outages last."""

    unit, better = "periods", "neither"
    numerator, denominator = OUTAGE_PERIODS, OUTAGES


@kpis.register("undetected")
class Undetected(OfOutages):
    """Share of them in which no order ever differs."""

    unit, better = "1", "neither"
    numerator, denominator = UNDETECTED, OUTAGES


@kpis.register("unharmed")
class Unharmed(OfOutages):
    """Share of them in which service holds."""

    unit, better = "1", "higher"
    numerator, denominator = UNHARMED, OUTAGES


@kpis.register("unrecovered")
class Unrecovered(OfOutages):
    """Share of them that the episode ends before."""

    unit, better = "1", "lower"
    numerator, denominator = UNRECOVERED, OUTAGES
