"""What it costs to decide late or on old records, where that is known: a store of Poisson demand (Zipkin, Foundations, 6.5.3).

An order that waits A periods, or that is worked out on records d periods old by a centre that knows its own orders, is an order
with a lead time longer by A + d.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact.newsvendor import newsvendor
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...simulation import Interval
from ..levels_of_autonomy import level

EPISODES, PERIODS, WARMUP = 5000, 200, 40


def costs(autonomy: Any, centre: float, sites: float | None = None, episodes: int = EPISODES, periods: int = PERIODS) -> Floats:
    """Mean cost of each episode (B,) of the newsvendor's store, under constant levels."""
    simulator = Simulator("newsvendor", autonomy, batch=episodes, horizon=WARMUP + periods, dtype="float32")
    simulator.reset(seed=7)
    planner, others = (None if value is None else Decision(level=np.full((1, 1, 1), value)) for value in (centre, sites))
    total = np.zeros(episodes)
    while not simulator.done:
        has = simulator.autonomy
        ledger = simulator.advance(Decisions(planner if has.has_planner else None, others if has.has_sites else None))
        if simulator.now.period > WARMUP:
            total += ledger.cost
    return total / periods


LATE: dict[str, dict[str, int]] = {
    "approval": {"approval_latency": 2},
    "feed": {"feed_latency": 2},
    "both": {"approval_latency": 1, "feed_latency": 1},
}


def exact(lead_time: int) -> float:
    """What a store with this lead time costs at its best, by the closed form."""
    _, cost = newsvendor(1, 9, stats.poisson(10 * (lead_time + 1)))
    return float(cost)


EXACT = exact(4)


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_a_centre_that_is_two_periods_late_costs_as_much_as_a_lead_time_two_longer(late: dict[str, int]) -> None:
    assert EXACT in Interval.of(costs(level("central", **late), 59))


def test_orders_that_all_wait_for_approval_cost_as_much_as_a_lead_time_that_much_longer() -> None:
    autonomy = level("approve", approval_latency=2, approval_threshold=0.0)
    assert EXACT in Interval.of(costs(autonomy, 1000, 59))


def test_two_periods_late_with_the_level_of_one_who_is_not_cost_more() -> None:
    assert Interval.of(costs(level("central", feed_latency=2), 37, episodes=1000)).mean > 1.5 * EXACT


@pytest.mark.parametrize("late", [*LATE.values(), {"feed_noise": 0.5}], ids=[*LATE, "noise"])
@pytest.mark.parametrize(
    "keys", [{"authority": "target"}, {"authority": "band", "band": 0.0}, {"authority": "band", "band": 2.0}], ids=str
)
def test_a_late_centre_does_no_harm_where_it_sets_constant_levels_that_others_execute(keys: Any, late: Any) -> None:
    fresh = costs(level(**keys), 37, 40, episodes=20)
    assert np.array_equal(costs(level(**keys, **late), 37, 40, episodes=20), fresh)


@pytest.mark.parametrize("late", [{"feed_latency": 2}, {"feed_noise": 0.5}], ids=str)
def test_autonomous_sites_do_not_wait_for_the_feed(late: Any) -> None:
    assert np.array_equal(costs(level(**late), 0, 37, episodes=20), costs(level(), 0, 37, episodes=20))


def test_an_order_that_nobody_minds_does_not_wait() -> None:
    """The site orders what the centre would: so at a threshold of nothing too, but for the first periods' rounding."""
    autonomy = level("approve", approval_latency=3, approval_threshold=0.0)
    assert np.array_equal(costs(autonomy, 37, 37, episodes=20), costs(level(), 0, 37, episodes=20))


def test_two_sources_wait_for_a_signature_for_news_or_for_the_post_alike() -> None:
    """A centre that thinks of an order as late, wherever it waits, orders as if the lanes' order delays were longer."""
    given = load_scenario("dual_source")
    lanes = [{**lane.model_dump(by_alias=True), "order_delay": 2} for lane in given.lanes]
    levels = {"regular": 22.0, "express": 14.0}

    def orders(scenario: Scenario, autonomy: dict[str, Any] | str) -> list[bytes]:
        simulator, found = Simulator(scenario, autonomy, batch=20, horizon=60), []
        simulator.reset(seed=5)
        decision = Decision(level=np.array([[levels[label]] for label in simulator.numpy_network.lanes]))
        while not simulator.done:
            simulator.advance(decision)
            assert simulator.now.flows is not None
            found.append((simulator.now.flows.receipts + 0.0).tobytes())
        return found[4:]

    central = {"name": "test", "visibility": "shared", "authority": "central"}
    signed = orders(given, {**central, "approval_latency": 2})
    delayed = changed(given, name="delayed", lanes=lanes)
    assert signed == orders(delayed, "autonomous_silo")
    assert signed == orders(delayed, "central_ideal")
