"""What everybody who writes a random network's keys has: its names, its mechanisms, and a generator of numbers."""

from __future__ import annotations

import random
from typing import Any, TypeAlias

Keys: TypeAlias = dict[str, Any]


class KeysWriter:
    """Writes keys of a scenario; the numbers follow from the seed of its generator."""

    def __init__(self, rng: random.Random, sites: list[str], products: list[str], mechanisms: frozenset[str]) -> None:
        self.rng, self.sites, self.products, self.mechanisms = rng, sites, products, mechanisms

    def has(self, mechanism: str, chance: float = 0.7) -> bool:
        """Whether the network has a mechanism, here."""
        return mechanism in self.mechanisms and self.rng.random() < chance

    def number(self, low: float, high: float) -> float:
        """A whole number, or one with decimals."""
        return float(self.rng.randint(int(low), int(high))) if self.rng.random() < 0.5 else self.rng.uniform(low, high)

    def amount(self, low: float, high: float) -> Any:
        """One number, or one for each product."""
        if self.has("numbers by product"):
            return {product: self.number(low, high) for product in self.products}
        return self.number(low, high)
