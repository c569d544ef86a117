"""What a few quantiles say of a distribution: further quantiles, its mean and its variance.

Between the quantiles that are given, and beyond them, the quantile is taken to be linear in the normal score of its level: a
normal distribution is met exactly by two of its quantiles. Letters: Q quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from ..numerics.arrays import Array, Floats, namespace


@dataclass(frozen=True)
class Levels:
    """The levels at which quantiles are given, at least two, rising. All that is made of the quantiles is linear in them."""

    levels: tuple[float, ...]

    def mean(self, quantiles: Array) -> Array:
        """Mean (…) of what has these quantiles (Q, …)."""
        return _combined(self._mean[None], quantiles)[0]

    def variance(self, quantiles: Array) -> Array:
        """Variance (…) of what has these quantiles (Q, …)."""
        parts = _combined(self._root, quantiles)
        return namespace(quantiles).sum(parts**2, axis=0)

    def weights(self, chance: Any) -> Floats:
        """By how much each given quantile counts (Q, …) in the quantile at other levels (…)."""
        score = ndtri(np.asarray(chance, dtype=float))
        left = np.clip(np.searchsorted(self._scores, score) - 1, 0, len(self.levels) - 2)
        share = (score - self._scores[left]) / (self._scores[left + 1] - self._scores[left])
        found = np.zeros((len(self.levels), *score.shape))
        np.put_along_axis(found, left[None], (1.0 - share)[None], axis=0)
        np.put_along_axis(found, left[None] + 1, share[None], axis=0)
        return found

    @cached_property
    def _scores(self) -> Floats:
        found: Floats = ndtri(np.array(self.levels))
        return found

    @cached_property
    def _moments(self) -> tuple[Floats, Floats]:
        """The mean (Q,), and the mean of products (Q, Q), of what each quantile counts, over all levels."""
        ends = np.array([-np.inf, *self._scores[1:-1], np.inf])
        mean, square = np.zeros(len(ends)), np.zeros((len(ends), len(ends)))
        for left, (low, high) in enumerate(pairwise(ends)):
            start, width = self._scores[left], self._scores[left + 1] - self._scores[left]
            hats = np.array([[start + width, -1.0], [-start, 1.0]]) / width  # 1 at its own score, 0 at the other
            powers = _powers(low, high)
            mean[left : left + 2] += hats @ powers[:2]
            square[left : left + 2, left : left + 2] += hats @ np.array([powers[:2], powers[1:]]) @ hats.T
        return mean, square

    @property
    def _mean(self) -> Floats:
        return self._moments[0]

    @cached_property
    def _root(self) -> Floats:
        """Combinations (Q, Q) of quantiles whose squares add up to the variance."""
        mean, square = self._moments
        values, vectors = np.linalg.eigh(square - np.outer(mean, mean))
        found: Floats = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
        return found


def _powers(low: float, high: float) -> Floats:
    """The integrals of 1, z and z² over a part of the standard normal density (3,)."""
    density = [np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) for z in (low, high)]
    whole = ndtr(high) - ndtr(low)
    ends = [0.0 if np.isinf(z) else z * height for z, height in zip((low, high), density, strict=True)]
    return np.array([whole, density[0] - density[1], whole + ends[0] - ends[1]])


def _combined(weights: Floats, quantiles: Array) -> Array:
    """Weighted sums (R, …) of quantiles (Q, …), by weights (R, Q)."""
    xp = namespace(quantiles)
    by = xp.asarray(weights, dtype=quantiles.dtype, device=getattr(quantiles, "device", None))
    return xp.tensordot(by, quantiles, axes=((1,), (0,)))
