"""How long a shipment is under way: ℓ ≥ 0, shipped in period t, on the shelf before the demand of period t + ℓ.

Letters: T periods, B episodes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import array_api_compat
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.registry import Registry
from ..foundation.validation import Keys
from ..numerics.arrays import Array, namespace
from ..numerics.draws import Draw
from ..numerics.inverse_cdf import QuantileTable

LONGEST = 10_000
Periods = Annotated[int, Field(ge=0, le=LONGEST)]


class LeadTime(Keys):
    """A lane's lead time [periods], drawn anew for each period's shipments, which may overtake one another.

    A subclass is registered with `@lead_times.register("name")` and tells `chances`; its fields are the keys beside
    `type: name` in a scenario, where a bare number stands for `fixed`.
    """

    def chances(self) -> dict[int, float]:
        """The probability of each lead time that can occur; they sum to 1."""
        raise NotImplementedError

    @property
    def longest(self) -> int:
        """The longest lead time that can occur."""
        return max(self.chances())

    @property
    def mean(self) -> float:
        """The expected lead time."""
        return sum(periods * chance for periods, chance in self.chances().items())

    @property
    def random(self) -> bool:
        """Whether more than one lead time can occur."""
        return len(self.chances()) > 1

    @property
    def loses(self) -> bool:
        """Whether it says of some periods that what is ordered in them never arrives."""
        return False

    def arrives(self, periods: int) -> NDArray[np.bool_]:
        """Whether what is ordered in each period ever arrives (T,), the same in every episode."""
        return np.ones(periods, dtype=bool)

    def sample(self, draw: Draw) -> Array:
        """The lead time (T, B) int64 of what is shipped in each period."""
        xp, chances = namespace(draw.episodes), self.chances()
        if not self.random:
            shape, device = (draw.periods, draw.episodes.shape[0]), array_api_compat.device(draw.episodes)
            return xp.full(shape, self.longest, dtype=xp.int64, device=device)
        return xp.astype(_table(tuple(sorted(chances.items())))(draw.uniform("lead_time"))[:, 0, :], xp.int64)


lead_times: Registry[LeadTime] = Registry("lead time", LeadTime)


@lead_times.register("fixed")
class Fixed(LeadTime):
    """Always the same `value` [periods]."""

    value: Periods

    def chances(self) -> dict[int, float]:
        return {self.value: 1.0}


@lead_times.register("uniform_integer")
class UniformIntegerLeadTime(LeadTime):
    """Every whole number of periods from `low` to `high`, both included, is as likely."""

    low: Periods
    high: Periods

    @model_validator(mode="after")
    def _in_order(self) -> UniformIntegerLeadTime:
        if self.high < self.low:
            raise InputError("high", self.high, f"a whole number ≥ low, {self.low}")
        return self

    def chances(self) -> dict[int, float]:
        return dict.fromkeys(range(self.low, self.high + 1), 1 / (self.high - self.low + 1))


@lead_times.register("discrete")
class DiscreteLeadTime(LeadTime):
    """One of these `values` [periods], with these `probabilities`."""

    values: list[Periods] = Field(min_length=1)
    probabilities: list[Annotated[float, Field(ge=0, le=1)]]

    @model_validator(mode="after")
    def _a_distribution(self) -> DiscreteLeadTime:
        if len(set(self.values)) != len(self.values):
            raise InputError("values", self.values, "each lead time once")
        if len(self.probabilities) != len(self.values) or abs(sum(self.probabilities) - 1) > 1e-9:
            raise InputError("probabilities", self.probabilities, f"{len(self.values)} numbers that sum to 1")
        return self

    def chances(self) -> dict[int, float]:
        return {value: chance for value, chance in zip(self.values, self.probabilities, strict=True) if chance > 0}


@lead_times.register("geometric")
class GeometricLeadTime(LeadTime):
    """At least `shortest` periods, and then it arrives in each with `probability`, at the latest after `cut` periods."""

    shortest: Periods = 0
    probability: float = Field(gt=0, le=1)
    cut: Periods

    @model_validator(mode="after")
    def _in_order(self) -> GeometricLeadTime:
        if self.cut < self.shortest:
            raise InputError("cut", self.cut, f"a whole number ≥ shortest, {self.shortest}")
        return self

    def chances(self) -> dict[int, float]:
        late, further = 1 - self.probability, self.cut - self.shortest
        chances = {self.shortest + k: self.probability * late**k for k in range(further)} | {self.cut: late**further}
        return {periods: chance for periods, chance in chances.items() if chance > 0}


@lru_cache(maxsize=256)
def _table(chances: tuple[tuple[int, float], ...]) -> QuantileTable:
    first = chances[0][0]
    probability = np.zeros(chances[-1][0] - first + 1)
    for periods, chance in chances:
        probability[periods - first] = chance
    return QuantileTable(np.cumsum(probability)[None], np.array([float(first)]))
