"""What forecasts from elsewhere say to a seat: means and quantiles of demand ahead, as its information gives them.

Letters: B batch, N sites, L lanes, K products, A periods ahead, Q quantiles, P a lane's protection interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from orderup.envs.forecasts.quantiles import Levels
from orderup.envs.information.information import Information
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, namespace
from orderup.envs.numerics.backend import Backend

FIELD = "forecast"


def quantiles(values: Array, levels: Levels) -> Array:
    """The field's values (B, N, A·Q, K) as quantiles (Q, B, N, A, K)."""
    batch, sites, width, products = values.shape
    count = len(levels.levels)
    return namespace(values).moveaxis(values.reshape(batch, sites, width // count, count, products), 3, 0)


class Spanned(Protocol):
    """So many periods, on average and give or take."""

    @property
    def mean(self) -> float:
        """Periods on average."""
        ...

    @property
    def variance(self) -> float:
        """Of their number."""
        ...


class OwnForecasts:
    """What forecasts say of a seat's own customers over each lane's protection interval.

    Errors in different periods are taken as independent: what quantiles are above the mean adds up in squares, as it does for
    normal demand, so that over one period the quantile is the file's own. Beyond what is forecast stands usual demand. Lead
    times that are drawn add what demand they leave uncertain.
    """

    def __init__(self, network: Network, backend: Backend, spans: Sequence[Spanned], chance: Floats) -> None:
        """Over each lane's span, a last period in part; quantiles are those at each lane's `chance` (L, K)."""
        assert network.forecasts is not None  # whoever asks has looked
        source = network.forecasts
        self._levels, self._to = source.levels, backend.asarray(network.topology.destination)
        self._weights = backend.asarray(self._levels.weights(chance))
        periods, score = np.array([span.mean for span in spans]), ndtri(chance)
        most = int(np.ceil(periods.max()))
        within = np.clip(periods[:, None] - np.arange(max(most, source.ahead)), 0.0, 1.0)
        self._within = backend.asarray(within[:, : source.ahead])
        beyond = within[:, source.ahead :].sum(axis=1)[:, None]
        usual, to = source.usual, network.topology.destination
        above = np.einsum("qlk,qlk->lk", self._levels.weights(chance), usual[:, to]) - source.usual_mean[to]
        self._mean_beyond = backend.asarray(beyond * source.usual_mean[to])
        late = np.array([span.variance / span.mean**2 for span in spans])[:, None]
        self._late = backend.asarray(late * score * np.abs(score))
        self._square_beyond = backend.asarray(beyond * above**2 * np.sign(above))

    def over(self, information: Information) -> tuple[Array, Array]:
        """By lane (B, L, K): the mean, and the square of what the quantile is above it, with its sign."""
        told = quantiles(information.own(FIELD), self._levels)
        xp, mean = namespace(told), self._levels.mean(told)[:, self._to]
        at = xp.einsum("qlk,qblak->blak", self._weights, told[:, :, self._to])
        above = at - mean
        total = xp.einsum("la,blak->blk", self._within, mean) + self._mean_beyond
        square = xp.einsum("la,blak->blk", self._within, above * xp.abs(above)) + self._square_beyond
        return total, square + self._late * total**2


def means(information: Information, levels: Levels, own: bool) -> Array:
    """Mean demand of the coming periods (B, N, A, K): one's own customers', or everybody's as the feed has it."""
    values = information.own(FIELD) if own else information.everywhere(FIELD)
    return levels.mean(quantiles(values, levels))
