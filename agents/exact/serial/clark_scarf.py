"""The optimum of a serial line with backlogging: one newsvendor-like problem for each echelon, from the customer up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its signal is loaded when first used: it takes a second
from numpy.typing import NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from ..lattice import Lattice, on_lattice

TIE = 1e-10
"""Costs closer than this (relative) are equal, and the smallest level wins."""


@dataclass(frozen=True)
class SerialOptimum:
    """Optimal order-up-to levels of N stages, listed from the customer up [units], and their long-run cost per period."""

    echelon_levels: tuple[float, ...]
    """Order-up-to level of each echelon's inventory position; infinite where all that is there had better be sent down."""
    cost: float
    """Holding on hand and in transit (at the source's rate) plus shortage, counted at the end of the period."""
    in_transit: float
    """The part of `cost` that a textbook counts as stock in transit: mean demand · Σ h of the source · (ℓ+1). In this clock
    ℓ of those ℓ+1 periods are spent on the lane; the last one the unit still stands at its source, at the same rate."""

    @property
    def reachable(self) -> tuple[float, ...]:
        """The same policy with each echelon level lowered to the least of those above it: what no echelon can be filled beyond.

        Source: Axsäter & Rosling 1993 (Management Science 39).
        """
        return tuple(np.minimum.accumulate(self.echelon_levels[::-1])[::-1].tolist())

    @property
    def installation_levels(self) -> tuple[float, ...]:
        """The same policy as each stage's own order-up-to level, orders executed downstream first; `reachable` sums them."""
        return tuple(np.diff(self.reachable, prepend=0.0).tolist())


def clark_scarf(
    holding: Sequence[float],
    shortage: float,
    lead_times: Sequence[int],
    demand: Distribution,
    step: float | None = None,
) -> SerialOptimum:
    """Best echelon order-up-to levels of a serial line and the optimal cost per period, over all policies.

    Stages j = 1…N are listed from the customer up; `holding` h_j is local [money per unit and period], `lead_times` ℓ_j
    [periods] that of the lane into stage j, `shortage` b the customer's backlog rate, `demand` that of one period,
    independent from period to period: on the integers, or continuous and put on a grid of `step` [units] (on_lattice).

    What stage j orders in t determines its echelon's level at the end of t+ℓ_j, after ℓ_j+1 demands; stock that arrives in a
    period can be shipped on from the next, so a lead time L_j = ℓ_j+1 of the textbooks (all events at one instant) is this
    clock's ℓ_j for every stage. With e_j = h_j − h_{j+1} and G_0(x) = (b+h_1)·x⁻,

        C_j(y) = E[e_j·(y − D_j) + G_{j−1}(y − D_j)],  D_j the demand of ℓ_j+1 periods
        S_j = argmin C_j,   G_j(x) = C_j(min(x, S_j)),   optimal cost C_N(S_N).

    Where holding is dearer upstream (e_j < 0) C_j may fall without end: its stage keeps nothing, S_j is infinite and
    G_j = C_j; C_N climbs at h_1 in the end. Raises InputError where lists differ in length or a rate is not positive. Source:
    Clark & Scarf 1960 (Management Science 6); this form Chen & Zheng 1994 (Management Science 40).

    >>> from scipy import stats
    >>> best = clark_scarf([1, 0.5, 0.25, 0.1], 10, [1, 1, 1, 1], stats.poisson(8))
    >>> best.echelon_levels, round(best.cost, 3)
    ((23.0, 42.0, 61.0, 79.0), 25.17)
    """
    check_line(holding, shortage, lead_times)
    one_period = on_lattice(demand, step)
    upstream = np.append(holding[1:], 0.0)
    induced, cost, levels = Induced.by_customers(shortage + holding[0]), 0.0, []
    for rate, lead_time in zip(np.asarray(holding) - upstream, lead_times, strict=True):
        induced, cost = induced.next_stage(float(rate), one_period.sum(lead_time + 1))
        levels.append(induced.last * one_period.step if induced.beyond == 0 else np.inf)
    pipeline = one_period.mean() * float(upstream @ (np.asarray(lead_times) + 1))
    return SerialOptimum(tuple(levels), cost, pipeline)


@dataclass(frozen=True)
class Induced:
    """What a shortfall of an echelon costs those below it, G(x): linear below the points held, and above them.

    Indices count grid points; the last one is the echelon's best level, where it has one.
    """

    first: int
    values: NDArray[np.float64]
    slope: float
    """Change of G per unit below the first point."""
    beyond: float = 0.0
    """The same above the last point: below 0 where no level is the best."""

    @classmethod
    def by_customers(cls, rate: float) -> Induced:
        return cls(0, np.zeros(1), -rate)

    @property
    def last(self) -> int:
        return self.first + len(self.values) - 1

    def at(self, index: NDArray[np.int64], step: float) -> NDArray[np.float64]:
        place = index - self.first
        last = len(self.values) - 1
        found: NDArray[np.float64] = self.values[np.clip(place, 0, last)] + self.slope * step * np.minimum(place, 0)
        return found if self.beyond == 0 else found + self.beyond * step * np.maximum(place - last, 0)

    def next_stage(self, rate: float, demand: Lattice) -> tuple[Induced, float]:
        """G of the stage above, whose echelon holding rate is `rate` and protection demand `demand`, and its optimal cost.

        Its cost C is linear below first + the least demand, and above last + the greatest, where it climbs at `rate` and
        `beyond` together, so that the minimum lies between; or falls, and there is none: the cost is that of the last point.
        """
        low, high = self.first + demand.first, self.last + demand.last
        left = np.arange(low - demand.last, high - demand.first + 1)
        ahead = rate * demand.step * left + self.at(left, demand.step)
        cost = scipy.signal.convolve(ahead, demand.probability, mode="valid")
        if self.beyond + rate < 0:
            return Induced(low, cost, self.slope + rate, self.beyond + rate), float(cost[-1])
        best = int(np.argmax(cost <= cost.min() + TIE * (1.0 + abs(cost.min()))))
        return Induced(low, cost[: best + 1], self.slope + rate), float(cost[best])


def check_line(holding: Sequence[float], shortage: float, lead_times: Sequence[int]) -> None:
    """Raises InputError unless these describe a serial line, listed from the customer up."""
    if len(holding) == 0 or len(holding) != len(lead_times):
        raise InputError("lead_times", list(lead_times), f"one for each of the {len(holding)} stages")
    if any(lead_time < 0 for lead_time in lead_times):
        raise InputError("lead_times", list(lead_times), "whole periods from 0")
    if min(holding) <= 0:
        raise InputError("holding", list(holding), "positive local rates")
    if shortage <= 0:
        raise InputError("shortage", shortage, "a positive rate")
