"""Normal demand as it is drawn: what lies below nothing counts as nothing, which raises its mean and lowers its spread.

K products.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from numpy.typing import NDArray
from scipy.special import ndtr

from ..numerics.arrays import Floats
from .distribution import Distribution, NormalDistribution
from .sums import SideBySide, Steps, summed

IMMATERIAL = 2e-4
"""Share of the deviation by which the cut raises the mean where it is passed over: of means from 3.2 deviations on."""
MANY = 200
"""Different normals at once whose sums are worked out; of more they are normal, with the moments that they have."""


def cut_moments(mean: Floats, sd: Floats, immaterial: float = IMMATERIAL) -> tuple[Floats, Floats]:
    """Mean (K,) and standard deviation (K,) of normals with these, cut at 0; as they are where the cut is immaterial."""
    matters = is_cut(mean, sd, immaterial)
    if not matters.any():
        return mean, sd
    ratio = np.divide(mean, sd, out=np.full_like(mean, np.inf), where=sd > 0)
    above, density = ndtr(ratio), scipy.stats.norm.pdf(ratio)
    cut = mean * above + sd * density
    square = (mean**2 + sd**2) * above + mean * sd * density
    return np.where(matters, cut, mean), np.where(matters, np.sqrt(np.maximum(square - cut**2, 0.0)), sd)


def is_cut(mean: Floats, sd: Floats, immaterial: float = IMMATERIAL) -> NDArray[np.bool_]:
    """Whether the cut raises the mean by more than an `immaterial` share of the deviation (K,)."""
    ratio = np.divide(mean, sd, out=np.full_like(mean, np.inf), where=sd > 0)
    raised = scipy.stats.norm.pdf(ratio) - np.where(np.isfinite(ratio), ratio, 0.0) * ndtr(-ratio)
    found: NDArray[np.bool_] = raised > immaterial
    return found


def cut_normals(mean: Floats, sd: Floats, periods: int) -> Distribution:
    """What some periods of such demand, independent of each other, come to in sum."""
    deviation = np.sqrt(periods)
    if not is_cut(mean, sd).any():
        return NormalDistribution(periods * mean, deviation * sd)
    middle, spread = cut_moments(mean, sd)
    pairs = list(zip(mean.tolist(), sd.tolist(), strict=True))
    if periods > 1 and len(set(pairs)) > MANY:
        return NormalDistribution(periods * middle, deviation * spread)
    return SideBySide([_sum(*pair, periods) for pair in pairs], periods * middle, deviation * spread)


@lru_cache(maxsize=4 * MANY)
def _sum(mean: float, sd: float, periods: int) -> Any:
    """One product's, with `ppf` and `cdf`."""
    own = np.array([mean]), np.array([sd])
    if sd == 0:
        return Steps(np.array([periods * mean]), np.ones(1))
    if not is_cut(*own).any():
        return scipy.stats.norm(periods * mean, np.sqrt(periods) * sd)
    middle, spread = (float(moment[0]) for moment in cut_moments(*own))
    return summed(scipy.stats.norm(mean, sd), periods, middle, spread)
