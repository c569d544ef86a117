from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats

from orderup.evaluation.statistics.statistics import bootstrap_interval, cvar, mean_interval, ratio
from orderup.evaluation.statistics.two_level import two_level_cvar, two_level_intervals


def mean(means: Any) -> Any:
    return means


def less(means: Any) -> Any:
    return means[..., :1] - means[..., 1:]


def method(generator: Any, seeds: int, episodes: int, seed_spread: float, shared: Any = None, noise: float = 1.0) -> Any:
    """Costs (S, E, 1) about 0: of each seed, of each trace (which methods share), and of both together."""
    common = generator.normal(0, 1, episodes) if shared is None else shared
    own = generator.normal(0, seed_spread, (seeds, 1))
    return (own + common + generator.normal(0, noise, (seeds, episodes)))[:, :, None]


def test_two_seeds_on_equal_traces_have_the_spread_worked_by_hand() -> None:
    # Seeds 0 and 2 on every trace. Drawn with replacement the mean is 0, 1, 2 with 1/4, 1/2, 1/4; its deviations from 1 are
    # stretched by √2. Only seeds vary, so there is 1 degree of freedom: t is 12.706 and the normal quantile 1.95996.
    rows = np.stack([np.zeros((6, 1)), np.full((6, 1), 2.0)])
    (found,) = two_level_intervals([rows], mean)
    assert found.estimate == 1
    assert found.freedom == pytest.approx(1)
    assert found.high - 1 == pytest.approx(math.sqrt(2) * 12.7062 / 1.959964, rel=1e-4)
    assert 1 - found.low == pytest.approx(found.high - 1)


def test_with_one_seed_it_is_the_bootstrap_over_traces_with_students_quantile() -> None:
    rows = np.random.default_rng(1).gamma(2.0, 3.0, (1, 40, 2))
    (found,) = two_level_intervals([rows], lambda means: ratio(means[..., :1], means[..., 1:]))
    (plain,) = bootstrap_interval(rows[0], lambda means: ratio(means[..., :1], means[..., 1:]))
    stretch = scipy.stats.t.ppf(0.975, 39) / scipy.stats.norm.ppf(0.975)
    assert found.freedom == pytest.approx(39)
    assert found.high - found.estimate == pytest.approx(stretch * (plain.high - plain.estimate))


def test_seeds_that_do_the_same_add_nothing_to_the_spread_over_traces() -> None:
    row = np.random.default_rng(2).normal(5, 1, (1, 200, 1))
    (found,) = two_level_intervals([np.repeat(row, 5, axis=0)], mean, resamples=4000)
    expected = mean_interval(row.ravel())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.005)


def test_what_methods_owe_to_their_common_traces_cancels() -> None:
    generator = np.random.default_rng(3)
    traces = 100 * generator.normal(size=300)
    one, other = (method(generator, 4, 300, 0.0, traces, noise=0.1) for _ in range(2))
    (paired,) = two_level_intervals([one, other], less)
    assert paired.half_width < 0.1
    assert two_level_intervals([one], mean)[0].half_width > 5


@pytest.mark.parametrize(("seeds", "seed_spread"), [(3, 1.0), (5, 1.0), (5, 0.1), (10, 1.0)])
def test_a_95_percent_interval_covers_the_truth_that_often_or_more(seeds: int, seed_spread: float) -> None:
    generator, runs = np.random.default_rng(4), 400
    covered = sum(
        not two_level_intervals([method(generator, seeds, 60, seed_spread)], mean, resamples=300)[0].excludes(0)
        for _ in range(runs)
    )
    assert covered >= scipy.stats.binom.ppf(0.001, runs, 0.95)


def test_the_difference_of_two_learners_covers_zero_that_often_or_more() -> None:
    generator, runs, covered = np.random.default_rng(5), 300, 0
    for _ in range(runs):
        traces = 5 * generator.normal(size=60)
        pair = [method(generator, 5, 60, 1.0, traces) for _ in range(2)]
        covered += not two_level_intervals(pair, less, resamples=300)[0].excludes(0)
    assert covered >= scipy.stats.binom.ppf(0.001, runs, 0.95)


def test_pooling_seeds_as_if_they_were_traces_would_cover_the_truth_far_too_rarely() -> None:
    generator, runs = np.random.default_rng(6), 200
    covered = sum(not mean_interval(method(generator, 5, 60, 1.0).ravel()).excludes(0) for _ in range(runs))
    assert covered < 0.6 * runs


def test_the_worst_episodes_are_those_of_each_seed() -> None:
    costs = np.random.default_rng(7).gamma(2.0, 3.0, (4, 100))
    found = two_level_cvar(costs)
    assert found.estimate == pytest.approx(np.mean([cvar(row) for row in costs]))
    assert found.low < found.estimate < found.high


def test_one_trace_tells_nothing_of_the_spread() -> None:
    (found,) = two_level_intervals([np.ones((3, 1, 1))], mean)
    assert math.isnan(found.low)


def test_methods_on_other_traces_are_refused() -> None:
    with pytest.raises(ValueError, match="different traces"):
        two_level_intervals([np.ones((3, 4, 1)), np.ones((3, 5, 1))], less)
