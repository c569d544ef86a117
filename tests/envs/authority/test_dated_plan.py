"""Dated plans: known demand is ordered for as by daily decisions; other demand costs more, and less than by single orders."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import orderup
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.network.loads import expected_demand
from orderup.envs.numerics.arrays import Floats, in_numpy
from orderup.envs.simulator import Simulator

from ..levels_of_autonomy import level, played, same
from ..networks import Case, cases

STEADY = {"type": "constant", "value": 4}
PROFILE = [0.5, 1.0, 1.5, 1.0]
LATE = [{}, {"approval_latency": 2}, {"feed_latency": 2}, {"approval_latency": 1, "feed_latency": 1}]


def network(demand: dict[str, Any] = STEADY, **keys: Any) -> dict[str, Any]:
    """Two stores below a warehouse, one of them with an express from outside too, and orders that take time on one lane."""
    sites = {name: {"holding": 1, "initial": 9} for name in ("store_1", "store_2", "warehouse_1")}
    return {
        "name": "pair",
        "horizon": 40,
        "sites": sites,
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 3},
            {"from": "supplier", "to": "store_1", "lead_time": 1, "unit_cost": 5, "name": "express"},
            {"from": "warehouse_1", "to": "store_2", "lead_time": 1, "order_delay": 1},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        ],
        "customers": [{"site": name, "demand": demand, "shortage": 9} for name in ("store_1", "store_2")],
        **keys,
    }


def orders(scenario: Any, autonomy: Autonomy, decision: Decision | None = None, **options: Any) -> list[Floats]:
    """What is ordered in every period (L, K, B), by constant levels unless a decision is given."""
    simulator = Simulator(scenario, autonomy, **options)
    simulator.reset(seed=4)
    usual = Decision(level=1.3 * simulator.numpy_network.usual_level)
    found = []
    while not simulator.done:
        simulator.advance(usual if decision is None else decision)
        assert simulator.now.flows is not None
        found.append(in_numpy(simulator.now.flows.orders).copy())
    return found


@settings(max_examples=10)
@given(cases(("level",)))
def test_a_centre_that_decides_in_every_period_has_nothing_to_date(case: Case) -> None:
    assert same(played(case, level("central", plan="dated")), played(case, level("central", plan="single")))


@pytest.mark.parametrize("late", LATE, ids=str)
@pytest.mark.parametrize("cadence", [2, 7])
def test_where_demand_is_known_dated_orders_are_those_of_daily_decisions(cadence: int, late: dict[str, int]) -> None:
    daily, dated = (orders(network(), level("central", cadence=every, **late)) for every in (1, cadence))
    assert all(np.array(daily)[:, lane].any() for lane in range(4))
    np.testing.assert_allclose(daily[12:], dated[12:], atol=1e-9)
    if not late:
        np.testing.assert_allclose(daily, dated, atol=1e-9)


@pytest.mark.parametrize("calendar", [4, None])
def test_a_known_season_is_one_that_the_calendar_tells(calendar: int | None) -> None:
    seasonal = {"type": "seasonal", "base": STEADY, "profile": PROFILE}
    scenario = network(seasonal, **({} if calendar is None else {"calendar": calendar}))
    daily, dated = (orders(scenario, level("central", cadence=cadence)) for cadence in (1, 5))
    assert np.allclose(daily, dated, atol=1e-9) == (calendar is not None)


def test_expected_demand_is_the_mean_or_follows_the_calendar() -> None:
    for name in ("owmr", "lost_sales", "serial_poisson"):
        plain = Simulator(name).numpy_network
        np.testing.assert_allclose(expected_demand(plain.scenario, plain.demand), plain.demand.own_mean[None])
    seasonal = Simulator("seasonal").numpy_network
    course = expected_demand(seasonal.scenario, seasonal.demand)
    assert course.shape[0] == 12
    np.testing.assert_allclose(course.mean(axis=0), seasonal.demand.own_mean)
    assert course[5, 0, 0] == pytest.approx(12 * 1.8)


def test_expected_demand_follows_the_weeks_of_a_year_where_the_calendar_has_them() -> None:
    demand = {"type": "seasonal", "base": STEADY, "profile": [1.5, 0.5], "outer": [0.5, 1, 1.5]}
    both, weekdays = (Simulator(network(demand, calendar=calendar)).numpy_network for calendar in ([2, 6], 2))
    course = expected_demand(both.scenario, both.demand)
    np.testing.assert_allclose(course.sum(axis=(1, 2)) / course.sum() * 6, [0.75, 0.25, 1.5, 0.5, 2.25, 0.75])
    assert np.ptp(expected_demand(weekdays.scenario, weekdays.demand), axis=0).max() == 0  # a season of another length


def test_by_hand() -> None:
    """A store of 30 that orders up to 33, of Poisson demand with mean 4: 3 now, then what it expects its customers to take."""
    store = {
        "name": "shop",
        "horizon": 6,
        "sites": {"store_1": {"holding": 1, "initial": 30}},
        "customers": [{"site": "store_1", "demand": {"type": "poisson", "mean": 4}, "shortage": 9}],
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 2}],
    }
    for keys, expected in (
        ({}, [3, 4, 4, 4, 4, 4]),
        ({"approval_latency": 2}, [0, 0, 3, 4, 4, 4]),
        ({"plan": "single"}, [3, 0, 0, 0, 0, 0]),
    ):
        found = orders(store, level("central", cadence=6, **keys), Decision(level=np.full(1, 33.0)))
        assert [float(one.sum()) for one in found] == expected
    forecast = Decision(level=np.full(1, 33.0), expected=np.full((1, 1), 2.5))
    found = orders(store, level("central", cadence=6), forecast)
    assert [float(one.sum()) for one in found] == [3, 2.5, 2.5, 2.5, 2.5, 2.5]
    stocked = orders(store, level("central", cadence=6), Decision(level=np.full(1, 24.0)))
    assert [float(one.sum()) for one in stocked] == [0, 0, 2, 4, 4, 4]


def test_quantities_are_repeated_and_a_plan_is_followed() -> None:
    autonomy = level("central", cadence=3, approval_latency=1)
    repeated = orders(network(), autonomy, Decision(quantity=np.full((4, 1), 2.0)))
    assert [float(one[0].sum()) for one in repeated[:5]] == [0, 2, 2, 2, 2]
    later = np.stack([np.full((4, 1), 5.0), np.full((4, 1), 6.0)])[None]
    planned = orders(network(), autonomy, Decision(quantity=np.full((4, 1), 2.0), later=later))
    assert [float(one[0].sum()) for one in planned[:8]] == [0, 2, 5, 6, 2, 5, 6, 2]


def test_lanes_that_take_no_orders_get_none() -> None:
    simulator = Simulator("disruption_single-small", "central_periodic")
    simulator.reset(seed=1)
    decision, refused = Decision(level=2.0 * simulator.numpy_network.usual_level), 0
    while not simulator.done:
        accepting = simulator.now.accepting
        simulator.advance(decision)
        assert simulator.now.flows is not None
        if accepting is not None:
            refused += int((accepting == 0).sum())
            assert not (simulator.now.flows.orders * (accepting == 0)).any()
    assert refused


def test_numpy_and_pytorch_date_alike_and_gradients_pass_through_the_plan() -> None:
    torch = pytest.importorskip("torch")
    poisson = network({"type": "normal", "mean": 4, "sd": 1}, horizon=12)
    autonomy = level("central", cadence=5, approval_latency=1)
    one, other = (orders(poisson, autonomy, backend=backend) for backend in ("numpy", "torch"))
    np.testing.assert_allclose(one, other, atol=1e-9)

    def cost(levels: Any) -> Any:
        simulator = Simulator(poisson, autonomy, backend="torch")
        simulator.reset(seed=4)
        total = 0.0
        while not simulator.done:
            total = total + simulator.advance(Decision(level=levels)).cost.sum()
        return total

    start = torch.tensor(1.2345 * Simulator(poisson).numpy_network.usual_level, dtype=torch.float64, requires_grad=True)
    cost(start).backward()
    assert start.grad is not None
    for lane in (0, 3):
        step = torch.zeros_like(start)
        step[lane] = 1e-4
        slope = float(cost((start + step).detach()) - cost((start - step).detach())) / 2e-4
        assert float(start.grad[lane, 0]) == pytest.approx(slope, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("agent", ["base_stock", "echelon_base_stock"])
def test_dated_orders_cost_something_between_daily_and_weekly_ones(agent: str) -> None:
    levels: list[Any] = [{"type": "central_periodic", "cadence": 1}, "central_periodic", "central_single"]
    daily, dated, single = (orderup.evaluate("owmr-small", one, agents=agent, episodes=60) for one in levels)
    for less, more in ((daily, dated), (dated, single)):
        found = (more.episodes["cost"] - less.episodes["cost"]).to_numpy()
        assert found.mean() > 4 * found.std(ddof=1) / np.sqrt(len(found))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"authority": "target", "plan": "dated"}, r"^autonomy\.plan: found 'dated'; accepted: nothing with authority target"),
        ({"authority": "autonomous", "plan": "single"}, r"^autonomy\.plan: found 'single'"),
        ({"authority": "central", "plan": "weekly"}, r"^autonomy\.plan"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_autonomy({"name": "test", "visibility": "shared", **keys})


@pytest.mark.parametrize(
    ("autonomy", "periods"), [(level("central", cadence=3), 3), (level("central", cadence=3, plan="single"), 2)]
)
def test_later_orders_are_those_until_the_next_decision(autonomy: Autonomy, periods: int) -> None:
    decision = Decision(quantity=np.ones((4, 1)), later=np.ones((1, periods, 4, 1)))
    with pytest.raises(InputError, match=rf"^decision\.later: found 'orders of {periods} periods'"):
        orders(network(), autonomy, decision)
