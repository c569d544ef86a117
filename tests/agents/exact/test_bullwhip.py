from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact import bullwhip_ratio, shared_bullwhip, silo_bullwhip, silo_bullwhip_bound
from orderup.envs.foundation.errors import InputError


def orders(received: NDArray[np.float64], known: NDArray[np.float64], protection: int, window: int) -> NDArray[np.float64]:
    """Orders (T−p, R) of one stage that orders up to `protection` times the mean of the last `window` values it knows of."""
    sums = np.cumsum(known, axis=0)
    level = protection * (sums[window:] - sums[:-window]) / window
    position = level[:-1] - received[window + 1 :]
    return level[1:] - position


def simulated_ratios(
    protection: int, window: int, stages: int, shared: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (N,) and standard error (N,) of the order variance over 4000 independent series of unit-variance demand."""
    demand = np.random.default_rng(0).standard_normal((500, 4000))
    received, squares = demand, []
    for _ in range(stages):
        received = orders(received, demand[-len(received) :] if shared else received, protection, window)
        squares.append((received**2).mean(axis=0))
    return np.mean(squares, axis=1), np.std(squares, axis=1) / np.sqrt(4000)


@pytest.mark.parametrize(("protection", "window", "ratio"), [(2, 5, 2.12), (1, 5, 1.48), (2, 10, 1.48)])
def test_one_stage_is_the_published_ratio(protection: int, window: int, ratio: float) -> None:
    assert bullwhip_ratio(protection - 1, window) == pytest.approx(ratio)


def test_with_shared_demand_lead_times_add_up() -> None:
    np.testing.assert_allclose(shared_bullwhip([1, 1, 1, 1], 10), [1.48, 2.12, 2.92, 3.88])
    assert shared_bullwhip([0, 2, 1], 7)[-1] == pytest.approx(bullwhip_ratio(5, 7))


def test_in_silos_the_product_of_the_stages_is_a_lower_bound() -> None:
    lead_times = [0, 3, 1, 2]
    bound = silo_bullwhip_bound(lead_times, 6)
    np.testing.assert_allclose(bound, np.cumprod([bullwhip_ratio(lead_time, 6) for lead_time in lead_times]))
    assert np.all(silo_bullwhip(lead_times, 6) >= bound - 1e-12)
    assert silo_bullwhip(lead_times, 6)[0] == pytest.approx(bound[0])


def test_four_silos_multiply_what_sharing_adds() -> None:
    np.testing.assert_allclose(silo_bullwhip([1, 1, 1, 1], 10), [1.48, 2.3056, 3.75328, 6.3317632])


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "silo"])
def test_simulated_order_up_to_stages_have_these_ratios(shared: bool) -> None:
    mean, error = simulated_ratios(protection=2, window=10, stages=4, shared=shared)
    exact = (shared_bullwhip if shared else silo_bullwhip)([1, 1, 1, 1], 10)
    assert np.all(np.abs(mean - exact) < stats.norm.ppf(0.9995) * error)


def test_correlated_demand_is_amplified_by_its_own_formula() -> None:
    rho, window = 0.7, 4
    demand = np.random.default_rng(1).standard_normal((600, 4000))
    demand[0] /= np.sqrt(1 - rho**2)
    for t in range(1, len(demand)):
        demand[t] += rho * demand[t - 1]
    squares = (orders(demand, demand, 3, window) ** 2).mean(axis=0) * (1 - rho**2)
    error = squares.std() / np.sqrt(len(squares))
    assert abs(squares.mean() - bullwhip_ratio(2, window, rho)) < stats.norm.ppf(0.9995) * error


def test_long_memory_does_not_amplify() -> None:
    assert bullwhip_ratio(2, 10**6) == pytest.approx(1, abs=1e-5)


def test_impossible_stages_are_refused() -> None:
    with pytest.raises(InputError, match="window"):
        bullwhip_ratio(1, 0)
    with pytest.raises(InputError, match="lead_times"):
        shared_bullwhip([1, -1], 5)
