"""How fast recorded demand runs against its record.

Letters: B batch, N sites, K products.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.numerics.arrays import Floats

RECORD = 8.0
"""Periods of what is seen that count as much as the record: the best for the window for validation of orange_juice."""


class Pace:
    """How fast recorded demand is seen to run at each site, as a multiple of its record: that is a sample, and times change.

    `mean` (N, K) is what a period usually brings.
    """

    def __init__(self, mean: Floats, batch: int) -> None:
        self._record = RECORD * np.where(mean > 0, mean, 1.0)
        self._heard, self._expected = (np.zeros((batch, *mean.shape)) for _ in range(2))

    def hear(self, latest: Floats, expected: Floats, episode: int) -> None:
        """Take note of the demand of one more period, and of what the record had for it (N, K) [units]."""
        self._heard[episode] += latest
        self._expected[episode] += expected

    def of(self, episode: int) -> Floats:
        """(N, K); 1 as long as nothing was heard."""
        found: Floats = (self._record + self._heard[episode]) / (self._record + self._expected[episode])
        return found
