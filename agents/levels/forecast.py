"""How much more than usual customers will ask for, as far as a seat sees forecasts from elsewhere.

Letters: B batch, N sites, L lanes, K products, A periods ahead that are forecast.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context
from orderup.envs.numerics.arrays import Array, namespace

from ..prospects.forecasts import means
from .base_stock import waiting_time
from .downstream import CustomersBelow


class ForecastDemand:
    """Extra demand that forecasts tell of within each lane's protection interval.

    A site sees those of its own customers, and a seat that sees all records everybody's: a lane counts those of the customers
    that its destination covers. What is usual is what the same quantiles say of the training window.
    """

    def __init__(self, context: Context) -> None:
        network, source = context.network, context.network.forecasts
        assert source is not None  # whoever asks has looked
        self._levels, self._to = source.levels, context.backend.asarray(network.topology.destination)
        self._planner, self._hears = context.seats == (PLANNER,), context.autonomy.sees(context.seats, "shared")
        self._below = CustomersBelow(network, context.backend)
        periods = network.times.protection - network.times.delay_at_most + waiting_time(context)
        within = np.arange(source.ahead) < periods[:, None]
        self._within = context.backend.asarray(within.astype(float))
        self._usual = context.backend.asarray(source.usual_mean[None, :, None])

    def extra(self, information: Information) -> Array:
        """(B, L, K) [units]; below 0 where less than usual is to be expected."""
        own = 0.0 if self._planner else self._per_lane(means(information, self._levels, own=True))
        if not self._hears:
            return own
        told = means(information, self._levels, own=False)
        everybody = self._per_lane(told, covered=True)
        return everybody if self._planner else own + everybody - self._per_lane(told)

    def _per_lane(self, mean: Array, covered: bool = False) -> Array:
        """From means by site (B, N, A, K) to units above the usual by lane (B, L, K)."""
        units = mean - self._usual
        if covered:
            units = self._below.total(units)
        return namespace(units).einsum("la,blak->blk", self._within, units[:, self._to])
