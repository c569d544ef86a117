"""What a seat remembers of what its site was asked for: weighted means and deviations, by what it has seen itself.

Letters: N sites, K products, B batch, H half-lives.
"""

from __future__ import annotations

from dataclasses import dataclass

from orderup.envs.numerics.arrays import Array, namespace

HALF_LIVES = (2.0, 8.0, 32.0)
"""[periods]"""
WEIGHTS = tuple(0.5 ** (1.0 / life) for life in HALF_LIVES)
DOUBT = 1.0
"""Periods' worth of belief that demand varies like a count with some more."""
LEAST = 1e-4
"""Variance of what has never been asked for [units²]."""
VARIES = 0.4
"""Standard deviation that is believed in before anything is seen, as a share of the mean."""


@dataclass
class DemandMemory:
    """Means and squared deviations of what was asked for, the latest the most, for each half-life.

    Where the mean and the deviation are known it starts from them, as if they had been seen for ever; else from nothing.
    """

    sums: list[Array]
    """Weighted sums of demand (N, K, B) [units]."""
    squares: list[Array]
    """Weighted sums of squared distances from the mean that was expected (N, K, B) [units²]."""
    counts: list[float]
    """Sums of weights."""
    since: Array
    """Periods since anything was asked for (N, K, B)."""

    @classmethod
    def of(cls, mean: Array, deviation: Array, known: bool) -> DemandMemory:
        """Before the first period, by the mean and the deviation (N, K, B) of what is known."""
        counts = [1.0 / (1.0 - weight) if known else 0.0 for weight in WEIGHTS]
        return cls(
            [mean * count for count in counts],
            [deviation * deviation * count for count in counts],
            counts,
            0.0 * mean,
        )

    def add(self, asked: Array) -> None:
        """A period is over in which this was asked for (N, K, B)."""
        for number, weight in enumerate(WEIGHTS):
            before = self.mean(number) if self.counts[number] else asked
            gap = asked - before
            self.sums[number] = weight * self.sums[number] + asked
            self.squares[number] = weight * self.squares[number] + gap * gap
            self.counts[number] = weight * self.counts[number] + 1.0
        xp = namespace(asked)
        self.since = xp.where(asked > 0, 0.0 * asked, self.since + 1.0)

    def mean(self, number: int) -> Array:
        """By the half-life of this number (N, K, B) [units]; 0 before anything is seen."""
        count = self.counts[number]
        return self.sums[number] / count if count else self.sums[number]

    def variance(self, number: int) -> Array:
        """The same of a period's variance, with some belief in what is usual (N, K, B) [units²]."""
        mean = self.mean(number)
        usual = mean + (VARIES * mean) ** 2
        return (self.squares[number] + DOUBT * usual) / (self.counts[number] + DOUBT)

    def deviation(self, number: int) -> Array:
        """Its square root (N, K, B) [units], which is never 0."""
        return (self.variance(number) + LEAST) ** 0.5
