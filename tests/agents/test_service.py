"""Service promised in place of a shortage cost is reached, at every level, by whoever is told what a shortage has to cost."""

from __future__ import annotations

from typing import Any

import pytest

import orderup
from orderup.agents.make import make_agent
from orderup.agents.service import has_targets, multipliers
from orderup.agents.training.train import prepare
from orderup.envs.catalogue import list_autonomy, load_autonomy, load_scenario, promised
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.command import Evaluate, asked_of, compared

NEWSVENDOR: dict[str, Any] = {
    "name": "promised",
    "horizon": 120,
    "warmup": 20,
    "sites": {"store_1": {"holding": 1.0, "initial": 14}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 0, "unit_cost": 2.0}],
    "customers": [{"site": "store_1", "service": {"cycle": 0.9165}, "demand": {"type": "poisson", "mean": 10}}],
}
"""One period of Poisson(10) to cover: 14 are enough in 91.65 % of periods."""
TWO: dict[str, Any] = {
    **NEWSVENDOR,
    "products": ["tea", "rice"],
    "sites": {"store_1": {"holding": 1.0}, "store_2": {"holding": 2.0}},
    "lanes": [{"from": "supplier", "to": f"store_{number}", "lead_time": 1, "unit_cost": 2.0} for number in (1, 2)],
    "customers": [
        {
            "site": f"store_{number}",
            "service": {"fill": {"tea": 0.98, "rice": 0.9}, "group": f"shop {number}"},
            "demand": {"type": "normal", "mean": 20, "sd": 6},
        }
        for number in (1, 2)
    ],
}


def test_the_newsvendors_multiplier_is_the_one_of_its_critical_ratio() -> None:
    """A share β of periods without shortage is best where h + b costs as b does: b between 14's 10.98 and what 13 has, 6.4."""
    scenario = load_scenario(NEWSVENDOR)
    found = multipliers(scenario, load_autonomy("autonomous_silo"), make_agent("base_stock"))
    assert 6.4 < found.costs[0] < 11.1
    assert found.achieved[0] == pytest.approx(0.9165, abs=0.003)


def test_nobody_pays_what_a_shortage_has_to_cost() -> None:
    """Fourteen on the shelf before Poisson(10) comes: what is left is 4.27 on average, and that is all that it costs."""
    result = orderup.evaluate({**NEWSVENDOR, "lanes": [{**NEWSVENDOR["lanes"][0], "unit_cost": 0.0}]}, agents="base_stock")
    assert result.kpis["cost_holding"] == pytest.approx(result.cost)
    assert result.cost == pytest.approx(4.27, abs=0.1)
    assert result.kpis["cycle_service_level"] == pytest.approx(0.9165, abs=0.003)


def test_every_product_of_every_group_has_its_own_target() -> None:
    scenario = load_scenario(TWO)
    found = multipliers(scenario, load_autonomy("autonomous_silo"), make_agent("base_stock"))
    assert [target.told for target in found.targets] == [
        "fill 98 % of shop 1",
        "fill 90 % of shop 1",
        "fill 98 % of shop 2",
        "fill 90 % of shop 2",
    ]
    assert found.achieved == pytest.approx([0.98, 0.9, 0.98, 0.9], abs=0.003)
    assert found.costs[2] == pytest.approx(2 * found.costs[0], rel=0.1)  # twice the holding cost, the same ratio


@pytest.mark.parametrize("autonomy", list_autonomy())
def test_owmr_reaches_its_target_on_held_out_traces_at_every_level(autonomy: str) -> None:
    result = orderup.evaluate(promised(load_scenario("owmr"), {"fill": 0.95}), autonomy, "base_stock", episodes=200)
    assert result.kpis["fill_rate"] == pytest.approx(0.95, abs=0.003)


def test_methods_are_compared_at_equal_service() -> None:
    keys = Evaluate.model_validate(
        {"scenario": "lost_sales", "service": {"fill": 0.9}, "agent": ["base_stock", "capped_base_stock"], "episodes": 200}
    )
    comparison = compared(asked_of(keys))
    for result in comparison.results:
        assert result.kpis["fill_rate"] == pytest.approx(0.9, abs=0.01)


def test_a_team_is_told_too() -> None:
    team = {"planner": "base_stock", "sites": "base_stock"}
    one = orderup.evaluate(promised(load_scenario("owmr-small"), {"fill": 0.95}), "hybrid_soe", team, episodes=20)
    other = orderup.evaluate(promised(load_scenario("owmr-small"), {"fill": 0.95}), "hybrid_soe", "base_stock", episodes=20)
    assert one.cost == other.cost


def test_a_target_out_of_reach_is_said() -> None:
    """Nobody follows what a shortage costs who orders nothing."""
    result = orderup.evaluate(NEWSVENDOR, agents="hold", episodes=4)
    assert any("is not reached" in caveat for caveat in result.caveats)


def test_a_budget_binds_and_service_gives_way() -> None:
    free = orderup.evaluate(TWO, agents="base_stock", episodes=50)
    bound = orderup.evaluate({**TWO, "budget": 60.0}, agents="base_stock", episodes=50)
    assert free.kpis["working_capital"] > 63
    assert 55 < bound.kpis["working_capital"] <= 61
    assert bound.kpis["fill_rate"] < free.kpis["fill_rate"]
    assert any("within a budget of 60" in caveat for caveat in bound.caveats)


def test_working_capital_is_stock_times_value() -> None:
    worth = orderup.evaluate({**TWO, "value": {"tea": 10.0, "rice": 10.0}}, agents="base_stock", episodes=20)
    assert worth.kpis["working_capital"] == pytest.approx(10.0 * worth.kpis["on_hand"])
    bought = orderup.evaluate(TWO, agents="base_stock", episodes=20)
    assert bought.kpis["working_capital"] == pytest.approx(2.0 * bought.kpis["on_hand"])


def test_beside_a_shortage_cost_a_target_is_left_to_whoever_gave_both() -> None:
    settled = {**NEWSVENDOR, "customers": [{**NEWSVENDOR["customers"][0], "shortage": 9.0}]}
    assert not has_targets(load_scenario(settled))
    assert has_targets(load_scenario(NEWSVENDOR))


def wrong(**customers: Any) -> str:
    with pytest.raises(InputError) as told:
        load_scenario({**NEWSVENDOR, "customers": [{**NEWSVENDOR["customers"][0], **customers}]})
    return str(told.value)


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"fill": 95}, "service.fill: found 95; accepted: a share between 0 and 1"),
        ({"fill": 1.0}, "service.fill: found 1.0"),
        ({"fill": 0.9, "cycle": 0.9}, "service.fill: found 'both'"),
        ({}, "service.fill: found 'neither'"),
        ({"fil": 0.9}, "did you mean 'fill'"),
        ({"fill": {"tea": 0.9}}, "service.fill: found 'tea'"),
        (0.95, "service: found 0.95"),
    ],
)
def test_what_is_no_target_is_refused(service: Any, told: str) -> None:
    assert told in wrong(service=service)


def test_neither_a_cost_nor_a_target_is_refused() -> None:
    assert "customers[0].shortage: found 'nothing'" in wrong(service=None)


def test_a_budget_without_a_target_is_refused() -> None:
    with pytest.raises(InputError, match="unless customers are promised"):
        load_scenario({"type": "newsvendor", "budget": 100})


def test_a_learner_pays_what_makes_base_stock_keep_the_promise_and_is_told_so() -> None:
    prepared = prepare(NEWSVENDOR, "autonomous_silo", "pathwise", 0, None, "runs", False, {})
    found = multipliers(load_scenario(NEWSVENDOR), load_autonomy("autonomous_silo"), make_agent("base_stock"))
    scenario = prepared.task.scenario
    assert scenario.customers[0].shortage == {"product": found.costs[0]}
    assert scenario.name == "promised_priced"
    assert "cycle 91.65 %" in scenario.assumptions[0]
    assert prepare(scenario, "autonomous_silo", "pathwise", 0, None, "runs", False, {}).task.scenario == scenario
