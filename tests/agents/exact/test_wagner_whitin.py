"""Lots for known demand: published plans, every plan of small instances, and what they cost in the simulator."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.exact import wagner_whitin
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator
from orderup.evaluation import Traces, evaluate, hindsight_bound

DEMAND = [69, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]
SETUP = [85, 102, 102, 101, 98, 114, 105, 86, 119, 110, 98, 114]


def store(demand: dict[str, Any], horizon: int, **keys: Any) -> Any:
    lane = {"from": "supplier", "to": "store_1", "lead_time": 0, "fixed_cost": 500, **keys.pop("lane", {})}
    return load_scenario(
        {
            "name": "a_store",
            "horizon": horizon,
            "sites": {"store_1": {"holding": keys.pop("holding", 2), "initial": keys.pop("initial", 0)}},
            "lanes": [lane],
            "customers": [{"site": "store_1", "shortage": keys.pop("shortage", 1000), "demand": demand, **keys}],
        }
    )


def test_the_plan_of_wagner_and_whitin_is_theirs() -> None:
    plan = wagner_whitin(1, SETUP, DEMAND)
    assert plan.cost == 864
    assert plan.orders.tolist() == [98, 0, 97, 0, 121, 0, 0, 112, 0, 67, 135, 0]


def test_the_plan_of_snyder_and_shen_is_theirs() -> None:
    plan = wagner_whitin(2, 500, [90, 120, 80, 70])  # example 3.9
    assert (plan.cost, plan.orders.tolist()) == (1380, [210, 0, 150, 0])


@pytest.mark.parametrize("shortage", [None, 0.7, 3.0, 50.0])
@pytest.mark.parametrize("seed", range(4))
def test_no_set_of_ordering_periods_is_cheaper(shortage: float | None, seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand, setup = rng.integers(0, 9, 7).astype(float), rng.uniform(2, 20, 7)
    late = np.arange(7) - np.arange(7)[:, None]
    rate = np.where(late >= 0, 1.0 * late, (np.inf if shortage is None else shortage) * -np.minimum(late, -1))
    costs = [0.0 if not demand.any() else np.inf]
    for chosen in itertools.product((False, True), repeat=7):
        if any(chosen):
            best = np.where(demand > 0, rate[list(np.flatnonzero(chosen))].min(axis=0), 0.0)
            costs.append(float(setup[list(chosen)].sum() + best @ demand))
    assert wagner_whitin(1.0, setup, demand, shortage).cost == pytest.approx(min(costs))


def test_the_published_plan_costs_in_the_simulator_what_it_does_on_paper_and_is_the_bound() -> None:
    scenario = store({"type": "replay", "values": [90, 120, 80, 70]}, 4)
    assert evaluate(scenario, "autonomous_silo", "wagner_whitin", episodes=2).cost == pytest.approx(1380 / 4)
    assert hindsight_bound(Traces(scenario, 10_000, 1, "test", 4)).cost == pytest.approx([1380 / 4], rel=1e-3)


@pytest.mark.parametrize("lead_time", [0, 2])
@pytest.mark.parametrize("shortage", [3, 100])
def test_with_stock_lead_times_and_backlog_it_is_the_bound_too(lead_time: int, shortage: float) -> None:
    keys: dict[str, Any] = {
        "holding": 1,
        "initial": 80,
        "shortage": shortage,
        "lane": {"fixed_cost": 102, "lead_time": lead_time},
    }
    scenario = store({"type": "replay", "values": DEMAND}, 12, **keys)
    traces = Traces(scenario, 10_000, 1, "test", 12)
    bound = hindsight_bound(traces)
    found = evaluate(scenario, "autonomous_silo", "wagner_whitin", episodes=1).cost
    assert bound.cost[0] <= found + 1e-9
    if shortage == 100:  # nobody would rather owe the last demand; with a lead time an order is for what comes after the end
        assert found == pytest.approx(bound.cost[0] + 102 / 12 * (lead_time > 0), rel=2e-3)
    assert found <= evaluate(scenario, "autonomous_silo", "s_s", episodes=1).cost + 1e-9


def test_beyond_the_horizon_it_plans_again() -> None:
    scenario = store({"type": "constant", "value": 10}, 16, holding=1, lane={"fixed_cost": 80})
    assert evaluate(scenario, "autonomous_silo", "wagner_whitin", episodes=1, horizon=48).cost == pytest.approx(
        35.0
    )  # of 40: 80/4+15


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"demand": {"type": "poisson", "mean": 10}}, "demand that is not known"),
        ({"unmet": "lost", "demand": {"type": "constant", "value": 10}}, "one store"),
        ({"lane": {"capacity": 20}, "demand": {"type": "constant", "value": 10}}, r"lanes\[0\].capacity"),
    ],
    ids=["unknown", "lost", "capacity"],
)
def test_what_it_has_no_plan_for_is_refused(keys: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        make_agent("wagner_whitin").reset(Simulator(store(horizon=8, **keys)).context())


def test_what_is_no_instance_is_refused() -> None:
    for key, arguments in (("fixed", (1, -2, [3])), ("holding", (-1, 2, [3])), ("demand", (1, 2, [np.nan]))):
        with pytest.raises(InputError, match=key):
            wagner_whitin(*arguments)
    with pytest.raises(InputError, match="combinations"):
        wagner_whitin(1, 2, np.ones(5000))
