"""Demand that moves in time: a list replayed, a step, autocorrelation, seasons.

Letters: T periods, K products, B episodes. Every number may be one for each product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_serializer, field_validator, model_validator

from ..arrays import Array, namespace, ndtri
from ..draw import Draw
from ..errors import InputError
from ..validation import validated
from .base import DemandProcess, NotNegative, PerProduct, column, demands, each, per_product, same_for_all
from .distribution import DiscreteDistribution, Distribution, NormalDistribution
from .stationary import Stationary

Floats = NDArray[np.float64]
History = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1)]


@demands.register("replay")
class Replay(DemandProcess):
    """These `values`, period by period, the same in every episode [units]: a list, or a list for each product.

    After the last of them they start again, or with `then: hold` the last one stays. Moments are those of the list.
    """

    values: History | dict[str, History]
    then: Literal["repeat", "hold"] = "repeat"

    @field_validator("values")
    @classmethod
    def _of_one_length(cls, values: Any) -> Any:
        if isinstance(values, dict) and len({len(series) for series in values.values()}) != 1:
            raise InputError("", {name: len(series) for name, series in values.items()}, "lists of the same length")
        return values

    def _series(self, products: Sequence[str]) -> Floats:
        """The values (n, K)."""
        ...
