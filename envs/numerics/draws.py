"""What a random process draws from: uniforms keyed by (seed, name, episode, period), the same whatever else is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .arrays import Array
from .philox import uniforms


@dataclass(frozen=True)
class Draw:
    """The randomness handed to one process of one place for a batch of episodes.

    Letters: T periods, K products, B episodes. All uniforms are float64 in the open interval (0, 1), in the namespace
    (NumPy or PyTorch) and on the device of `episodes`.
    """

    seed: int
    place: str
    """Whose process it is, `store_1` or `store_1/fast` with a segment: part of every key, so places are independent."""
    site: str
    products: tuple[str, ...]
    periods: int
    episodes: Array
    """Episode numbers (B,) int64."""
    split: str = "train"
    """Which window of recorded data to draw from: train, validation or test."""
    correlate: Callable[[Array], Array] | None = None
    """Makes the uniforms (T, K, B) of the main stream depend on other sites' (the scenario's copula)."""

    def uniform(self, purpose: str = "demand") -> Array:
        """Uniforms (T, K, B), one stream for each product; the stream "demand" is the one that is correlated across sites."""
        names = [f"{purpose}/{self.place}/{product}" for product in self.products]
        values = uniforms(self.seed, names, self.episodes, self.periods)
        return self.correlate(values) if self.correlate is not None and purpose == "demand" else values

    def common(self, purpose: str, count: int) -> Array:
        """Uniforms (count, B) that every place shares, so that what happens to all happens at once."""
        return uniforms(self.seed, [f"common/{purpose}"], self.episodes, count)[:, 0, :]
