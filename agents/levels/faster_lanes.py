"""Levels of a main lane and of a faster, dearer one beside it: how far apart they stand, and how much lower the main one is.

What the faster lane can still bring need not be held. Let Δ be the distance of the two levels, D_e the demand that the faster
lane protects against, D_m that of the m periods which the main one takes longer. What was expedited in m periods is taken for
what D_m exceeds Δ by at once: then the stock left is the main level less D_e and less min(D_m, Δ), and expediting costs 1/m of
the premium on all beyond Δ in each period. Δ is where that costs least; one that nothing exceeds leaves each lane as it is
alone. Such levels cost 0 to 6 % more than the best dual index (Veeraraghavan and Scheller-Wolf, Operations Research 56, 2008)
on the stores of `tests/agents/levels/test_faster_lanes.py`; where each lane has the level it would have alone, up to twice as
much. Letters: K products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.demand.distribution import Distribution
from orderup.envs.numerics.arrays import Floats

from ..exact.lattice import spacing

POINTS = 32
"""Equally likely values that stand for a distribution."""
HALVINGS = 50


@dataclass(frozen=True)
class LaneCosts:
    """Of a unit of each product (K,) in a period [money]."""

    shortage: Floats
    holding: Floats
    premium: Floats
    """What expediting one costs, over the periods that it comes earlier."""

    @property
    def ratio(self) -> Floats:
        """Share of periods in which a shortage is worth avoiding."""
        found: Floats = np.clip(self.shortage / np.maximum(self.shortage + self.holding, 1e-12), 0.0, 1 - 1e-9)
        return found


@dataclass(frozen=True)
class Apart:
    """What a faster lane changes, each (K,) [units]."""

    lower: Floats
    """The main level, by how much."""
    gap: Floats
    """From the faster lane's level up to the main one."""


def apart(fast: Distribution, more: Distribution, costs: LaneCosts) -> Apart:
    """By demand over what the faster lane protects, and over what the main one takes longer."""
    gap = _gap(_values(fast, costs), _values(more, costs), costs)
    alone, together = (CappedSum(fast, np.minimum(_values(more, costs), most)) for most in (np.inf, gap))
    lower = alone.ppf(costs.ratio) - together.ppf(costs.ratio)
    return Apart(np.maximum(lower, 0.0), gap)


def _values(demand: Distribution, costs: LaneCosts) -> Floats:
    """Equally likely values (points, K)."""
    chances = (np.arange(POINTS)[:, None] + 0.5) / POINTS
    return np.asarray(demand.ppf(chances + 0.0 * costs.shortage), float)


def _gap(fast: Floats, more: Floats, costs: LaneCosts) -> Floats:
    """The one of the values of `more`, or beyond them, that costs least (K,)."""
    beyond = more[-1:] + np.maximum(np.ptp(more, axis=0), 1.0)
    gaps = np.concatenate([more, beyond])[:, None]  # (G, 1, K)
    capped = np.minimum(more[None], gaps)
    stock = np.sort((fast[None, :, None] + capped[:, None]).reshape(len(gaps), POINTS**2, -1), axis=1)
    at = np.minimum(np.ceil(costs.ratio * POINTS**2).astype(int), POINTS**2) - 1
    away = stock - np.take_along_axis(stock, np.maximum(at, 0)[None, None], axis=1)
    paid = (costs.shortage * np.maximum(away, 0.0) + costs.holding * np.maximum(-away, 0.0)).mean(axis=1)
    paid = paid + costs.premium * np.maximum(more[None] - gaps, 0.0).mean(axis=1)
    cheapest = np.take_along_axis(gaps[:, 0], paid.argmin(axis=0)[None], axis=0)[0]
    found: Floats = np.where(costs.premium < costs.shortage, cheapest, beyond[0])
    return found


class CappedSum:
    """A demand, and one of several equally likely amounts (points, K) beside it."""

    def __init__(self, demand: Distribution, amounts: Floats) -> None:
        self._demand, self._amounts = demand, amounts
        self._is_whole = spacing(demand) == 1.0 and bool((amounts == np.round(amounts)).all())

    def cdf(self, x: Floats) -> Floats:
        """Chance of at most x (K,)."""
        found: Floats = np.asarray(self._demand.cdf(x - self._amounts), float).mean(axis=0)
        return found

    def ppf(self, q: Floats) -> Floats:
        """The smallest amount whose chance reaches q, each (K,)."""
        first = np.asarray(self._demand.ppf(q), float)
        low, high = first + self._amounts.min(axis=0) - 1.0, first + self._amounts.max(axis=0)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            enough = self.cdf(middle) >= q - 1e-12
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        reached: Floats = np.ceil(high - 1e-6) if self._is_whole else high
        return reached
