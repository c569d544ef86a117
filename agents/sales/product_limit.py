"""The distribution of demand by sales some of which are only known to have been exceeded: Kaplan and Meier's product limit.

Letters: W observations; other axes are series of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from orderup.envs.numerics.arrays import Floats, Mask

from .beyond import moments_beyond

ROUNDING = 1e-12


@dataclass(frozen=True)
class ProductLimit:
    """The product-limit estimate (Kaplan and Meier, Journal of the American Statistical Association 53, 1958)."""

    values: Floats
    """Observations in ascending order (W, …), those known before those exceeded."""
    survival: Floats
    """Estimated chance of more than each (W, …); the last of equals counts."""

    @classmethod
    def of(cls, values: Floats, exceeded: Mask) -> ProductLimit:
        """From values (W, …), and where (true) no more is known than that they were exceeded.

        >>> seen = ProductLimit.of(np.array([3.0, 5.0, 5.0, 8.0]), np.array([False, False, True, False]))
        >>> seen.survival.tolist()
        [0.75, 0.5, 0.5, 0.0]
        """
        order = np.lexsort((exceeded, values), axis=0)
        values, known = np.take_along_axis(values, order, 0), ~np.take_along_axis(exceeded, order, 0)
        at_risk = np.arange(len(values), 0, -1.0).reshape(-1, *(1,) * (values.ndim - 1))
        survival: Floats = np.cumprod(np.where(known, 1.0 - 1.0 / at_risk, 1.0), axis=0, dtype=np.float64)
        return cls(values, survival)

    def mean(self, mean: Floats, deviation: Floats) -> Floats:
        """Of the estimate (…); what lies beyond the largest observation as in a normal law of these moments."""
        before = np.concatenate([np.ones_like(self.survival[:1]), self.survival[:-1]])
        beyond, _ = moments_beyond(self.values[-1], mean, deviation, np.array(False))
        found: Floats = (self.values * (before - self.survival)).sum(axis=0) + self.survival[-1] * beyond
        return found

    def quantile(self, chance: Floats, mean: Floats, deviation: Floats) -> Floats:
        """The smallest value that the estimate gives at least this chance of covering demand (…).

        Where no observation does, since the largest was exceeded, it is where a normal law of these moments has the rest, so
        that sales are not taken for all that could be sold.
        """
        reached = 1.0 - self.survival >= chance - ROUNDING
        first = np.take_along_axis(self.values, reached.argmax(axis=0)[None], 0)[0]
        last, left = self.values[-1], np.maximum(self.survival[-1], ROUNDING)
        beyond = ndtr((mean - last) / np.maximum(deviation, ROUNDING)) * np.minimum((1.0 - chance) / left, 1.0)
        further = np.maximum(mean - deviation * ndtri(np.clip(beyond, 1e-15, 1.0 - 1e-15)), last)
        found: Floats = np.where(reached.any(axis=0), first, further)
        return found
