from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact import eppen, newsvendor
from orderup.envs.foundation.errors import InputError


def equal_sites(sites: int, correlation: float) -> NDArray[np.float64]:
    return 400 * (correlation * np.ones((sites, sites)) + (1 - correlation) * np.eye(sites))


def test_four_equal_sites_are_the_published_costs() -> None:
    found = eppen(1, 9, equal_sites(4, 0))
    assert found.separate == pytest.approx(140.40, abs=5e-3)
    assert found.pooled == pytest.approx(70.20, abs=5e-3)


@pytest.mark.parametrize(
    ("sites", "correlation", "ratio"), [(4, 0, 0.5), (9, 0, 1 / 3), (4, 0.5, 0.7906), (4, 1, 1), (2, -1, 0)]
)
def test_pooling_follows_the_square_root_law(sites: int, correlation: float, ratio: float) -> None:
    assert eppen(1, 9, equal_sites(sites, correlation)).ratio == pytest.approx(ratio, abs=5e-5)


def test_both_costs_are_newsvendors() -> None:
    covariance = np.array([[9.0, 2.0, 0.0], [2.0, 16.0, -1.0], [0.0, -1.0, 4.0]])
    found = eppen(0.5, 3, covariance)
    alone = newsvendor(0.5, 3, stats.norm(50, np.sqrt(np.diag(covariance))))[1]
    assert found.separate == pytest.approx(alone.sum(), rel=1e-9)
    assert found.pooled == pytest.approx(float(newsvendor(0.5, 3, stats.norm(150, np.sqrt(covariance.sum())))[1]), rel=1e-9)


def test_what_is_no_covariance_is_refused() -> None:
    with pytest.raises(InputError, match="covariance"):
        eppen(1, 9, [1.0, 2.0])
