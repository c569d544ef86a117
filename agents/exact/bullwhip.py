"""How much order-up-to policies with moving-average forecasts amplify the variance of demand, stage by stage.

Every stage orders up to L·(mean of the last p values it forecasts from) + a constant, L = ℓ+1 its protection interval;
orders may be negative (stock can be returned), which is what makes the formulas exact. Stages are listed from the customer
up, and orders are worked out downstream first: an upper stage's forecast includes the order it has just been given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError


def bullwhip_ratio(lead_time: int, window: int, correlation: float = 0.0) -> float:
    """Var(orders)/Var(demand) of one stage, 1 + (2L/p + 2L²/p²)(1 − ρ^p), L = `lead_time` + 1, p = `window` periods.

    `correlation` ρ is that of demand with the period before it (AR(1)). Source: Chen, Drezner, Ryan & Simchi-Levi 2000
    (Management Science 46), section 2, its case of equality.

    >>> bullwhip_ratio(lead_time=1, window=10), bullwhip_ratio(lead_time=1, window=5)
    (1.48, 2.12)
    """
    return float(shared_bullwhip([lead_time], window, correlation)[0])


def shared_bullwhip(lead_times: Sequence[int], window: int, correlation: float = 0.0) -> NDArray[np.float64]:
    """Var(orders)/Var(customer demand) of each stage (N,) when all forecast from the customers' demand: lead times add up.

    The formula of one stage with L = Σ_{i≤j}(ℓ_i+1). Source: Chen et al. 2000, section 3.

    >>> shared_bullwhip([1, 1, 1, 1], window=10).round(2).tolist()
    [1.48, 2.12, 2.92, 3.88]
    """
    share = np.cumsum(_protection(lead_times, window)) / window
    return np.asarray(1 + 2 * share * (1 + share) * (1 - correlation**window))


def silo_bullwhip_bound(lead_times: Sequence[int], window: int) -> NDArray[np.float64]:
    """Lower bound on each stage's ratio (N,) when each forecasts from the orders it receives: the stages' own ratios multiply.

    For independent demand. Source: Chen et al. 2000, section 3.

    >>> silo_bullwhip_bound([1, 1, 1, 1], window=10).round(2).tolist()
    [1.48, 2.19, 3.24, 4.8]
    """
    share = _protection(lead_times, window) / window
    return np.asarray(np.cumprod(1 + 2 * share * (1 + share)))


def silo_bullwhip(lead_times: Sequence[int], window: int) -> NDArray[np.float64]:
    """Each stage's ratio (N,) itself when each forecasts from the orders it receives, for independent demand.

    A stage turns what it receives, d, into (1 + L/p)·d_t − (L/p)·d_{t−p}; with independent demand the ratio is the sum of the
    squared coefficients of all filters up to that stage applied in turn.

    >>> silo_bullwhip([1, 1, 1, 1], window=10).round(2).tolist()
    [1.48, 2.31, 3.75, 6.33]
    """
    response, ratios = np.ones(1), []
    for share in _protection(lead_times, window) / window:
        response = np.convolve(response, [1 + share, -share])
        ratios.append(float(response @ response))
    return np.array(ratios)


def _protection(lead_times: Sequence[int], window: int) -> NDArray[np.int64]:
    if window < 1:
        raise InputError("window", window, "at least one period")
    if len(lead_times) == 0 or min(lead_times) < 0:
        raise InputError("lead_times", list(lead_times), "whole periods from 0, one for each stage")
    return np.asarray(lead_times) + 1
