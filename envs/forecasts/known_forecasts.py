"""What forecasts say in an episode, or on a day: which were known when.

Letters: W periods that forecasts are about, A periods ahead, Q quantiles, N sites, K products, T periods, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from ..numerics.arrays import Array, namespace


@dataclass(frozen=True)
class KnownForecasts:
    """Quantiles of each period's demand by how far ahead, and which period each of an episode's is."""

    values: Array
    """(W+1, A, Q, N, K) [units]; the last is for periods of which nothing is known."""
    period: Array
    """Of all periods and those known ahead (T+1+A, B)."""
    first: int = 0
    """The number of the first of them."""

    def ahead(self, now: int, periods: int) -> Array:
        """Quantiles (Q, N, K, B) of the demand so many periods after one, as they are known when that begins."""
        found = self.values[self.period[now - self.first + periods], periods]
        return namespace(found).moveaxis(found, 0, -1)

    def repeated(self, times: int) -> Self:
        """The same episodes so many times in a row."""
        return replace(self, period=namespace(self.period).concat([self.period] * times, axis=-1))

    def on(self, asarray: Any, batch: int) -> Self:
        """One day's, elsewhere and in so many episodes."""
        period = asarray(self.period)
        return replace(self, values=asarray(self.values), period=namespace(period).concat([period] * batch, axis=-1))
