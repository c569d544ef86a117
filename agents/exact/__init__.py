"""Exact theory that everything else is held to: optima and closed forms as pure functions, no simulator.

All of it speaks the simulator's clock: a lead time ℓ ≥ 0 makes a protection interval of ℓ+1 periods, and costs are
counted at the end of a period.
"""

from .bullwhip import bullwhip_ratio, shared_bullwhip, silo_bullwhip, silo_bullwhip_bound
from .clark_scarf import SerialOptimum, clark_scarf
from .dual_sourcing import DualSourcingOptimum, dual_sourcing_optimum
from .lattice import Lattice, on_lattice
from .lost_sales import LostSalesOptimum, best_lost_sales_base_stock, lost_sales_base_stock_cost, lost_sales_optimum
from .newsvendor import newsvendor, newsvendor_cost
from .pooling import Pooling, eppen
from .shang_song import SerialBounds, shang_song

__all__ = [
    "DualSourcingOptimum",
    "Lattice",
    "LostSalesOptimum",
    "Pooling",
    "SerialBounds",
    "SerialOptimum",
    "best_lost_sales_base_stock",
    "bullwhip_ratio",
    "clark_scarf",
    "dual_sourcing_optimum",
    "eppen",
    "lost_sales_base_stock_cost",
    "lost_sales_optimum",
    "newsvendor",
    "newsvendor_cost",
    "on_lattice",
    "shang_song",
    "shared_bullwhip",
    "silo_bullwhip",
    "silo_bullwhip_bound",
]
