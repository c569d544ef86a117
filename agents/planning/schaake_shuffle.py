"""Futures that have the quantiles of forecasts from elsewhere.

Letters: T periods, C customers, K products, S futures, A periods ahead that are forecast, N sites, Q quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.forecasts.source import ForecastSource
from orderup.envs.numerics.arrays import Floats, Mask

from .programs.problem import Places

NEAR = 1e-5
"""How near usual quantiles are to themselves after a journey in single precision, as a share of them."""


@dataclass(frozen=True)
class SchaakeShuffle:
    """Gives drawn futures the quantiles that are forecast, and leaves their order as it was drawn."""

    source: ForecastSource
    site: Places
    """Of each customer (C,)."""
    share: Floats
    """Of each customer in its site's demand (C, K)."""

    def shuffled(self, future: Floats, told: Floats) -> Floats:
        """Futures (T, C, K, S) whose first periods have the quantiles (Q, N, A, K), none below nothing.

        Periods whose quantiles are only the usual ones stay as they were drawn.
        """
        periods = min(told.shape[2], len(future))
        usual = self.source.usual[:, :, None]
        forecast: Mask = np.asarray((np.abs(told - usual) > NEAR * (1.0 + usual)).any(axis=0))
        by_customer = np.moveaxis(told[:, self.site, :periods], 1, 2) * self.share
        first = future[:periods]
        rank = first.argsort(axis=3, kind="stable").argsort(axis=3, kind="stable")
        weights = self.source.levels.weights((np.arange(future.shape[3]) + 0.5) / future.shape[3])
        quantiles = np.maximum(np.einsum("qs,qtck->tcks", weights, by_customer), 0.0)
        values = np.take_along_axis(quantiles, rank, axis=3)
        found = future.copy()
        where = np.moveaxis(forecast[self.site, :periods], 0, 1)
        found[:periods] = np.where(where[..., None], values, first)
        return found
