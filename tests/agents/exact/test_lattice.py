from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import on_lattice
from orderup.envs.demand.distribution import DiscreteDistribution
from orderup.envs.foundation.errors import InputError


@pytest.mark.parametrize("periods", [1, 2, 7, 40])
def test_a_poisson_sum_is_poisson(periods: int) -> None:
    total = on_lattice(stats.poisson(8)).sum(periods)
    np.testing.assert_allclose(total.probability, stats.poisson(8 * periods).pmf(total.values), atol=2e-12)
    assert total.probability.sum() == pytest.approx(1, abs=1e-13)


def test_a_normal_sum_keeps_mean_and_deviation() -> None:
    total = on_lattice(stats.norm(5, 1)).sum(4)
    assert total.mean() == pytest.approx(20, abs=1e-9)
    assert total.std() == pytest.approx(2, abs=1e-6)
    assert total.ppf(0.9) == pytest.approx(stats.norm(20, 2).ppf(0.9), abs=1e-3)


def test_a_quantile_is_the_smallest_point_that_reaches_it() -> None:
    held, book = on_lattice(stats.nbinom(3, 0.2)), stats.nbinom(3, 0.2)
    chances = np.linspace(0.001, 0.999, 999)
    np.testing.assert_array_equal(held.ppf(chances), book.ppf(chances))
    np.testing.assert_array_equal(held.ppf(held.cdf(held.values[:-1])), held.values[:-1])


def test_probabilities_are_zero_off_the_lattice() -> None:
    np.testing.assert_allclose(on_lattice(stats.poisson(2)).pmf([-1, 0, 0.5, 1, 400]), [0, np.exp(-2), 0, 2 * np.exp(-2), 0])


def test_atoms_that_are_no_whole_units_keep_their_probabilities() -> None:
    held = on_lattice(DiscreteDistribution(np.array([[0.5], [1.75], [3.0]]), np.array([[0.2], [0.5], [0.3]])), step=0.25)
    np.testing.assert_allclose(held.pmf([0.5, 1.75, 2.0, 3.0]), [0.2, 0.5, 0, 0.3])


def test_one_product_in_an_array_is_taken_as_it_is() -> None:
    np.testing.assert_array_equal(
        on_lattice(stats.poisson(np.array([8.0]))).probability, on_lattice(stats.poisson(8.0)).probability
    )


@pytest.mark.parametrize(
    ("demand", "step"),
    [
        pytest.param(stats.poisson(np.array([3.0, 4.0])), None, id="two products"),
        pytest.param(stats.pareto(1.5), None, id="endless tail"),
        pytest.param(stats.nbinom(1e-3, 1e-9), None, id="heavy tail"),
        pytest.param(stats.norm(5, 1), -0.1, id="negative step"),
    ],
)
def test_what_does_not_fit_a_lattice_is_refused(demand: Any, step: float | None) -> None:
    with pytest.raises(InputError):
        on_lattice(demand, step)
