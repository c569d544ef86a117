"""What a few quantiles say of a distribution."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import gamma, norm

from orderup.envs.forecasts.headings import quantile_columns
from orderup.envs.forecasts.quantiles import Levels


def test_two_quantiles_of_a_normal_distribution_tell_all_of_it() -> None:
    levels = Levels((0.2, 0.7))
    quantiles = norm.ppf(np.array(levels.levels), 40.0, 6.0)
    assert levels.mean(quantiles[:, None]) == pytest.approx(40.0)
    assert levels.variance(quantiles[:, None]) == pytest.approx(36.0)
    assert levels.weights(0.995) @ quantiles == pytest.approx(norm.ppf(0.995, 40.0, 6.0))


def test_its_moments_are_those_of_the_quantile_function_itself() -> None:
    levels = Levels((0.1, 0.25, 0.5, 0.8, 0.95))
    quantiles = gamma.ppf(np.array(levels.levels), 2.0, scale=5.0)
    drawn = levels.weights((np.arange(400_000) + 0.5) / 400_000).T @ quantiles
    assert levels.mean(quantiles[:, None])[0] == pytest.approx(drawn.mean(), rel=1e-4)
    assert levels.variance(quantiles[:, None])[0] == pytest.approx(drawn.var(), rel=1e-3)


def test_at_a_level_that_is_given_the_quantile_is_the_given_one() -> None:
    levels = Levels((0.1, 0.5, 0.9))
    assert levels.weights(np.array([0.1, 0.5, 0.9])) == pytest.approx(np.eye(3))


def test_pytorch_has_the_same_moments() -> None:
    levels, quantiles = Levels((0.1, 0.5, 0.9)), np.array([[2.0, 1.0], [5.0, 3.0], [9.0, 3.0]])
    for moment in (levels.mean, levels.variance):
        assert moment(torch.as_tensor(quantiles)).numpy() == pytest.approx(moment(quantiles))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["ds", "AutoETS", "AutoETS-lo-80", "AutoETS-hi-80"], {"AutoETS": [0.1, 0.9]}),
        (["ds", "NHITS-median", "NHITS-lo-90.0", "NHITS-hi-90.0"], {"NHITS": [0.5, 0.05, 0.95]}),
        (["ds", "TimeGPT", "TimeGPT-q-10", "TimeGPT-q-90"], {"TimeGPT": [0.1, 0.9]}),
        (["NBEATSx_ql0.05", "NBEATSx_ql0.95"], {"NBEATSx": [0.05, 0.95]}),
        (["item_id", "timestamp", "mean", "0.1", "0.5", "0.9"], {"": [0.1, 0.5, 0.9]}),
        (["p10", "p50", "p90"], {"": [0.1, 0.5, 0.9]}),
        (["a-lo-80", "a-hi-80", "b-lo-80", "b-hi-80"], {"a": [0.1, 0.9], "b": [0.1, 0.9]}),
        (["price", "period", "product", "shop", "promotion"], {}),
    ],
)
def test_the_columns_of_common_tools_are_known(header: list[str], found: dict[str, list[float]]) -> None:
    assert {model: list(columns.values()) for model, columns in quantile_columns(header).items()} == found
