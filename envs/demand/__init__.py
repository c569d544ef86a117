"""How customers' demand comes about; each process is known by the name of its `type`."""

from . import file, from_distribution, lead_time_series, series, stationary, wandering  # noqa: F401  (importing registers processes)
from .base import DemandProcess, NotNegative, PerProduct, demands, each, of_product, per_product
from .distribution import DiscreteDistribution, Distribution, NormalDistribution
from .from_distribution import FromDistribution
from .stationary import Stationary

__all__ = [
    "DemandProcess",
    "DiscreteDistribution",
    "Distribution",
    "FromDistribution",
    "NormalDistribution",
    "NotNegative",
    "PerProduct",
    "Stationary",
    "demands",
    "each",
    "of_product",
    "per_product",
]
