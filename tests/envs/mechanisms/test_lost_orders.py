"""Orders that never reach their source, worked by hand: by the trace's luck, known to who placed them or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..by_hand import Play, scenario
from ..looking import seen

LANE = "supplier->store_1"


def store(**lane: Any) -> Scenario:
    lanes = [{"from": "supplier", "to": "store_1", "lead_time": 1, "lost_orders": 0.5, **lane}]
    return scenario({"store_1": {}}, lanes, [{"site": "store_1"}])


def play(reaching: list[int], **lane: Any) -> Play:
    """An episode in which these periods' orders get through."""
    found = Play(store(**lane))
    trace = found.simulator.trace
    assert trace is not None
    values = np.ones_like(trace.conditions.reaching)
    values[: len(reaching), 0, 0, 0] = reaching
    found.simulator.replay(replace(trace, conditions=trace.conditions._replace(reaching=values)))
    return found


def test_an_order_that_is_lost_is_paid_for_and_ordered_anew_at_once_by_who_knows() -> None:
    found = play([0, 1], fixed_cost=3).step({LANE: 10})
    assert (found.orders[LANE], found.known[LANE], found.lost[LANE], found.on_order[LANE]) == (10, 0, 10, 0)
    assert found.cost("fixed") == {"store_1": 3}
    found.step({LANE: 10})
    assert (found.orders[LANE], found.on_order[LANE]) == (10, 10)
    assert found.step({LANE: 10}).on_hand["store_1"] == 10


@pytest.mark.parametrize(
    ("lead_time", "order_delay"), [(2, 0), (1, 1), (0, 2), ({"type": "uniform_integer", "low": 0, "high": 2}, 0)]
)
def test_who_does_not_know_counts_on_it_until_it_would_have_come(lead_time: Any, order_delay: int) -> None:
    """Ordered in period 0, it could be there for the demand of period 2 at the latest; so it is ordered anew in period 3."""
    found = play([0], lead_time=lead_time, order_delay=order_delay, lost_known=False)
    orders, unfilled = [], []
    for _ in range(5):
        found.step({LANE: 10})
        orders.append(found.orders[LANE])
        unfilled.append(float(found.simulator.information_of("sites").own("unfilled").item()))
    assert orders == [10, 0, 0, 10, 0]
    assert unfilled[:3] == [10, 10, 0]


def test_without_any_time_to_wait_nobody_is_in_doubt() -> None:
    assert play([0], lead_time=0, lost_known=False).step({LANE: 10}).step({LANE: 10}).orders[LANE] == 10


def test_orders_are_lost_as_often_as_was_said_and_lane_by_lane() -> None:
    lanes = [{"from": "supplier", "to": name, "lost_orders": 0.3} for name in ("store_1", "store_2")]
    given = scenario({"store_1": {}, "store_2": {}}, lanes, [{"site": "store_1"}, {"site": "store_2"}], horizon=400)
    simulator = Simulator(given, batch=50)
    simulator.reset(seed=0)
    assert simulator.trace is not None
    assert simulator.trace.conditions.reaching is not None
    reaching = simulator.trace.conditions.reaching[:, :, 0].swapaxes(0, 1).reshape(2, -1)
    assert reaching.mean(axis=1) == pytest.approx(0.7, abs=4 * np.sqrt(0.3 * 0.7 / 20_000))
    assert abs(np.corrcoef(reaching)[0, 1]) < 4 / np.sqrt(20_000)


def test_nobody_sees_whether_the_coming_order_will_be_lost() -> None:
    simulator = Simulator(store(), batch=2)
    simulator.reset(seed=0)
    before, trace = seen(simulator), simulator.trace
    assert trace is not None
    assert trace.conditions.reaching is not None
    turned = trace.conditions._replace(reaching=1.0 - trace.conditions.reaching)
    simulator.replay(replace(trace, conditions=turned))
    assert seen(simulator) == before


def test_lost_orders_do_in_pytorch_what_they_do_in_numpy() -> None:
    found = []
    for backend in ("numpy", "torch"):
        simulator = Simulator(store(lost_known=False, lead_time=2), batch=3, backend=backend)
        simulator.reset(seed=4)
        rng = np.random.default_rng(4)
        while not simulator.done:
            simulator.step(Decision(level=simulator.backend.asarray(rng.uniform(0, 25, (3, 1, 1)))))
            found.append(np.asarray(simulator.now.state.on_order))
    assert np.array_equal(found[:20], found[20:])


@pytest.mark.parametrize(
    ("lane", "complaint"),
    [
        ({"lost_orders": 1}, r"lanes\[0\].lost_orders: found 1"),
        ({"lost_orders": -0.1}, r"lanes\[0\].lost_orders: found -0.1"),
        ({"lost_orders": 0, "lost_known": False}, r"lanes\[0\].lost_known: found False.*above 0"),
    ],
)
def test_losses_that_cannot_be_are_refused_by_key(lane: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        store(**lane)


def test_lead_times_from_a_record_say_which_orders_never_arrive() -> None:
    """What is ordered in period 1 gets lost; the others take two periods and one."""
    times = {"type": "replay", "values": [2, None, 1]}
    found = Play(
        scenario(
            {"store_1": {"initial": 0}}, [{"from": "supplier", "to": "store_1", "lead_time": times}], [{"site": "store_1"}]
        )
    )
    on_hand, lost = [], []
    for quantity in (5, 7, 9, 0):
        found.step(quantities={LANE: quantity})
        on_hand.append(found.on_hand["store_1"])
        lost.append(found.lost[LANE])
    assert lost == [0, 7, 0, 0]
    assert on_hand == [0, 0, 5, 14]
    assert found.simulator.numpy_network.times.lead_time.tolist() == [2]


def test_orders_that_all_get_lost_have_no_lead_time() -> None:
    with pytest.raises(InputError, match=r"at least one that is no null"):
        store(lead_time={"type": "replay", "values": [None, None]})
