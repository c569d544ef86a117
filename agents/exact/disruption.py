"""One site whose supplier fails and recovers: a newsvendor over demand since the last order that got through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from .dynamic_programming import check_size
from .lattice import Lattice, never_negative, on_lattice
from .newsvendor import critical_ratio, newsvendor_cost

TAIL = 1e-13
"""Chance of a longer time without a supplier that is left out."""
MOST = 60_000_000
"""Chances of the demands of all those times, at most: half a gigabyte."""
LONGEST = 5000
"""Periods without a supplier that are looked at, at most."""


@dataclass(frozen=True)
class DisruptionOptimum:
    """The best order-up-to level of a site whose supplier is not always there [units], and its cost per period."""

    level: float
    cost: float


def disruption_cost(
    holding: float,
    shortage: float,
    failure: float,
    recovery: float,
    demand: Distribution,
    level: float,
    lead_time: int = 0,
) -> float:
    """Long-run cost per period of ordering up to `level` whenever the supplier is up; arguments as in disruption_optimum.

    >>> steady = Lattice(np.array([1.0]), first=1, step=10.0)
    >>> [round(disruption_cost(1, 20, 0.04, 0.25, steady, level), 3) for level in (40, 50, 60)]
    [73.362, 71.142, 71.977]
    """
    chances = _time_since(failure, recovery)
    one = _checked(demand, lead_time)
    covers = _covers(one, lead_time, len(chances))
    costs = [float(newsvendor_cost(holding, shortage, cover, level)) for cover in covers]
    return float(chances @ costs)


def disruption_optimum(
    holding: float, shortage: float, failure: float, recovery: float, demand: Distribution, lead_time: int = 0
) -> DisruptionOptimum:
    """The best policy of one site with backlogging whose supplier takes no orders while it is down.

    `holding` h and `shortage` b per unit and period; the supplier, up in one period, is down in the next with chance `failure`
    α, and up again with `recovery` β; what it has shipped arrives, `lead_time` ℓ [periods]. With n periods since it was last
    up, of chance π_0 = β/(α+β), π_n = π_0·α·(1−β)^{n−1}, the stock is the level less the demand of ℓ+1+n periods, so the best
    level is the smallest S with Σ π_n·F_{ℓ+1+n}(S) ≥ b/(b+h). Base-stock is optimal, since nothing is lost by ordering as soon
    as one can. Source: Tomlin 2006 (Management Science 52); Snyder & Shen, *Fundamentals of Supply Chain Theory*, 9.2.

    >>> steady = Lattice(np.array([1.0]), first=1, step=10.0)
    >>> best = disruption_optimum(1, 20, 0.04, 0.25, steady)
    >>> best.level, round(best.cost, 3)
    (50.0, 71.142)
    """
    ratio, chances = float(critical_ratio(holding, shortage)), _time_since(failure, recovery)
    one = _checked(demand, lead_time)
    covers = _covers(one, lead_time, len(chances))
    low, high = 0, max(cover.last for cover in covers)
    while low < high:
        middle = (low + high) // 2
        reached = float(chances @ [float(cover.cdf(middle * one.step)) for cover in covers])
        low, high = (low, middle) if reached >= ratio - 1e-12 else (middle + 1, high)
    level = low * one.step
    return DisruptionOptimum(level, disruption_cost(holding, shortage, failure, recovery, one, level, lead_time))


def _covers(one: Lattice, lead_time: int, count: int) -> list[Lattice]:
    """Demand of ℓ+1, ℓ+2, … periods. Raises InputError where so many do not fit."""
    longest = lead_time + count
    sizes = {"periods": count, "demands of all of them": longest * len(one.probability)}
    check_size("recovery", sizes, "or demand in larger units", MOST)
    return [one.sum(lead_time + 1 + down) for down in range(count)]


def _time_since(failure: float, recovery: float) -> NDArray[np.float64]:
    """Chances π_0, π_1, … that the supplier was last up so many periods ago."""
    for key, chance in (("failure", failure), ("recovery", recovery)):
        if not 0 < chance <= 1:
            raise InputError(key, chance, "a chance above 0, up to 1")
    periods = 1 if recovery == 1 else int(np.ceil(np.log(TAIL) / np.log(1 - recovery)))
    if periods > LONGEST:
        raise InputError("recovery", recovery, f"a chance of at least {1 - TAIL ** (1 / LONGEST):.4f}: beyond, too long a wait")
    up = recovery / (failure + recovery)
    chances = np.concatenate([[up], up * failure * (1 - recovery) ** np.arange(periods)])
    return np.asarray(chances / chances.sum())


def _checked(demand: Distribution, lead_time: int) -> Lattice:
    if lead_time < 0:
        raise InputError("lead_time", lead_time, "whole periods from 0")
    return never_negative(on_lattice(demand))
