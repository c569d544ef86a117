"""One site with full backlogging: the best order-up-to level and what it costs in the long run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from .lattice import spacing

LOWER_TAIL = 1e-15
QUADRATURE_POINTS = 256
MOST_AT_ONCE = 2**21
"""Points and levels that are summed over together."""


def newsvendor(
    holding: ArrayLike, shortage: ArrayLike, demand: Distribution
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Best order-up-to level (K,) [units] and its expected cost per period (K,) of K independent products at one site.

    `holding` h and `shortage` b [money per unit and period] are numbers or (K,); `demand` is that of the protection
    interval, the ℓ+1 periods from an order to the last demand it serves. The level is the smallest S with
    F(S) ≥ b/(b+h). Raises InputError unless both rates are positive. Source: Arrow, Harris & Marschak 1951; Zipkin,
    *Foundations of Inventory Management* (2000), chapter 9.

    >>> from scipy import stats
    >>> level, cost = newsvendor(holding=1, shortage=9, demand=stats.poisson(10))
    >>> float(level), round(float(cost), 4)
    (14.0, 5.8694)
    """
    level = demand.ppf(critical_ratio(holding, shortage))
    return level, newsvendor_cost(holding, shortage, demand, level)


def newsvendor_cost(holding: ArrayLike, shortage: ArrayLike, demand: Distribution, level: ArrayLike) -> NDArray[np.float64]:
    """Expected cost per period (K,) of any order-up-to level S (K,): h·E(S−D)⁺ + b·E(D−S)⁺, D the protection interval's demand.

    >>> from scipy import stats
    >>> round(float(newsvendor_cost(0.18, 0.70, stats.norm(50, 8), 50)), 4)
    2.8086
    """
    surplus = expected_surplus(demand, level)
    shortfall = surplus - (np.asarray(level) - demand.mean())
    return np.asarray(np.asarray(holding) * surplus + np.asarray(shortage) * shortfall)


def critical_ratio(holding: ArrayLike, shortage: ArrayLike) -> NDArray[np.float64]:
    """Probability b/(b+h) that the best level covers the demand of its protection interval."""
    for key, rate in (("holding", holding), ("shortage", shortage)):
        if not np.all(np.asarray(rate) > 0):
            raise InputError(key, rate, "positive rates")
    return np.asarray(np.asarray(shortage) / (np.asarray(shortage) + np.asarray(holding)))


def expected_surplus(demand: Distribution, level: ArrayLike) -> NDArray[np.float64]:
    """What is left of `level` S (K,) on average, E(S−D)⁺ = ∫ F(x) dx over x ≤ S [units].

    Demand for whole units, or on a lattice, is summed exactly; any other is integrated numerically, to about 1e-12 of its
    scale where F is smooth.
    """
    top, low = np.broadcast_arrays(np.asarray(level, dtype=float), np.asarray(demand.ppf(LOWER_TAIL), dtype=float))
    step = spacing(demand)
    return _integrated(demand, top, low) if step is None else _summed(demand, top, low, step)


def _summed(demand: Distribution, top: Any, low: Any, step: float) -> NDArray[np.float64]:
    whole = np.floor(top / step + 1e-9)
    first, last = float(low.min() / step), float(whole.max())
    full, size = np.zeros(top.shape), max(MOST_AT_ONCE // max(top.size, 1), 1)
    for start in np.arange(first, last, size):
        points = np.arange(start, min(start + size, last)).reshape(-1, *[1] * top.ndim)
        full = full + np.sum(demand.cdf(points * step) * (points < whole), axis=0)
    full = full * step
    return np.asarray(full + (top - whole * step) * demand.cdf(whole * step))


def _integrated(demand: Distribution, top: Any, low: Any) -> NDArray[np.float64]:
    """Gauss–Legendre in t, x = low + span·t², which also smooths an F that starts like a root of x."""
    nodes, weights = (part.reshape(-1, *[1] * top.ndim) for part in np.polynomial.legendre.leggauss(QUADRATURE_POINTS))
    t, span = (nodes + 1) / 2, np.maximum(top - low, 0.0)
    return np.asarray(np.sum(weights * t * demand.cdf(low + span * t**2), axis=0) * span)
