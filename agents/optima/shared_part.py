"""One site whose products are made of one part that they share.

Letters: B batch, A ages of what is under way, L lanes, K products.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from orderup.envs.demand.base import per_product
from orderup.envs.information.information import Information, inventory_level
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_numpy
from orderup.envs.scenario.scenario import Lane, Scenario

from ..exact.scope import PLAIN, Scope, keys
from ..exact.structures import Made, SharedPart, SharedPartOptimum
from .known import ROUNDING, KeyedScenario, Known, Rule, by_main_lanes, by_quantity, is_plain, sold

OF_A_PART: Scope = {**PLAIN, "lanes": PLAIN["lanes"] | keys("make at uses")}
"""Recipes, and what the exact optima know of besides."""


def _is_shared_part(network: Network) -> bool:
    """All recipes but for one bought part, each of whole units of that."""
    sites, lanes, products, customers = network.topology.shape
    if network.recipes is None or (sites, customers) != (1, 1) or lanes != products or not is_plain(network):
        return False
    made = {str(lane.make): lane for lane in network.scenario.lanes if lane.make is not None}
    bought = [name for name in network.products if name not in made]
    if len(made) != lanes - 1 or len(bought) != 1 or sold(network.scenario, bought[0]) is not None:
        return False
    amounts = [lane.uses.get(bought[0], 0.5) for lane in made.values() if len(lane.uses) == 1]
    whole = len(amounts) == len(made) and all(amount == int(amount) for amount in amounts)
    return whole and all(sold(network.scenario, name) is not None for name in made)


def _rule(network: Network) -> Rule:
    best, lanes = _solved(KeyedScenario(network.scenario)), _lanes(network.scenario)
    part = next(place for place, lane in enumerate(lanes) if lane.make is None)
    made = [place for place in range(len(lanes)) if place != part]
    wait = lanes[part].lead_time.longest

    def rule(information: Information) -> Floats:
        under_way = in_numpy(information.own("pipeline"))[:, 0]
        under_way = under_way.reshape(len(under_way), -1, len(lanes), len(lanes)).sum(axis=2)
        position = in_numpy(inventory_level(information))[:, 0, made] + under_way.sum(axis=1)[:, made]
        parts = np.column_stack([in_numpy(information.own("on_hand"))[:, 0, part], under_way[:, :wait][:, ::-1, part]])
        whole = np.floor(position + ROUNDING)
        units, order = best(whole, np.floor(parts + ROUNDING))
        wanted = np.zeros((len(parts), len(lanes)))
        wanted[:, made] = np.maximum(units - np.where(units > 0, position - whole, 0.0), 0.0)
        wanted[:, part] = order
        return by_main_lanes(network, wanted)

    return rule


@lru_cache(maxsize=32)
def _solved(key: KeyedScenario) -> SharedPartOptimum:
    scenario = key.scenario
    (site,), lanes = scenario.sites.values(), _lanes(scenario)
    holding, products = per_product(site.holding, scenario.products), []
    for number, (name, lane) in enumerate(zip(scenario.products, lanes, strict=True)):
        if lane.make is None:
            shelf, wait = float(holding[number]), lane.lead_time.longest
        else:
            bought, (takes,) = sold(scenario, name), lane.uses.values()
            assert bought is not None  # _is_shared_part has seen to it
            products.append(Made(float(holding[number]), *bought, lane.lead_time.longest, int(takes)))
    return SharedPart(shelf, products, wait).optimum()


def _lanes(scenario: Scenario) -> list[Lane]:
    """The lane that makes or brings each product."""
    (bought,) = (lane for lane in scenario.lanes if lane.make is None)
    made = {lane.make: lane for lane in scenario.lanes}
    return [made.get(name, bought) for name in scenario.products]


SHARED_PARTS = (Known(_is_shared_part, by_quantity(_rule), OF_A_PART),)
