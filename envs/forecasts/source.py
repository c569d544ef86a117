"""Forecasts from a file as a network has them: by its sites and products, for windows of its recorded demand.

Letters: W periods of a window, A periods ahead, Q quantiles, N sites, K products, T periods, B episodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ..demand.file import FileDemand
from ..demand.recorded import Recorded
from ..numerics.arrays import Array, Floats, namespace
from ..numerics.draws import Draw
from .forecast_file import ForecastTable
from .known_forecasts import KnownForecasts
from .quantiles import Levels


@dataclass(frozen=True, eq=False)
class ForecastSource:
    """What is forecast of a network's own customers, site by site."""

    table: ForecastTable
    demand: FileDemand
    """Whose windows and blocks are those of all."""
    sites: tuple[str, ...]
    products: tuple[str, ...]
    levels: Levels
    ahead: int
    """A."""
    usual: Floats
    """The quantiles of a training window's period (Q, N, K), which stand for what is not forecast [units]."""

    @cached_property
    def usual_mean(self) -> Floats:
        """Mean of the same (N, K), as its quantiles tell it [units]."""
        found: Floats = self.levels.mean(self.usual)
        return found

    @property
    def record(self) -> Recorded:
        """The file of demand."""
        return self.demand.table

    def coming(self, period: int) -> tuple[int, int]:
        """The number of a period, and of the last that is looked at when it begins."""
        return period, period + self.ahead - 1

    def given(self, bounds: tuple[int, int]) -> Floats:
        """The file's quantiles (W, A, Q, N, K) of the periods between two, NaN where it has none."""
        return _given(self.table, self.sites, self.products, bounds, self.ahead)

    def between(self, bounds: tuple[int, int]) -> Floats:
        """The same, and one row more, with the usual quantiles where it has none (W+1, A, Q, N, K)."""
        given = self.given(bounds)
        last = np.broadcast_to(self.usual, (1, self.ahead, *self.usual.shape))
        return np.concatenate([np.where(np.isnan(given), self.usual, given), last])

    def in_episodes(self, draw: Draw, asarray: Callable[[Any], Array]) -> KnownForecasts:
        """What is forecast in episodes, for the very periods that their demand is taken from."""
        bounds = self.demand.bounds(draw.split)
        length = bounds[1] - bounds[0] + 1
        period = self.demand.periods_of(draw, length)
        xp = namespace(period)
        after = xp.concat([xp.zeros_like(period[:1]) + length] * (self.ahead + 1))
        return KnownForecasts(asarray(self.between(bounds)), xp.concat([period, after]))

    def on_day(self, period: int) -> KnownForecasts:
        """What is forecast when a period, by its number in the file of demand, begins: one episode of no length."""
        return KnownForecasts(self.between(self.coming(period)), np.arange(self.ahead + 1)[:, None])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the file does not say, or not as it should, and what was made of it, a sentence each."""
        sold, told = self.usual.any(axis=0), set(self.table.series)
        pairs = [(self.sites[site], self.products[product]) for site, product in np.argwhere(sold)]
        lacking = [pair for pair in pairs if pair not in told]
        found = list(self.table.notes)
        if lacking:
            site, product = lacking[0]
            found.append(
                f"Nothing is forecast of {len(lacking)} of {len(pairs)} products at a site, such as {product} at {site}: "
                "usual demand stands for it."
            )
        return tuple(found)


@lru_cache(maxsize=8)
def _given(
    table: ForecastTable, sites: tuple[str, ...], products: tuple[str, ...], bounds: tuple[int, int], ahead: int
) -> Floats:
    """What was forecast last (W, A, Q, N, K) before a period was so far ahead, NaN for nothing."""
    places = {name: number for number, name in enumerate(sites)}, {name: number for number, name in enumerate(products)}
    number = np.array([(places[0].get(site, -1), places[1].get(product, -1)) for site, product in table.series])
    site, product = number[table.place].T
    inside = (table.period >= bounds[0]) & (table.period <= bounds[1]) & (site >= 0) & (product >= 0)
    shape = (bounds[1] - bounds[0] + 1, ahead, len(sites), len(products), len(table.levels))
    found = np.full(shape, np.nan)
    for periods in range(ahead):
        known = inside & (table.cutoff < table.period - periods)
        found[table.period[known] - bounds[0], periods, site[known], product[known]] = table.values[known]
    found = np.moveaxis(found, -1, 2)
    found.flags.writeable = False
    return found
