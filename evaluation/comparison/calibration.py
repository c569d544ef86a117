"""How well forecasts from elsewhere told the demand that came: coverage and pinball loss on the window that is evaluated.

Letters: W periods of the window, A periods ahead, Q quantiles, N sites, K products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.demand.file import FileDemand
from orderup.envs.forecasts.source import ForecastSource
from orderup.envs.network.building import build
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Scenario

MEANINGS = {
    "level": "of the quantile: the share of demand that should be no more than it",
    "below": "share of demand that was below it",
    "at_most": "share that was no more than it: with whole units the level should be between the two",
    "pinball": "mean pinball loss, the share's weight of each unit above it and the rest's of each below it [units]",
    "usual": "the same of the training window's own quantile: a forecast is worth something as far as it is below that [units]",
    "forecasts": "of what customers could buy in the window, the share that was forecast so far ahead",
}


@dataclass(frozen=True)
class Calibration:
    """What became of one quantile, forecast so many periods ahead."""

    ahead: int
    """1 for the coming period."""
    level: float
    below: float
    at_most: float
    pinball: float
    usual: float
    forecasts: float


def calibration(scenario: Scenario, split: str) -> list[Calibration]:
    """A row for each quantile and period ahead; none in a scenario without forecasts, or where none are of the window."""
    if scenario.forecasts is None:
        return []
    network = build(scenario)
    source = network.forecasts
    assert source is not None  # as the scenario says
    bounds = source.demand.bounds(split)
    demand, sold = _demand(network, split, bounds[1] - bounds[0] + 1)
    return _rows(source, source.given(bounds)[:, :, :, sold], demand[:, None, None, sold], sold)


def forecast_notes(scenario: Scenario) -> tuple[str, ...]:
    """What its file of forecasts does not say as it should, and what was made of it, a sentence each; nothing without one."""
    source = None if scenario.forecasts is None else build(scenario).forecasts
    return () if source is None else source.notes


def _rows(source: ForecastSource, given: Floats, demand: Floats, sold: Any) -> list[Calibration]:
    """From quantiles (W, A, Q, I) and demand (W, 1, 1, I) of the I pairs of site and product that are sold."""
    levels = np.array(source.levels.levels)[:, None]
    there = ~np.isnan(given)
    with np.errstate(invalid="ignore"):
        below, at_most = (demand < given) & there, (demand <= given) & there
    pinball, usual = (np.where(there, _pinball(levels, demand, values), 0.0) for values in (given, source.usual[:, sold]))
    count = there.sum(axis=(0, 3))

    def mean(values: Any, periods: int, number: int) -> float:
        return float(values[:, periods, number].sum() / count[periods, number])

    return [
        Calibration(
            ahead=periods + 1,
            level=level,
            below=mean(below, periods, number),
            at_most=mean(at_most, periods, number),
            pinball=mean(pinball, periods, number),
            usual=mean(usual, periods, number),
            forecasts=float(there[:, periods, number].mean()),
        )
        for periods in range(source.ahead)
        for number, level in enumerate(source.levels.levels)
        if count[periods, number]
    ]


def _pinball(levels: Floats, demand: Floats, quantile: Floats) -> Floats:
    above = demand - quantile
    return np.maximum(levels * above, (levels - 1.0) * above)


def _demand(network: Network, split: str, periods: int) -> tuple[Floats, Any]:
    """What was asked for in the window (W, N, K), and which pairs of site and product have it on record (N, K)."""
    shape = len(network.sites), len(network.products)
    found, sold = np.zeros((periods, *shape)), np.zeros(shape, dtype=bool)
    for source in network.demand.sources:
        if isinstance(source.process, FileDemand):
            site = network.demand.site_of_row[source.row]
            found[:, site, source.columns] += source.process.history(split, source.products)
            sold[site, source.columns] = True
    return found, sold
