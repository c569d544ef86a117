"""Trees of several echelons, drawn at random; their plants can make what they send on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Seed
from .generator import Generator, generators
from .workshops import Workshops

Kind = Literal["poisson", "negative_binomial", "normal", "geometric"]
Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


@generators.register("random_network")
class RandomNetwork(Generator):
    """A tree of several echelons, from plants down to stores, some of whose sites have a second source.

    The lowest echelon has the most sites. Costs rise downstream; a second source is another site one echelon up, a period
    faster where the first is slow, and dearer. With `making` plants make several products of parts, which they buy: all else
    is drawn as without it.
    """

    sites: int = Field(10, ge=2, le=1000, description="Sites in all echelons together")
    depth: int = Field(3, ge=2, le=10, description="Echelons")
    seed: Seed = Field(0, description="Another seed, another network")
    second_sources: float = Field(0.25, ge=0, le=1, description="Chance that a site below the top has a second source")
    lead_times: tuple[int, int] = Field((1, 3), description="Shortest and longest of a lane [periods]")
    means: Range = Field((5.0, 20.0), description="Least and greatest mean demand of a store [units/period]")
    shortages: Range = Field((5.0, 19.0), description="Least and greatest cost of a unit owed [money/unit/period]")
    demands: list[Kind] = Field(["poisson", "negative_binomial", "normal"], min_length=1, description="Kinds to draw from")
    making: Workshops | None = Field(None, description="What plants make; left out: nothing, they buy what they send on")

    @model_validator(mode="after")
    def _possible(self) -> RandomNetwork:
        if self.depth > self.sites:
            raise InputError("depth", self.depth, f"at most as many echelons as sites, {self.sites}")
        if not 0 <= self.lead_times[0] <= self.lead_times[1] <= 1000:
            raise InputError("lead_times", list(self.lead_times), "shortest and longest, from 0 to 1000 periods")
        for name in ("means", "shortages"):
            low, high = getattr(self, name)
            if low > high:
                raise InputError(name, [low, high], "the least, then the greatest")
        return self

    def build(self) -> dict[str, Any]:
        rng = np.random.default_rng(self.seed)
        echelons = self._echelons()
        sites: dict[str, Any] = {}
        lanes: list[dict[str, Any]] = []
        for height, names in enumerate(echelons):
            holding = 0.5 ** (len(echelons) - 1 - height)
            role = names[0].rpartition("_")[0]
            for number, name in enumerate(names):
                sites[name] = {"role": role, "holding": round(holding * rng.uniform(0.9, 1.1), 3)}
                lanes += self._lanes(rng, name, number, echelons[height - 1] if height else [])
        found = {"sites": sites, "lanes": lanes, "customers": [self._customers(rng, name) for name in echelons[-1]]}
        return found if self.making is None else self.making.put_into(found, echelons[0], self.lead_times, self.seed)

    def _echelons(self) -> list[list[str]]:
        """Names from the top down; numbers of sites grow by one factor from echelon to echelon, as far as whole numbers do."""
        weights = np.array([2.0**height for height in range(self.depth)])
        sizes = 1 + np.floor((self.sites - self.depth) * weights / weights.sum()).astype(int)
        sizes[-1] += self.sites - sizes.sum()
        middle = np.cumsum([0, *sizes[1:-1]])
        named = [[f"plant_{number + 1}" for number in range(sizes[0])]]
        for first, size in zip(middle, sizes[1:-1], strict=False):
            named.append([f"warehouse_{first + number + 1}" for number in range(size)])
        return [*named, [f"store_{number + 1}" for number in range(sizes[-1])]]

    def _lanes(self, rng: np.random.Generator, name: str, number: int, above: list[str]) -> list[dict[str, Any]]:
        """From the supplier, or from a site above, in turns so that each of these has some to supply; maybe a second one."""
        low, high = self.lead_times
        time, cost = int(rng.integers(low, high + 1)), round(float(rng.uniform(0.1, 0.5)), 2)
        first = above[number % len(above)] if above else "supplier"
        found = [{"from": first, "to": name, "lead_time": time, "unit_cost": cost}]
        if len(above) > 1 and rng.random() < self.second_sources:
            second = above[(number + int(rng.integers(1, len(above)))) % len(above)]
            found.append({"from": second, "to": name, "lead_time": max(time - 1, 0), "unit_cost": round(cost + 1.0, 2)})
        return found

    def _customers(self, rng: np.random.Generator, site: str) -> dict[str, Any]:
        mean, shortage = round(float(rng.uniform(*self.means)), 1), round(float(rng.uniform(*self.shortages)), 1)
        kind = self.demands[int(rng.integers(len(self.demands)))]
        spread = {"negative_binomial": {"variance_to_mean": 2.0}, "normal": {"sd": round(0.3 * mean, 2)}}.get(kind, {})
        return {"site": site, "shortage": shortage, "demand": {"type": kind, "mean": mean, **spread}}
