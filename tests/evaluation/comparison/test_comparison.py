from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.evaluation import Comparison, compare, evaluate
from orderup.evaluation.statistics.statistics import mean_interval
from orderup.evaluation.statistics.two_level import two_level_intervals

from ..cases import RANDOM, Dice, costing

EPISODES = 40
TRACES = 20 + np.random.default_rng(0).normal(0, 3, EPISODES)
"""What all costs have in common."""


def noise(seed: int, spread: float = 0.5) -> Any:
    return np.random.default_rng(seed).normal(0, spread, EPISODES)


def learner(level: str, name: str = "ppo", shift: float = 0.0, seeds: int = 5, **keys: Any) -> list[Any]:
    return [
        costing(TRACES + shift + 0.1 * seed + noise(seed), level, f"{name}-{seed}", seed=seed, **keys) for seed in range(seeds)
    ]


def test_runs_that_differ_in_the_seed_alone_are_one_method() -> None:
    found = Comparison((*learner("autonomous_silo", "line-silo-ppo"), costing(TRACES, name="base_stock")))
    method, rule = found.methods
    assert (method.name, method.family, len(method.seeds)) == ("line-silo-ppo", "ppo", 5)
    assert (rule.name, rule.family, len(rule.seeds)) == ("base_stock", "base_stock", 1)
    assert method.cost == pytest.approx(np.mean([result.cost for result in method.seeds]))


@pytest.mark.parametrize("changed", [{"hidden": [32]}, {"trained_at": "federated"}])
def test_runs_that_differ_in_anything_else_are_two(changed: dict[str, Any]) -> None:
    found = Comparison((*learner("autonomous_silo", "one"), *learner("autonomous_silo", "other", **changed)))
    assert [method.name for method in found.methods] == ["one", "other"]


def test_levels_and_repeated_seeds_are_methods_of_their_own() -> None:
    again = costing(TRACES, name="ppo-0 (2)", seed=0)
    found = Comparison((*learner("autonomous_silo"), *learner("federated"), again))
    assert [(method.autonomy.name, method.name) for method in found.methods] == [
        ("autonomous_silo", "ppo"),
        ("federated", "ppo"),
        ("autonomous_silo", "ppo-0 (2)"),
    ]


def test_runs_without_a_name_in_common_are_called_by_their_learner() -> None:
    results = (costing(TRACES, name="monday", seed=0), costing(TRACES, name="tuesday", seed=1))
    assert [method.name for method in Comparison(results).methods] == ["ppo"]
    assert Comparison(results[:1]).methods[0].name == "monday"


def test_methods_of_one_name_are_told_apart() -> None:
    found = Comparison((costing(TRACES, name="ppo"), *learner("autonomous_silo"), *learner("autonomous_silo", hidden=[8])))
    assert [method.name for method in found.methods] == ["ppo", "ppo (2)", "ppo (3)"]
    assert len(found.p_values) == 2


def test_the_cost_of_a_method_has_the_interval_over_seeds_and_traces() -> None:
    found = Comparison(tuple(learner("autonomous_silo")))
    (method,) = found.methods
    rows = np.array([result.episodes["cost"] for result in method.seeds])[:, :, None]
    (expected,) = two_level_intervals([rows], lambda means: means)
    assert method.interval.low == pytest.approx(expected.low)
    assert method.interval.half_width > mean_interval(rows.mean(axis=(0, 2))).half_width


def test_a_rule_has_no_spread_over_seeds_and_no_flag() -> None:
    found = Comparison((costing(TRACES),))
    assert found.methods[0].interval == mean_interval(TRACES)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("seeds", "said"), [(1, "not enough seeds to evaluate the method"), (2, "2 training seeds are few"), (5, None)]
)
def test_few_seeds_are_flagged(seeds: int, said: str | None) -> None:
    found = Comparison(tuple(learner("autonomous_silo", seeds=seeds)))
    assert (said is None) == (found.warnings == ())
    assert said is None or said in found.warnings[0]


def test_a_level_that_was_not_trained_for_is_flagged() -> None:
    found = Comparison(tuple(learner("autonomous_silo", trained_at="federated")))
    assert found.warnings == ("autonomous_silo / ppo: trained at federated, not at the autonomy level it is evaluated at",)


def test_a_difference_to_a_learner_knows_of_its_seeds() -> None:
    rule, runs = costing(TRACES, "central_ideal", "rule"), learner("autonomous_silo", shift=1.0)
    found = Comparison((rule, *runs))
    method = found.methods[1]
    expected = np.mean([run.cost for run in runs]) - rule.cost
    assert found.difference(method).estimate == pytest.approx(expected)
    assert found.difference(method).freedom < 10
    assert found.difference(runs[0]) == mean_interval(runs[0].episodes["cost"] - rule.episodes["cost"])
    assert found.relative_cost(method).estimate == pytest.approx(expected / rule.cost)
    assert found.sign(method) == 1
    assert found.difference(method).half_width < method.interval.half_width  # the traces' part has cancelled


def test_arrows_are_corrected_for_the_number_of_comparisons() -> None:
    reference = costing(TRACES, "central_ideal")
    barely = costing(TRACES + 0.17 + noise(1), name="barely")
    alone = Comparison((reference, barely))
    assert 0.01 < alone.p_values["autonomous_silo / barely"] < 0.05
    assert alone.sign(barely) == 1
    crowd = [costing(TRACES + noise(seed), name=f"other_{seed}") for seed in range(10, 20)]
    assert Comparison((reference, barely, *crowd)).sign(barely) == 0


def test_the_same_method_at_every_level_is_a_ladder() -> None:
    levels = ["autonomous_silo", "central_ideal", "federated"]
    results = [costing(TRACES + shift, level, "rule") for shift, level in enumerate(levels)]
    found = Comparison((*results, costing(TRACES - 5, "federated", "better")))
    ladder = found.ladder_same("rule")
    assert ladder.foot.label == "central_ideal / rule"
    assert [(rung.autonomy.name, round(rung.difference.estimate, 9)) for rung in ladder.rungs] == [
        ("autonomous_silo", -1),
        ("central_ideal", 0),
        ("federated", 1),
    ]
    with pytest.raises(UnknownName, match="method: found 'ruel'.*did you mean 'rule'"):
        found.ladder_same("ruel")


def test_the_best_method_of_every_level_is_a_ladder() -> None:
    results = [costing(TRACES + shift, level, name) for level, name, shift in LADDER]
    ladder = Comparison(tuple(results)).ladder_best()
    assert [rung.method.label for rung in ladder.rungs] == ["central_ideal / b", "autonomous_silo / a"]
    assert ladder.rungs[1].relative.estimate == pytest.approx(3 / (TRACES.mean() - 1))


LADDER = [("central_ideal", "a", 1), ("central_ideal", "b", -1), ("autonomous_silo", "a", 2), ("autonomous_silo", "c", 3)]


def test_a_learner_is_one_family_at_all_levels_whatever_its_runs_are_called() -> None:
    found = Comparison((*learner("autonomous_silo", "x"), *learner("federated", "y"), *learner("federated", "z", hidden=[8])))
    assert [method.family for method in found.methods] == ["ppo", "ppo", "ppo (2)"]
    assert len(found.ladder_same("ppo").rungs) == 2


def test_the_headline_says_who_wins_by_how_much_and_how_sure() -> None:
    results = [costing(TRACES + 1 + noise(1), "central_ideal", "plan"), costing(TRACES, "federated", "rule")]
    said = Comparison(tuple(results)).headline
    assert "the cheapest of the 2 autonomy levels is federated: with rule it costs 19.82 per period, 4.8 % less (95 % " in said
    assert " %) than the next, central_ideal with plan (p < 0.001" in said


def test_the_headline_names_those_that_cannot_be_told_apart() -> None:
    results = [
        costing(TRACES, "central_ideal", "plan"),
        costing(TRACES, "federated", "rule"),
        costing(TRACES + noise(2, 3.0) + 0.1, "autonomous_shared", "rule"),
        costing(TRACES + 5, "autonomous_silo", "rule"),
    ]
    said = Comparison(tuple(results)).headline
    assert "is clearly the cheapest: central_ideal with plan and federated with rule cost the same" in said
    assert "cannot be told apart from autonomous_shared with rule. That is " in said
    assert ") than autonomous_silo with rule." in said


def test_the_headline_tells_a_saving_in_money_where_a_share_means_nothing() -> None:
    results = [costing(TRACES - 40, "central_ideal"), costing(TRACES - 42, "federated")]
    assert (
        "2.000 per period less (95 % confidence interval 2.000 to 2.000) than the next" in Comparison(tuple(results)).headline
    )


def test_of_one_level_the_headline_says_which_agent_is_cheapest() -> None:
    found = Comparison((costing(TRACES + 1 + noise(1), name="worse"), costing(TRACES, name="better")))
    assert "the cheapest of the 2 agents at autonomous_silo is better: it costs 19.82 per period, 4.8 % less" in found.headline
    assert "than the next, worse (p < 0.001, corrected for all comparisons" in found.headline


def test_the_headline_is_careful_with_one_seed_one_level_and_one_trace() -> None:
    one = Comparison(tuple(learner("autonomous_silo", seeds=1)))
    assert "nothing else was compared" in one.headline
    assert "one training seed: few to go by" in one.headline
    single = compare(RANDOM, [("autonomous_silo", "base_stock"), ("federated", "hold")], episodes=1)
    assert "one trace does not tell" in single.headline


def test_every_method_and_kpi_is_a_row_of_the_frame() -> None:
    found = Comparison((*learner("autonomous_silo"), costing(TRACES, "central_ideal")))
    frame = found.frame.set_index(["autonomy", "kpi"])
    assert len(frame) == 2 * (len(found.reference.definitions) + 1)
    method, expected = found.methods[0], found.methods[0].interval
    row = frame.loc[[("autonomous_silo", "cost")]].iloc[0]
    assert (row["estimate"], row["low"], row["seeds"]) == (expected.estimate, expected.low, 5)
    assert row["difference_high"] == found.difference(method).high
    tail = frame.loc[[("central_ideal", "cost_cvar95")]].iloc[0]
    assert tail["low"] < tail["estimate"] == found.reference.cvar95 < tail["high"]


def test_tables_of_all_policies_say_whose_their_rows_are() -> None:
    found = compare(RANDOM, [("autonomous_silo", "hold"), ("federated", "base_stock")], episodes=4)
    counts = {"episodes": 4, "sites": 3, "echelons": 2, "products": 2, "segments": 3, "lanes": 4}
    for name, count in counts.items():
        table = getattr(found, name)
        assert len(table) == 2 * count, name
        assert list(table)[:3] == ["scenario", "autonomy", "agent"]
        assert set(table["agent"]) == {"hold", "base_stock"}


def test_nobody_is_no_comparison() -> None:
    with pytest.raises(InputError, match="results: found 'none'"):
        Comparison(())


def test_two_equal_policies_differ_by_nothing_in_19_of_20_comparisons() -> None:
    one, other = (evaluate(RANDOM, agents=Dice(dice=dice), episodes=10_000, batch=200).episodes["cost"] for dice in (1, 2))
    differences = (one - other).to_numpy().reshape(100, 100)
    assert one.ne(other).all()
    assert sum(not mean_interval(row).excludes(0) for row in differences) >= 93


def test_a_difference_of_one_percent_is_found_on_200_paired_traces() -> None:
    worse = {"type": "base_stock", "levels": {"store_1": 38}}
    found = compare("newsvendor", [("autonomous_silo", "base_stock"), ("autonomous_silo", worse)], episodes=200)
    relative = found.relative_cost(found.results[1])
    assert 0.005 < relative.estimate < 0.015
    assert found.sign(found.results[1]) == 1
    assert unpaired_half_width(found) > abs(found.difference(found.results[1]).estimate)


def test_intervals_would_be_three_times_as_wide_without_pairs() -> None:
    evaluated = [("central_ideal", "base_stock"), ("management_by_exception", "base_stock")]
    found = compare("owmr", evaluated, episodes=200)
    assert unpaired_half_width(found) >= 3 * found.difference(found.results[1]).half_width


def unpaired_half_width(found: Comparison) -> float:
    return math.hypot(*(result.interval.half_width for result in found.results))
