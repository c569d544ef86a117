"""Safety stock by guaranteed service: the textbook's placement, and sites that keep what they promise."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

import orderup
from orderup.agents.rules.service_stages import Placement, placements
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

ONE_DEVIATION = float(stats.norm.cdf(1))


def tree(demand: Any, **keys: Any) -> dict[str, Any]:
    """Snyder and Shen's network: a plant feeds one that feeds two stores, the second of which may deliver a period late."""
    return {
        "name": "a_tree",
        "horizon": 120,
        "warmup": 20,
        "sites": {
            "plant_1": {"role": "plant", "holding": 1},
            "plant_3": {"role": "plant", "holding": 2},
            "store_2": {"holding": 3},
            "store_4": {"holding": 3},
        },
        "lanes": [
            {"from": "supplier", "to": "plant_1", "lead_time": 2},
            {"from": "plant_1", "to": "plant_3", "lead_time": 0},
            {"from": "plant_3", "to": "store_2", "lead_time": 0},
            {"from": "plant_3", "to": "store_4", "lead_time": 0},
        ],
        "customers": [
            {"site": "store_2", "shortage": 9, "demand": demand},
            {"site": "store_4", "shortage": 9, "demand": demand, "promise": 1},
        ],
        **keys,
    }


def placed(scenario: Any, **keys: Any) -> tuple[dict[str, tuple[int, int, float]], Placement]:
    """Outgoing service time, periods covered and level by site, of the only product."""
    network = Simulator(scenario).numpy_network
    (found,) = placements(network, **keys)
    sites = [network.sites[site] for site, _ in found.items]
    return dict(zip(sites, zip(found.times.outgoing, found.times.covered, found.levels, strict=True), strict=True)), found


def test_the_textbooks_network_is_stocked_as_the_textbook_says() -> None:
    # Fundamentals of Supply Chain Theory, example 6.5: processing times 2 + 1, 1, 1, 1, normal demand with a deviation of 1
    by_site, found = placed(tree({"type": "normal", "mean": 20, "sd": 1}), service=ONE_DEVIATION)
    assert found.times.cost == pytest.approx(8.277916867529369)
    assert {site: out for site, (out, _, _) in by_site.items()} == {"plant_1": 0, "plant_3": 0, "store_2": 0, "store_4": 1}
    levels = {site: level for site, (_, _, level) in by_site.items()}
    assert levels == pytest.approx(
        {"plant_1": 120 + np.sqrt(2 * 3), "plant_3": 40 + np.sqrt(2), "store_2": 21, "store_4": 0}, abs=1e-6
    )


def test_what_demand_keeps_within_is_delivered_as_it_was_promised() -> None:
    bounded = tree({"type": "uniform_integer", "low": 0, "high": 4})
    for plant, holding in (("plant_1", 0.2), ("plant_3", 0.3)):
        bounded["sites"][plant]["holding"] = holding
    agent = {"type": "guaranteed_service", "service": 1 - 1e-9}
    kept = orderup.evaluate(bounded, "autonomous_silo", agent, episodes=50)
    assert kept.kpis["cost_shortage"] == pytest.approx(0, abs=1e-9)
    assert kept.sites["fill_rate"]["store_2"] == 1 > kept.sites["fill_rate"]["store_4"], "who may wait does"
    short = orderup.evaluate(bounded, "autonomous_silo", {**agent, "up_to": {"plant_3": 0}}, episodes=50)
    assert short.kpis["cost_shortage"] > 0.1
    assert not kept.caveats


def test_who_delivers_late_to_several_divides_by_its_rule_and_says_so() -> None:
    agent = {"type": "guaranteed_service", "service": 1 - 1e-9}
    late = orderup.evaluate(tree({"type": "uniform_integer", "low": 0, "high": 4}), "autonomous_silo", agent, episodes=5)
    assert late.kpis["cost_shortage"] > 0
    assert any("by its rationing rule" in caveat and "plant_3" in caveat for caveat in late.caveats)
    by_turn = tree({"type": "uniform_integer", "low": 0, "high": 4})
    by_turn["sites"]["plant_3"]["rationing"] = "first_come"
    kept = orderup.evaluate(by_turn, "autonomous_silo", agent, episodes=50)
    assert kept.kpis["cost_shortage"] == pytest.approx(0, abs=1e-9)
    assert not kept.caveats


def test_a_store_alone_is_a_newsvendor() -> None:
    ours, theirs = (
        orderup.evaluate("newsvendor", "autonomous_silo", name, episodes=20) for name in ("guaranteed_service", "base_stock")
    )
    assert ours.cost == theirs.cost


def test_stock_stands_where_it_is_cheap_enough_for_the_time_it_takes_further_down() -> None:
    demand = {"type": "normal", "mean": 20, "sd": 4}
    for above, covered in ((0.1, {"warehouse_1": 4, "store_1": 1}), (0.95, {"warehouse_1": 0, "store_1": 5})):
        line = {
            "name": "a_line",
            "horizon": 60,
            "warmup": 20,
            "sites": {"warehouse_1": {"holding": above}, "store_1": {"holding": 1}},
            "lanes": [
                {"from": "supplier", "to": "warehouse_1", "lead_time": 3},
                {"from": "warehouse_1", "to": "store_1", "lead_time": 0},
            ],
            "customers": [{"site": "store_1", "shortage": 9, "demand": demand}],
        }
        by_site, _ = placed(line)
        assert {site: periods for site, (_, periods, _) in by_site.items()} == covered
        late, _ = placed(line, wait=2)
        assert sum(periods for _, periods, _ in late.values()) == sum(covered.values()) + 2
        ratio = 9 / (9 + 1)
        expected = 20 * covered["store_1"] + stats.norm.ppf(ratio) * 4 * np.sqrt(covered["store_1"])
        assert by_site["store_1"][2] == pytest.approx(expected, rel=2e-3)


def made(demand: Any) -> dict[str, Any]:
    """Two parts become a product at a plant, which two stores sell: a tree that is neither assembly nor distribution."""
    holding = {"lamp": 4, "bulb": 1, "shade": 2}
    return {
        "name": "a_general_tree",
        "horizon": 120,
        "warmup": 20,
        "products": [*holding],
        "sites": {
            "plant_1": {"role": "plant", "holding": holding},
            "store_1": {"holding": {**holding, "lamp": 5}},
            "store_2": {"holding": {**holding, "lamp": 5}},
        },
        "lanes": [
            {"from": "supplier", "to": "plant_1", "products": ["bulb"], "lead_time": 3, "name": "bulbs"},
            {"from": "supplier", "to": "plant_1", "products": ["shade"], "lead_time": 0, "name": "shades"},
            {"make": "lamp", "at": "plant_1", "uses": {"bulb": 2, "shade": 1}, "lead_time": 1},
            {"from": "plant_1", "to": "store_1", "products": ["lamp"], "lead_time": 1},
            {"from": "plant_1", "to": "store_2", "products": ["lamp"], "lead_time": 0},
        ],
        "customers": [
            {"site": store, "products": ["lamp"], "shortage": 45, "demand": demand, "promise": promise}
            for store, promise in (("store_1", 0), ("store_2", 1))
        ],
    }


def test_parts_and_products_are_stocked_as_the_best_of_all_combinations_says() -> None:
    normal = {"type": "normal", "mean": 20, "sd": 2}
    network = Simulator(made(normal)).numpy_network
    (found,) = placements(network, service=ONE_DEVIATION)
    names = [f"{network.products[product]} at {network.sites[site]}" for site, product in found.items]
    number = {name: stage for stage, name in enumerate(names)}
    lamp, bulb, shade, near, far = (
        number[name]
        for name in ("lamp at plant_1", "bulb at plant_1", "shade at plant_1", "lamp at store_2", "lamp at store_1")
    )
    arcs, time = [(bulb, lamp), (shade, lamp), (lamp, near), (lamp, far)], {bulb: 4, shade: 1, lamp: 2, near: 1, far: 2}
    rates = {bulb: 1 * 2 * 2 * 2**0.5, shade: 2 * 2 * 2**0.5, lamp: 4 * 2 * 2**0.5, near: 5 * 2, far: 5 * 2}
    best = np.inf
    for out in itertools.product(range(5), range(2), range(7), range(2), range(1)):
        quoted = dict(zip((bulb, shade, lamp, near, far), out, strict=True))
        coming = {stage: max([quoted[one] for one, other in arcs if other == stage], default=0) for stage in quoted}
        covered = {stage: coming[stage] + time[stage] - quoted[stage] for stage in quoted}
        if min(covered.values()) >= 0:
            best = min(best, sum(rates[stage] * periods**0.5 for stage, periods in covered.items()))
    assert found.times.cost == pytest.approx(best, rel=1e-6)


def test_parts_are_there_for_all_demand_within_the_bound() -> None:
    agent = {"type": "guaranteed_service", "service": 1 - 1e-9}
    keys = made({"type": "uniform_integer", "low": 0, "high": 4})
    keys["sites"]["plant_1"]["rationing"] = "first_come"
    assert orderup.evaluate(keys, "autonomous_silo", agent, episodes=50).kpis["cost_shortage"] == pytest.approx(0, abs=1e-9)
    short = {**agent, "up_to": {"bulbs": 0}}
    assert orderup.evaluate(keys, "autonomous_silo", short, episodes=20).kpis["cost_shortage"] > 0.1


def test_what_hangs_together_in_a_circle_is_refused_by_the_key_of_a_lane_on_it() -> None:
    keys = made({"type": "poisson", "mean": 5})
    keys["products"].append("stand")
    for site in keys["sites"].values():
        site["holding"] = {**site["holding"], "stand": 9}
    keys["lanes"].append({"make": "stand", "at": "plant_1", "uses": {"lamp": 1, "bulb": 1}, "lead_time": 0})
    with pytest.raises(InputError, match="as trees") as refused:
        list(placements(Simulator(keys).numpy_network))
    assert refused.value.key in ("lanes[2].uses", "lanes[5].uses")


def test_each_product_has_its_own_tree() -> None:
    keys = tree({"type": "poisson", "mean": 5}, products=["tea", "coffee"])
    keys["sites"]["store_2"]["holding"] = {"tea": 3, "coffee": 1}
    found = list(placements(Simulator(keys).numpy_network, service=0.9))
    tea, coffee = sorted(found, key=lambda one: one.items[0][1])
    assert {product for _, product in tea.items} == {0}
    assert tea.times.cost > coffee.times.cost


def test_what_the_model_does_not_know_of_is_named() -> None:
    keys = tree({"type": "poisson", "mean": 5})
    keys["lanes"][0]["lead_time"] = {"type": "uniform_integer", "low": 1, "high": 3}
    keys["lanes"][1]["fixed_cost"] = 5
    told = orderup.evaluate(keys, "autonomous_silo", "guaranteed_service", episodes=2).caveats
    assert any("fixed costs" in caveat and "promise" not in caveat for caveat in told)
    assert "its service times take drawn lead times at their longest" in told


@pytest.mark.parametrize("chance", [0, 1, 1.5])
def test_a_chance_that_is_none_is_refused_by_its_key(chance: float) -> None:
    with pytest.raises(InputError) as refused:
        orderup.evaluate("newsvendor", agents={"type": "guaranteed_service", "service": chance}, episodes=1)
    assert "service" in refused.value.key


def test_lead_times_too_long_for_its_tables_are_refused() -> None:
    keys = tree({"type": "poisson", "mean": 5})
    keys["lanes"][0]["lead_time"] = 9_000
    with pytest.raises(InputError, match="shorter lead time"):
        placed(keys)
