"""What is said of the cheapest of many holds although the same traces picked it: error rates simulated, and power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import scipy.stats

from orderup.evaluation import Comparison
from orderup.evaluation.comparison.headline import headline
from orderup.evaluation.comparison.method import Method
from orderup.evaluation.statistics import family
from orderup.evaluation.statistics.family import Family
from orderup.evaluation.statistics.statistics import CONFIDENCE, mean_interval

from ..cases import costing

Floats = Any


@dataclass(frozen=True, eq=False)
class Entry:
    """As much of a method as a headline needs."""

    level: str
    name: str
    costs: Floats
    earns: bool = False
    training: None = None
    settled: None = None

    @property
    def autonomy(self) -> Any:
        return SimpleNamespace(name=self.level)

    @property
    def cost(self) -> float:
        return float(self.costs.mean())

    @cached_property
    def seeds(self) -> tuple[Any]:
        traces = SimpleNamespace(episodes=self.costs.size, scenario=SimpleNamespace(name="drawn"), warnings=())
        return (SimpleNamespace(episodes={"cost": self.costs}, groups=None, sums=self.costs, traces=traces),)

    def columns(self, kpis: Sequence[Any]) -> Floats:
        return np.stack([self.costs, np.ones_like(self.costs)], axis=1)[None]


def said(costs: Floats, levels: Sequence[str]) -> str:
    entries = [Entry(level, f"m{place}", row) for place, (level, row) in enumerate(zip(levels, costs, strict=True))]
    return headline(cast(list[Method], entries))


def tables(count: int, methods: int, traces: int, seed: int = 0) -> Floats:
    """Equal methods on traces that all have in common."""
    generator = np.random.default_rng(seed)
    common = generator.normal(100, 10, (count, 1, traces))
    return common + generator.normal(0, 2, (count, methods, traces))


def at_most(share: float, count: int) -> float:
    """More wrong tables than that come about in one of a thousand simulations of as many, if a share is wrong."""
    return float(scipy.stats.binom.ppf(0.999, count, share))


@pytest.fixture
def few_arrangements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "ARRANGEMENTS", 299)


@pytest.mark.parametrize(("methods", "count"), [(2, 300), (5, 300), (9, 200), (20, 100)])
def test_where_all_are_equal_somebody_is_called_dearer_in_one_table_of_twenty(
    methods: int, count: int, few_arrangements: None
) -> None:
    wrong = sum("confidence interval" in said(costs, ["one"] * methods) for costs in tables(count, methods, 30))
    assert wrong <= at_most(1 - CONFIDENCE, count)


def test_where_some_are_dearer_the_equal_best_are_called_dearer_in_one_table_of_twenty(few_arrangements: None) -> None:
    wrong = 0
    for costs in tables(200, 6, 30, seed=12):
        costs[3:] += [[0.5], [2.0], [50.0]]
        wrong += bool((plain(*costs).beaten[:3] < 1 - CONFIDENCE).any())
    assert wrong <= at_most(1 - CONFIDENCE, 200)


def test_a_level_of_ten_equal_methods_does_not_beat_a_level_of_one(few_arrangements: None) -> None:
    wrong = sum(" is ten: with " in said(costs, ["ten"] * 10 + ["one"]) for costs in tables(200, 11, 30, seed=1))
    assert wrong <= at_most((1 - CONFIDENCE) / 2, 200)


def test_a_planted_percent_is_still_found_among_twenty(few_arrangements: None) -> None:
    costs = tables(30, 20, 200, seed=2)
    costs[:, 7] *= 0.99
    found = sum(" is m7: it costs" in said(table, ["one"] * 20) for table in costs)
    assert found >= 27


def test_a_level_is_the_cheapest_only_if_it_beats_every_method_of_the_others() -> None:
    sure, unsure = 100 + 0.1 * noise(0), 100.5 + 3 * noise(1)
    assert " is a: with " in said(np.stack([sure, sure + 1 + 0.1 * noise(2)]), ["a", "b"])
    assert "none of the 2 autonomy levels is clearly" in said(
        np.stack([sure, sure + 1 + 0.1 * noise(2), unsure]), ["a", "b", "b"]
    )


def noise(seed: int, count: int = 60) -> Floats:
    drawn = np.random.default_rng(seed).normal(size=count)
    return drawn - drawn.mean()


def test_the_chance_of_two_methods_is_that_of_turning_the_signs_of_their_differences() -> None:
    apart = np.random.default_rng(3).gamma(2.0, 1.0, 9) - 1.2
    expected = scipy.stats.permutation_test(
        (apart, np.zeros(9)),
        lambda x, y, axis: abs(scipy.stats.ttest_rel(x, y, axis=axis).statistic),
        permutation_type="samples",
        alternative="greater",
    ).pvalue
    assert expected <= plain(apart, 0 * apart).p_value(0, 1) < expected + 0.02


def plain(*rows: Floats) -> Family:
    return Family(tuple(row[None] for row in rows))


@pytest.mark.parametrize(("traces", "least"), [(2, 1 / 2), (3, 1 / 4), (5, 1 / 16), (6, 1 / 32), (10, 1 / 512)])
def test_no_chance_is_less_than_so_many_traces_can_tell(traces: int, least: float) -> None:
    costs = np.arange(traces) + 20.0
    assert plain(costs, costs + 5, costs + 7.5).p_value(0, 2) == least
    assert mean_interval(costs).p_value >= least


def test_of_three_traces_no_headline_has_a_winner() -> None:
    found = Comparison((costing(np.array([10.0, 11.0, 12.0]), name="low"), costing(np.array([30.0, 31.5, 33.0]), name="high")))
    assert (
        "none of the 2 agents at autonomous_silo is clearly the cheapest: autonomous_silo with low costs least"
        in found.headline
    )
    assert found.headline.endswith("3 different traces are too few to tell anything apart.")
    assert found.sign(found.results[1]) == 0


def test_methods_that_are_the_same_on_every_trace_do_not_differ() -> None:
    costs = 20 + noise(4)
    assert plain(costs, costs, costs + 1e-13).p_value(0, 2) == 1.0


def test_an_interval_for_all_pairs_excludes_nothing_where_the_chance_is_too_large_and_else_nothing_less() -> None:
    rows = [100 + noise(seed) + 0.11 * seed for seed in range(8)]
    together = plain(*rows)
    for one in range(8):
        for other in range(one):
            interval = together.widened(mean_interval(rows[one] - rows[other]))
            assert interval.excludes(0) == (together.p_value(one, other) < 1 - CONFIDENCE)


def test_intervals_of_all_pairs_hold_at_once_in_nineteen_tables_of_twenty(few_arrangements: None) -> None:
    shifts, wrong = np.linspace(0, 3, 4), 0
    for costs in tables(150, 4, 30, seed=5) + shifts[:, None]:
        together = plain(*costs)
        pairs = [(one, other) for one in range(4) for other in range(one)]
        held = (
            not together.widened(mean_interval(costs[one] - costs[other])).excludes(shifts[one] - shifts[other])
            for one, other in pairs
        )
        wrong += not all(held)
    assert wrong <= at_most(1 - CONFIDENCE, 150)


def test_a_learner_of_two_seeds_does_not_blur_what_rules_have_come_to() -> None:
    common = 100 + 10 * noise(6)
    learnt = np.stack([common + noise(7) - 3, common + noise(8) + 1])
    found = Family(((common + noise(9))[None], (common + 2 + noise(10))[None], learnt))
    assert found.p_value(0, 1) < 0.001
    assert found.p_value(0, 2) > 0.3


def test_equal_learners_are_called_unequal_in_one_table_of_twenty(few_arrangements: None) -> None:
    generator, wrong = np.random.default_rng(11), 0
    for _ in range(200):
        common = generator.normal(100, 10, 40)
        rows = [common + generator.normal(0, 1, (4, 1)) + generator.normal(0, 1, (4, 40)) for _ in range(3)]
        means = [row.mean() for row in rows]
        together = Family(tuple(rows))
        wrong += together.p_value(int(np.argmin(means)), int(np.argmax(means))) < 1 - CONFIDENCE
    assert wrong <= at_most(1 - CONFIDENCE, 200)
