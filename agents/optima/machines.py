"""One site whose products share a machine without set-ups: a machine by name, or a lane that takes so much a period.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np

from orderup.envs.demand.base import per_product
from orderup.envs.information.information import Information, inventory_level, on_order
from orderup.envs.network.limits import UNLIMITED
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_numpy
from orderup.envs.scenario.scenario import Lane, Scenario

from ..exact.scope import PLAIN, Scope, keys
from ..exact.structures import Made, machine_optimum, modified_base_stock
from .known import ROUNDING, KeyedScenario, Known, Rule, by_main_lanes, by_quantity, is_plain, sold

LIMITED: Scope = {**PLAIN, "lanes": PLAIN["lanes"] | keys("capacity")}
"""A lane's capacity, and what the exact optima know of besides."""
ON_A_MACHINE: Scope = {
    **PLAIN,
    "lanes": PLAIN["lanes"] | keys("make at machine hours"),
    "sites": PLAIN["sites"] | keys("machines"),
}
"""The same of recipes that use nothing that runs out."""
FINEST = 1000
"""Parts that an hour, or a unit of volume, is divided into at most, so that all products take a whole number of them."""


def _is_limited_lane(network: Network) -> bool:
    """One lane with a capacity that brings everything."""
    (sites, lanes, _, customers), limits = network.topology.shape, network.limits
    if (sites, lanes, customers) != (1, 1, 1) or limits.capacity is None or limits.capacity[0, 0, 0] >= UNLIMITED:
        return False
    return not limits.shared_limits and limits.carried is None and is_plain(network) and _all_sold(network.scenario)


def _is_machine(network: Network) -> bool:
    """One machine that makes everything."""
    sites, lanes, products, customers = network.topology.shape
    if network.recipes is None or (sites, customers) != (1, 1) or lanes != products or len(network.recipes.lanes) != lanes:
        return False
    (site,) = network.scenario.sites.values()
    one = len(site.machines) == 1 and all(machine.overtime is None for machine in site.machines.values())
    made = {lane.make for lane in network.scenario.lanes}
    run = all(lane.machine in site.machines and lane.hours > 0 for lane in network.scenario.lanes)
    return one and run and len(made) == lanes and is_plain(network) and _all_sold(network.scenario)


def _all_sold(scenario: Scenario) -> bool:
    return all(sold(scenario, product) is not None for product in scenario.products)


def _rule(network: Network) -> Rule:
    making = _solved(KeyedScenario(network.scenario))

    def rule(information: Information) -> Floats:
        position = in_numpy(inventory_level(information) + on_order(information))[:, 0]
        whole = np.floor(position + ROUNDING)
        made = making(whole)
        return by_main_lanes(network, np.maximum(made - np.where(made > 0, position - whole, 0.0), 0.0))

    return rule


@lru_cache(maxsize=32)
def _solved(key: KeyedScenario) -> Callable[[Floats], Any]:
    """Units to make (B, K) from whole positions (B, K)."""
    products, capacity = _machine(key.scenario)
    if len(products) > 1:
        return machine_optimum(products, capacity)
    level, _ = modified_base_stock(products[0], capacity - capacity % products[0].takes)
    most = capacity // products[0].takes
    return lambda positions: np.clip(level - positions, 0.0, most)


def _machine(scenario: Scenario) -> tuple[list[Made], int]:
    """The products, and what there is of hours or volume in a period, in the same parts of an hour or a unit of volume."""
    (site,), names = scenario.sites.values(), scenario.products
    lanes = [_lane(scenario, name) for name in names]
    if lanes[0].make is None:
        taken, most = per_product(scenario.volume, names).tolist(), lanes[0].capacity or 0.0
    else:
        (machine,) = site.machines.values()
        taken, most = [lane.hours for lane in lanes], machine.hours
    each = [Fraction(amount).limit_denominator(FINEST) for amount in taken]
    parts = lcm(*(amount.denominator for amount in each))
    holding, made = per_product(site.holding, names), []
    for number, (name, lane) in enumerate(zip(names, lanes, strict=True)):
        bought = sold(scenario, name)
        assert bought is not None  # _all_sold has seen to it
        made.append(Made(float(holding[number]), *bought, lane.lead_time.longest, int(each[number] * parts)))
    return made, int(Fraction(most).limit_denominator(FINEST) * parts)


def _lane(scenario: Scenario, product: str) -> Lane:
    return next(lane for lane in scenario.lanes if lane.make in (None, product))


MACHINES = (
    Known(_is_limited_lane, by_quantity(_rule), LIMITED),
    Known(_is_machine, by_quantity(_rule), ON_A_MACHINE),
)
