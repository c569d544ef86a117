"""What is to be expected of a demand of at least so much, against the law itself, and on average whatever was in stock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.sales.beyond import moments_beyond

Floats = NDArray[np.float64]
MANY = 200_000
COUNTS = {
    "poisson 5": stats.poisson(5),
    "poisson 0.3": stats.poisson(0.3),
    "poisson 1000": stats.poisson(1000),
    "negative binomial": stats.nbinom(12, 1 / 3),
    "geometric": stats.nbinom(1, 0.2),
}


def moments(least: Any, law: Any, whole: bool) -> tuple[Floats, Floats]:
    return moments_beyond(np.asarray(least, float), np.array(law.mean()), np.array(law.std()), np.array(whole))


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_those_of_the_law(name: str) -> None:
    law = COUNTS[name]
    values = np.arange(int(law.ppf(1 - 1e-14)) + 50)
    for least in (0, 1, *law.ppf([0.3, 0.7, 0.99]).astype(int)):
        there = values >= least
        chance = law.pmf(values) * there / law.sf(least - 1)
        mean = (chance * values).sum()
        found, variance = moments(least, law, True)
        assert found == pytest.approx(mean, rel=1e-5)
        assert variance == pytest.approx((chance * (values - mean) ** 2).sum(), rel=1e-3)


@pytest.mark.parametrize("least", [20.0, 90.0, 100.0, 130.0, 400.0])
def test_normal_demand_is_cut_as_scipy_cuts_it(least: float) -> None:
    law = stats.norm(100, 25)
    mean, variance = moments(least, law, False)
    cut = stats.truncnorm((least - 100) / 25, np.inf, 100, 25)
    assert mean == pytest.approx(cut.mean(), rel=1e-6)
    assert variance == pytest.approx(cut.var(), rel=1e-3)


@pytest.mark.parametrize("law", [stats.poisson(5), stats.nbinom(10, 0.5), stats.norm(100, 25)], ids=["poisson", "nb", "normal"])
@pytest.mark.parametrize("chance", [0.2, 0.6, 0.95])
def test_the_mean_is_right_on_average_whatever_is_in_stock(law: Any, chance: float) -> None:
    stock, whole = law.ppf(chance), not isinstance(law.dist, stats.rv_continuous)
    demand = law.rvs(MANY, random_state=np.random.default_rng(5))
    sales, exceeded = np.minimum(demand, stock), demand >= stock
    told = np.where(exceeded, moments(sales, law, whole)[0], sales)
    error = 4 * law.std() / np.sqrt(MANY)
    assert told.mean() == pytest.approx(law.mean(), abs=error)
    assert chance > 0.9 or sales.mean() < law.mean() - 4 * error


def test_certain_demand_and_sales_of_nothing_tell_nothing_more() -> None:
    sure = moments_beyond(np.array([3.0, 8.0]), np.array(5.0), np.array(0.0), np.array(False))
    np.testing.assert_allclose(sure[0], [5, 8], atol=1e-4)
    mean, variance = moments(0.0, stats.poisson(5), True)
    assert mean == pytest.approx(5)
    assert variance == pytest.approx(5)


def test_no_sale_is_too_large_to_be_exceeded() -> None:
    for whole in (True, False):
        mean, variance = moments_beyond(np.array([1e4]), np.array(5.0), np.array(5.0**0.5), np.array(whole))
        assert 1e4 <= mean.item() < 1e4 + 10
        assert np.isfinite(variance).all()
