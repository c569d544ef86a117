"""Lead times of which decision makers know what was promised, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

import orderup
from orderup.agents.levels.base_stock_levels import installation_levels
from orderup.agents.levels.ignored import ignored
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.scenario.scenario import Scenario

from ..by_hand import Play, scenario

POISSON = {"type": "poisson", "mean": 10}
SLOW = {"type": "replay", "values": [4, 2]}


def store(lead_time: Any, **lane: Any) -> Scenario:
    lanes = [{"from": "supplier", "to": "store_1", "lead_time": lead_time, **lane}]
    return scenario({"store_1": {"initial": None}}, lanes, [{"site": "store_1", "demand": POISSON}])


@pytest.mark.parametrize("truth", [0, 5, SLOW, {"type": "uniform_integer", "low": 0, "high": 6}])
def test_levels_and_stock_at_the_start_go_by_the_promise(truth: Any) -> None:
    told, kept = build(store(truth, promised=3)), build(store(3))
    assert installation_levels(told).tolist() == installation_levels(kept).tolist()
    assert told.usual_level.tolist() == kept.usual_level.tolist()
    assert told.start.initial.tolist() == kept.start.initial.tolist()


def test_goods_come_when_they_come_and_the_site_is_told_the_promise() -> None:
    play = Play(store(SLOW, promised=3, order_delay=1))
    information = play.simulator.information_of("sites")
    assert information.own("lead_time").ravel().tolist() == [4]
    lane = "supplier->store_1"
    received = [play.step(quantities={lane: 2.0**period}).receipts[lane] for period in range(7)]
    assert received == [0, 0, 0, 1, 0, 4, 2]  # shipped in periods 1, 2 and 3, in 2, 4 and 2 periods


def test_what_was_shipped_when_is_true_and_shows_what_is_late() -> None:
    play = Play(store(4, promised=2)).step(quantities={"supplier->store_1": 7})
    for age in range(1, 4):
        shown = play.simulator.information_of("sites").own("pipeline")[0, 0].ravel().tolist()
        assert shown == [7.0 * (entry == age) for entry in range(1, 5)]
        play.step()


def test_the_fast_lane_counts_on_what_is_promised_in_time_and_not_on_what_is_late_by_promise() -> None:
    """The slow lane takes 3 periods and is promised in 1: an order of a period ago is due now, and nothing more is wanted."""
    orders = []
    for promise in ({}, {"promised": 1}):
        slow = {"from": "supplier_far", "to": "store_1", "name": "slow", "lead_time": 3, **promise}
        lanes = [slow, {"from": "supplier_near", "to": "store_1", "name": "fast", "lead_time": 0}]
        play = Play(scenario({"store_1": {}}, lanes, [{"site": "store_1"}])).step(quantities={"slow": 10})
        orders.append(play.step({"fast": 10}).orders["fast"])
    assert orders == [10, 0]


def test_who_counts_on_lost_orders_does_so_until_the_promise_is_over() -> None:
    assert len(build(store(5, promised=2, lost_orders=0.5, lost_known=False)).mechanisms.counted_on.by_age) == 2  # type: ignore[union-attr] # it is there


def test_closed_forms_say_that_the_promise_need_not_be_kept_and_optima_refuse_it() -> None:
    (told,) = ignored(build(store(5, promised=2)))
    assert "that supplier->store_1 need not keep what is promised" in told
    with pytest.raises(InputError, match=r"lanes\[0\].promised=2"):
        orderup.evaluate(store(5, promised=2, fixed_cost=9), "autonomous_silo", "optimal", episodes=2)


@pytest.mark.parametrize("promised", [-1, 1.5, 10_001])
def test_a_promise_that_cannot_be_is_refused_by_key(promised: float) -> None:
    with pytest.raises(InputError, match=r"lanes\[0\].promised: found"):
        store(2, promised=promised)
