"""A main lane belongs to a site and a product: who brings the one need not bring the other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import list_agents, make_agent
from orderup.agents.levels.base_stock_levels import Tree, echelon_levels, installation_levels
from orderup.agents.rules.rule import Rule
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.evaluation.measures.structure import customers_behind, is_express

PRODUCTS = ("tea", "coffee")
NOBODY = {"hold", "random", "team", "trained", "skill", "ppo", "pathwise", "universal_pathwise"}
"""Who orders nothing or anything, is made of others, or has to be trained."""
PLANNERS = {"mpc", "certainty_equivalent"}
QUICK: Mapping[str, Mapping[str, Any]] = {
    "optimised_base_stock": {"iterations": 0, "neighbours": False},
    "mpc": {"scenarios": 3, "horizon": 4},
    "certainty_equivalent": {"horizon": 4},
}


def lane(source: str, site: str, **keys: Any) -> dict[str, Any]:
    return {"from": source, "to": site, "lead_time": 1, **keys}


def scenario(name: str, lanes: list[dict[str, Any]], products: tuple[str, ...] = PRODUCTS, **customers: Any) -> dict[str, Any]:
    carried = [each for each in lanes if set(each.get("products", products)) & set(products)]
    sites = sorted({each["to"] for each in carried})
    demand = {"type": "poisson", "mean": 6}
    return {
        "name": name,
        "horizon": 60,
        "warmup": 20,
        "products": list(products),
        "sites": {site: {"holding": 1 if site.startswith("store") else 0.5} for site in sites},
        "lanes": [each | {"products": [p for p in each.get("products", products) if p in products]} for each in carried],
        "customers": [
            {"site": site, "shortage": 9, "demand": demand, **customers} for site in sites if site.startswith("store")
        ],
    }


APART = [lane("supplier_a", "store_1", products=["tea"]), lane("supplier_b", "store_1", products=["coffee"], lead_time=2)]
TWO_WAYS = [
    lane("supplier", "warehouse_1", products=["tea"]),
    lane("supplier", "warehouse_2", products=["coffee"]),
    *(lane("warehouse_1", f"store_{number}", products=["tea"]) for number in (1, 2)),
    *(lane("warehouse_2", f"store_{number}", products=["coffee"]) for number in (1, 2)),
]
CROSSWISE = [
    lane("supplier_a", "store_1", unit_cost={"tea": 1.0, "coffee": 3.0}),
    lane("supplier_b", "store_1", unit_cost={"tea": 3.0, "coffee": 1.0}, lead_time=0),
]
"""Either supplier brings both, and is cheap for one."""


@cache
def network_of(name: str) -> Network:
    if name in MADE:
        return Simulator(made(*MADE[name])).numpy_network
    return Simulator(scenario(name, {"apart": APART, "two_ways": TWO_WAYS, "crosswise": CROSSWISE}[name])).numpy_network


def made(*lanes: dict[str, Any]) -> Scenario:
    """Tea in bags and coffee, both made at a factory of what comes from outside, and sold there, or in stores it supplies."""
    stores = sorted({each["to"] for each in lanes if each["to"].startswith("store")}) or ["plant_1"]
    holding = {"tea": 1.0, "coffee": 1.0, "leaf": 0.2, "bag": 0.1, "bean": 0.3, "roast": 0.5}
    recipes: list[dict[str, Any]] = [
        {"make": "tea", "at": "plant_1", "uses": {"leaf": 2, "bag": 1}, "lead_time": 0},
        {"make": "coffee", "at": "plant_1", "uses": {"roast": 1, "bag": 1}, "lead_time": 1, "unit_cost": 1},
        {"make": "roast", "at": "plant_1", "uses": {"bean": 1.5}, "lead_time": 0, "machine": "oven", "hours": 0.1},
    ]
    return validated(
        Scenario,
        {
            "name": "made",
            "horizon": 60,
            "warmup": 20,
            "products": [*holding],
            "sites": {
                "plant_1": {"holding": holding, "machines": {"oven": {"hours": 2}}},
                **{store: {"holding": 2} for store in stores if store != "plant_1"},
            },
            "lanes": [
                *recipes,
                lane("supplier", "plant_1", products=["leaf", "bag"]),
                lane("supplier", "plant_1", products=["bean"], lead_time=2, name="beans"),
                *lanes,
            ],
            "customers": [
                {"site": store, "products": list(PRODUCTS), "shortage": 9, "demand": {"type": "poisson", "mean": 6}}
                for store in stores
            ],
        },
    )


MADE = {
    "made and sold": (),
    "made and sent": [lane("plant_1", f"store_{number}", products=list(PRODUCTS)) for number in (1, 2)],
}


def told(level: str, name: str, network: str) -> dict[str, float] | None:
    """Share of each product that is sold at once; None where the agent refuses."""
    keys = {"type": name, **QUICK.get(name, {})}
    try:
        found = orderup.evaluate(network_of(network).scenario, level, keys, episodes=3)
    except InputError:
        return None
    return {product: found.products["fill_rate"][product] for product in PRODUCTS}


@pytest.mark.parametrize(
    ("name", "network"),
    [
        (name, network)
        for name in list_agents()
        for network in ("apart", "two_ways", "crosswise", *MADE)
        if name not in NOBODY and not (name in PLANNERS and network in MADE)
    ],
)
def test_what_is_sold_and_can_be_had_is_ordered_or_the_agent_refuses(name: str, network: str) -> None:
    found = {level: told(level, name, network) for level in ("autonomous_silo", "central_ideal")}
    for fills in found.values():
        assert fills is None or min(fills.values()) > 0.5, found
        assert fills is None or abs(fills["tea"] - fills["coffee"]) < 0.25, found


@pytest.mark.parametrize(("network", "unmet"), [("apart", "backlog"), ("apart", "lost"), ("two_ways", "backlog")])
def test_a_rule_settles_on_the_numbers_that_each_product_has_alone(network: str, unmet: str) -> None:
    lanes = {"apart": APART, "two_ways": TWO_WAYS}[network]
    demand, means = {"type": "poisson"}, {"tea": 6, "coffee": 9}
    tried = 0
    for name in list_agents():
        if name in NOBODY | set(QUICK) or not isinstance(make_agent(name), Rule):
            continue
        together = numbers(scenario("together", lanes, unmet=unmet, demand=demand | {"mean": means}), name)
        for product, column in ((product, PRODUCTS.index(product)) for product in PRODUCTS):
            alone = numbers(scenario("alone", lanes, (product,), unmet=unmet, demand=demand | {"mean": means[product]}), name)
            assert alone.keys() == together.keys()
            for key, values in alone.items():
                tried += 1
                places = [label for label in values if label in together[key]]
                assert [together[key][place][column] for place in places] == [values[place][0] for place in places], (name, key)
    assert tried > 10


def numbers(given: Any, name: str) -> dict[str, dict[str, list[float]]]:
    """A rule's numbers on each lane by product; nothing where it refuses."""
    context, rule = Simulator(given).context(), make_agent(name)
    assert isinstance(rule, Rule)
    try:
        found = rule.numbers(context)
    except InputError:
        return {}
    return {key: dict(zip(context.network.lanes, values.tolist(), strict=True)) for key, values in found.items()}


def test_the_cheaper_lane_for_a_product_is_its_main_one() -> None:
    crosswise = network_of("crosswise")
    labels = np.array(crosswise.lanes)[crosswise.topology.main_lanes]
    assert labels.tolist() == [["supplier_a->store_1", "supplier_b->store_1"]]
    tea, coffee = installation_levels(crosswise)[[crosswise.lanes.index(f"supplier_{which}->store_1") for which in "ab"]].T
    assert _quantile(coffee[1], 1) == (True, True)  # a product's own lane goes up to its newsvendor's level
    assert tea[1] < tea[0]  # and tea's, which is slower than the other, to less, for that can help out
    assert _quantile(tea[0], 2) == (False, True)
    assert is_express(crosswise).tolist() == [[False, False], [True, False]]


def _quantile(level: float, periods: int) -> tuple[bool, bool]:
    """Whether a level is the smallest with a chance of 0.9 to cover demand."""
    from scipy import stats

    demand = stats.poisson(6 * periods)
    return bool(demand.cdf(level) >= 0.9), bool(demand.cdf(level - 1) < 0.9)


def test_echelons_follow_each_product_up_its_own_way() -> None:
    ways = network_of("two_ways")
    tea, coffee = Tree.each(ways)
    assert {tree.names for tree in (tea, coffee)} == {("tea",), ("coffee",)}
    levels, sites = echelon_levels(ways), ways.sites
    by_site = {site: levels[sites.index(site)] for site in sites}
    assert by_site["warehouse_1"][1] == by_site["warehouse_2"][0] == 0.0
    assert by_site["warehouse_1"][0] == by_site["warehouse_2"][1] > 2 * by_site["store_1"][0] > 0.0
    behind = customers_behind(ways)
    assert behind[sites.index("warehouse_1")].all()
    assert behind[sites.index("warehouse_2")].all()


def test_a_site_name_stands_for_the_main_lane_of_each_product() -> None:
    apart = Simulator(network_of("apart").scenario)
    for agent in ({"type": "base_stock", "levels": {"store_1": [11, 22]}}, {"type": "s_s", "up_to": {"store_1": [11, 22]}}):
        policy = make_agent(agent)
        policy.reset(apart.context())
        levels = np.broadcast_to(policy.act(apart.reset(seed=0)).level, (1, 2, 2))[0]
        if isinstance(policy, Rule):
            levels = policy.numbers(apart.context())["up_to"]
        assert levels[0, 0] == 11
        assert levels[1, 1] == 22


def test_a_lane_that_is_slow_for_one_product_and_fast_for_another_has_no_steady_flow() -> None:
    lanes = [*CROSSWISE, lane("supplier_c", "store_1", unit_cost={"tea": 4.0, "coffee": 0.5}, lead_time=3)]
    lanes[1] = lanes[1] | {"unit_cost": {"tea": 0.5, "coffee": 1.0}, "lead_time": 1}
    lanes[0] = lanes[0] | {"lead_time": 0, "products": ["tea"]}
    with pytest.raises(InputError, match="whose supplier_b->store_1 is both"):
        orderup.evaluate(scenario("both", lanes), "autonomous_silo", "tailored_base_surge", episodes=2)
