"""Sums over rows of an array by whom they belong to, in time that grows with how many belong to somebody.

Letters: F features, K products, B batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from orderup.envs.numerics.arrays import Array, Floats, namespace
from orderup.envs.numerics.backend import Backend

LARGE = 64
"""Rows from which most weights are 0, so that NumPy leaves them out."""


class Summing:
    """Weighted sums: `weights` (sums, rows) says how much each row counts in each."""

    def __init__(self, weights: Floats, backend: Backend) -> None:
        self._weights: Any = backend.asarray(weights)
        self._changes_nothing = weights.shape[0] == weights.shape[1] and np.array_equal(weights, np.eye(weights.shape[0]))
        if backend.name == "numpy" and weights.shape[1] > LARGE:
            self._weights = csr_array(self._weights)

    def __call__(self, values: Array) -> Array:
        """Of (F, rows, K, B) to (F, sums, K, B)."""
        if self._changes_nothing:
            return values
        xp, (features, rows, *rest) = namespace(values), values.shape
        found = self._weights @ xp.moveaxis(values, 1, 0).reshape(rows, -1)
        return xp.moveaxis(found.reshape(-1, features, *rest), 1, 0)
