"""Who sees sales decides as one who sees demand, or nearly; who sees demand as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import make_agent
from orderup.agents.sales.asked import AskedFor
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.information.policy import Decision
from orderup.envs.numerics.arrays import in_numpy
from orderup.envs.simulator import Simulator

KNOWN: dict[str, Any] = {
    "site": "store_1",
    "shortage": 4,
    "unmet": "lost",
    "observes": "demand",
    "demand": {"type": "poisson", "mean": 5},
}


def played(level: float, periods: int = 40, **options: Any) -> tuple[Simulator, list[Any], list[Any]]:
    """A store that orders up to a level, what it would say it was asked for, and what it was."""
    simulator = Simulator("lost_sales", "autonomous_silo", horizon=periods, **options)
    asked, told, true = AskedFor(simulator.numpy_network, simulator.backend), [], []
    simulator.reset(0)
    for _ in range(periods):
        simulator.step(Decision(level=simulator.backend.asarray(np.full((simulator.batch, 1, 1), level))))
        told.append(asked.own(simulator.information))
        assert simulator.now.flows is not None
        true.append(in_numpy(simulator.now.flows.demand)[0, 0])
    return simulator, told, true


@pytest.mark.parametrize("level", [16.0, 20.0, 25.0])
def test_on_average_it_is_what_was_asked_for(level: float) -> None:
    _, told, true = played(level, batch=500)
    estimate, demand = np.stack([asked.demand[:, 0, 0] for asked in told]), np.stack(true)
    exceeded = np.stack([asked.exceeded[:, 0, 0] for asked in told])
    assert exceeded.mean() > 0.05
    assert estimate.mean() == pytest.approx(demand.mean(), abs=4 * demand.std() / np.sqrt(demand.size))
    np.testing.assert_array_equal(estimate[~exceeded], demand[~exceeded])
    doubt = np.stack([asked.doubt[:, 0, 0] for asked in told])
    assert doubt[exceeded].mean() == pytest.approx(((estimate - demand)[exceeded] ** 2).mean(), rel=0.1)


def test_torch_expects_the_same() -> None:
    pytest.importorskip("torch")
    ours, theirs = (played(22.0, 12, batch=3, backend=backend)[1] for backend in ("numpy", "torch"))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.demand, in_numpy(other.demand))
        assert not other.demand.requires_grad


def test_demand_that_is_seen_is_passed_on_as_it_is() -> None:
    simulator = Simulator("newsvendor", "autonomous_silo", batch=2)
    simulator.reset(0)
    simulator.step(Decision(level=np.full((2, 1, 1), 30.0)))
    asked = AskedFor(simulator.numpy_network, simulator.backend)
    assert asked.sees_all
    assert np.shares_memory(asked.own(simulator.information).demand, simulator.information.own("demand"))


@pytest.mark.parametrize(
    ("agent", "within"),
    [
        ({"type": "forecast_newsvendor"}, 0.01),
        ({"type": "forecast_newsvendor", "method": "moving_average"}, 0.01),
        ({"type": "forecast_newsvendor", "method": "kaplan_meier"}, 0.03),
        ({"type": "moving_average", "safety": 0.0}, 0.01),
    ],
    ids=["holt_winters", "average", "kaplan_meier", "moving_average"],
)
def test_who_sees_sales_pays_what_one_does_who_sees_demand(agent: dict[str, Any], within: float) -> None:
    scenario = load_scenario("lost_sales")
    by_sales, by_demand = (
        orderup.evaluate(seen, "autonomous_silo", agent, episodes=60).episodes["cost"].to_numpy()
        for seen in (scenario, changed(scenario, customers=[KNOWN]))
    )
    assert not np.array_equal(by_sales, by_demand)
    assert abs((by_sales - by_demand).mean()) < within * by_demand.mean()


STRAWMEN: list[dict[str, Any]] = [
    {"type": "moving_average", "safety": 0.0},
    {"type": "forecast_newsvendor"},
    {"type": "forecast_newsvendor", "method": "kaplan_meier"},
]


@pytest.mark.parametrize("agent", STRAWMEN, ids=str)
def test_who_takes_sales_for_demand_believes_in_less_of_it_and_is_the_same_where_demand_is_seen(agent: dict[str, Any]) -> None:
    by_sales, by_demand = load_scenario("lost_sales"), changed(load_scenario("lost_sales"), name="seen", customers=[KNOWN])

    def stock(scenario: Any, estimate: bool) -> float:
        found = orderup.evaluate(scenario, "autonomous_silo", {**agent, "estimate": estimate}, episodes=20)
        return float(found.kpis["on_hand"])

    assert stock(by_sales, False) < 0.9 * stock(by_sales, True)
    assert stock(by_demand, False) == stock(by_demand, True)


def test_levels_that_follow_demand_follow_its_estimate() -> None:
    """With a gain of 1 and sales of all there is, the level rises by what is to be expected beyond."""
    from orderup.agents.levels.level_rule import LevelRule

    simulator = Simulator("lost_sales", "autonomous_silo")
    rule = LevelRule(np.full((1, 1), 20.0), np.ones((1, 1)))
    rule.reset(simulator.context())
    information = simulator.reset(0)
    assert rule.act(information).level.item() == 20
    for _ in range(6):
        information, _, _ = simulator.step(Decision(level=np.full((1, 1, 1), 4.0)))
    assert information.own("stockout").item() == 1
    expected = AskedFor(simulator.numpy_network, simulator.backend).own(information).demand.item()
    assert rule.act(information).level.item() == pytest.approx(20 + expected - 5)
    assert expected >= information.own("demand").item()


def test_every_agent_that_looks_at_demand_can_play_by_sales() -> None:
    for agent in ("sterman", "moving_average", {"type": "mpc", "scenarios": 2}):
        level = "autonomous_silo" if agent != {"type": "mpc", "scenarios": 2} else "central_stale"
        simulator = Simulator("variety_curve", level, batch=1, horizon=4)
        policy, information = make_agent(agent), simulator.reset(0)
        policy.reset(simulator.context())
        for _ in range(3):
            information, _, _ = simulator.step(policy.act(information))
