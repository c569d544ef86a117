"""The product limit by hand, against scipy, and on sales at known levels of stock."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from orderup.agents.sales.product_limit import ProductLimit

LAW = np.array(5.0), np.array(2.0)


def test_the_estimate_is_the_one_worked_out_by_hand() -> None:
    """Of six at risk one is at 1, one of five at 2, one of three at 4 (3 was exceeded), the last, at 6, was exceeded."""
    seen = ProductLimit.of(np.array([4.0, 1, 3, 6, 2, 5]), np.array([False, False, True, True, False, True]))
    np.testing.assert_array_equal(seen.values, [1, 2, 3, 4, 5, 6])
    np.testing.assert_allclose(seen.survival, [5 / 6, 4 / 6, 4 / 6, 4 / 9, 4 / 9, 4 / 9])
    assert seen.quantile(np.array(0.3), *LAW) == 2
    assert seen.quantile(np.array(0.55), *LAW) == 4
    beyond = stats.truncnorm((6 - 5) / 2, np.inf, 5, 2)
    assert seen.mean(*LAW) == pytest.approx(1 / 6 + 2 / 6 + 4 * 2 / 9 + beyond.mean() * 4 / 9)
    assert seen.quantile(np.array(0.8), *LAW) == pytest.approx(beyond.ppf(1 - 0.2 / (4 / 9)))


def test_the_estimate_is_scipys() -> None:
    generator = np.random.default_rng(3)
    values, exceeded = generator.integers(1, 12, (40, 2, 3)).astype(float), generator.random((40, 2, 3)) < 0.4
    seen = ProductLimit.of(values, exceeded)
    for one in np.ndindex(2, 3):
        series = (slice(None), *one)
        told = stats.CensoredData(uncensored=values[series][~exceeded[series]], right=values[series][exceeded[series]])
        theirs = stats.ecdf(told).sf
        last = [np.flatnonzero(seen.values[series] == value)[-1] for value in theirs.quantiles]
        np.testing.assert_allclose(seen.survival[series][last], theirs.probabilities, atol=1e-12)


def test_all_known_it_is_the_empirical_distribution() -> None:
    values = np.random.default_rng(0).normal(5, 2, 25)
    seen = ProductLimit.of(values, np.zeros(25, dtype=bool))
    np.testing.assert_allclose(seen.survival, 1 - np.arange(1, 26) / 25, atol=1e-12)
    assert seen.mean(*LAW) == pytest.approx(values.mean())
    assert seen.quantile(np.array(0.8), *LAW) == np.sort(values)[19]


def test_sales_at_changing_stock_give_the_demands_own_quantiles() -> None:
    generator = np.random.default_rng(1)
    demand, stock = generator.poisson(5, (20_000, 1)), generator.integers(3, 12, (20_000, 1))
    sold, ran_out = np.minimum(demand, stock).astype(float), demand >= stock
    seen = ProductLimit.of(sold - 0.5 * ran_out, ran_out)
    for chance in (0.3, 0.5, 0.8, 0.95):
        assert seen.quantile(np.array(chance), *LAW) == stats.poisson(5).ppf(chance)
    assert seen.mean(*LAW) == pytest.approx(5, abs=0.05)
    assert np.quantile(sold, 0.8) < stats.poisson(5).ppf(0.8)


def test_what_always_runs_out_is_not_taken_for_all_that_could_be_sold() -> None:
    seen = ProductLimit.of(np.full(10, 3.0), np.ones(10, dtype=bool))
    assert seen.quantile(np.array(0.8), *LAW) == pytest.approx(stats.truncnorm(-1, np.inf, 5, 2).ppf(0.8))
    assert seen.mean(*LAW) == pytest.approx(stats.truncnorm(-1, np.inf, 5, 2).mean())
