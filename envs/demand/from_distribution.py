"""Demand whose periods are drawn from one distribution: a table of values, the lognormal, or any that you have yourself.

Letters: T periods, K products, B episodes, M values of a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

import array_api_compat
import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..numerics.arrays import Array, Floats, in_numpy, namespace, ndtri
from ..numerics.inverse_cdf import TAIL, QuantileTable
from .base import NotNegative, column, demands, of_product, per_product
from .distribution import Distribution
from .stationary import Stationary
from .sums import Cut, OneProduct, SideBySide, Steps, summed

TABULATED = 1 << 16
"""Whole-numbered demand that spreads over more values than this is drawn by its `ppf`, and not from a table."""


class FromDistribution(Stationary):
    """Demand whose periods are independent draws from the distribution that `one_period` tells for each product.

    All that anybody needs of it is worked out from there: moments, the demand of several periods in sum, the draws. What lies
    below nothing counts as nothing, in all of them alike. A class of your own is known as `type: my_package.demand:Mine`:

        class Mine(FromDistribution):
            mean: float                     # its keys in a scenario
            scales = ("mean",)              # those to multiply for a higher mean, should `seasonal` ask for one

            def one_period(self, product):
                return scipy.stats.gamma(4, scale=self.mean / 4)
    """

    def one_period(self, product: str) -> OneProduct:
        """One product's demand of a period: anything with `ppf` and `cdf`, as scipy.stats freezes it."""
        raise NotImplementedError

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        """Mean (K,) and standard deviation (K,), read off the distribution. Raises InputError for one that is none."""
        return _moments(_KeyedProcess(self), tuple(products))

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """The sum's distribution, by convolution; normal where so many periods make it so."""
        return _over(_KeyedProcess(self), tuple(products), periods)

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        """By a table where demand comes in whole numbers, else by the distribution's own quantiles, in NumPy."""
        table = _table(_KeyedProcess(self), tuple(products))
        if table is not None:
            return table(uniforms)
        given = in_numpy(uniforms)
        drawn = [Cut(self.one_period(product)).ppf(given[:, row]) for row, product in enumerate(products)]
        return _like(np.stack(drawn, axis=1), uniforms)


@demands.register("lognormal")
class Lognormal(FromDistribution):
    """Lognormal with this `mean` and standard deviation `sd` of the demand itself, not of its logarithm [units/period].

    Never negative, with a long tail upwards. Scaled to a higher mean it keeps sd / mean.
    """

    scales = ("mean", "sd")
    mean: NotNegative
    sd: NotNegative

    def one_period(self, product: str) -> OneProduct:
        median, score = (float(number) for number in _median(of_product(self.mean, product), of_product(self.sd, product)))
        if score == 0:
            return Steps(np.array([median]), np.ones(1))
        return scipy.stats.lognorm(score, scale=median)

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        return per_product(self.mean, products, "mean"), per_product(self.sd, products, "sd")

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        median, score = (column(numbers, uniforms) for numbers in _median(*self.moments(products)))
        demand = ndtri(uniforms)
        demand *= score
        return median * namespace(demand).exp(demand)

    @model_validator(mode="after")
    def _spreads_around_something(self) -> Lognormal:
        nothing = [name for name, mean, sd in _together(self.mean, self.sd) if mean == 0 and sd > 0]
        if nothing:
            raise InputError("sd", self.sd, "0 where the mean is 0")
        return self


Values = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1)]
Chances = Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=1)]


@demands.register("discrete")
class Discrete(FromDistribution):
    """One of these `values`, with these `probabilities`: any amounts ≥ 0, a list or one for each product [units/period].

    Scaled to a higher mean its values are multiplied.
    """

    scales = ("values",)
    values: Values | dict[str, Values]
    probabilities: Chances | dict[str, Chances]

    @model_validator(mode="after")
    def _a_distribution(self) -> Discrete:
        for name, values, chances in _together(self.values, self.probabilities):
            if len(set(values)) < len(values):
                raise InputError(f"values.{name}".rstrip("."), values, "each value once")
            if len(chances) != len(values) or abs(sum(chances) - 1) > 1e-9:
                raise InputError(f"probabilities.{name}".rstrip("."), chances, f"{len(values)} numbers that sum to 1")
        return self

    def one_period(self, product: str) -> Steps:
        values, chances = (np.array(of_product(numbers, product)) for numbers in (self.values, self.probabilities))
        order = np.flatnonzero(chances > 0)
        order = order[np.argsort(values[order])]
        return Steps(values[order], chances[order] / chances.sum())

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        ones = [self.one_period(product) for product in self._known(products)]
        mean = np.array([one.probability @ one.values for one in ones])
        square = [one.probability @ (one.values - middle) ** 2 for one, middle in zip(ones, mean, strict=True)]
        return mean, np.sqrt(square)

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """Counted exactly, where all values are multiples of one step."""
        mean, deviation = self.moments(products)
        ones, found = [self.one_period(product) for product in products], []
        for one, middle, spread in zip(ones, mean.tolist(), deviation.tolist(), strict=True):
            grid = one.grid()
            fits = grid is not None and periods * len(grid.probability) < TABULATED * 32
            found.append(grid.sum(periods) if grid is not None and fits else summed(one, periods, middle, spread))
        return SideBySide(found, periods * mean, np.sqrt(periods) * deviation)

    def times(self, factor: float) -> Discrete:
        """The same chances of amounts that are `factor` times as large; all of them 0 for a factor of 0."""
        if factor == 0:
            return Discrete(values=[0.0], probabilities=[1.0])
        scaled = {name: [factor * value for value in values] for name, values, _ in _together(self.values, self.probabilities)}
        return Discrete(values=scaled.get("", scaled), probabilities=self.probabilities)

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        ones = [self.one_period(product) for product in self._known(products)]
        most = max(len(one.values) for one in ones)
        reached = np.stack([np.pad(np.cumsum(one.probability), (0, most - len(one.values)), constant_values=1) for one in ones])
        values = np.stack([np.pad(one.values, (0, most - len(one.values)), mode="edge") for one in ones])
        xp, place = namespace(uniforms), QuantileTable(reached, np.zeros(len(ones)))(uniforms)
        at = xp.astype(place, xp.int64) + column(np.arange(len(ones)) * most, uniforms)
        return xp.reshape(xp.take(_like(values.reshape(-1), uniforms), xp.reshape(at, (-1,)), axis=0), at.shape)

    def _known(self, products: Sequence[str]) -> Sequence[str]:
        """The products, all of which have their values. Raises InputError for one that is left out or not known."""
        for key in ("values", "probabilities"):
            given = getattr(self, key)
            per_product(dict.fromkeys(given, 0.0) if isinstance(given, dict) else 0.0, products, key)
        return products


def _median(mean: Any, deviation: Any) -> tuple[Floats, Floats]:
    """Median of lognormal demand with these moments, and the standard deviation of its logarithm."""
    mean, deviation = np.asarray(mean, float), np.asarray(deviation, float)
    variance = np.log1p(np.divide(deviation, mean, out=np.zeros_like(mean), where=mean > 0) ** 2)
    return mean * np.exp(-variance / 2), np.sqrt(variance)


def _together(one: Any, other: Any) -> list[tuple[str, Any, Any]]:
    """Two fields product by product, as far as both name them; under an empty name where neither does."""
    sides = [side for side in (one, other) if isinstance(side, dict)]
    names = sorted(set.intersection(*map(set, sides))) if sides else [""]
    return [(name, of_product(one, name), of_product(other, name)) for name in names]


def _like(values: Floats, like: Array) -> Array:
    return namespace(like).asarray(values, device=array_api_compat.device(like))


class _KeyedProcess:
    """A process that can be remembered by what it says."""

    def __init__(self, process: FromDistribution) -> None:
        self.process, self._text = process, process.model_dump_json()

    def __hash__(self) -> int:
        return hash((type(self.process), self._text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _KeyedProcess) and (type(self.process), self._text) == (type(other.process), other._text)


@lru_cache(maxsize=256)
def _moments(key: _KeyedProcess, products: tuple[str, ...]) -> tuple[Floats, Floats]:
    grids = [Cut(key.process.one_period(product)).finest() for product in products]
    return np.array([grid.mean() for grid in grids]), np.array([grid.std() for grid in grids])


@lru_cache(maxsize=256)
def _over(key: _KeyedProcess, products: tuple[str, ...], periods: int) -> SideBySide:
    mean, deviation = key.process.moments(products)
    moments = zip(products, mean.tolist(), deviation.tolist(), strict=True)
    ones = [summed(key.process.one_period(product), periods, middle, spread) for product, middle, spread in moments]
    return SideBySide(ones, periods * mean, np.sqrt(periods) * deviation)


@lru_cache(maxsize=256)
def _table(key: _KeyedProcess, products: tuple[str, ...]) -> QuantileTable | None:
    """Of whole-numbered demand; None where any product has another, or spreads too far."""
    ones = [Cut(key.process.one_period(product)) for product in products]
    ends = np.array([one.ends(TAIL) for one in ones])
    length = int((ends[:, 1] - ends[:, 0]).max()) + 1
    if length > TABULATED or not all(one.whole for one in ones):
        return None
    return QuantileTable(
        np.stack([one.cdf(low + np.arange(length)) for one, low in zip(ones, ends[:, 0], strict=True)]), ends[:, 0]
    )
