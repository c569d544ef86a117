"""Seasons that a network does not have though demand may: too short a record, or a year that is looked at day by day."""

from __future__ import annotations

import numpy as np

from orderup.envs.numerics.arrays import Floats

from ..cleaning.demand_record import DemandRecord
from ..record.decisions import ImportDecision, ImportDecisions
from .season import ratios_of, shows, solved, waves_of

YEAR = 365.25
"""Days."""
WEEK, WAVES = 7, 3


def tell_untold_seasons(record: DemandRecord, decisions: ImportDecisions) -> None:
    """Take down what of a season is not in the fit, and why."""
    unit, length = record.periods.unit, record.length
    cycle = YEAR if unit == "day" else record.periods.season()
    if cycle is None:
        return
    if length < 2 * cycle:
        told, done = f"{record.periods.word}s of demand", "no season of a year is fitted"
        decisions.add(ImportDecision(record.source, told, length, "", done, "it has to be seen twice", changes=False))
        return
    low, high = _year_by_days(record) if unit == "day" else (0.0, 0.0)
    if high:
        told, done = "days of demand with a season of the year", "only weekdays are fitted"
        why = f"over a year the mean is {100 * low:+.0f} % to {100 * high:+.0f} %; period=week fits it"
        decisions.add(ImportDecision(record.source, told, length, "", done, why, changes=False))


def _year_by_days(record: DemandRecord) -> tuple[float, float]:
    """How far mean demand is below and above itself over a year, beside weekdays and trend; nothing where that is chance."""
    days = np.arange(record.first, record.first + record.length)
    ratio, weight = ratios_of(record.demand)
    weekdays = np.equal.outer((days + 3) % WEEK, np.arange(WEEK)).astype(float)
    usual = np.concatenate([weekdays, (np.arange(len(days)) / len(days))[:, None]], axis=1)
    basis = waves_of(days % YEAR, YEAR, WAVES)
    if not shows(ratio, weight, usual, basis):
        return 0.0, 0.0
    found = solved(ratio, weight, np.concatenate([usual, basis], axis=1))
    level = float((usual @ found[: usual.shape[1]]).mean())
    wave: Floats = basis @ found[usual.shape[1] :] / max(level, 1e-9)
    return float(wave.min()), float(wave.max())
