"""One store whose optimum is known: it loses sales, pays for orders, or has an express lane.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from orderup.envs.demand.stationary import Stationary
from orderup.envs.information.information import Information, inventory_level, on_order
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import in_numpy

from ..exact.dual_sourcing import DualSourcingOptimum, dual_sourcing_optimum
from ..exact.lost_sales import LostSalesOptimum, lost_sales_optimum
from ..exact.newsvendor import newsvendor
from ..exact.reorder import ReorderOptimum, zheng_federgruen
from .known import ROUNDING, KeyedScenario, Known, Rule, by_quantity, number


def _is_lost_sales(network: Network) -> bool:
    return _is_plain_store(network, 1) and network.fulfilment.backlogged is not None and int(network.times.lead_time[0]) >= 1


def _is_lost_at_once(network: Network) -> bool:
    return _is_plain_store(network, 1) and network.fulfilment.backlogged is not None and int(network.times.lead_time[0]) == 0


def _is_dual_sourcing(network: Network) -> bool:
    if not (_is_plain_store(network, 2) and network.fulfilment.backlogged is None):
        return False
    fast, slow = np.argsort(network.times.lead_time)
    return int(network.times.lead_time[fast]) == 0 and int(network.times.lead_time[slow]) >= 2


def _is_fixed_cost(network: Network) -> bool:
    return _is_plain_store(network, 1, fixed=True) and network.fulfilment.backlogged is None


def _is_plain_store(network: Network, lanes: int, fixed: bool = False) -> bool:
    """One site, product and customer, demand in whole units without memory, costs in proportion but for a `fixed` one."""
    if network.topology.shape != (1, lanes, 1, 1) or network.times.is_random.any() or network.times.is_delayed:
        return False
    if network.costs.fixed_cost.any() != fixed:
        return False
    limits = (
        network.limits.capacity,
        network.limits.capacity_weight,
        network.limits.minimum,
        network.limits.multiple,
        network.limits.storage,
    )
    demand = network.scenario.customers[0].demand
    return all(limit is None for limit in limits) and not network.limits.shared_limits and isinstance(demand, Stationary)


def _under_way(information: Information, lane: int, lanes: int) -> NDArray[np.float64]:
    """What a lane brings, by age, the oldest last (B, A)."""
    found = in_numpy(information.own("pipeline"))[:, 0]
    return np.asarray(found.reshape(len(found), -1, lanes)[:, :, lane])


def _lost_at_once_rule(network: Network) -> Rule:
    """A newsvendor's level: what is left is as good as new, and nothing is on its way when one decides."""
    scenario = network.scenario
    (entry,), (lane,), (site,) = scenario.customers, scenario.lanes, scenario.sites.values()
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    shortage = number(entry.shortage) + number(entry.price) - number(lane.unit_cost)
    level, _ = newsvendor(number(site.holding), shortage, demand)

    def rule(information: Information) -> NDArray[np.float64]:
        on_hand = in_numpy(information.own("on_hand"))[:, 0]
        return np.maximum(float(np.ravel(level)[0]) - on_hand, 0.0)

    return rule


def _lost_sales_rule(network: Network) -> Rule:
    scenario = network.scenario
    table = _solved_lost_sales(KeyedScenario(scenario))

    def rule(information: Information) -> NDArray[np.float64]:
        coming = _under_way(information, 0, 1)[:, ::-1]
        on_hand = in_numpy(information.own("on_hand"))[:, 0, 0]
        state = np.column_stack([on_hand + coming[:, 0], coming[:, 1:]])
        whole = np.floor(state + ROUNDING)
        orders: NDArray[np.float64] = np.maximum(table(whole) - (state - whole).sum(axis=1), 0.0)
        return orders[:, None]

    return rule


def _fixed_cost_rule(network: Network) -> Rule:
    scenario = network.scenario
    best = _solved_fixed_cost(KeyedScenario(scenario))

    def rule(information: Information) -> NDArray[np.float64]:
        position = in_numpy(inventory_level(information) + on_order(information))[:, 0]
        return np.where(position <= best.reorder, best.up_to - position, 0.0)

    return rule


def _dual_sourcing_rule(network: Network) -> Rule:
    scenario = network.scenario
    table = _solved_dual_sourcing(KeyedScenario(scenario))
    fast, slow = np.argsort([lane.lead_time.longest for lane in scenario.lanes])
    slowest = scenario.lanes[slow].lead_time.longest

    def rule(information: Information) -> NDArray[np.float64]:
        coming = _under_way(information, int(slow), 2)[:, :slowest][:, ::-1]
        net = in_numpy(information.own("on_hand") - information.own("backlog"))[:, 0, 0] + coming[:, 0]
        whole = np.floor(net + ROUNDING)
        express, regular = table(whole, np.floor(coming[:, 1:] + ROUNDING))
        express = np.where(express > 0, express - (net - whole), 0.0)
        wanted = np.zeros((len(net), 2))
        wanted[:, fast], wanted[:, slow] = express, regular
        return wanted

    return rule


@lru_cache(maxsize=32)
def _solved_lost_sales(key: KeyedScenario) -> LostSalesOptimum:
    scenario = key.scenario
    (entry,), (lane,), (site,) = scenario.customers, scenario.lanes, scenario.sites.values()
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    holding, shortage = number(site.holding), number(entry.shortage) + number(entry.price) - number(lane.unit_cost)
    return lost_sales_optimum(holding, shortage, lane.lead_time.longest, demand)


@lru_cache(maxsize=32)
def _solved_fixed_cost(key: KeyedScenario) -> ReorderOptimum:
    scenario = key.scenario
    (entry,), (lane,), (site,) = scenario.customers, scenario.lanes, scenario.sites.values()
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    rates = number(site.holding), number(entry.shortage), lane.fixed_cost
    return zheng_federgruen(*rates, lane.lead_time.longest, demand)


@lru_cache(maxsize=32)
def _solved_dual_sourcing(key: KeyedScenario) -> DualSourcingOptimum:
    scenario = key.scenario
    (entry,), (site,) = scenario.customers, scenario.sites.values()
    fast, slow = sorted(scenario.lanes, key=lambda lane: lane.lead_time.longest)
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    costs = (
        number(site.holding),
        number(entry.shortage),
        slow.lead_time.longest,
        number(slow.unit_cost),
        number(fast.unit_cost),
    )
    return dual_sourcing_optimum(*costs, demand)


STORES = (
    Known(_is_lost_at_once, by_quantity(_lost_at_once_rule)),
    Known(_is_lost_sales, by_quantity(_lost_sales_rule)),
    Known(_is_dual_sourcing, by_quantity(_dual_sourcing_rule)),
    Known(_is_fixed_cost, by_quantity(_fixed_cost_rule)),
)
"""What fits a network, and what makes its rule."""
