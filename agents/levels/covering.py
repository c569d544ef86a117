"""What an order has to cover: demand over periods that are certain, and some that are needed with a chance only.

A shipment that draws its lead time anew may overtake others. With an order in every period what is still under way at a moment
is the order of each of the last periods with the chance that its lead time is longer than its age, independently: so demand is
covered over the certain periods and over as many more as a Poisson-binomial number says. Where orders are rare it is the lead
time of one of them that counts, and the number has the lead time's own distribution. Letters: K products.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.demand.base import DemandProcess
from orderup.envs.demand.distribution import Distribution
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from ..exact.lattice import Lattice, spacing


@dataclass(frozen=True)
class Span:
    """So many periods, and further ones each with a chance."""

    periods: int
    further: tuple[float, ...] = ()

    @classmethod
    def of(cls, network: Network, lane: int) -> Span:
        """A lane's lead time; what disruptions may add to it counts as always there."""
        chances = network.scenario_lane(network.lanes[lane]).known_lead_time.chances()
        shortest, added = min(chances), int(network.times.delay_at_most[lane])
        longer = (sum(chance for drawn, chance in chances.items() if drawn > age) for age in range(shortest, max(chances)))
        return cls(shortest + added, tuple(longer))

    def __add__(self, other: Span | int) -> Span:
        if isinstance(other, int):
            return Span(self.periods + other, self.further)
        return Span(self.periods + other.periods, self.further + other.further)

    @property
    def longest(self) -> int:
        """Periods at most."""
        return self.periods + len(self.further)

    @property
    def mean(self) -> float:
        """Periods on average."""
        return self.periods + sum(self.further)

    @property
    def variance(self) -> float:
        """Of their number, where there is an order in every period."""
        return sum(chance * (1 - chance) for chance in self.further)

    @property
    def counts(self) -> Floats:
        """Chance of 0, 1, … further periods, where there is an order in every period."""
        found = np.ones(1)
        for chance in self.further:
            found = np.convolve(found, [1 - chance, chance])
        return found

    @property
    def drawn(self) -> Floats:
        """The same for one order alone, whose further periods follow one another: that its lead time is so much longer."""
        reached = np.array([1.0, *self.further, 0.0])
        chances: Floats = reached[:-1] - reached[1:]
        return chances

    def demand(self, process: DemandProcess, products: Sequence[str]) -> Distribution:
        """What a process comes to in them, of these products alone."""
        process = process.only(products)
        if not self.further:
            return process.over(products, self.periods)
        return Mixture(self.counts, [process.over(products, self.periods + more) for more in range(len(self.further) + 1)])

    def lattice(self, one: Lattice, alone: bool = False) -> Lattice:
        """What demand of one period comes to; of an order `alone` where orders are rare."""
        if not self.further:
            return one.sum(self.periods)
        return mixed(self.drawn if alone else self.counts, (one.sum(self.periods + n) for n in range(len(self.further) + 1)))


def lane_spans(network: Network, wait: int = 0) -> list[Span]:
    """What an order by each lane protects: its lead time, its order delay and waiting, and the period of demand itself."""
    return [Span.of(network, lane) + (int(delay) + 1 + wait) for lane, delay in enumerate(network.times.order_delay)]


def replaced_losses(network: Network) -> Floats:
    """What of a usual order does not arrive and is ordered again a period later, so that levels have to be higher by it (L, K).

    Orders that make up for losses are demand / yield on average. [units]
    """
    lanes = map(network.scenario_lane, network.lanes)
    arriving = np.array([1.0 if lane.yield_ is None else lane.yield_.mean for lane in lanes])[:, None]
    lost: Floats = network.loads.mean[network.topology.destination, :, 0] * network.topology.is_main * (1.0 / arriving - 1.0)
    return lost


def between(demand: Distribution, shortage: Floats, above: Floats, holdings: Sequence[Floats]) -> Floats:
    """Mean over `holdings` of the demand's quantiles at (shortage + above) / (shortage + holding)."""
    levels: list[Floats] = []
    for holding in holdings:
        ratio = (shortage + above) / np.maximum(shortage + np.maximum(holding, above), 1e-12)
        levels.append(demand.ppf(np.clip(ratio, 0.0, 1 - 1e-9)))
    mean: Floats = np.mean(levels, axis=0)
    return np.maximum(mean, 0.0)


def mixed(chances: Floats, parts: Iterable[Lattice]) -> Lattice:
    """A draw of one of several lattices of equal steps, each with its chance."""
    found = list(parts)
    first, last = min(part.first for part in found), max(part.last for part in found)
    total = np.zeros(last - first + 1)
    for chance, part in zip(chances, found, strict=True):
        total[part.first - first : part.last - first + 1] += chance * part.probability
    return Lattice(total, first, found[0].step)


class Mixture:
    """A draw of one of several distributions of K products, each with its chance."""

    def __init__(self, chances: Floats, parts: Sequence[Distribution]) -> None:
        self._chances, self._parts = chances, parts
        self._integral = all(spacing(part) == 1.0 for part in parts)

    def _of(self, values: Iterable[Any]) -> Any:
        return sum(chance * value for chance, value in zip(self._chances, values, strict=True))

    def cdf(self, x: Any) -> Any:
        return self._of(part.cdf(x) for part in self._parts)

    def ppf(self, q: Any) -> Any:
        found = [np.asarray(part.ppf(q), float) for part in self._parts]
        low, high = np.minimum.reduce(found) - 1.0, np.maximum.reduce(found)
        for _ in range(60):
            middle = (low + high) / 2
            enough = self.cdf(middle) >= np.asarray(q) - 1e-12
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.ceil(high - 1e-6) if self._integral else high

    def mean(self) -> Any:
        return self._of(np.asarray(part.mean()) for part in self._parts)

    def std(self) -> Any:
        square = self._of(np.asarray(part.std()) ** 2 + np.asarray(part.mean()) ** 2 for part in self._parts)
        return np.sqrt(square - self.mean() ** 2)


class Scaled:
    """So many times a distribution."""

    def __init__(self, one: Distribution, times: float) -> None:
        self._one, self._times = one, times

    def cdf(self, x: Any) -> Any:
        return self._one.cdf(np.asarray(x) / self._times)

    def ppf(self, q: Any) -> Any:
        return self._times * np.asarray(self._one.ppf(q))

    def mean(self) -> Any:
        return self._times * np.asarray(self._one.mean())

    def std(self) -> Any:
        return self._times * np.asarray(self._one.std())
