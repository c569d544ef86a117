"""How much more than usual customers will ask for, by all that a seat knows of what is to come.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array

from .forecast import ForecastDemand
from .promoted import PromotedDemand


def is_news(network: Network) -> bool:
    """Whether there is anything that tells of demand ahead: promotions, or forecasts from elsewhere."""
    return bool(network.scenario.promotions) or network.forecasts is not None


class ExtraDemand:
    """Extra demand within each lane's protection interval, by promotions and by forecasts from elsewhere."""

    def __init__(self, context: Context) -> None:
        network = context.network
        promoted = [PromotedDemand(context)] if network.scenario.promotions else []
        forecasts = [ForecastDemand(context)] if network.forecasts is not None else []
        self._parts: list[PromotedDemand | ForecastDemand] = [*promoted, *forecasts]

    def extra(self, information: Information) -> Array:
        """(B, L, K) [units]; below 0 where less than usual is to be expected."""
        first, *others = (part.extra(information) for part in self._parts)
        return sum(others, first)
