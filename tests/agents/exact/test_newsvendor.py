from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import newsvendor, newsvendor_cost, on_lattice
from orderup.envs.demand.distribution import DiscreteDistribution
from orderup.envs.foundation.errors import InputError


@pytest.mark.parametrize(("lead_time", "level", "cost"), [(0, 14, 5.8694), (2, 37, 9.9532), (4, 59, 12.7591)])
def test_poisson_levels_and_costs_are_the_textbooks(lead_time: int, level: float, cost: float) -> None:
    found = newsvendor(1, 9, stats.poisson(10 * (lead_time + 1)))
    assert found[0] == level
    assert found[1] == pytest.approx(cost, abs=5e-5)


def test_the_normal_example_is_the_textbooks() -> None:
    level, cost = newsvendor(0.18, 0.70, stats.norm(50, 8))
    assert level == pytest.approx(56.604, abs=5e-4)
    assert cost == pytest.approx(1.9976, abs=5e-5)
    z = stats.norm.ppf(0.70 / 0.88)
    assert cost == pytest.approx(0.88 * stats.norm.pdf(z) * 8, rel=1e-12)


def test_two_periods_of_latency_cost_28_percent() -> None:
    prompt, late = (newsvendor(1, 9, stats.poisson(10 * periods))[1] for periods in (3, 5))
    assert late / prompt - 1 == pytest.approx(0.282, abs=5e-4)


@pytest.mark.parametrize("level", [-3.0, 0.0, 7.0, 10.5, 14.0, 60.0])
@pytest.mark.parametrize("demand", [stats.poisson(10), stats.nbinom(2, 0.2), stats.randint(3, 9)])
def test_a_discrete_cost_is_the_sum_over_all_demands(demand: Any, level: float) -> None:
    d = np.arange(400)
    by_hand = demand.pmf(d) @ (2 * np.maximum(level - d, 0) + 5 * np.maximum(d - level, 0))
    assert newsvendor_cost(2, 5, demand, level) == pytest.approx(by_hand, rel=1e-10)


@pytest.mark.parametrize("shape", [0.3, 1.0, 7.5])
def test_a_gamma_cost_is_its_closed_form(shape: float) -> None:
    level, longer = 1.7 * shape, stats.gamma(shape + 1)
    shortfall = shape * longer.sf(level) - level * stats.gamma(shape).sf(level)
    by_hand = 2 * (level - shape + shortfall) + 5 * shortfall
    assert newsvendor_cost(2, 5, stats.gamma(shape), level) == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("demand", [stats.poisson(3.7), stats.nbinom(2, 0.2), stats.norm(50, 8), stats.lognorm(0.6)])
@pytest.mark.parametrize("shortage", [0.5, 9, 200])
def test_no_other_level_is_cheaper(demand: Any, shortage: float) -> None:
    level, cost = newsvendor(1, shortage, demand)
    others = level + np.array([-2.0, -1.0, -0.1, 0.1, 1.0, 2.0])
    assert np.all(newsvendor_cost(1, shortage, demand, others) >= cost * (1 - 1e-9))


def test_products_side_by_side_are_each_one_alone() -> None:
    means, holding = np.array([3.0, 10.0, 47.5]), np.array([1.0, 0.5, 2.0])
    levels, costs = newsvendor(holding, 9, stats.poisson(means))
    for k in range(3):
        level, cost = newsvendor(holding[k], 9, stats.poisson(means[k]))
        assert levels[k] == level
        assert costs[k] == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(
        newsvendor(1, 9, stats.norm(means, 1))[1], [newsvendor(1, 9, stats.norm(mean, 1))[1] for mean in means], rtol=1e-10
    )


def test_any_sum_on_a_lattice_is_a_demand() -> None:
    assert newsvendor(1, 9, on_lattice(stats.poisson(10)).sum(3)) == pytest.approx((37.0, 9.9532), abs=5e-5)
    assert newsvendor(0.18, 0.70, on_lattice(stats.norm(50, 8), step=0.001)) == pytest.approx((56.604, 1.9976), abs=1e-3)


def test_recorded_demand_of_two_products_is_summed_exactly() -> None:
    samples = np.random.default_rng(0).poisson([4, 20], (50, 2)).astype(float)
    levels, costs = newsvendor(1, 9, DiscreteDistribution.of_samples(samples))
    by_hand = np.where(samples < levels, levels - samples, 9 * (samples - levels)).mean(axis=0)
    np.testing.assert_allclose(costs, by_hand)
    assert np.all((samples <= levels).mean(axis=0) >= 0.9)
    assert np.all((samples <= levels - 1).mean(axis=0) < 0.9)


@pytest.mark.parametrize(("holding", "shortage"), [(0, 9), (1, -1), ([1, 0], 9)])
def test_rates_that_are_not_positive_are_refused(holding: Any, shortage: Any) -> None:
    with pytest.raises(InputError, match="positive"):
        newsvendor(holding, shortage, stats.poisson(10))
