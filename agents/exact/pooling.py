"""What holding stock in one place instead of many saves: the square-root law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from numpy.typing import ArrayLike

from orderup.envs.foundation.errors import InputError

from .newsvendor import critical_ratio


@dataclass(frozen=True)
class Pooling:
    """Optimal expected cost per period of the same customers served from a stock of their own each, or from one."""

    separate: float
    pooled: float

    @property
    def ratio(self) -> float:
        """Pooled over separate: 1/√N for N equal independent sites, 1 for perfectly correlated ones."""
        return self.pooled / self.separate


def eppen(holding: float, shortage: float, covariance: ArrayLike) -> Pooling:
    """Cost of safety stock apart and together: (h+b)·φ(z)·Σσ_i against (h+b)·φ(z)·√(ΣΣ σ_ij), z the b/(b+h) quantile.

    `covariance` (N, N) is that of the N sites' normal demands over the protection interval [units²]; `holding` h and
    `shortage` b are the same everywhere. Raises InputError unless the matrix is square with a positive diagonal. Source:
    Eppen 1979 (Management Science 25).

    >>> four = eppen(1, 9, 400 * np.eye(4))
    >>> round(four.separate, 2), round(four.pooled, 2), four.ratio
    (140.4, 70.2, 0.5)
    """
    matrix = np.asarray(covariance, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.all(np.diag(matrix) > 0):
        raise InputError("covariance", covariance, "a covariance matrix (N, N)")
    z = scipy.stats.norm.ppf(critical_ratio(holding, shortage))
    per_deviation = float((holding + shortage) * scipy.stats.norm.pdf(z))
    return Pooling(
        separate=per_deviation * float(np.sqrt(np.diag(matrix)).sum()),
        pooled=per_deviation * float(np.sqrt(max(matrix.sum(), 0.0))),
    )
