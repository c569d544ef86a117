"""What a demand comes to that was at least so much: conditional moments, for periods in which a shelf ran out.

Arrays broadcast; amounts in units.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betainc, erfcx

from orderup.envs.numerics.arrays import Floats, Mask

LEAST_SPREAD = 1e-6
"""Of a demand that is certain, as a share of what is asked about."""
LEAST_EXCESS = 1e-6
"""Of a negative binomial distribution's variance over its mean, as a share of that: as good as Poisson."""
ROUNDING = 1e-9


def moments_beyond(least: Floats, mean: Floats, deviation: Floats, whole: Mask) -> tuple[Floats, Floats]:
    """Mean and variance of a demand D, given that D ≥ `least`; that of one in `whole` units (true or false) is a count.

    Normal (Nahmias, Naval Research Logistics 41, 1994), counts negative binomial (Agrawal and Smith, Naval Research Logistics
    43, 1996), Poisson (Conrad, Operational Research Quarterly 27, 1976) where the variance is the mean; counts that spread less
    are taken as normal, from half a unit below `least` on. What is no more than nothing tells nothing.

    >>> mean, variance = moments_beyond(np.array([5.0]), np.array([5.0]), np.array([5.0**0.5]), np.array([True]))
    >>> round(mean.item(), 4), round(variance.item(), 4)
    (6.5681, 2.5412)
    """
    least, mean, deviation = np.broadcast_arrays(least, np.maximum(mean, 1e-9), deviation)
    whole = np.broadcast_to(whole, least.shape)
    spread = np.maximum(deviation, LEAST_SPREAD * np.maximum(mean, least))
    counts = whole & (spread**2 >= mean * (1.0 - ROUNDING))
    first, second = _normal(np.where(whole, np.ceil(least - ROUNDING) - 0.5, least), mean, spread)
    if counts.any():
        first, second = np.array(first), np.array(second)  # arrays of their own, for single numbers too
        first[counts], second[counts] = _counts(np.ceil(least[counts] - ROUNDING), mean[counts], spread[counts])
    first = np.maximum(np.where(least > 0, first, mean), least)
    variance = np.where(least > 0, second - first**2, deviation**2)
    return first, np.maximum(variance, 0.0)


def _normal(least: Floats, mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """First and second moment, by the hazard of the standard normal."""
    hazard = math.sqrt(2 / math.pi) / erfcx((least - mean) / spread / math.sqrt(2))
    return mean + spread * hazard, mean**2 + spread**2 + spread * (least + mean) * hazard


def _counts(least: Floats, mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The same of a negative binomial distribution of shape r: E[D; D ≥ k] is the mean times the chance of k − 1 with r + 1."""
    shape = mean**2 / np.maximum(spread**2 - mean, LEAST_EXCESS * mean)
    above = [_chance(least - fewer, shape + fewer, mean / (mean + shape)) for fewer in range(3)]
    there = above[0] > 0
    chance = np.where(there, above[0], 1.0)
    first = np.where(there, mean * above[1] / chance, least)
    pairs = np.where(there, mean**2 * (shape + 1) / shape * above[2] / chance, least * (least - 1))
    return first, pairs + first


def _chance(least: Floats, shape: Floats, share: Floats) -> Floats:
    """That a negative binomial count is at least so much."""
    found: Floats = np.where(least > 0, betainc(np.maximum(least, 1.0), shape, share), 1.0)
    return found
