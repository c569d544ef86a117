"""Demand that moves in time: a list replayed, a step, autocorrelation, seasons.

Letters: T periods, K products, B episodes. Every number may be one for each product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_serializer, field_validator, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import validated
from ..numerics.arrays import Array, Floats, namespace, ndtri, rows
from ..numerics.draws import Draw
from ..numerics.kept import Kept
from .base import DemandProcess, NotNegative, PerProduct, column, demands, each, per_product
from .distribution import DiscreteDistribution, Distribution, NormalDistribution, running_sums
from .stationary import Stationary

History = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1)]


@demands.register("replay")
class Replay(DemandProcess):
    """These `values`, period by period and the same in every episode [units]: a list, or one for each product.

    After the last they start again, or with `then: hold` the last one stays. Moments and `over` are those of the list.
    """

    values: History | dict[str, History]
    then: Literal["repeat", "hold"] = "repeat"

    @field_validator("values")
    @classmethod
    def _of_one_length(cls, values: Any) -> Any:
        if isinstance(values, dict) and len({len(series) for series in values.values()}) != 1:
            raise InputError("", {name: len(series) for name, series in values.items()}, "lists of one length")
        return values

    def _series(self, products: Sequence[str]) -> Floats:
        """The values (n, K)."""
        if isinstance(self.values, list):
            return np.repeat(np.array(self.values)[:, None], len(products), axis=1)
        place = per_product({name: float(number) for number, name in enumerate(self.values)}, products, "values")
        series: Floats = np.array(list(self.values.values()))[place.astype(int)].T
        return series

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        series = self._series(products)
        return series.mean(axis=0), series.std(axis=0)

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        return DiscreteDistribution.of_samples(running_sums(self._series(products), periods))

    def sample(self, draw: Draw) -> Array:
        series, period = self._series(draw.products), np.arange(draw.periods)
        at = period % len(series) if self.then == "repeat" else np.minimum(period, len(series) - 1)
        return _same_in_every_episode(series[at], draw)


@demands.register("step")
class Step(DemandProcess):
    """Demand `before`, and `after` from period `since` on, counting from 0 [units]; in the long run it is `after`.

    The beer game (Sterman, Management Science 35, 1989) has 4, and 8 since period 4.
    """

    before: NotNegative
    after: NotNegative
    since: int = Field(ge=0)

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        return per_product(self.after, products, "after"), np.zeros(len(products))

    def sample(self, draw: Draw) -> Array:
        before, after = (per_product(getattr(self, name), draw.products, name) for name in ("before", "after"))
        return _same_in_every_episode(np.where(np.arange(draw.periods)[:, None] < self.since, before, after), draw)


@demands.register("ar1")
class Ar1(DemandProcess):
    """Normal demand that remembers: d(t) = mean + rho · (d(t-1) - mean) + noise, cut at 0 where it is counted [units].

    `mean` and `sd` are those of a period in the long run, and the first period is drawn from there. `moments` and `over` are
    of the uncut process.
    """

    mean: NotNegative
    sd: NotNegative
    rho: Annotated[PerProduct, each("a number between -1 and 1, neither included", lambda number: -1 < number < 1)]

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        return per_product(self.mean, products, "mean"), per_product(self.sd, products, "sd")

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """Normal, with the variance sd² · (n + 2 Σ (n - k) rho^k) of n autocorrelated periods."""
        (mean, sd), lag = self.moments(products), np.arange(1, periods)
        shared = (periods - lag) @ per_product(self.rho, products, "rho") ** lag[:, None]
        return NormalDistribution(periods * mean, sd * np.sqrt(periods + 2 * shared))

    def sample(self, draw: Draw) -> Array:
        score = ndtri(draw.uniform())
        mean, sd, rho = (column(per_product(getattr(self, n), draw.products, n), score) for n in ("mean", "sd", "rho"))
        score[1:] *= (1 - rho**2) ** 0.5
        for period in range(1, draw.periods):
            score[period] += rho * score[period - 1]
        score *= sd
        score += mean
        return namespace(score).clip(score, 0.0, None)


@demands.register("seasonal")
class Seasonal(DemandProcess):
    """A `base` process whose mean is multiplied by a factor that comes again every cycle; whole numbers stay whole.

    Either `profile` lists the factors of a cycle, or they follow 1 + amplitude · sin(2π · period / cycle). Cycles may have
    factors of their own, `outer`, that come again when all of them have been: of days, `profile` are the weekdays and `outer`
    the weeks of a year. Period 0 is number `start` of the cycle, of the whole one where there is an outer. The base has
    independent periods: `{type: poisson, mean: 10}`. `moments` and `over` are those of periods picked at random.
    """

    base: Stationary
    profile: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1)] | None = None
    amplitude: float | None = Field(default=None, ge=0, le=1)
    cycle: int | None = Field(default=None, ge=2, description="Periods until it starts again")
    outer: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1)] | None = Field(
        default=None,
        description="Factors of whole cycles, one after the other; left out: all are alike",
        exclude_if=lambda outer: outer is None,  # what was registered before there was one is what it was
    )
    start: int = Field(default=0, ge=0)

    @field_validator("base", mode="before")
    @classmethod
    def _scalable(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            fields = {key: item for key, item in value.items() if key != "type"}
            value = validated(demands.find(str(value.get("type")), "type"), fields)
        if not isinstance(value, Stationary):
            raise InputError("", value, "a process whose periods are independent and alike: poisson, normal, …")
        return value.times(1.0)

    @field_serializer("base")
    def _with_its_type(self, base: Stationary) -> dict[str, Any]:
        return {"type": demands.name_of(type(base)), **base.model_dump(mode="json")}

    @model_validator(mode="after")
    def _one_way(self) -> Seasonal:
        given = [name for name in ("profile", "amplitude", "cycle") if getattr(self, name) is not None]
        if given not in (["profile"], ["amplitude", "cycle"]):
            raise InputError("", given, "either profile, or amplitude and cycle")
        return self

    @property
    def factors(self) -> Floats:
        """What the mean is multiplied by, over one cycle that begins in period 0, a whole one where there is an outer."""
        wave = np.arange(self.cycle or 1)
        one = np.array(self.profile) if self.profile else 1 + (self.amplitude or 0) * np.sin(2 * np.pi * wave / len(wave))
        return np.roll(np.outer(self.outer or [1.0], one).reshape(-1), -self.start)

    def by_phase(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each phase of the cycle (phases, K), not to be written into."""
        factors = self.factors

        def make() -> tuple[Floats, Floats]:
            heights, which = np.unique(factors, return_inverse=True)
            moments = [self.base.times(float(height)).moments(products) for height in heights]
            mean, sd = (np.stack(moment)[which] for moment in zip(*moments, strict=True))
            mean.flags.writeable = sd.flags.writeable = False
            return mean, sd

        said = self.base.model_dump_json(), repr(self.base)
        return PHASES.get((*said, factors.tobytes(), tuple(products)), make)

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        mean, sd = self.by_phase(products)
        totals, variances = running_sums(mean, periods), running_sums(sd**2, periods)
        return NormalDistribution(totals.mean(axis=0), np.sqrt(variances.mean(axis=0) + totals.var(axis=0)))

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        one = self.over(products, 1)
        return one.mean(), one.std()

    def sample(self, draw: Draw) -> Array:
        demand, factor = draw.uniform(), np.resize(self.factors, draw.periods)
        for height in np.unique(factor):
            alike = rows(np.flatnonzero(factor == height))
            demand[alike] = self.base.times(float(height)).quantiles(draw.products, demand[alike])
        return demand


PHASES: Kept[tuple[Floats, Floats]] = Kept(1 << 25, lambda moments: sum(values.nbytes for values in moments))
"""Moments by phase, which every level of autonomy asks for again."""


def _same_in_every_episode(demand: Floats, draw: Draw) -> Array:
    """Demand (T, K, B) of which every episode sees the same (T, K)."""
    zeros = namespace(draw.episodes).zeros_like(draw.episodes)
    return column(demand.reshape(-1), draw.episodes).reshape(*demand.shape, 1) + zeros
