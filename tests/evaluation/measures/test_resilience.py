"""What an outage does, worked by hand; and that the evaluation plays the undisturbed twin of what it evaluates."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.simulator import Simulator
from orderup.evaluation import Comparison, compare, evaluate
from orderup.evaluation.measures.period_log import rest
from orderup.evaluation.measures.resilience import BEFORE, Course, Response

from ..cases import RANDOM, Moody

LEVEL_40, LEVEL_50 = ({"type": "base_stock", "levels": {"store_1": level}} for level in (40.0, 50.0))


def response(on_time: Sequence[float], outage: Sequence[int], cost: Sequence[float] | None = None, **more: Any) -> Response:
    """One episode whose twin serves all 10 units of every period, at a cost of 1, by orders of 10."""
    periods = len(on_time)
    orders, steady = more.get("orders", [10.0] * periods), more.get("steady", 2)
    twin = course([10.0] * periods, [1.0] * periods, [10.0] * periods)
    disturbed = course(on_time, cost or [1.0] * periods, orders)
    failed = np.isin(np.arange(periods), outage)[None]
    return Response(disturbed, twin, failed, warmup=1, steady=steady)


def course(on_time: Sequence[float], cost: Sequence[float], orders: Sequence[float]) -> Course:
    return Course(np.array([on_time]), np.full((1, len(on_time)), 10.0), np.array([cost]), np.array([orders]))


def told(found: Response) -> dict[str, float]:
    return {name: float(values[0]) for name, values in found.sums.items()}


def test_an_outage_is_as_worked_by_hand() -> None:
    # It lasts from 3 to 4; orders differ from 4 on; 5 and 2 units are late in 4 and 5; from 6 on all is as it would have been.
    found = told(
        response(
            [10, 10, 10, 10, 5, 8, 10, 10, 10, 10],
            outage=[3, 4],
            cost=[1, 1, 1, 2, 4, 3, 9, 1, 1, 1],
            orders=[10, 10, 10, 10, 14, 11, 10, 10, 10, 10],
        )
    )
    assert found == pytest.approx(
        {
            "outages": 1,
            "outage_periods": 2,
            "detect_periods": 1,
            "survive_periods": 1,
            "recover_periods": 3,
            "fill_depth": 0.5,
            "lost_fill": 0.5 + 0.2,
            "extra_cost": 1 + 3 + 2,
            "undetected": 0,
            "unharmed": 0,
            "unrecovered": 0,
            "disruption_cost": 1 + 3 + 2 + 8,
        }
    )


def test_where_service_holds_it_survives_at_least_the_outage_and_has_nothing_to_recover_from() -> None:
    found = told(response([10.0] * 10, outage=[3, 4, 5]))
    assert (found["unharmed"], found["survive_periods"], found["recover_periods"]) == (1, 3, 0)
    assert (found["undetected"], found["detect_periods"]) == (1, 3 + 2)
    assert found["fill_depth"] == found["lost_fill"] == 0


def test_orders_that_an_earlier_outage_left_apart_are_no_reaction_until_they_move_further() -> None:
    orders = [10, 10, 8, 10, 11, 11, 11, 11, 15, 10, 10, 10]
    found = told(response([10, 10, 5, 10, 10, 10, 10, 5, 5, 10, 10, 10], outage=[2, 7, 8], orders=orders, steady=2))
    assert (found["outages"], found["detect_periods"], found["undetected"]) == (1, 0, 0)
    calm = [10, 5, 10, 10, 10, 10, 10, 5, 5, 10, 10, 10]  # the first outage falls into the warm-up
    later = told(response(calm, outage=[0, 7, 8], orders=orders[:2] + [11.0] * 6 + orders[8:], steady=2))
    assert (later["outages"], later["detect_periods"]) == (1, 1)


def test_orders_that_differ_before_any_outage_are_drawn_by_lot_and_detect_nothing() -> None:
    found = told(response([10, 10, 10, 10, 5, 10, 10, 10], outage=[3], orders=[10, 13, 9, 10, 30, 8, 10, 12]))
    assert (found["undetected"], found["survive_periods"]) == (1, 1)


NOISY: dict[str, Any] = {"type": "central_stale", "name": "noisy", "feed_noise": 0.2}
HELD_UP: dict[str, Any] = {
    "name": "held_up",
    "horizon": 200,
    "warmup": 50,
    "sites": {"store_1": {"holding": 1, "initial": 60}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 2}],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
    "disruptions": [
        {"at": "supplier", "pauses": "shipments", "when": {"type": "markov", "begins": 0.02, "ends": 0.25}},
    ],
}
"""Orders are taken at all times and customers wait, so that nothing that is held up changes the inventory position."""


def test_noise_in_a_late_feed_is_no_reaction_to_an_outage() -> None:
    levels = [
        {"type": "central_stale", "name": name, "feed_latency": 20, "feed_noise": noise}
        for name, noise in (("clear", 0.0), ("noisy", 0.2))
    ]
    clear, noisy = (
        evaluate(HELD_UP, level, {"type": "base_stock", "levels": {"store_1": 60}}, episodes=20) for level in levels
    )
    for found in (clear, noisy):
        assert found.sums["outages"].sum() >= 10
        assert found.kpis["undetected"] == 1.0
    alike = (clear.sums["outage_periods"] == noisy.sums["outage_periods"]) & (clear.sums["outages"] == 1)
    assert alike.sum() >= 5


@pytest.mark.parametrize("level", ["autonomous_silo", NOISY])
def test_who_orders_at_random_detects_nothing(level: Any) -> None:
    found = evaluate("disruption_storm", level, "random", episodes=5)
    assert found.sums["outages"].sum() > 0
    assert found.kpis["undetected"] == 1.0
    assert found.kpis["time_to_detect"] >= found.kpis["outage_length"]


def test_two_percent_less_is_no_loss_of_service() -> None:
    assert told(response([10, 10, 10, 9.81, 9.81, 10, 10, 10], outage=[3]))["unharmed"] == 1
    assert told(response([10, 10, 10, 9.79, 9.81, 10, 10, 10], outage=[3]))["recover_periods"] == 1


def test_what_is_not_over_when_the_episode_ends_is_censored() -> None:
    found = told(response([10, 10, 10, 5, 5, 5, 5, 10], outage=[3]))
    assert (found["unrecovered"], found["recover_periods"]) == (1, 8 - 3)
    assert found["lost_fill"] == pytest.approx(4 * 0.5)
    endless = told(response([10.0] * 8, outage=[5, 6, 7]))
    assert (endless["outage_periods"], endless["survive_periods"]) == (3, 3)


def test_a_single_good_period_is_no_recovery() -> None:
    assert told(response([10, 10, 10, 5, 10, 5, 10, 10, 10], outage=[3]))["recover_periods"] == 3


def test_a_loss_may_come_after_the_outage_as_long_as_it_can_be_under_way() -> None:
    late = [10, 10, 10, 10, 10, 5, 10, 10, 10]
    assert told(response(late, outage=[3], steady=2))["survive_periods"] == 2
    assert told(response(late, outage=[3], steady=1))["unharmed"] == 1


def test_of_several_outages_the_first_is_followed_until_recovery_whatever_else_fails() -> None:
    found = told(response([10, 10, 5, 5, 10, 5, 10, 10, 5, 10, 10], outage=[2, 3, 5, 8]))
    assert (found["outages"], found["outage_periods"], found["recover_periods"]) == (1, 2, 4)
    assert found["lost_fill"] == pytest.approx(3 * 0.5)


def test_an_outage_that_finds_the_network_not_at_rest_is_passed_over() -> None:
    # The one of the warm-up still costs service in 2; the next begins at 3, too soon; that of 7 is evaluated.
    found = response([5, 5, 5, 10, 10, 10, 10, 0, 10, 10], outage=[0, 3, 7])
    assert found.begins.tolist() == [7]
    assert told(found)["fill_depth"] == 1.0


def test_an_episode_without_an_outage_counts_for_nothing() -> None:
    found = told(response([10.0] * 6, outage=[]))
    assert set(found.values()) == {0.0}
    assert told(response([5.0] * 6, outage=[0]))["outages"] == 0


def test_a_period_in_which_nobody_asks_loses_no_service() -> None:
    nobody = Course(np.zeros((1, 3)), np.array([[4.0, 0.0, 2.0]]), np.zeros((1, 3)), np.zeros((1, 3)))
    assert nobody.fill.tolist() == [[0.0, 1.0, 0.0]]


def test_curves_are_put_upon_each_other_at_the_outages_beginning_and_end_with_the_next() -> None:
    found = response([10, 10, 10, 5, 10, 10, 5], outage=[3, 6], cost=[1, 1, 1, 4, 1, 1, 9]).curve
    assert found["episodes"][BEFORE - 3 : BEFORE + 4].tolist() == [0, 1, 1, 1, 1, 1, 0]
    assert found["outage"][BEFORE] == found["outage"].sum() == 1
    assert found["gap"][BEFORE : BEFORE + 2].tolist() == [-0.5, 0.0]
    assert found["extra_cost"][BEFORE - 1 : BEFORE + 2].tolist() == [0.0, 3.0, 0.0]
    assert found["extra_cost_squares"].sum() == 9.0


def test_rest_is_the_longest_way_to_a_customer() -> None:
    assert (
        rest(Simulator(RANDOM).numpy_network) == 2 + 1 + 1 + 1
    )  # two periods to the warehouse, one to the store, each with its review
    assert rest(Simulator("newsvendor").numpy_network) == 3


@pytest.fixture(scope="module")
def evaluated() -> Comparison:
    pairs = [("central_ideal", LEVEL_40), ("central_stale", LEVEL_40), ("autonomous_silo", LEVEL_50)]
    return compare("disruption_single", pairs, episodes=20, batch=8)


def test_one_store_whose_supplier_fails_is_as_worked_by_hand(evaluated: Comparison) -> None:
    # Of the 40 units ordered up to, 10 are sold in a period: an outage finds 30, and customers wait from its fourth period on.
    sums = evaluated.results[0].sums
    length = sums["outage_periods"]
    assert (sums["outages"] == 1).all()
    assert ((length <= 3) == (sums["unharmed"] == 1)).all()
    assert (sums["survive_periods"] == np.where(length > 3, 3, length)).all()
    assert (sums["recover_periods"] == np.where(length > 3, length, 0)).all()
    assert (sums["lost_fill"] == np.maximum(length - 3, 0)).all()


def test_the_twin_is_what_the_same_policy_costs_without_disruptions(evaluated: Comparison) -> None:
    calm = changed(load_scenario("disruption_single"), name="calm", disruptions=[])
    cost = evaluated.results[2].cost - evaluated.results[2].kpis["disruption_cost"]
    assert evaluate(calm, agents=LEVEL_50, episodes=20).cost == pytest.approx(cost)


def test_what_an_outage_does_has_intervals_and_paired_differences_as_all_else_has(evaluated: Comparison) -> None:
    silo = evaluated.methods[2]
    recover = silo.intervals["time_to_recover"]
    assert 0 <= recover.low < recover.estimate < recover.high
    assert evaluated.differences(silo)["lost_fill"].estimate < 0
    assert "time_to_recover" in set(evaluated.frame["kpi"])


def test_batches_add_up_and_pytorch_evaluates_as_numpy_does(evaluated: Comparison) -> None:
    first = evaluated.results[0]
    for other in (
        evaluate("disruption_single", "central_ideal", LEVEL_40, episodes=20),
        evaluate("disruption_single", "central_ideal", LEVEL_40, episodes=20, backend="torch"),
    ):
        np.testing.assert_allclose(other.sums[first.sums.columns], first.sums, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(other.outage_sums, first.outage_sums, rtol=1e-9, atol=1e-9)


def test_the_course_of_an_outage_is_a_frame(evaluated: Comparison) -> None:
    outages = evaluated.results[0].outages.set_index("offset")
    assert outages["outage"].loc[0] == outages["fill"].loc[-1] == outages["twin_fill"].loc[0] == 1
    later = outages.loc[3]
    assert later["fill"] == pytest.approx(1 - later["outage"])  # the stock is sold
    assert later["cost"] > later["twin_cost"]


def test_nothing_is_said_of_outages_where_there_are_none() -> None:
    result = evaluate(RANDOM, episodes=3)
    assert result.outage_sums.empty
    assert result.outages.empty
    assert "time_to_recover" not in result.kpis


def test_a_policy_that_draws_lots_draws_the_same_in_both_plays() -> None:
    never = {**load_scenario("disruption_single").model_dump(by_alias=True)["disruptions"][0], "when": {"type": "markov"}}
    never["when"] |= {"begins": 1e-9, "ends": 0.25}
    line = {**RANDOM, "name": "hardly_ever", "disruptions": [never]}
    result = evaluate(line, agents=Moody(), episodes=6, batch=4)
    assert (result.sums["disruption_cost"] == 0).all()
    assert (result.sums["outages"] == 0).all()
    assert math.isnan(result.kpis["time_to_recover"])


def test_an_episode_with_a_twin_leaves_a_row_behind_and_not_its_course() -> None:
    first = peak(episodes=40)  # from the second batch on, two courses meet
    course = 5 * 600 * 8
    assert (peak(episodes=100) - first) / 60 < course / 10


def peak(episodes: int) -> int:
    """Most bytes in use while evaluating episodes of 600 periods in batches of 20."""
    tracemalloc.start()
    try:
        evaluate("disruption_single", episodes=episodes, batch=20, horizon=600)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
