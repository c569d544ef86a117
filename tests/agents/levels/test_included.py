from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents.levels.search import optimised
from orderup.agents.levels.search.included import ALONE, as_sites_would, sites_alone
from orderup.agents.levels.search.search import Numbers, SearchProblem, descend
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_scenario
from orderup.envs.scenario.scenario import Scenario

FEW: dict[str, Any] = {"type": "optimised_base_stock", "forecast": True, "iterations": 8, "episodes": 32, "neighbours": False}

INCLUDING: tuple[dict[str, Any], ...] = (
    {"name": "targets", "visibility": "shared", "authority": "target"},
    {"name": "bands", "visibility": "neighbours", "authority": "band", "band": float("inf"), "feed_latency": 3, "cadence": 7},
    {
        "name": "approvals",
        "visibility": "silo",
        "authority": "approve",
        "approval_threshold": float("inf"),
        "approval_latency": 2,
        "feed_latency": 1,
    },
    {"name": "centre", "visibility": "shared", "authority": "central"},
    {"name": "open_books", "visibility": "shared", "authority": "autonomous"},
)
"""Levels at which everything that sites do by themselves can be done."""


def line(order_delay: int = 1, demand: Mapping[str, Any] | None = None) -> Scenario:
    return load_scenario(
        {
            "name": "line",
            "horizon": 60,
            "warmup": 20,
            "sites": {
                "store_1": {"role": "store", "holding": 1.0, "initial": 20},
                "warehouse_1": {"role": "warehouse", "holding": 0.5, "initial": 20},
            },
            "lanes": [
                {"from": "warehouse_1", "to": "store_1", "lead_time": 1, "order_delay": order_delay, "initial": 10},
                {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "initial": 10},
            ],
            "customers": [
                {"site": "store_1", "shortage": 9, "demand": demand or {"type": "ar1", "mean": 10, "sd": 4, "rho": 0.6}}
            ],
        }
    )


@pytest.mark.parametrize("level", INCLUDING, ids=lambda level: level["name"])
def test_who_can_do_as_sites_do_never_ends_above_them_however_badly_it_searches(
    level: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every descent but that of the sites alone leads astray: without what is taken over closed forms would be all there is."""
    optimised._fit.cache_clear()

    def astray(problem: SearchProblem, numbers: Numbers, *keys: Any) -> Numbers:
        return (
            descend(problem, numbers, *keys) if problem.autonomy.name == ALONE else {**numbers, "sites/level": np.zeros((2, 1))}
        )

    monkeypatch.setattr(optimised, "descend", astray)
    scenario = line(order_delay=0)
    cost = {name: orderup.evaluate(scenario, at, FEW, episodes=100).cost for name, at in (("alone", ALONE), ("with", level))}
    closed_form = orderup.evaluate(scenario, ALONE, "base_stock", episodes=100).cost
    optimised._fit.cache_clear()
    assert cost["with"] <= 1.0001 * cost["alone"] < 0.99 * closed_form


@pytest.mark.parametrize(
    "keys",
    [
        {"visibility": "neighbours", "authority": "autonomous"},
        {"visibility": "shared", "authority": "central", "feed_latency": 1},
        {"visibility": "shared", "authority": "central", "cadence": 2},
        {"visibility": "shared", "authority": "central", "approval_latency": 1},
    ],
    ids=str,
)
def test_nothing_is_taken_over_by_who_is_late_or_decides_just_as_sites_alone_do(keys: dict[str, Any]) -> None:
    assert sites_alone(SearchProblem(line(), Autonomy(name="level", **keys), True, 0)) is None


def test_a_centre_with_old_news_is_told_what_sites_do_as_it_has_to_see_it() -> None:
    """Approving by records of yesterday: it hears of orders at once, of demand a day late, and sites of orders a day late."""
    level = {"visibility": "silo", "authority": "approve", "approval_threshold": 1, "approval_latency": 2, "feed_latency": 1}
    problem = SearchProblem(line(), Autonomy.model_validate({"name": "approvals", **level}), False, 0)
    alone = sites_alone(problem)
    assert alone is not None
    fitted = {"sites/level": alone.start()["sites/level"] + 5.0}
    [(_, numbers)] = as_sites_would(problem, alone, fitted, integral=False, may_leave=False)
    np.testing.assert_array_equal(numbers["sites/level"], fitted["sites/level"])
    np.testing.assert_allclose(numbers["planner/level"], problem.start()["planner/level"] + 5.0)


@pytest.mark.parametrize("feed_latency", [0, 1, 3])
def test_a_centre_that_judges_orders_has_no_quarrel_with_those_that_it_would_place_itself(feed_latency: int) -> None:
    """Where demand does not vary closed forms of centre and sites come to the same orders, however late orders and news are."""
    level = {
        "name": "approvals",
        "visibility": "silo",
        "authority": "approve",
        "approval_threshold": 0.01,
        "approval_latency": 2,
        "feed_latency": feed_latency,
    }
    scenario = line(demand={"type": "constant", "value": 10})
    judged, alone = (orderup.evaluate(scenario, at, "base_stock", episodes=1) for at in (level, ALONE))
    assert judged.kpis["override_rate"] == 0
    assert judged.cost == alone.cost
