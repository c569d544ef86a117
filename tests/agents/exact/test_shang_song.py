from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact.serial import clark_scarf, shang_song
from orderup.envs.foundation.errors import InputError

GOLDEN = [
    pytest.param(((7, 4, 2), 37.12, (0, 0, 1), stats.norm(5, 1)), id="normal"),
    pytest.param(((1, 0.5, 0.25, 0.1), 10, (1, 1, 1, 1), stats.poisson(8)), id="poisson"),
]


def random_line(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    stages = int(rng.integers(2, 6))
    holding = np.cumsum(rng.uniform(0.05, 1, stages))[::-1]
    return holding, rng.uniform(2, 60), rng.integers(0, 4, stages), stats.poisson(rng.uniform(1, 20))


@pytest.mark.parametrize("line", [*GOLDEN, *(pytest.param(random_line(seed), id=f"random {seed}") for seed in range(12))])
def test_the_bounds_bracket_the_optimal_levels(line: Any) -> None:
    bounds, best = shang_song(*line), np.array(clark_scarf(*line).echelon_levels)
    rounding = 1e-9 if hasattr(line[3], "pmf") else 2e-3
    assert np.all(bounds.lower <= best + rounding)
    assert np.all(best <= np.array(bounds.upper) + rounding)
    np.testing.assert_allclose(bounds.average, (np.array(bounds.lower) + bounds.upper) / 2)


def test_the_bounds_are_the_newsvendor_quantiles() -> None:
    bounds = shang_song((7, 4, 2), 37.12, (0, 0, 1), stats.norm(5, 1))
    cover = stats.norm([5, 10, 20], np.sqrt([1, 2, 4]))
    assert bounds.lower == pytest.approx(cover.ppf(np.array([41.12, 39.12, 37.12]) / 44.12), abs=2e-3)
    assert bounds.upper == pytest.approx(cover.ppf([41.12 / 44.12, 39.12 / 41.12, 37.12 / 39.12]), abs=2e-3)


def test_the_stage_at_the_customer_is_known_exactly() -> None:
    bounds = shang_song((1, 0.5, 0.25, 0.1), 10, (1, 1, 1, 1), stats.poisson(8))
    assert bounds.lower[0] == bounds.upper[0] == 23


def test_what_is_no_serial_line_is_refused() -> None:
    with pytest.raises(InputError, match="lead_times"):
        shang_song((7, 4), 37, (0,), stats.poisson(8))
