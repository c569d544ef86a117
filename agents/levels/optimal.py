"""The exact optimum as an agent, where theory or dynamic programming has one.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.demand.stationary import Stationary
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information, inventory_level, on_order
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import in_numpy
from orderup.envs.scenario.scenario import Scenario

from ..base import Agent, agents
from ..exact.dual_sourcing import DualSourcingOptimum, dual_sourcing_optimum
from ..exact.lost_sales import LostSalesOptimum, lost_sales_optimum
from ..exact.newsvendor import newsvendor
from ..exact.reorder import ReorderOptimum, zheng_federgruen
from ..exact.scope import PLAIN, check_scope
from .base_stock import ClarkScarf, waiting_time

Rule = Callable[[Information], NDArray[np.float64]]
"""What a store orders by each of its lanes (B, L)."""
ROUNDING = 1e-6
"""Stock closer to a whole unit than this is whole [units]; what else is in fractions, at the start, is ordered up to one."""


@agents.register("optimal")
class Optimal(Agent):
    """The exact optimum, where one is known: serial lines, stores that lose sales, pay for orders or have an express lane."""

    _line: ClarkScarf | None = PrivateAttr(default=None)
    _rule: Rule | None = PrivateAttr(default=None)
    _backend: Any = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Solve the scenario, unless that has been done. Raises InputError where no optimum is known, as with delays."""
        network, self._backend = context.network, context.backend
        check_scope(network.scenario, "agent", "optimal", PLAIN)
        feed = context.autonomy.feed_latency or context.autonomy.feed_noise
        if waiting_time(context) or (context.seats == (PLANNER,) and feed):
            found = f"optimal at {context.autonomy.name}"
            raise InputError("agent", found, "an autonomy level without delays and noise: no optimum is known with them")
        self._line, self._rule = None, None
        for fits, make in KNOWN:
            if fits(network):
                self._rule = make(network.scenario)
                return
        self._line = _Line()
        try:
            self._line.reset(context)
        except InputError as error:
            wanted = f"{error.accepted}; or one store with lost sales, a cost of ordering, or a regular and an express lane"
            raise InputError(error.key, error.found, wanted) from None

    def act(self, information: Information) -> Decision:
        """Order what the optimum does."""
        if self._line is not None:
            return self._line.act(information)
        assert self._rule is not None  # since reset
        return Decision(quantity=self._backend.asarray(self._rule(information)[:, :, None]))


class _Line(ClarkScarf):
    asked_for: ClassVar[str] = "optimal"


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
    found = in_numpy(information.own("pipeline"))[:, 0].reshape(information_batch(information), -1, lanes)
    return np.asarray(found[:, :, lane])


def information_batch(information: Information) -> int:
    """B."""
    return int(information.own("on_hand").shape[0])


def _lost_at_once_rule(scenario: Scenario) -> Rule:
    """A newsvendor's level: what is left is as good as new, and nothing is on its way when one decides."""
    (entry,), (lane,), (site,) = scenario.customers, scenario.lanes, scenario.sites.values()
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    shortage = _number(entry.shortage) + _number(entry.price) - _number(lane.unit_cost)
    level, _ = newsvendor(_number(site.holding), shortage, demand)

    def rule(information: Information) -> NDArray[np.float64]:
        on_hand = in_numpy(information.own("on_hand"))[:, 0]
        return np.maximum(float(np.ravel(level)[0]) - on_hand, 0.0)

    return rule


def _lost_sales_rule(scenario: Scenario) -> Rule:
    table = _solved_lost_sales(_KeyedScenario(scenario))

    def rule(information: Information) -> NDArray[np.float64]:
        coming = _under_way(information, 0, 1)[:, ::-1]
        on_hand = in_numpy(information.own("on_hand"))[:, 0, 0]
        state = np.column_stack([on_hand + coming[:, 0], coming[:, 1:]])
        whole = np.floor(state + ROUNDING)
        orders: NDArray[np.float64] = np.maximum(table(whole) - (state - whole).sum(axis=1), 0.0)
        return orders[:, None]

    return rule


def _fixed_cost_rule(scenario: Scenario) -> Rule:
    best = _solved_fixed_cost(_KeyedScenario(scenario))

    def rule(information: Information) -> NDArray[np.float64]:
        position = in_numpy(inventory_level(information) + on_order(information))[:, 0]
        return np.where(position <= best.reorder, best.up_to - position, 0.0)

    return rule


def _dual_sourcing_rule(scenario: Scenario) -> Rule:
    table = _solved_dual_sourcing(_KeyedScenario(scenario))
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


KNOWN = (
    (_is_lost_at_once, _lost_at_once_rule),
    (_is_lost_sales, _lost_sales_rule),
    (_is_dual_sourcing, _dual_sourcing_rule),
    (_is_fixed_cost, _fixed_cost_rule),
)
"""What fits a network, and what makes its rule."""


class _KeyedScenario:
    """A scenario that can be remembered by what it says."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self._text = scenario, scenario.model_dump_json()

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _KeyedScenario) and self._text == other._text


@lru_cache(maxsize=32)
def _solved_lost_sales(key: _KeyedScenario) -> LostSalesOptimum:
    scenario = key.scenario
    (entry,), (lane,), (site,) = scenario.customers, scenario.lanes, scenario.sites.values()
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    holding, shortage = _number(site.holding), _number(entry.shortage) + _number(entry.price) - _number(lane.unit_cost)
    return lost_sales_optimum(holding, shortage, lane.lead_time.longest, demand)


@lru_cache(maxsize=32)
def _solved_fixed_cost(key: _KeyedScenario) -> ReorderOptimum:
    scenario = key.scenario
    (entry,), (lane,), (site,) = scenario.customers, scenario.lanes, scenario.sites.values()
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    rates = _number(site.holding), _number(entry.shortage), lane.fixed_cost
    return zheng_federgruen(*rates, lane.lead_time.longest, demand)


@lru_cache(maxsize=32)
def _solved_dual_sourcing(key: _KeyedScenario) -> DualSourcingOptimum:
    scenario = key.scenario
    (entry,), (site,) = scenario.customers, scenario.sites.values()
    fast, slow = sorted(scenario.lanes, key=lambda lane: lane.lead_time.longest)
    demand = entry.demand.at(entry.site).over(scenario.products, 1)
    costs = (
        _number(site.holding),
        _number(entry.shortage),
        slow.lead_time.longest,
        _number(slow.unit_cost),
        _number(fast.unit_cost),
    )
    return dual_sourcing_optimum(*costs, demand)


def _number(amount: Any) -> float:
    """An amount of the one product."""
    return float(next(iter(amount.values())) if isinstance(amount, dict) else amount)
