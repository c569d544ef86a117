"""Exact theory that everything else is held to: optima and closed forms as pure functions, no simulator.

All of it speaks the simulator's clock: a lead time ℓ ≥ 0 makes a protection interval of ℓ+1 periods, and costs are
counted at the end of a period.
"""

from .bullwhip import bullwhip_ratio, shared_bullwhip, silo_bullwhip, silo_bullwhip_bound
from .capped import CappedOptimum, best_capped_base_stock, capped_base_stock_cost
from .constant_order import BaseSurge, BestConstantOrder, best_base_surge, best_constant_order, left_over
from .disruption import DisruptionOptimum, disruption_cost, disruption_optimum
from .dual_index import TwoLevels, best_dual_index, best_single_index
from .dual_sourcing import DualSourcingOptimum, dual_sourcing_optimum
from .dynamic_programming import DecisionProcess, Optimum, StateGrid
from .lattice import Lattice, on_lattice
from .lost_sales import LostSalesOptimum, best_lost_sales_base_stock, lost_sales_base_stock_cost, lost_sales_optimum
from .newsvendor import newsvendor, newsvendor_cost
from .perishable import PeriodRates, PerishableOptimum, perishable_optimum
from .pooling import Pooling, eppen
from .reorder import LotOptimum, ReorderOptimum, best_lots, s_s_cost, zheng_federgruen
from .wagner_whitin import LotPlan, wagner_whitin

__all__ = [
    "BaseSurge",
    "BestConstantOrder",
    "CappedOptimum",
    "DecisionProcess",
    "DisruptionOptimum",
    "DualSourcingOptimum",
    "Lattice",
    "LostSalesOptimum",
    "LotOptimum",
    "LotPlan",
    "Optimum",
    "PeriodRates",
    "PerishableOptimum",
    "Pooling",
    "ReorderOptimum",
    "StateGrid",
    "TwoLevels",
    "best_base_surge",
    "best_capped_base_stock",
    "best_constant_order",
    "best_dual_index",
    "best_lost_sales_base_stock",
    "best_lots",
    "best_single_index",
    "bullwhip_ratio",
    "capped_base_stock_cost",
    "disruption_cost",
    "disruption_optimum",
    "dual_sourcing_optimum",
    "eppen",
    "left_over",
    "lost_sales_base_stock_cost",
    "lost_sales_optimum",
    "newsvendor",
    "newsvendor_cost",
    "on_lattice",
    "perishable_optimum",
    "s_s_cost",
    "shared_bullwhip",
    "silo_bullwhip",
    "silo_bullwhip_bound",
    "wagner_whitin",
    "zheng_federgruen",
]
