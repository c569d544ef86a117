"""Demand whose periods are independent and alike: the textbooks' distributions.

Letters: T periods, K products, B episodes. Every number may be one for each product.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, TypeVar

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from pydantic import model_validator

from ..foundation.errors import InputError
from ..numerics.arrays import Array, Floats, in_numpy, namespace, ndtri, zeros_for
from ..numerics.draws import Draw
from ..numerics.inverse_cdf import QuantileTable
from ..numerics.kept import Kept
from .base import DemandProcess, NotNegative, PerProduct, column, demands, each, per_product
from .cut_normal import cut_moments, cut_normals
from .distribution import DiscreteDistribution, Distribution

P = TypeVar("P", bound="Stationary")

WholeNumber = Annotated[PerProduct, each("a whole number ≥ 0", lambda number: number >= 0 and number == int(number))]


class Stationary(DemandProcess):
    """A process whose periods are independent draws from one distribution, so that one uniform makes one demand."""

    scales: ClassVar[tuple[str, ...]] = ()
    """The fields to multiply for a higher mean and the same kind of distribution."""

    @abstractmethod
    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        """The demand (T, K, B) that uniforms (T, K, B) stand for."""

    def sample(self, draw: Draw) -> Array:
        return self.quantiles(draw.products, draw.uniform())

    def times(self: P, factor: float) -> P:
        """The process with `factor` times the mean. Raises InputError where its kind of distribution has no such."""
        if not self.scales:
            able = [name for name in demands if getattr(demands.find(name), "scales", ())]
            raise InputError("type", demands.name_of(type(self)), f"a process whose mean can be scaled: {', '.join(able)}")
        return self.model_copy(update={name: _multiplied(getattr(self, name), factor) for name in self.scales})


class Tabulated(Stationary):
    """A process on the whole numbers, drawn from a table of its distribution."""

    scales = ("mean",)

    @abstractmethod
    def parameters(self, products: Sequence[str]) -> tuple[Floats, ...]:
        """What `total` takes, (K,) each."""

    @staticmethod
    @abstractmethod
    def total(periods: int, *parameters: Floats) -> Distribution:
        """Distribution of the demand of some periods, as scipy.stats freezes it."""

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        return self.total(periods, *self.parameters(products))

    def scaled(self, draw: Draw, factor: Array) -> Array:
        """Demand of the same kind of distribution with another mean, so that whole numbers stay whole."""
        uniforms = draw.uniform()
        demand, xp = self.quantiles(draw.products, uniforms), namespace(factor)
        for height in _heights(factor):
            period, episode = xp.nonzero(factor == height)
            there = uniforms[period, :, episode]
            drawn = self.times(height).quantiles(draw.products, xp.permute_dims(there, (1, 0))[None])
            demand[period, :, episode] = xp.permute_dims(drawn[0], (1, 0))
        return demand

    def scaled_moments(self, products: Sequence[str], factor: float) -> tuple[Floats, Floats]:
        return self.times(factor).moments(products)

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        return _table(type(self), *(numbers.tobytes() for numbers in self.parameters(products)))(uniforms)


@demands.register("constant")
class Constant(Stationary):
    """The same `value` in every period [units]."""

    scales = ("value",)
    value: NotNegative

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        return per_product(self.value, products, "value"), np.zeros(len(products))

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        return namespace(uniforms).zeros_like(uniforms) + column(self.moments(products)[0], uniforms)

    def sample(self, draw: Draw) -> Array:
        values = column(self.moments(draw.products)[0], draw.episodes)
        return zeros_for(values, draw.periods, 1, draw.episodes.shape[0]) + values


@demands.register("poisson")
class Poisson(Tabulated):
    """Many independent buyers of one unit each: Poisson with this `mean` [units/period]."""

    mean: NotNegative

    def parameters(self, products: Sequence[str]) -> tuple[Floats, ...]:
        return (per_product(self.mean, products, "mean"),)

    @staticmethod
    def total(periods: int, *parameters: Floats) -> Distribution:
        return scipy.stats.poisson(periods * parameters[0])

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        (mean,) = self.parameters(products)
        return mean, np.sqrt(mean)


@demands.register("negative_binomial")
class NegativeBinomial(Tabulated):
    """Counts more variable than Poisson: negative binomial with this `mean` [units/period] and variance / mean > 1.

    The ratio can be one for all products, fast or slow; the demand of several periods has the same.
    """

    mean: NotNegative
    variance_to_mean: Annotated[PerProduct, each("a number > 1 (Poisson demand has 1)", lambda number: number > 1)]

    def parameters(self, products: Sequence[str]) -> tuple[Floats, ...]:
        return per_product(self.mean, products, "mean"), per_product(self.variance_to_mean, products, "variance_to_mean")

    @staticmethod
    def total(periods: int, *parameters: Floats) -> Distribution:
        mean, ratio = parameters
        return scipy.stats.nbinom(np.where(mean > 0, periods * mean / (ratio - 1), 1.0), np.where(mean > 0, 1 / ratio, 1.0))

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        mean, ratio = self.parameters(products)
        return mean, np.sqrt(mean * ratio)


@demands.register("geometric")
class Geometric(Tabulated):
    """Geometric from 0 upwards with this `mean` [units/period]; its variance is mean · (1 + mean)."""

    mean: NotNegative

    def parameters(self, products: Sequence[str]) -> tuple[Floats, ...]:
        return (per_product(self.mean, products, "mean"),)

    @staticmethod
    def total(periods: int, *parameters: Floats) -> Distribution:
        return scipy.stats.nbinom(periods, 1 / (1 + parameters[0]))

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        (mean,) = self.parameters(products)
        return mean, np.sqrt(mean * (1 + mean))


@demands.register("normal")
class Normal(Stationary):
    """Normal with this `mean` and standard deviation `sd` [units/period], cut at 0.

    `mean` and `sd` are those of the uncut normal, `moments` and `over` those of the demand that is drawn, which are the same
    as long as next to nothing is cut. Scaled to a higher mean it keeps sd / mean.
    """

    scales = ("mean", "sd")
    mean: NotNegative
    sd: NotNegative

    def _uncut(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        return per_product(self.mean, products, "mean"), per_product(self.sd, products, "sd")

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        return cut_moments(*self._uncut(products))

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        return cut_normals(*self._uncut(products), periods)

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        mean, sd = (column(numbers, uniforms) for numbers in self._uncut(products))
        demand = ndtri(uniforms)
        demand *= sd
        demand += mean
        return namespace(demand).clip(demand, 0.0, None)


@demands.register("uniform_integer")
class UniformInteger(Stationary):
    """Every whole number from `low` to `high`, both included, is as likely [units/period]."""

    low: WholeNumber
    high: WholeNumber

    @model_validator(mode="after")
    def _in_order(self) -> UniformInteger:
        sides = (self.low, self.high)
        for name in sorted({name for side in sides if isinstance(side, dict) for name in side} or {""}):
            low, high = (side.get(name) if isinstance(side, dict) else side for side in sides)
            if low is not None and high is not None and low > high:
                raise InputError("high", high, f"a whole number ≥ low, {low:g}")
        return self

    def _bounds(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        """The lowest value (K,) and how many there are (K,)."""
        low, high = per_product(self.low, products, "low"), per_product(self.high, products, "high")
        return low, high - low + 1

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        low, count = self._bounds(products)
        return low + (count - 1) / 2, np.sqrt((count**2 - 1) / 12)

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """The exact convolution, by fast Fourier transform (K products at once)."""
        low, count = self._bounds(products)
        length = periods * (int(count.max()) - 1) + 1
        one = np.where(np.arange(length)[:, None] < count, 1 / count, 0.0)
        total = np.fft.irfft(np.fft.rfft(one, axis=0) ** periods, length, axis=0)
        return DiscreteDistribution(periods * low + np.arange(length)[:, None], np.maximum(total, 0.0))

    def quantiles(self, products: Sequence[str], uniforms: Array) -> Array:
        low, count = (column(numbers, uniforms) for numbers in self._bounds(products))
        return low - 1 + namespace(uniforms).ceil(uniforms * count)


def _heights(factor: Array) -> Iterator[float]:
    """Every value but 1 that a factor (T, B) has anywhere, each once."""
    left = in_numpy(factor).reshape(-1)
    left = left[left != 1.0]
    while left.size:
        yield float(left[0])
        left = left[left != left[0]]


def _multiplied(value: PerProduct, factor: float) -> PerProduct:
    return {name: factor * number for name, number in value.items()} if isinstance(value, dict) else factor * value


TABLES: Kept[QuantileTable] = Kept(1 << 29, lambda table: table.bytes)
"""Tables that every reset needs: twelve sites with a season of weeks have six hundred of them."""


def _table(kind: type[Tabulated], *parameters: bytes) -> QuantileTable:
    """The table of a kind of process with certain parameters, (K,) numbers each."""

    def make() -> QuantileTable:
        return QuantileTable.of(kind.total(1, *(np.frombuffer(numbers)[:, None] for numbers in parameters)))

    return TABLES.get((kind, parameters), make)
