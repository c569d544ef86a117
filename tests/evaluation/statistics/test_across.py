from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from orderup.evaluation.statistics.across import (
    across_interval,
    interquartile_mean,
    normalised,
    performance_profile,
    probability_of_improvement,
)

GENERATOR = np.random.default_rng(0)
SCORES = GENERATOR.normal(0.5, 0.3, (10, 4))
OTHERS = np.round(GENERATOR.normal(0.4, 0.3, (7, 4)), 1)


def test_the_interquartile_mean_is_scipys_trimmed_mean() -> None:
    for size in range(1, 14):
        values = SCORES.ravel()[:size]
        assert interquartile_mean(values) == pytest.approx(scipy.stats.trim_mean(values, 0.25))


def test_an_outlier_does_not_move_the_interquartile_mean() -> None:
    assert interquartile_mean([0.0, 1.0, 2.0, 1e9]) == interquartile_mean([0.0, 1.0, 2.0, 3.0]) == 1.5


def test_the_probability_of_improvement_is_mann_whitneys_statistic() -> None:
    rounded = np.round(SCORES, 1)  # so that there are ties
    expected = [scipy.stats.mannwhitneyu(rounded[:, task], OTHERS[:, task]).statistic / 70 for task in range(4)]
    assert probability_of_improvement(rounded, OTHERS) == pytest.approx(np.mean(expected))
    assert probability_of_improvement(OTHERS, rounded) == pytest.approx(1 - np.mean(expected))


def test_a_performance_profile_is_one_less_the_distribution_of_scores() -> None:
    thresholds = np.linspace(-1, 2, 31)
    expected = 1 - scipy.stats.ecdf(SCORES.ravel()).cdf.evaluate(thresholds)
    assert performance_profile(SCORES, thresholds) == pytest.approx(expected)


def test_scores_are_nothing_for_a_simple_rule_and_one_for_the_best() -> None:
    assert normalised([[10.0, 20.0], [8.0, 18.0], [11.0, 19.0]], [10.0, 20.0], [8.0, 18.0]).tolist() == [
        [0, 0],
        [1, 1],
        [-0.5, 0.5],
    ]
    assert math.isnan(normalised(5.0, 5.0, 5.0))


def test_an_interval_across_tasks_draws_seeds_within_each() -> None:
    far_apart = np.array([[0.0, 100.0], [0.0, 100.0], [0.0, 100.0]])
    found = across_interval(far_apart, lambda runs: float(runs.mean()))
    assert (found.low, found.estimate, found.high) == (50, 50, 50)
    assert math.isnan(across_interval(far_apart[:1]).low)


def test_an_interval_across_tasks_is_nearly_that_of_a_stratified_mean() -> None:
    found = across_interval(SCORES, lambda runs: float(runs.mean()), resamples=4000)
    error = np.sqrt((SCORES.var(axis=0) / len(SCORES)).sum()) / 4
    assert found.half_width == pytest.approx(1.96 * error, rel=0.05)
