"""What the demand of some periods may come to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from orderup.envs.demand.distribution import DiscreteDistribution, NormalDistribution, running_sums


def test_the_normal_is_scipys() -> None:
    ours, theirs = NormalDistribution([5.0, 20.0], [1.0, 8.0]), stats.norm([5.0, 20.0], [1.0, 8.0])
    for q in (0.9, [0.1, 0.975], [[0.5], [0.7]]):
        assert ours.ppf(q) == pytest.approx(theirs.ppf(q))
    for x in (6.0, [4.0, 30.0]):
        assert ours.cdf(x) == pytest.approx(theirs.cdf(x))
    assert (ours.mean() == theirs.mean()).all()
    assert (ours.std() == theirs.std()).all()


def test_without_deviation_the_amount_is_certain() -> None:
    certain = NormalDistribution([10.0, 10.0], [0.0, 1.0])
    for q in (0.0, 0.3, 1.0):
        assert certain.ppf(q)[0] == 10
    assert certain.cdf([9.999, 10])[0] == 0
    assert certain.cdf([10, 10]).tolist() == [1, 0.5]


def test_discrete_values_behave_like_scipys() -> None:
    values, chances = np.arange(41.0)[:, None], stats.binom([40, 40], [0.3, 0.5]).pmf(np.arange(41.0)[:, None])
    ours, theirs = DiscreteDistribution(values, chances), stats.binom([40, 40], [0.3, 0.5])
    for q in (0.9, [0.01, 0.99], [[0.5], [0.7]], 0.9999):
        assert ours.ppf(q) == pytest.approx(theirs.ppf(q))
    for x in (12, [11.5, 20], [[3], [60]], -1):
        assert ours.cdf(x) == pytest.approx(theirs.cdf(x))
    assert ours.mean() == pytest.approx(theirs.mean())
    assert ours.std() == pytest.approx(theirs.std())


def test_of_ten_samples_the_ninth_reaches_nine_tenths() -> None:
    samples = np.stack([np.arange(10)[::-1], np.arange(10) * 10], axis=1).astype(float)
    found = DiscreteDistribution.of_samples(samples)
    assert found.ppf(0.9).tolist() == [8, 80]
    assert found.ppf(0.9001).tolist() == [9, 90]
    assert found.cdf(8).tolist() == pytest.approx([0.9, 0.1])


@pytest.mark.parametrize("periods", [1, 2, 3, 4, 7])
def test_running_sums_go_round(periods: int) -> None:
    series = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 50.0]])
    expected = [[series[[(start + k) % 3 for k in range(periods)], j].sum() for j in range(2)] for start in range(3)]
    assert running_sums(series, periods).tolist() == expected
