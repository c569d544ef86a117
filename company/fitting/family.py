"""Families of demand that can be fitted, all series at once.

Letters: S series, T periods. Demand is (S, T), NaN where it is not known; factors (S, T) are what the mean is multiplied by.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s

from orderup.envs.foundation.registry import Registry
from orderup.envs.numerics.arrays import Floats

LEAST_RATIO = 1.02
"""Of variance to mean, for a negative binomial."""
LEAST_SCORE = -50.0
"""Of a logarithm of a probability: one impossible period does not decide alone."""
CUT = 3.2
"""Deviations from 0 to the mean from which a normal is as good as never cut."""

Numbers = Mapping[str, Floats]


class DemandFamily:
    """A kind of distribution, whose `fit` gives the numbers that are its keys in a scenario, (S,) each."""

    parameters: int = 1
    whole: bool = True
    """Whether it is on the whole numbers."""
    seasonal: bool = True
    """Whether its mean can be multiplied by factors."""

    def fit(self, demand: Floats, factors: Floats) -> Numbers:
        """Its numbers, by moments."""
        raise NotImplementedError  # a family's own: there is no demand of no family

    def fits(self, numbers: Numbers) -> bool:
        """Whether these numbers are ones that it can have."""
        return True

    def below(self, demand: Floats, factors: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
        """The probabilities of less than a demand, and of no more than it, each (S, T)."""
        raise NotImplementedError  # likewise

    def score(self, demand: Floats, factors: Floats, numbers: Numbers) -> Floats:
        """Logarithm of the probability of what there was, to the nearest whole number (S, T); NaN where nothing is known."""
        low, high = self.below(demand, factors, numbers)
        with np.errstate(divide="ignore"):
            found = np.log(np.maximum(high - low, 0.0))
        return np.where(np.isnan(demand), np.nan, np.maximum(found, LEAST_SCORE))

    def quantile(self, share: float, factors: Floats, numbers: Numbers) -> Floats:
        """Demand that is not exceeded with a probability (S, T)."""
        raise NotImplementedError  # likewise


families: Registry[DemandFamily] = Registry("family", DemandFamily)


def means(demand: Floats, factors: Floats) -> Floats:
    """Mean demand of a period with factor 1 (S,)."""
    known = ~np.isnan(demand)
    total, weight = np.where(known, demand, 0.0).sum(axis=1), np.where(known, factors, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(weight, 1e-12))


def variances(demand: Floats, factors: Floats, mean: Floats, power: int) -> Floats:
    """Mean square about the mean (S,), each over its factor to the `power`: 1 for counts, 2 for what is scaled as a whole."""
    known = ~np.isnan(demand) & (factors > 0)
    away = np.where(known, (demand - mean[:, None] * factors) ** 2 / np.where(factors > 0, factors, 1.0) ** power, 0.0)
    return np.asarray(away.sum(axis=1) / np.maximum(known.sum(axis=1) - 1, 1))


@families.register("poisson")
class PoissonFamily(DemandFamily):
    """Counts of independent buyers."""

    def fit(self, demand: Floats, factors: Floats) -> Numbers:
        return {"mean": means(demand, factors)}

    def below(self, demand: Floats, factors: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
        dist = scipy.stats.poisson(numbers["mean"][:, None] * factors)
        whole = np.rint(demand)
        return dist.cdf(whole - 1), dist.cdf(whole)

    def quantile(self, share: float, factors: Floats, numbers: Numbers) -> Floats:
        return np.asarray(scipy.stats.poisson.ppf(share, numbers["mean"][:, None] * factors))


@families.register("negative_binomial")
class NegativeBinomialFamily(DemandFamily):
    """Counts that vary more."""

    parameters = 2

    def fit(self, demand: Floats, factors: Floats) -> Numbers:
        mean = means(demand, factors)
        ratio = variances(demand, factors, mean, 1) / np.maximum(mean, 1e-12)
        return {"mean": mean, "variance_to_mean": np.where(mean > 0, np.maximum(ratio, LEAST_RATIO), LEAST_RATIO)}

    def below(self, demand: Floats, factors: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
        dist = scipy.stats.nbinom(*_successes(factors, numbers))
        whole = np.rint(demand)
        return dist.cdf(whole - 1), dist.cdf(whole)

    def quantile(self, share: float, factors: Floats, numbers: Numbers) -> Floats:
        return np.asarray(scipy.stats.nbinom.ppf(share, *_successes(factors, numbers)))


def _successes(factors: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
    ratio = numbers["variance_to_mean"][:, None]
    return np.maximum(numbers["mean"][:, None] * factors, 1e-9) / (ratio - 1), np.broadcast_to(1 / ratio, factors.shape)


class _Scaled(DemandFamily):
    """One whose numbers of demand are a mean and a deviation, both multiplied by the factors."""

    parameters, whole = 2, False

    def fit(self, demand: Floats, factors: Floats) -> Numbers:
        mean = means(demand, factors)
        return {"mean": mean, "sd": np.sqrt(variances(demand, factors, mean, 2))}

    def below(self, demand: Floats, factors: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
        scaled = demand / np.where(factors > 0, factors, np.nan)
        half = 0.5 / np.where(factors > 0, factors, np.nan)
        return self._cdf(scaled - half, numbers), self._cdf(scaled + half, numbers)

    def _cdf(self, demand: Floats, numbers: Numbers) -> Floats:
        raise NotImplementedError  # of each continuous family: this one is what they have in common


@families.register("normal")
class NormalFamily(_Scaled):
    """Demand of many, that is next to never nothing."""

    def fits(self, numbers: Numbers) -> bool:
        return bool((numbers["mean"] >= CUT * numbers["sd"]).all())

    def _cdf(self, demand: Floats, numbers: Numbers) -> Floats:
        return np.asarray(scipy.stats.norm.cdf(demand, numbers["mean"][:, None], np.maximum(numbers["sd"], 1e-9)[:, None]))

    def quantile(self, share: float, factors: Floats, numbers: Numbers) -> Floats:
        mean, sd = numbers["mean"][:, None], np.maximum(numbers["sd"], 1e-9)[:, None]
        return np.asarray(factors * np.maximum(scipy.stats.norm.ppf(share, mean, sd), 0.0))


@families.register("lognormal")
class LognormalFamily(_Scaled):
    """Demand with a long tail, that is never nothing."""

    def fits(self, numbers: Numbers) -> bool:
        return bool((numbers["mean"] > 0).all())

    def _cdf(self, demand: Floats, numbers: Numbers) -> Floats:
        shape, scale = _logarithm(numbers)
        return np.asarray(scipy.stats.lognorm.cdf(demand, shape, scale=scale))

    def quantile(self, share: float, factors: Floats, numbers: Numbers) -> Floats:
        shape, scale = _logarithm(numbers)
        return np.asarray(factors * scipy.stats.lognorm.ppf(share, shape, scale=scale))


def _logarithm(numbers: Numbers) -> tuple[Floats, Floats]:
    mean, sd = (np.maximum(numbers[name], 1e-9)[:, None] for name in ("mean", "sd"))
    variance = np.log1p((sd / mean) ** 2)
    return np.sqrt(variance), mean * np.exp(-variance / 2)


@families.register("ar1")
class Ar1Family(DemandFamily):
    """Normal demand that remembers the period before."""

    parameters, whole, seasonal = 3, False, False

    def fit(self, demand: Floats, factors: Floats) -> Numbers:
        mean = means(demand, factors)
        away = demand - mean[:, None]
        pairs = away[:, 1:] * away[:, :-1]
        known = ~np.isnan(pairs)
        count = np.maximum(known.sum(axis=1), 1)
        variance = variances(demand, factors, mean, 2)
        rho = np.where(known, pairs, 0.0).sum(axis=1) / count / np.maximum(variance, 1e-12)
        rho = rho + (1 + 3 * rho) / count  # Kendall (1954): the first lag's bias
        return {"mean": mean, "sd": np.sqrt(variance), "rho": np.clip(rho, -0.95, 0.95)}

    def fits(self, numbers: Numbers) -> bool:
        return bool((numbers["mean"] >= CUT * numbers["sd"]).all()) and bool(abs(np.median(numbers["rho"])) > 0.1)

    def below(self, demand: Floats, factors: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
        mean, rho = numbers["mean"][:, None], numbers["rho"][:, None]
        before = np.concatenate([np.full((len(demand), 1), np.nan), demand[:, :-1]], axis=1)
        expected = np.where(np.isnan(before), mean, mean + rho * (before - mean))
        spread = numbers["sd"][:, None] * np.where(np.isnan(before), 1.0, np.sqrt(1 - rho**2))
        dist = scipy.stats.norm(expected, np.maximum(spread, 1e-9))
        return dist.cdf(demand - 0.5), dist.cdf(demand + 0.5)

    def quantile(self, share: float, factors: Floats, numbers: Numbers) -> Floats:
        return NormalFamily().quantile(share, factors, numbers)
