"""How far off a forecast of one number may be: as past ones were, as a column says, or as demand is about its mean.

Letters: R rows, S series, Q quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..cleaning.demand_record import DemandRecord
from ..fitting.demand_fit import DemandFit
from ..fitting.family import DemandFamily, Numbers, PoissonFamily, families
from ..fitting.windows import Spans
from ..masters.forecasts import ForecastFile
from ..masters.keys import MasterKeys
from .draft import Draft

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Of the quantiles that are made."""
ENOUGH, OF_A_SERIES = 30, 10
"""Past errors by which a spread is told, of all forecasts and of one series."""
Integers = NDArray[np.int64]


def with_quantiles(
    file: ForecastFile, record: DemandRecord, fit: DemandFit, spans: Spans, keys: MasterKeys, draft: Draft
) -> ForecastFile:
    """The file with quantiles in place of one number, and what that assumes said; as it is where it has quantiles.

    Raises InputError where past errors are asked for and there are too few.
    """
    if file.points is None:
        return file
    past = _past_errors(file, record, spans)
    if keys.forecast_spread == "errors" and len(past.rows) < ENOUGH:
        found = f"errors, of which {len(past.rows)} are known"
        accepted = f"at least {ENOUGH} forecasts, with their cutoff, of periods on record before the test window; or family"
        raise InputError("forecast_spread", found, accepted)
    if "error" in file.table and keys.forecast_spread is None:
        quantiles, told = _by_column(file), "as far off as their file says, and normal (forecast_spread)"
    elif keys.forecast_spread != "family" and len(past.rows) >= ENOUGH:
        told = f"as far off as {len(past.rows)} of them were before the test window (forecast_spread)"
        quantiles = _by_errors(file, past)
    else:
        told = "as far off as demand is from its mean, however far ahead they look (forecast_spread)"
        quantiles = _by_family(file, record, fit)
    draft.assume(f"Forecasts are of one number, the mean, and taken to be {told}.")
    columns = {f"q{level:g}": quantiles[:, at] for at, level in enumerate(LEVELS)}
    return replace(file, table=file.table.drop(columns=["value", "error"], errors="ignore").assign(**columns), points=None)


def series_of(file: ForecastFile, record: DemandRecord) -> Integers:
    """Which of the record's series each row is about (R,), −1 for one that it does not have."""
    place = {
        (record.sites[site], record.products[product]): number
        for number, (site, product) in enumerate(zip(record.site, record.product, strict=True))
    }
    pairs = zip(file.table["site"], file.table["product"], strict=True)
    return np.array([place.get(pair, -1) for pair in pairs], dtype=np.int64)


@dataclass(frozen=True)
class PastErrors:
    """Errors of forecasts whose demand is known since, each over the root of the forecast."""

    rows: Integers
    """Which rows of the file they are of (E,)."""
    sizes: Floats
    """(E,)"""
    series: Integers
    """Of each row of the file (R,)."""


def _past_errors(file: ForecastFile, record: DemandRecord, spans: Spans) -> PastErrors:
    """Those of periods before the test window, where it is known when they were made."""
    series, points = series_of(file, record), file.points
    assert points is not None  # as was asked before
    at = points.period - record.first
    known = (series >= 0) & (at >= 0) & (at < spans.test[0]) & (points.cutoff is not None)
    rows = np.flatnonzero(known)
    there = record.demand[series[rows], at[rows]]
    told = points.values[rows]
    kept = ~np.isnan(there) & (told > 0)
    return PastErrors(rows[kept], (there[kept] - told[kept]) / np.sqrt(told[kept]), series)


def _by_errors(file: ForecastFile, past: PastErrors) -> Floats:
    """Quantiles (R, Q): of errors so far ahead, in the measure of the row's own series."""
    assert file.points is not None  # as was asked before
    assert file.points.cutoff is not None  # there are no errors otherwise
    ahead, own = file.points.period - file.points.cutoff, past.series[past.rows]
    usual = float(np.sqrt((past.sizes**2).mean()))
    measure = np.full(int(past.series.max(initial=0)) + 2, usual)  # the last is for rows of no series
    for number in np.unique(own):
        sizes = past.sizes[own == number]
        if len(sizes) >= OF_A_SERIES:
            measure[number] = max(float(np.sqrt((sizes**2).mean())), 1e-9)
    in_measure = past.sizes / measure[own]
    found = np.empty((len(past.series), len(LEVELS)))
    for periods in np.unique(ahead):
        these, alike = ahead == periods, in_measure[ahead[past.rows] == periods]
        found[these] = np.quantile(alike if len(alike) >= ENOUGH else in_measure, LEVELS)
    values = file.points.values
    return np.asarray(np.maximum(values[:, None] + (measure[past.series] * np.sqrt(values))[:, None] * found, 0.0))


def _by_column(file: ForecastFile) -> Floats:
    """Quantiles (R, Q) of normal demand with the deviation that stands beside each forecast."""
    assert file.points is not None  # as was asked before
    scores = scipy.stats.norm.ppf(LEVELS)
    return np.asarray(np.maximum(file.points.values[:, None] + file.table["error"].to_numpy(float)[:, None] * scores, 0.0))


def _by_family(file: ForecastFile, record: DemandRecord, fit: DemandFit) -> Floats:
    """Quantiles (R, Q) of what was fitted to each series, with the forecast as its mean; Poisson of what was never sold."""
    assert file.points is not None  # as was asked before
    series, values = series_of(file, record), file.points.values
    found = _quantiles(PoissonFamily(), values, {"mean": np.ones(len(values))})
    for site in fit.sites:
        place = np.full(len(record.site) + 1, -1)
        place[site.series] = np.arange(len(site.series))
        mean = np.append(site.numbers["mean"], 0.0)[place[series]]
        rows = np.flatnonzero((place[series] >= 0) & (mean > 0))
        numbers = {name: of[place[series[rows]]] for name, of in site.numbers.items()}
        found[rows] = _quantiles(families.find(site.family)(), values[rows], numbers)
    return found


def _quantiles(family: DemandFamily, values: Floats, numbers: Numbers) -> Floats:
    """Of a family's demand (R, Q) with these means (R,)."""
    factors = (values / numbers["mean"])[:, None]
    return np.concatenate([np.nan_to_num(family.quantile(level, factors, numbers)) for level in LEVELS], axis=1)
