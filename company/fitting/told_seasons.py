"""What was found of seasons and done about it: too short a record, or a year that days show."""

from __future__ import annotations

from ..cleaning.demand_record import DemandRecord
from ..record.decisions import ImportDecision, ImportDecisions
from .demand_fit import DemandFit
from .year import WEEK, WEEKS


def tell_seasons(record: DemandRecord, fit: DemandFit, decisions: ImportDecisions) -> None:
    """Take down whether a season of the year is in the fit, and why."""
    length = record.length
    cycle = WEEK * WEEKS if record.periods.unit == "day" else record.periods.season()
    if cycle is None:
        return
    if length < 2 * cycle:
        told, done = f"{record.periods.word}s of demand", "no season of a year is fitted"
        decisions.add(ImportDecision(record.source, told, length, "", done, "it has to be seen twice", changes=False))
    elif fit.year is not None:
        done = "fitted, beside weekdays" if fit.year.is_believed else "not fitted: only weekdays are"
        told = "days of demand with a season of the year"
        decisions.add(ImportDecision(record.source, told, length, "", done, fit.year.sentence, changes=False))
