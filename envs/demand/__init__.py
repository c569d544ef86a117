"""How customers' demand comes about; each process is known by the name of its `type`."""

from . import file, series, stationary  # noqa: F401  (importing them registers their processes)
from .base import DemandProcess, NotNegative, PerProduct, demands, each, per_product
from .distribution import DiscreteDistribution, Distribution, NormalDistribution

__all__ = [
    "DemandProcess",
    "DiscreteDistribution",
    "Distribution",
    "NormalDistribution",
    "NotNegative",
    "PerProduct",
    "demands",
    "each",
    "per_product",
]
