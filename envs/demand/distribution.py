"""What the demand of one or more periods may come to: distributions of K products at once, in scipy.stats' manner.

The last axis of arguments and results has length K, or 1.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from ..numerics.arrays import Floats

ROUNDING = 1e-12
"""By how much a sum of probabilities may miss the probability it stands for."""


class Distribution(Protocol):
    """What scipy.stats' frozen distributions offer, over K products at once."""

    def ppf(self, q: Any) -> Any:
        """The smallest demand whose cumulative probability reaches q."""

    def cdf(self, x: Any) -> Any:
        """The probability that the demand is at most x."""

    def mean(self) -> Any:
        """The expected demand (K,)."""

    def std(self) -> Any:
        """The standard deviation of the demand (K,)."""


def described(demand: Distribution) -> str:
    """Its moments, as a message shows them.

    >>> described(NormalDistribution([5.0, 20.0], [1.0, 8.0]))
    'mean 5, 20, standard deviation 1, 8'
    """
    mean, deviation = (", ".join(f"{value:.4g}" for value in np.ravel(part)[:5]) for part in (demand.mean(), demand.std()))
    return f"mean {mean}, standard deviation {deviation}"


class NormalDistribution:
    """Normal, by means (K,) and standard deviations (K,); a standard deviation of 0 stands for a certain amount."""

    def __init__(self, mean: ArrayLike, sd: ArrayLike) -> None:
        self._mean, self._sd = np.asarray(mean, float), np.asarray(sd, float)

    def __repr__(self) -> str:
        return f"normal demand, {described(self)}"

    def ppf(self, q: ArrayLike) -> Floats:
        quantile: Floats = self._mean + self._sd * np.where(self._sd > 0, ndtri(np.asarray(q, float)), 0.0)
        return quantile

    def cdf(self, x: ArrayLike) -> Floats:
        gap = np.asarray(x, float) - self._mean
        with np.errstate(divide="ignore", invalid="ignore"):
            probability: Floats = np.where(self._sd > 0, ndtr(gap / self._sd), np.heaviside(gap, 1.0))
        return probability

    def mean(self) -> Floats:
        return self._mean

    def std(self) -> Floats:
        return self._sd


class DiscreteDistribution:
    """Values (n, K) in ascending order with their probabilities (n, K), or (n, 1) where all products have the same."""

    def __init__(self, values: Floats, probabilities: Floats) -> None:
        self._values, self._probabilities = np.broadcast_arrays(values, probabilities)

    @classmethod
    def of_samples(cls, samples: Floats) -> DiscreteDistribution:
        """The empirical distribution of samples (n, K)."""
        return cls(np.sort(samples, axis=0), np.full((len(samples), 1), 1 / len(samples)))

    def __repr__(self) -> str:
        return f"demand of {len(self._values)} values, {described(self)}"

    def ppf(self, q: ArrayLike) -> Floats:
        wanted = np.asarray(q, float)[..., None, :] if np.ndim(q) else np.asarray(q, float)
        at = (np.cumsum(self._probabilities, axis=0) < wanted - ROUNDING).sum(axis=-2)
        last, products = np.array(self._values.shape) - 1
        found: Floats = self._values[np.minimum(at, last), np.arange(products + 1)]
        return found

    def cdf(self, x: ArrayLike) -> Floats:
        limit = np.asarray(x, float)[..., None, :] if np.ndim(x) else np.asarray(x, float)
        total: Floats = (self._probabilities * (self._values <= limit)).sum(axis=-2)
        return total

    def mean(self) -> Floats:
        total: Floats = (self._probabilities * self._values).sum(axis=0)
        return total

    def std(self) -> Floats:
        square: Floats = (self._probabilities * (self._values - self.mean()) ** 2).sum(axis=0)
        return np.sqrt(square)


def running_sums(series: Floats, periods: int) -> Floats:
    """Sums (n, K) of `periods` consecutive rows of a series (n, K) from each row on; its first row follows its last."""
    rounds, rest = divmod(periods, len(series))
    cumulative = np.concatenate([np.zeros_like(series[:1]), np.cumsum(np.concatenate([series, series]), axis=0)])
    sums: Floats = rounds * series.sum(axis=0) + cumulative[rest : rest + len(series)] - cumulative[: len(series)]
    return sums
