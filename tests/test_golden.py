"""The simulator against numbers that theory gives: each lies inside the 99 % interval of two million simulated periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import (
    best_lost_sales_base_stock,
    bullwhip_ratio,
    dual_sourcing_optimum,
    eppen,
    newsvendor,
    newsvendor_cost,
)
from orderup.agents.exact.serial import clark_scarf
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from .simulation import Interval, simulated

SERIAL = {
    "serial_clark_scarf": clark_scarf([7, 4, 2], 37.12, [0, 0, 1], stats.norm(5, 1)),
    "serial_poisson": clark_scarf([1, 0.5, 0.25, 0.1], 10, [1, 1, 1, 1], stats.poisson(8)),
}
LOST_SALES = {
    (1, 4): 4.041, (1, 9): 5.438, (1, 19): 6.676, (1, 39): 7.836,
    (2, 4): 4.395, (2, 9): 6.094, (2, 19): 7.664, (2, 39): 9.106,
    (3, 4): 4.599, (3, 9): 6.531, (3, 19): 8.363, (3, 39): 10.038, (4, 4): 4.729,
}  # fmt: skip
DUAL_SOURCING = {(2, 105): 216.770, (2, 110): 219.733, (3, 105): 216.876, (3, 110): 220.341}


def one_store(demand: dict[str, Any], lead_time: int, holding: float, shortage: float, unmet: str = "backlog") -> Scenario:
    return changed(
        load_scenario("newsvendor"),
        name="one_store",
        sites={"store_1": {"holding": holding}},
        lanes=[{"from": "supplier", "to": "store_1", "lead_time": lead_time, "initial": 5}],
        customers=[{"site": "store_1", "shortage": shortage, "unmet": unmet, "demand": demand}],
    )


@pytest.mark.parametrize(("lead_time", "level", "cost"), [(0, 14, 5.8694), (2, 37, 9.9532), (4, 59, 12.7591)])
def test_a_store_with_poisson_demand_costs_what_the_newsvendor_says(lead_time: int, level: int, cost: float) -> None:
    store = one_store({"type": "poisson", "mean": 10}, lead_time, holding=1, shortage=9)
    assert newsvendor(1, 9, stats.poisson(10 * (lead_time + 1)))[0] == level
    assert cost in Interval.of(simulated(store, {"type": "base_stock", "levels": {"store_1": level}}).cost)
    higher = float(newsvendor_cost(1, 9, stats.poisson(10 * (lead_time + 1)), level + 3))
    assert higher in Interval.of(simulated(store, {"type": "base_stock", "levels": {"store_1": level + 3}}).cost)


def test_a_store_with_normal_demand_costs_what_the_newsvendor_says() -> None:
    store = one_store({"type": "normal", "mean": 50, "sd": 8}, lead_time=0, holding=0.18, shortage=0.70)
    run = simulated(store, {"type": "base_stock", "levels": {"store_1": 56.604}}, dtype="float64")
    assert 1.9976 in Interval.of(run.cost)


def test_one_stock_for_four_stores_costs_half_of_four() -> None:
    separate = load_scenario("pooling")
    segments = [{**entry.model_dump(), "site": "store_1", "segment": entry.site} for entry in separate.customers]
    pooled = changed(
        separate,
        sites={"store_1": {"holding": 1}},
        lanes=[{"from": "supplier", "to": "store_1", "lead_time": 0}],
        customers=segments,
    )
    theory = eppen(1, 9, 400 * np.eye(4))
    assert (round(theory.separate, 2), round(theory.pooled, 2)) == (140.40, 70.20)
    assert theory.separate in Interval.of(simulated(separate, "base_stock", dtype="float64").cost)
    assert theory.pooled in Interval.of(simulated(pooled, "base_stock", dtype="float64").cost)


@pytest.mark.parametrize(("name", "levels", "cost"), [
    ("serial_clark_scarf", (6.49, 12.03, 22.72), 47.665),
    ("serial_poisson", (23, 42, 61, 79), 25.168),
])  # fmt: skip
def test_the_recursion_of_clark_and_scarf_gives_the_published_numbers_to_within_their_grid(
    name: str, levels: tuple[float, ...], cost: float
) -> None:
    np.testing.assert_allclose(SERIAL[name].echelon_levels, levels, atol=0.02)
    assert SERIAL[name].cost == pytest.approx(cost, rel=1.1e-4)


@pytest.mark.parametrize("autonomy", ["central_ideal", "autonomous_shared", "autonomous_silo"])
@pytest.mark.parametrize("name", list(SERIAL))
def test_a_line_costs_its_optimum_under_central_echelon_levels_as_under_local_ones(name: str, autonomy: str) -> None:
    dtype = "float64" if name == "serial_clark_scarf" else "float32"
    assert SERIAL[name].cost in Interval.of(simulated(name, "clark_scarf", autonomy, dtype=dtype).cost)


@pytest.mark.parametrize("name", list(SERIAL))
def test_echelon_and_local_levels_make_the_same_decisions_on_the_same_demand(name: str) -> None:
    line, optimum = load_scenario(name), SERIAL[name]
    network = Simulator(line).numpy_network
    stock = optimum.installation_levels - network.start.lane_initial[:, 0, 0] * network.times.lead_time
    sites = {
        site: {"holding": line.sites[site].holding, "initial": units} for site, units in zip(network.sites, stock, strict=True)
    }
    at_target = changed(line, sites=sites)
    central, local = (
        simulated(at_target, "clark_scarf", autonomy, episodes=500, dtype="float64").cost
        for autonomy in ("central_ideal", "autonomous_silo")
    )
    np.testing.assert_allclose(local, central, rtol=1e-10)


@pytest.mark.parametrize(("lead_time", "shortage"), list(LOST_SALES))
def test_lost_sales_cost_their_optimum_by_its_table_and_more_by_the_best_base_stock(lead_time: int, shortage: int) -> None:
    store = one_store({"type": "poisson", "mean": 5}, lead_time, holding=1, shortage=shortage, unmet="lost")
    by_table = Interval.of(simulated(store, "optimal").cost)
    assert LOST_SALES[lead_time, shortage] in by_table
    level, cost = best_lost_sales_base_stock(1, shortage, lead_time, stats.poisson(5))
    by_level = Interval.of(simulated(store, {"type": "base_stock", "levels": {"store_1": level}}).cost)
    assert cost in by_level
    assert by_level.mean > LOST_SALES[lead_time, shortage]


def dual_source(lead_time: int, express: float) -> Scenario:
    given = load_scenario("dual_source")
    regular, fast = (lane.model_dump(by_alias=True) for lane in given.lanes)
    return changed(given, lanes=[{**regular, "lead_time": lead_time}, {**fast, "unit_cost": express}])


def dual_source_cost(scenario: Scenario, policy: Any, **options: Any) -> Any:
    """Each episode's cost, with what it bought for more or less demand than the mean of 2 taken out at the regular price."""
    run = simulated(scenario, policy, **options)
    return run.cost - 100 * (run.demand - 2)


class Constant:
    """Levels (B, L, K) that stay."""

    def __init__(self, level: Any) -> None:
        self.level = level

    def reset(self, context: Context) -> None:
        pass

    def act(self, information: Information) -> Decision:
        return Decision(level=self.level)


@pytest.mark.parametrize(("lead_time", "express"), list(DUAL_SOURCING))
def test_two_sources_cost_their_optimum_by_its_table_and_a_little_more_by_the_best_dual_index(
    lead_time: int, express: int
) -> None:
    store, published = dual_source(lead_time, express), DUAL_SOURCING[lead_time, express]
    optimum = dual_sourcing_optimum(5, 495, lead_time, regular=100, express=express, demand=stats.randint(0, 5))
    assert optimum.cost == pytest.approx(published, abs=1e-3)
    assert optimum.cost in Interval.of(dual_source_cost(store, "optimal"))

    levels = np.array([(slow, fast) for slow in range(6, 11) for fast in range(3, 6)], dtype=float)
    each = Constant(np.repeat(levels, 400, axis=0)[:, :, None])
    tried = dual_source_cost(store, each, episodes=400 * len(levels), numbers=np.tile(np.arange(400), len(levels)))
    best = levels[tried.reshape(len(levels), 400).mean(axis=1).argmin()]
    dual_index = Interval.of(dual_source_cost(store, Constant(best[None, :, None]), seed=1))
    assert optimum.cost < dual_index.mean - dual_index.half_width
    assert dual_index.mean + dual_index.half_width < 1.005 * optimum.cost


@pytest.mark.parametrize(("lead_time", "window", "ratio"), [(1, 5, 2.12), (0, 5, 1.48), (1, 10, 1.48)])
def test_a_moving_average_amplifies_the_variance_of_demand_as_chen_et_al_say(lead_time: int, window: int, ratio: float) -> None:
    store = one_store({"type": "normal", "mean": 100, "sd": 5}, lead_time, holding=1, shortage=9)
    run = simulated(store, {"type": "moving_average", "window": window}, dtype="float64")
    assert bullwhip_ratio(lead_time, window) == pytest.approx(ratio)
    assert ratio in Interval.of(run.orders[0] / 25)
