"""Uniforms into values of discrete distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.inverse_cdf import QuantileTable
from orderup.envs.numerics.philox import uniforms

MEANS = np.array([[0.0], [0.01], [0.7], [5.0], [10.0], [80.0], [3000.0]])
FAMILIES = {
    "poisson": stats.poisson(MEANS),
    "negative binomial": stats.nbinom(np.maximum(MEANS, 0.1) / 2, 1 / 3),
    "geometric": stats.nbinom(1, 1 / (1 + np.minimum(MEANS, 200))),
    "binomial": stats.binom(50, MEANS / 5000),
}


def draw(count: int, episodes: int) -> Any:
    return uniforms(1, [f"n{number}" for number in range(count)], np.arange(episodes), 6)


@pytest.mark.parametrize("family", FAMILIES)
def test_values_are_scipys_quantiles(family: str) -> None:
    distribution, values = FAMILIES[family], draw(len(MEANS), 3000)
    assert (QuantileTable.of(distribution)(values) == distribution.ppf(values)).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_numpy_and_pytorch_agree(family: str) -> None:
    table, values = QuantileTable.of(FAMILIES[family]), draw(len(MEANS), 3000)
    found = table(torch.from_numpy(values))
    assert isinstance(found, torch.Tensor)
    assert (found.numpy() == table(values)).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_uniforms_may_lie_in_memory_in_any_order(family: str) -> None:
    table, values = QuantileTable.of(FAMILIES[family]), draw(len(MEANS), 3000)
    assert (table(np.asfortranarray(values)) == table(values)).all()
    assert (table(values[::-2, :, ::-3]) == table(values)[::-2, :, ::-3]).all()


def test_a_single_distribution_and_a_single_episode_agree_with_many() -> None:
    values = draw(len(MEANS), 40)
    together = QuantileTable.of(stats.poisson(MEANS))(values)
    for k, mean in enumerate(MEANS):
        alone = QuantileTable.of(stats.poisson(mean[None]))
        assert (alone(values[:, k : k + 1, 7:8]) == together[:, k : k + 1, 7:8]).all()


def test_hundreds_of_distributions_share_a_smaller_table() -> None:
    means = np.linspace(0.1, 300, 600)[:, None]
    values = draw(600, 5)
    assert (QuantileTable.of(stats.poisson(means))(values) == stats.poisson(means).ppf(values)).all()


def test_a_step_itself_still_has_the_lower_value() -> None:
    cdf = stats.poisson(20).cdf(np.arange(70))
    table = QuantileTable(cdf[None], np.zeros(1))
    at, above = cdf[:40, None, None], np.nextafter(cdf[:40], 1)[:, None, None]
    assert (table(at)[:, 0, 0] == np.arange(40)).all()
    assert (table(above)[:, 0, 0] == np.arange(1, 41)).all()


def test_the_ends_of_the_unit_interval_have_the_first_and_the_last_value() -> None:
    table = QuantileTable(np.array([[0.2, 0.7, 1.0], [0.5, 1.0, 1.0]]), np.array([-4.0, 10.0]))
    ends = np.array([0.0, 1.0])[:, None, None].repeat(2, axis=1)
    assert table(ends)[:, :, 0].tolist() == [[-4.0, 10.0], [-2.0, 11.0]]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.lists(st.floats(0, 1), min_size=1, max_size=20), st.booleans())
def test_any_distribution_is_searched_right(weights: list[float], where: list[float], steep: bool) -> None:
    """Steep ones crowd nearly all their steps into one cell."""
    weight = np.array([*weights, 1e4 if steep else 0.5])
    cdf = np.cumsum(weight) / weight.sum()
    cdf[-1] = 1.0
    values = np.array([*where, *cdf, *np.nextafter(cdf, 0)])
    found = QuantileTable(cdf[None], np.array([3.0]))(values[:, None, None])[:, 0, 0]
    assert (found == 3 + np.searchsorted(cdf, values)).all()


def test_what_spreads_too_far_to_tabulate_is_refused() -> None:
    with pytest.raises(InputError, match="possible values"):
        QuantileTable.of(stats.nbinom(1, np.array([[1e-7]])))
