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
RECENT = 1
"""Which half-life errors of forecasts are remembered by, whoever made them."""
CHOOSY = 4.0
"""How much more a mean counts that has been closer: it weighs as its mean squared error to the power of minus this."""


@dataclass
class Smoothed:
    """Means of what was asked for, the latest the most, for each half-life.

    Where the mean is known it starts from that, as if it had been seen for ever; else from nothing.
    """

    sums: list[Array]
    """Weighted sums of demand (N, K, B) [units]."""
    counts: list[float]
    """Sums of weights."""

    @classmethod
    def of(cls, mean: Array, known: bool) -> Smoothed:
        """Before the first period, by the mean (N, K, B) [units] of what is known."""
        counts = _counts(known)
        return cls([mean * count for count in counts], counts)

    def add(self, asked: Array) -> None:
        """A period is over in which this was asked for (N, K, B) [units]."""
        for number, weight in enumerate(WEIGHTS):
            self.sums[number] = weight * self.sums[number] + asked
            self.counts[number] = weight * self.counts[number] + 1.0

    def mean(self, number: int) -> Array:
        """By the half-life of this number (N, K, B) [units]; 0 before anything is seen."""
        count = self.counts[number]
        return self.sums[number] / count if count else self.sums[number]


@dataclass
class DemandMemory(Smoothed):
    """The same, with how far from them demand has been, and how far it has been from what each predicted.

    Where the mean and the deviation are not known it forecasts, too.
    """

    squares: list[Array]
    """Weighted sums of squared distances from the mean that was expected (N, K, B) [units²]."""
    errors: list[Array]
    """The same with the weights of the RECENT half-life, whatever the mean's own (N, K, B) [units²]."""
    missed: Array | None
    """… of the forecast that is put together of them (N, K, B) [units²]; None where nothing has to be forecast."""
    since: Array
    """Periods since anything was asked for (N, K, B)."""

    @classmethod
    def starting(cls, mean: Array, deviation: Array, known: bool) -> DemandMemory:
        """Before the first period, by the mean and the deviation (N, K, B) [units] of what is known."""
        first, variance = Smoothed.of(mean, known), deviation * deviation
        recent = variance * first.counts[RECENT] + 0.0 * mean
        squares = [variance * count for count in first.counts]
        return cls(first.sums, first.counts, squares, [recent] * len(WEIGHTS), None if known else recent, 0.0 * mean)

    def add(self, asked: Array) -> None:
        """A period is over in which this was asked for (N, K, B) [units]."""
        seen, recent = self.counts[0] > 0, WEIGHTS[RECENT]
        if self.missed is not None:
            missed = asked - self.forecast() if seen else 0.0 * asked
            self.missed = recent * self.missed + missed * missed
        for number, weight in enumerate(WEIGHTS):
            gap = asked - self.mean(number) if seen else 0.0 * asked
            self.errors[number] = recent * self.errors[number] + gap * gap
            self.squares[number] = weight * self.squares[number] + gap * gap
        xp = namespace(asked)
        self.since = xp.where(asked > 0, 0.0 * asked, self.since + 1.0)
        super().add(asked)

    def deviation(self, number: int) -> Array:
        """The same of a period's standard deviation (N, K, B) [units], which is never 0."""
        return self._believed(self.squares[number], self.counts[number], self.mean(number)) ** 0.5

    def error(self, number: int) -> Array:
        """How far the mean of this half-life has been from what came, lately (N, K, B) [units], never 0."""
        return self._believed(self.errors[number], self.counts[RECENT], self.mean(RECENT)) ** 0.5

    def forecast(self) -> Array:
        """Of the coming period (N, K, B) [units]: the means, by how close they have been lately."""
        weights = [self.error(number) ** (-2.0 * CHOOSY) for number in range(len(WEIGHTS))]
        total = sum(weights[1:], weights[0])
        parts = [weight / total * self.mean(number) for number, weight in enumerate(weights)]
        return sum(parts[1:], parts[0])

    def forecast_error(self) -> Array:
        """How far that has been from what came, lately (N, K, B) [units], never 0. Raises ValueError where it is known."""
        if self.missed is None:
            raise ValueError("nothing is forecast where the mean of demand is known")
        return self._believed(self.missed, self.counts[RECENT], self.mean(RECENT)) ** 0.5

    @staticmethod
    def _believed(squares: Array, count: float, mean: Array) -> Array:
        """A mean square by a sum of them, with some belief in what is usual [units²]."""
        usual = mean + (VARIES * mean) ** 2
        return (squares + DOUBT * usual) / (count + DOUBT) + LEAST


def _counts(known: bool) -> list[float]:
    """Sums of weights before the first period: of all that was ever seen, or of nothing."""
    return [1.0 / (1.0 - weight) if known else 0.0 for weight in WEIGHTS]
