"""The one class a demand process is: fields that are its YAML keys, moments for scaling, and a way to draw a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Self, TypeAlias

import array_api_compat
import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from ..foundation.errors import InputError, UnknownName, listed
from ..foundation.registry import Registry
from ..foundation.validation import Keys
from ..numerics.arrays import Array, namespace
from ..numerics.draws import Draw
from .distribution import Distribution, NormalDistribution

PerProduct: TypeAlias = float | dict[str, float]
"""One number for every product, or a number for each by name."""


def each(accepted: str, fits: Callable[[float], bool]) -> AfterValidator:
    """A pydantic constraint on every number of a PerProduct field, described as `accepted`."""

    def check(value: PerProduct) -> PerProduct:
        for name, number in value.items() if isinstance(value, dict) else [("", value)]:
            if not fits(number):
                raise InputError(name, number, accepted)
        return value

    return AfterValidator(check)


NotNegative = Annotated[PerProduct, each("a number ≥ 0", lambda number: number >= 0)]


class DemandProcess(Keys):
    """How the demand of one customer comes about, independent from episode to episode.

    Letters: T periods, K products, B episodes. A subclass is registered with `@demands.register("name")`, or known by its path,
    `type: my_package.demand:Mine`; its fields are the keys beside `type` in a scenario. What is asked of it, and by whom:

    - `sample`, by the simulator, and by all that simulates: searches, learners, `mpc`, hindsight;
    - `moments`, by scales, stocks at the start and normal approximations;
    - `over`, by closed forms and exact solvers: a `Distribution`, whose `ppf`, `cdf`, `mean` and `std` are all they use. Where
      its quantiles are whole numbers, or it tells a `step`, they count exactly, else on a fine lattice;
    - to be a `Stationary`, whose periods are independent and alike, by what holds for such demand only: `optimal`,
      `clark_scarf`, bounds by theory, closed forms from the store's own distribution, and `seasonal` as the base it multiplies.

    `FromDistribution` has all of these from a `ppf` and a `cdf`; whose demand remembers, or knows the time, tells `sample` and
    `moments`, and `over` where its periods are not independent.
    """

    def at(self, site: str) -> DemandProcess:
        """The process as it stands at `site`, which is called before anything else; a recorded one picks the site's data."""
        return self

    def only(self, products: Sequence[str]) -> Self:
        """The demand for some of its products alone, whose numbers are those it has for them."""
        found: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, DemandProcess):
                found[name] = value.only(products)
            elif isinstance(value, Mapping) and set(products) <= set(value):
                found[name] = {product: value[product] for product in products}
        return self.model_copy(update=found) if found else self

    def moments(self, products: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Long-run mean (K,) and standard deviation (K,) of one period's demand [units]."""
        raise NotImplementedError

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """Distribution of the demand of `periods` consecutive periods in sum, for each product (K,).

        Unless a process knows better: normal, as of independent periods.
        """
        mean, sd = self.moments(products)
        return NormalDistribution(periods * mean, np.sqrt(periods) * sd)

    def sample(self, draw: Draw) -> Array:
        """Demand (T, K, B) [units], never negative."""
        raise NotImplementedError

    def scaled(self, draw: Draw, factor: Array) -> Array:
        """Demand (T, K, B) whose mean is multiplied by a factor (T, B) ≥ 0: unless a process knows better, all of it is."""
        return self.sample(draw) * factor[:, None]

    def scaled_moments(self, products: Sequence[str], factor: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation (K,) of a period's demand that is `scaled` by a factor."""
        mean, deviation = self.moments(products)
        return factor * mean, factor * deviation


demands: Registry[DemandProcess] = Registry("demand", DemandProcess)


def places(products: Sequence[str]) -> dict[str, int]:
    """The number of each product: looked up once for all, where a list would be gone through for each."""
    return {product: number for number, product in enumerate(products)}


def per_product(value: PerProduct, products: Sequence[str], key: str = "") -> NDArray[np.float64]:
    """The numbers of a PerProduct value (K,). Raises InputError for a product that is left out or not known."""
    if not isinstance(value, Mapping):
        return np.full(len(products), float(value))
    for name in sorted(value.keys() - set(products)):
        raise UnknownName(key, name, products)
    for name in sorted(set(products) - value.keys()):
        raise InputError(key, f"nothing for {name}", f"a number for each of {listed(products)}")
    return np.array([float(value[name]) for name in products])


def of_product(value: Any, product: str) -> Any:
    """A product's own part of a value that is one for all, or one for each by name."""
    return value[product] if isinstance(value, Mapping) else value


def column(numbers: NDArray[Any], like: Array) -> Array:
    """Numbers (K,) as (K, 1), in the namespace and on the device of `like`."""
    return namespace(like).asarray(numbers, device=array_api_compat.device(like))[:, None]
