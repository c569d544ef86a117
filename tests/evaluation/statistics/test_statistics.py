from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats

from orderup.evaluation.statistics.statistics import (
    Interval,
    bootstrap_interval,
    cvar,
    holm,
    mean_interval,
    paired_difference,
    ratio,
    resampled_means,
    weighted_cvar,
)


def quotient(means: Any) -> Any:
    return ratio(means[..., :1], means[..., 1:])


def samples(seed: int, size: int = 40) -> Any:
    return np.random.default_rng(seed).gamma(2.0, 3.0, (size, 2))


def test_a_mean_of_four_has_the_interval_worked_by_hand() -> None:
    # 1, 3, 5, 7: mean 4, s² = 20/3, standard error √(5/3); t of 3 degrees of freedom at 97.5 % is 3.18245
    found = mean_interval([1, 3, 5, 7])
    assert found.estimate == 4
    assert found.high - 4 == pytest.approx(3.18245 * math.sqrt(5 / 3), rel=1e-5)
    assert 4 - found.low == pytest.approx(found.half_width)


def test_a_mean_has_the_interval_of_a_t_test() -> None:
    values = samples(1)[:, 0]
    expected = scipy.stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    found = mean_interval(values)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_a_paired_difference_has_the_interval_of_a_paired_t_test() -> None:
    one, other = samples(2).T
    expected = scipy.stats.ttest_rel(one, other).confidence_interval(0.95)
    found = paired_difference(one, other)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_pairing_takes_out_what_is_common() -> None:
    common = 100 * samples(3)[:, 0]
    found = paired_difference(common + 1.5, common)
    assert found.estimate == pytest.approx(1.5)
    assert found.half_width < 1e-10


def test_episodes_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_difference([1, 2], [1, 2, 3])


def test_a_95_percent_interval_covers_the_truth_that_often() -> None:
    generator, runs = np.random.default_rng(4), 2000
    covered = sum(not mean_interval(generator.normal(5, 2, 8)).excludes(5) for _ in range(runs))
    low, high = scipy.stats.binom.interval(0.999, runs, 0.95)
    assert low <= covered <= high


def test_a_bootstrap_of_a_quotient_is_that_of_scipy() -> None:
    columns = samples(5, 60)
    (found,) = bootstrap_interval(columns, quotient, resamples=20_000)
    expected = scipy.stats.bootstrap(
        (columns[:, 0], columns[:, 1]),
        lambda x, y, axis: x.mean(axis=axis) / y.mean(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20_000,
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert found.estimate == pytest.approx(columns[:, 0].sum() / columns[:, 1].sum())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.01)


def test_a_bootstrap_of_a_mean_is_nearly_students_interval() -> None:
    values = np.random.default_rng(6).normal(10, 2, (400, 1))
    (found,) = bootstrap_interval(values, lambda means: means, resamples=10_000)
    expected = mean_interval(values[:, 0])
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.003)


def test_resampled_means_are_the_same_whatever_fits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = samples(7)
    whole = resampled_means(columns, 50)
    monkeypatch.setattr("orderup.evaluation.statistics.statistics.LARGEST", 120)
    np.testing.assert_allclose(resampled_means(columns, 50), whole)


def test_one_episode_tells_nothing_of_its_spread() -> None:
    for found in (mean_interval([3.0]), *bootstrap_interval([[3.0, 1.0]], quotient)):
        assert found.estimate == 3
        assert math.isnan(found.low)
        assert math.isnan(found.half_width)
        assert not found.excludes(0)


def test_a_quotient_by_nothing_is_not_a_number() -> None:
    assert math.isnan(ratio(1.0, 0.0))
    (found,) = bootstrap_interval([[1.0, 0.0], [2.0, 0.0]], quotient)
    assert math.isnan(found.estimate)
    assert math.isnan(found.low)


def test_an_interval_excludes_what_is_outside_it() -> None:
    assert Interval(1, 0.5, 1.5).excludes(0)
    assert Interval(-1, -1.5, -0.5).excludes(0)
    assert not Interval(1, -0.5, 2.5).excludes(0)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3.5), (0.75, 4.0), (0.95, 4.0), (0.625, 11 / 3), (0.0, 2.5)])
def test_cvar_is_the_mean_of_the_worst_with_the_last_counted_in_part(share: float, expected: float) -> None:
    assert cvar([3.0, 1.0, 4.0, 2.0], share) == pytest.approx(expected)


def test_weights_are_what_resampling_counts() -> None:
    costs = samples(8)[:, 0]
    picked = np.random.default_rng(9).integers(40, size=(20, 40))
    weights = np.array([np.bincount(row, minlength=40) for row in picked]) / 40
    expected = [cvar(costs[row], 0.9) for row in picked]
    assert weighted_cvar(costs, weights, 0.9) == pytest.approx(expected)


def test_holms_correction_is_that_worked_by_hand() -> None:
    # sorted .005, .01, .03, .04 times 4, 3, 2, 1 is .02, .03, .06, .04; nobody falls below who stands before
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]).size == 0


def test_an_unknown_p_value_is_no_comparison() -> None:
    assert holm([0.04, math.nan, 0.02]) == pytest.approx([0.04, math.nan, 0.04], nan_ok=True)


def test_holms_correction_finds_something_where_nothing_is_in_one_table_of_twenty() -> None:
    p_values = np.random.default_rng(10).uniform(size=(4000, 8))
    wrong = sum(bool((holm(row) < 0.05).any()) for row in p_values)
    low, high = scipy.stats.binom.interval(0.999, 4000, 0.05)
    assert low <= wrong <= high


def test_the_p_value_of_a_paired_difference_is_that_of_a_paired_t_test() -> None:
    one, other = samples(11).T
    assert paired_difference(one, other).p_value == pytest.approx(scipy.stats.ttest_rel(one, other).pvalue)
    assert paired_difference(one, one).p_value == 1
    assert paired_difference(one + 1, one).p_value == pytest.approx(0, abs=1e-9)
    assert math.isnan(mean_interval([3.0]).p_value)
