"""How an episode begins: customers who are owed something, goods that arrive in known periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator
from orderup.evaluation import Traces, hindsight_bound

from ..by_hand import Play, demand, scenario

LANE = "supplier->store_1"


def store(customers: list[dict[str, Any]] | None = None, lead_time: Any = 3, **keys: Any) -> Any:
    lanes = [{"from": "supplier", "to": "store_1", "lead_time": lead_time, **keys.pop("lane", {})}]
    entries = [{"site": "store_1", "demand": demand(2), **entry} for entry in customers or [{}]]
    return scenario({"store_1": {"initial": 4}}, lanes, entries, **{"horizon": 4, **keys})


def test_what_is_owed_at_the_start_is_served_first_and_counts_in_the_position() -> None:
    """4 on the shelf, 7 owed and 2 asked for: 4 are served and 5 owed; up to 10 one orders 10 − 4 + 7."""
    play = Play(store([{"backlog": 7}]))
    assert play.backlog["store_1/all"] == 7
    play.step(levels={LANE: 10})
    assert (play.orders[LANE], play.served["store_1/all"], play.backlog["store_1/all"]) == (13, 4, 5)
    assert play.cost("shortage")["store_1"] == 50


def test_each_segment_is_owed_its_own() -> None:
    play = Play(store([{"segment": "gold", "backlog": 3}, {"segment": "basic", "priority": 1, "backlog": 5}]))
    assert play.step().served == {"store_1/gold": 4, "store_1/basic": 0}
    assert play.backlog == {"store_1/gold": 1, "store_1/basic": 7}


def test_what_is_owed_at_the_start_is_late_whatever_was_promised() -> None:
    play = Play(store([{"backlog": 7, "promise": 2}]))
    assert [play.step().late["store_1/all"] for _ in range(3)] == [3, 3, 5]


@pytest.mark.parametrize("lead_time", [3, {"type": "discrete", "values": [1, 3], "probabilities": [0.5, 0.5]}])
def test_goods_arrive_in_the_period_that_is_told(lead_time: Any) -> None:
    arriving = [{"lane": LANE, "period": 0, "quantity": 5}, {"lane": LANE, "period": 2, "quantity": 8}]
    play = Play(store(lead_time=lead_time, arriving=arriving, lane={"initial": 1}))
    assert (play.in_transit[LANE], play.on_order[LANE]) == (16, 16)
    assert [play.step().receipts[LANE] for _ in range(4)] == [6, 1, 9, 0]


def test_only_the_product_that_is_told_arrives() -> None:
    arriving = [{"lane": LANE, "period": 1, "quantity": 5, "product": "tea"}, {"lane": LANE, "period": 1, "quantity": 2}]
    play = Play(store(arriving=arriving, products=["tea", "coffee"]))
    assert [play.step().receipts[LANE] for _ in range(2)] == [[0, 0], [7, 2]]


def test_a_site_sees_the_goods_in_its_pipeline_by_age() -> None:
    """Of three periods' way, what arrives now left three periods ago."""
    simulator = Simulator(
        store(arriving=[{"lane": LANE, "period": 0, "quantity": 5}, {"lane": LANE, "period": 2, "quantity": 8}])
    )
    information: Information = simulator.reset(seed=0)
    assert information.own("pipeline")[0, 0, :, 0].tolist() == [8, 0, 5]


@pytest.mark.parametrize("latency", [0, 1])
def test_an_express_lane_does_not_count_on_goods_that_arrive_after_its_own(latency: int) -> None:
    """4 on the shelf, 8 come in the third period: up to 10 the express, which takes one, lacks 6, and the slow lane nothing."""
    lanes = [
        {"from": "supplier", "to": "store_1", "name": "slow", "lead_time": 3},
        {"from": "supplier", "to": "store_1", "name": "fast", "lead_time": 1, "unit_cost": 1},
    ]
    goods = [{"lane": "slow", "period": 2, "quantity": 8}]
    level = {"name": "centre", "visibility": "shared", "authority": "central", "feed_latency": latency}
    simulator = Simulator(scenario({"store_1": {"initial": 4}}, lanes, [{"site": "store_1"}], arriving=goods), level)
    simulator.reset(seed=0)
    simulator.step(Decision(level=np.full((1, 2, 1), 10.0)))
    assert simulator.now.flows is not None
    assert dict(zip(simulator.numpy_network.lanes, simulator.now.flows.orders[:, 0, 0].tolist(), strict=True)) == {
        "slow": 0,
        "fast": 6,
    }


def test_hindsight_knows_of_what_is_owed_and_of_what_arrives() -> None:
    """4 − 7 − 2 = −5 at first; 8 arrive in the third period, before which 2 more are asked for: −7, then −1, then −3.

    What is ordered arrives from the fourth period on, in which 3 more end the backlog: the bound orders them.
    """
    given = store([{"backlog": 7}], arriving=[{"lane": LANE, "period": 2, "quantity": 8}])
    bound = hindsight_bound(Traces(given, 10_000, 1, "test", 4))
    assert bound.cost == pytest.approx([(50 + 70 + 10) / 4])
    play = Play(given)
    paid = [float(play.step(quantities={LANE: 3 if period == 0 else 0}).ledger.cost[0]) for period in range(4)]
    assert np.mean(paid) == pytest.approx(bound.cost[0])


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"arriving": [{"lane": "suplier->store_1", "period": 0, "quantity": 1}]}, r"arriving\[0\]\.lane: .*supplier->store_1"),
        ({"arriving": [{"lane": LANE, "period": 3, "quantity": 1}]}, r"arriving\[0\]\.period: found 3.*a period before 3"),
        ({"arriving": [{"lane": LANE, "period": -1, "quantity": 1}]}, r"arriving\[0\]\.period: found -1"),
        ({"arriving": [{"lane": LANE, "period": 0, "quantity": float("inf")}]}, r"arriving\[0\]\.quantity: found inf"),
        ({"arriving": [{"lane": LANE, "period": 0, "quantity": 1, "product": "te"}]}, r"arriving\[0\]\.product: found 'te'"),
        ({"customers": [{"backlog": -1}]}, r"customers\[0\]\.backlog: found -1"),
        ({"customers": [{"backlog": 1, "unmet": "lost"}]}, r"customers\[0\]\.backlog: found 1.*customers who wait"),
    ],
)
def test_an_impossible_beginning_is_refused_by_key(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        store(**keys)
