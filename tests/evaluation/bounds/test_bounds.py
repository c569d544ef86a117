from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents.exact import newsvendor
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.evaluation import Traces, clark_scarf_bound, decomposition_bound, evaluate, hindsight_bound
from orderup.evaluation.command import Evaluate, compared

from ...at_once import at_once

LINE, OWMR = load_scenario("serial_poisson"), load_scenario("owmr")
ONE_STORE: dict[str, Any] = {
    "name": "one_store",
    "horizon": 40,
    "sites": {"store_1": {"holding": 1}, "warehouse_1": {"holding": 0.4}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1, "unit_cost": 0.5},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 2},
    ],
    "customers": [{"site": "store_1", "shortage": 9, "price": 4, "demand": {"type": "poisson", "mean": 8}}],
}


def traces_of(scenario: Any, episodes: int = 3) -> Traces:
    loaded = load_scenario(scenario)
    return Traces(loaded, 10_000, episodes, "test", loaded.horizon)


def parts(scenario: Any) -> dict[str, Any]:
    """A scenario's keys, to be changed."""
    return {key: value for key, value in load_scenario(scenario).model_dump(by_alias=True).items() if value is not None}


def test_of_a_serial_line_it_is_the_optimum_that_the_golden_values_have() -> None:
    bound = clark_scarf_bound(traces_of("serial_poisson"))
    assert bound.cost == pytest.approx(np.full(3, 25.17), abs=5e-4)
    assert (bound.name, bound.on_every_trace) == ("clark_scarf", False)


def test_of_a_lone_store_it_is_the_newsvendors_cost() -> None:
    demand = load_scenario("newsvendor").customers[0].demand.over(("product",), 3)
    _, cost = newsvendor(1, 9, demand)
    assert clark_scarf_bound(traces_of("newsvendor")).cost[0] == pytest.approx(cost, abs=1e-6)


def test_with_one_store_decomposition_is_clark_and_scarfs_and_counts_goods_and_sales() -> None:
    both = [bound(traces_of(ONE_STORE)).cost[0] for bound in (clark_scarf_bound, decomposition_bound)]
    assert both[0] == pytest.approx(both[1], rel=1e-9)
    free = {**ONE_STORE, "lanes": [{**lane, "unit_cost": 0} for lane in ONE_STORE["lanes"]]}
    customers = [{**ONE_STORE["customers"][0], "price": 0}]
    assert both[0] == pytest.approx(decomposition_bound(traces_of({**free, "customers": customers})).cost[0] + 8 * (2.5 - 4))


def test_products_add_up() -> None:
    pair = {**ONE_STORE, "products": ["tea", "coffee"]}
    assert decomposition_bound(traces_of(pair)).cost[0] == pytest.approx(2 * decomposition_bound(traces_of(ONE_STORE)).cost[0])


@pytest.mark.parametrize("agent", ["base_stock", "echelon_base_stock", "s_s"])
def test_no_good_policy_of_a_warehouse_and_its_stores_is_below_it(agent: str) -> None:
    bound = decomposition_bound(traces_of(OWMR)).cost[0]
    evaluated = evaluate(OWMR, "central_ideal", agent, episodes=100)
    assert evaluated.interval.high > bound
    assert evaluated.cost > 0.99 * bound


@pytest.mark.slow
def test_optimised_levels_come_within_two_percent_of_it_and_not_below() -> None:
    evaluated = evaluate(OWMR, "central_ideal", {"type": "optimised_base_stock", "iterations": 25}, episodes=1000)
    bound = decomposition_bound(traces_of(OWMR)).cost[0]
    assert evaluated.interval.high > bound
    assert evaluated.cost < 1.02 * bound


def test_hindsight_is_below_both_on_average() -> None:
    traces = traces_of(OWMR, 2)
    assert hindsight_bound(traces).cost.mean() < decomposition_bound(traces).cost[0]


def test_stores_that_move_together_cost_more_than_those_that_do_not() -> None:
    apart = changed(OWMR, name="apart", correlation=None)
    assert decomposition_bound(traces_of(apart)).cost[0] < decomposition_bound(traces_of(OWMR)).cost[0]


LOST = [{**parts("serial_poisson")["customers"][0], "unmet": "lost", "observes": "sales"}]
LATE = [{**lane, "order_delay": 1} for lane in parts("serial_poisson")["lanes"]]
RANDOM = [{**lane, "lead_time": {"type": "uniform_integer", "low": 0, "high": 1}} for lane in parts("serial_poisson")["lanes"]]
PERISHING = {name: {**site, "shelf_life": 3} for name, site in parts("serial_poisson")["sites"].items()}


@pytest.mark.parametrize(
    ("bound", "scenario", "assumption"),
    [
        (clark_scarf_bound, changed(LINE, name="lost", customers=LOST), "lost sales"),
        (clark_scarf_bound, changed(LINE, name="late", lanes=LATE), "order delays"),
        (clark_scarf_bound, changed(LINE, name="random_times", lanes=RANDOM), "random lead times"),
        (clark_scarf_bound, changed(LINE, name="perishing", sites=PERISHING), "sites.stage_1.shelf_life=3"),
        (clark_scarf_bound, OWMR, "the network of owmr"),
        (decomposition_bound, LINE, "the network of serial_poisson"),
        (decomposition_bound, at_once("stale_centre"), "demand of store_1/all, which remembers"),
        (decomposition_bound, at_once("seasonal"), "demand of store_1/all, which remembers or knows the calendar"),
        (
            decomposition_bound,
            changed(OWMR, name="a_matrix", correlation={"rho": (0.5 * np.eye(5) + 0.5).tolist()}),
            "a matrix of correlations",
        ),
        (hindsight_bound, changed(LINE, name="perishing", sites=PERISHING), "sites.stage_1.shelf_life=3"),
    ],
    ids=["lost", "late", "random", "perishing", "no line", "no warehouse", "memory", "season", "matrix", "hindsight"],
)
def test_a_bound_is_refused_by_the_assumption_that_fails(bound: Any, scenario: Any, assumption: str) -> None:
    with pytest.raises(InputError) as caught:
        bound(traces_of(scenario))
    assert caught.value.key == "bound"
    assert assumption in str(caught.value.found)


def test_the_command_takes_a_bound_by_name() -> None:
    found = compared(validated(Evaluate, {"scenario": "owmr", "episodes": 5, "horizon": 60, "bound": "decomposition"}))
    assert [(price.kind, price.against) for price in found.prices] == [("regret", "decomposition")]
    with pytest.raises(InputError, match="bound: found 'best'"):
        validated(Evaluate, {"scenario": "owmr", "bound": "best"})
