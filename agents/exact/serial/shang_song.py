"""Newsvendor bounds on a serial line's optimal echelon levels: closed forms that need no recursion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from ..lattice import on_lattice
from .clark_scarf import check_line


@dataclass(frozen=True)
class SerialBounds:
    """Bounds on the optimal echelon order-up-to levels of N stages, listed from the customer up [units]."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @property
    def average(self) -> tuple[float, ...]:
        """The heuristic levels of Shang & Song: half-way between the bounds (not rounded to whole units)."""
        return tuple((low + high) / 2 for low, high in zip(self.lower, self.upper, strict=True))


def shang_song(
    holding: Sequence[float],
    shortage: float,
    lead_times: Sequence[int],
    demand: Distribution,
    step: float | None = None,
) -> SerialBounds:
    """Lower and upper bounds on the levels that clark_scarf finds, whose arguments these are.

    With F_j the distribution of the demand of Σ_{i≤j}(ℓ_i+1) periods, local rates h_j and h_{N+1} = 0,

        F_j⁻¹((b + h_{j+1}) / (b + h_1)) ≤ S_j ≤ F_j⁻¹((b + h_{j+1}) / (b + h_j)):

    the line up to stage j as one newsvendor that holds all its stock at the rate of stage 1, or of stage j. Source: Shang &
    Song 2003 (Management Science 49).

    >>> from scipy import stats
    >>> bounds = shang_song([1, 0.5, 0.25, 0.1], 10, [1, 1, 1, 1], stats.poisson(8))
    >>> bounds.lower, bounds.upper
    ((23.0, 41.0, 58.0, 75.0), (23.0, 44.0, 64.0, 83.0))
    """
    check_line(holding, shortage, lead_times)
    if np.any(np.diff(holding) > 0):
        raise InputError("holding", list(holding), "local rates none of which is above that of the stage below")
    one_period = on_lattice(demand, step)
    local, upstream = np.asarray(holding, dtype=float), np.append(holding[1:], 0.0)
    cover = [one_period.sum(int(periods)) for periods in np.cumsum(np.asarray(lead_times) + 1)]

    def levels(rates: NDArray[np.float64]) -> tuple[float, ...]:
        ratios = (shortage + upstream) / (shortage + rates)
        return tuple(float(total.ppf(ratio)) for total, ratio in zip(cover, ratios, strict=True))

    return SerialBounds(lower=levels(np.full_like(local, local[0])), upper=levels(local))
