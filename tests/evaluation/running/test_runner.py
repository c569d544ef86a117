from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from orderup.agents import Agent
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.numerics.kept import Kept
from orderup.envs.trace import drawn_once
from orderup.evaluation import Contestant, Result, compare, contestants, evaluate
from orderup.evaluation.running.playing import CannotAct
from orderup.evaluation.statistics.statistics import mean_interval
from orderup.evaluation.tables.text_table import notes

from ..cases import RANDOM, TWO_SITES, Moody, Scripted

TRACE = ["demanded", "demand_variance"]
NOISY = {"type": "skill", "policy": "base_stock", "noise": 0.3}


def test_an_evaluation_in_batches_is_that_of_one_batch() -> None:
    whole, parts = evaluate(RANDOM, episodes=50), evaluate(RANDOM, episodes=50, batch=7)
    np.testing.assert_allclose(parts.sums, whole.sums, rtol=1e-12)
    for name in ("site_sums", "product_sums", "segment_sums", "lane_sums"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-12)
    assert parts.episodes.index.to_list() == list(range(50))


def test_more_episodes_begin_with_the_same_ones() -> None:
    few, many = evaluate(RANDOM, episodes=5), evaluate(RANDOM, episodes=12)
    np.testing.assert_allclose(many.sums[:5], few.sums)


def test_every_level_and_policy_sees_the_same_traces() -> None:
    found = compare(RANDOM, contestants(["central_ideal", "autonomous_silo", "federated"], ["base_stock", "hold", "random"]))
    assert len(found.results) == 9
    for result in found.results:
        assert result.sums[TRACE].equals(found.results[0].sums[TRACE])
    assert len({result.cost for result in found.results}) > 2


def test_another_seed_brings_other_traces() -> None:
    assert not evaluate(RANDOM, seed=10_001).sums[TRACE].equals(evaluate(RANDOM).sums[TRACE])


def test_a_policys_own_randomness_differs_from_batch_to_batch() -> None:
    still = {**TWO_SITES, "horizon": 30}
    costs = evaluate(still, agents=Moody(), episodes=6, batch=2).episodes["cost"].to_numpy()
    assert len(set(costs)) == 6


def test_the_optimum_of_a_line_costs_what_theory_says() -> None:
    found = evaluate("serial_poisson", "central_ideal", "clark_scarf", episodes=1000)
    assert not mean_interval(found.episodes["cost"], confidence=0.999).excludes(25.168)


def test_the_newsvendor_costs_what_theory_says() -> None:
    found = evaluate("newsvendor", episodes=1000)
    assert not mean_interval(found.episodes["cost"], confidence=0.999).excludes(9.9532)
    assert found.kpis["bullwhip"] == pytest.approx(1, abs=0.01)


def test_periods_before_the_warm_up_are_not_counted() -> None:
    scripted = Scripted(quantities=[[6, 4], [2, 9]])
    assert evaluate({**TWO_SITES, "warmup": 1}, agents=scripted, episodes=1).cost == pytest.approx(9 + 1)


def test_pytorch_evaluates_as_numpy_does() -> None:
    for level, agent in (("autonomous_silo", "base_stock"), ("autonomous_silo", Moody()), ("hybrid_soe", NOISY)):
        one, other = (evaluate(RANDOM, level, agent, episodes=6, backend=backend) for backend in ("numpy", "torch"))
        for name in ("sums", "site_sums", "product_sums", "segment_sums", "lane_sums"):
            np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-9, atol=1e-9)


def test_an_episode_leaves_a_row_behind_and_not_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the traces that are kept for who is judged next, of which there are so many bytes at most: here one trace."""
    monkeypatch.setattr(drawn_once, "TRACES", Kept(1, lambda trace: int(trace.demand.nbytes)))
    first = peak(episodes=80)  # from the second batch on, two traces meet
    trace = 500 * len(RANDOM["customers"]) * len(RANDOM["products"]) * 8
    assert (peak(episodes=240) - first) / 160 < trace / 10


def peak(episodes: int) -> int:
    """Most bytes in use while evaluating episodes of 500 periods in batches of 40."""
    tracemalloc.start()
    try:
        evaluate(RANDOM, episodes=episodes, batch=40, horizon=500)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_progress_adds_up_to_episodes_times_periods() -> None:
    told: list[int] = []
    evaluate(RANDOM, episodes=50, batch=20, progress=told.append)
    assert sum(told) == 50 * 30


def test_a_policy_that_cannot_act_at_a_level_is_skipped_and_named() -> None:
    found = compare(RANDOM, contestants(["autonomous_silo"], ["echelon_base_stock", "base_stock"]), episodes=4)
    assert [result.label for result in found.results] == ["autonomous_silo / base_stock"]
    (skipped,) = found.skipped
    assert (skipped.autonomy, skipped.name) == ("autonomous_silo", "echelon_base_stock")
    assert "visibility silo" in skipped.reason


def test_a_policy_that_cannot_act_is_an_error_when_it_is_the_only_one() -> None:
    with pytest.raises(CannotAct, match="echelon_base_stock at autonomous_silo"):
        compare(RANDOM, [("autonomous_silo", "echelon_base_stock")])
    with pytest.raises(InputError, match="shared or integrated"):
        evaluate(RANDOM, "autonomous_silo", "echelon_base_stock")


def test_a_wrong_key_of_an_agent_is_an_error_whoever_else_is_there() -> None:
    wrong = {"type": "base_stock", "levels": {"stor_1": 3}}
    with pytest.raises(UnknownName, match="did you mean 'store_1'"):
        compare(RANDOM, contestants(["autonomous_silo"], ["hold", wrong]))


class Greedy(Agent):
    """Needs more memory than there is, in the period `since`."""

    since: int = 0

    def act(self, information: Information) -> Decision:
        if information.period >= self.since:
            np.zeros((2**45,))
        return Decision(quantity=0.0)


class Broken(Agent):
    """Divides by nothing."""

    def act(self, information: Information) -> Decision:
        return Decision(quantity=1 // information.period)


class Peeping(Agent):
    """Asks for what its level does not show, later on."""

    def act(self, information: Information) -> Decision:
        if information.period == 3:
            information.everywhere("on_hand")
        return Decision(quantity=0.0)


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        (Greedy(), "it needs more memory than there is (Unable to allocate"),
        (Greedy(since=5), "it needs more memory than there is (Unable to allocate"),
        (Peeping(), "visibility silo"),
    ],
)
def test_one_who_cannot_is_left_out_with_the_reason_and_the_others_are_evaluated(agent: Agent, reason: str) -> None:
    found = compare(RANDOM, [("autonomous_silo", "base_stock"), ("autonomous_silo", agent)], episodes=4)
    assert [result.name for result in found.results] == ["base_stock"]
    (skipped,) = found.skipped
    assert reason in skipped.reason
    assert not found.failed
    with pytest.raises(CannotAct):
        evaluate(RANDOM, agents=agent, episodes=4)


def test_one_whose_program_fails_is_named_with_its_exception_and_its_line() -> None:
    found = compare(RANDOM, [("autonomous_silo", Broken()), ("autonomous_silo", "base_stock")], episodes=4)
    assert found.failed
    (said,) = [note for note in notes(found) if note.startswith("Failed")]
    assert "ZeroDivisionError: integer division or modulo by zero (test_runner.py, line " in said
    assert "in act)" in said
    with pytest.raises(ZeroDivisionError):
        evaluate(RANDOM, agents=Broken(), episodes=4)
    with pytest.raises(CannotAct, match="ZeroDivisionError") as everybody:
        compare(RANDOM, [("autonomous_silo", Broken())], episodes=4)
    assert isinstance(everybody.value.__cause__, ZeroDivisionError)


def test_nobody_to_evaluate_is_refused() -> None:
    with pytest.raises(InputError, match="at least one policy"):
        compare(RANDOM, [])


def test_the_reference_is_the_first_level_with_a_centre() -> None:
    levels = ["autonomous_silo", "central_ideal"]
    found = compare(RANDOM, contestants(levels, ["hold", "base_stock"]), episodes=4)
    assert found.reference.label == "central_ideal / hold"


def test_without_a_centre_the_reference_is_the_first_listed() -> None:
    found = compare(RANDOM, contestants(["autonomous_shared", "autonomous_silo"], ["base_stock"]), episodes=4)
    assert found.reference.label == "autonomous_shared / base_stock"


def test_differences_are_those_of_the_episodes_pairs() -> None:
    found = compare(RANDOM, [("central_ideal", "base_stock"), ("autonomous_silo", "hold")], episodes=30)
    reference, other = found.results
    expected = mean_interval(other.episodes["cost"] - reference.episodes["cost"])
    assert found.difference(other) == expected
    assert found.sign(other) == 1
    assert found.sign(reference) == 0
    assert found.relative_cost(other).estimate == pytest.approx(other.cost / reference.cost - 1)
    fill = found.difference(other, "fill_rate")
    assert fill.estimate == pytest.approx(other.kpis["fill_rate"] - reference.kpis["fill_rate"])
    assert fill.low < fill.estimate < fill.high < 0
    assert found.difference(reference, "fill_rate").half_width == 0


def test_the_kpis_of_all_episodes_are_quotients_of_sums() -> None:
    result = evaluate(RANDOM, agents=Moody(), episodes=30)
    assert result.kpis["fill_rate"] == pytest.approx(result.sums["on_time"].sum() / result.sums["demanded"].sum())
    assert result.kpis["fill_rate"] != pytest.approx(result.episodes["fill_rate"].mean(), rel=1e-9)
    assert result.cost == pytest.approx(result.episodes["cost"].mean())
    assert result.interval.low < result.cost < result.interval.high
    tail = result.frame.iloc[-1]
    assert tail["kpi"] == "cost_cvar95"
    assert tail["low"] < tail["estimate"] == result.cvar95 < tail["high"]
    assert result.cvar95 >= np.quantile(result.episodes["cost"], 0.95)


def test_results_on_different_traces_are_not_compared() -> None:
    first = evaluate(RANDOM, episodes=3)
    for other in (evaluate(RANDOM, episodes=3, seed=10_001), evaluate(TWO_SITES, episodes=3, horizon=30)):
        with pytest.raises(InputError, match="the same traces"):
            type(compare(RANDOM, [("autonomous_silo", "hold")], episodes=3))((first, other))


def test_traces_that_training_may_have_seen_are_flagged() -> None:
    assert "not held out" in warned(seed=9_999)
    assert "not the held-out window" in warned(split="train")
    assert warned() == ""


def test_episodes_that_repeat_themselves_are_flagged() -> None:
    found = compare(TWO_SITES, [("autonomous_silo", "hold")], episodes=5)
    assert found.warnings == ("only 1 of the 5 episodes differ: the intervals are too narrow",)


def warned(**settings: Any) -> str:
    return "; ".join(compare(RANDOM, [("autonomous_silo", "hold")], episodes=5, **settings).warnings)


def test_two_policies_of_one_name_are_told_apart() -> None:
    cautious = {"type": "base_stock", "levels": {"store_1": 30}}
    names = [contestant.name for contestant in contestants(["autonomous_silo"], ["base_stock", cautious])]
    assert names == ["base_stock", "base_stock (2)"]
    assert isinstance(contestants(["autonomous_silo"], ["hold"])[0], Contestant)


def test_a_result_can_be_had_from_the_public_face() -> None:
    import orderup

    result = orderup.evaluate("newsvendor", autonomy="autonomous_silo", agents="base_stock", episodes=10, seed=10_000)
    assert isinstance(result, Result)
    assert len(result.episodes) == 10
    assert result.interval.low < result.cost < result.interval.high


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"episodes": 0}, "episodes: found 0"),
        ({"episodes": 2.5}, "episodes: found 2.5"),
        ({"episodes": True}, "episodes: found True"),
        ({"batch": 0}, "batch: found 0"),
        ({"horizon": 10}, "more periods than the warm-up of random_line, 10"),
        ({"horizon": 0}, "horizon: found 0"),
        ({"seed": -1}, "seed: found -1"),
        ({"split": "tests"}, "did you mean 'test'"),
        ({"backend": "jax"}, "backend: found 'jax'"),
        ({"autonomy": "anarchy"}, "autonomy: found 'anarchy'"),
        ({"agents": "base_stok"}, "did you mean 'base_stock'"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(RANDOM, **settings)


def test_who_would_need_a_key_that_nobody_gave_is_left_out_and_a_wrong_key_is_refused() -> None:
    found = compare(RANDOM, [("autonomous_silo", "base_stock"), ("autonomous_silo", "constant_order")], episodes=2)
    assert [result.name for result in found.results] == ["base_stock"]
    assert [(skipped.name, skipped.failed) for skipped in found.skipped] == [("constant_order", False)]
    with pytest.raises(InputError, match=r"agent\.levels"):
        compare(RANDOM, [("autonomous_silo", "hold"), ("autonomous_silo", {"type": "base_stock", "levels": {"nowhere": 1}})])
