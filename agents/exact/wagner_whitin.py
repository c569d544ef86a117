"""Lots for demand that is known: when to order, and how much, where every order costs something whatever its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..fitting_progress import going_through
from .dynamic_programming import check_size

MOST = 400_000_000
"""Combinations of three periods that are looked at at most: some seconds."""


@dataclass(frozen=True, eq=False)
class LotPlan:
    """What to order in each period (T,) [units], which costs `cost` in all [money]."""

    orders: Floats
    cost: float


def wagner_whitin(holding: float, fixed: ArrayLike, demand: Sequence[float] | Floats, shortage: float | None = None) -> LotPlan:
    """The cheapest plan that serves the known `demand` (T,) of all periods by the last; orders arrive in time for their period.

    `holding` [money per unit and period left over], `fixed` per order, one number or one for each period (T,), `shortage` per
    unit and period owed; left out: nothing may be owed. What is ordered in a period covers the whole demand of some periods in
    a row, so that with f(k) the least cost of the first k periods, D(s; j, k) what those from j to k − 1 cost served from s,

        f(k) = min over j ≤ s < k of f(j) + fixed(s) + D(s; j, k).

    Of equal plans the one with the longest last stretch. Raises InputError for a rate below 0 and for too many periods.
    Source: Wagner & Whitin 1958 (Management Science 5); with demand that waits, Zangwill 1969 (Management Science 15).

    >>> plan = wagner_whitin(2, 500, [90, 120, 80, 70])
    >>> plan.orders.tolist(), plan.cost
    ([210.0, 0.0, 150.0, 0.0], 1380.0)
    """
    wanted = np.asarray(demand, dtype=float)
    count = len(wanted)
    setup = np.broadcast_to(np.asarray(fixed, dtype=float), (count,))
    _check(holding, setup, wanted, shortage)
    late = np.arange(count) - np.arange(count)[:, None]
    owed = np.inf if shortage is None else shortage
    rate = np.where(late >= 0, holding * late, 0.0) + np.where(late < 0, owed * np.maximum(-late, 1), 0.0)
    paid = np.multiply(rate, wanted, out=np.zeros_like(rate), where=np.broadcast_to(wanted > 0, rate.shape))
    served = np.concatenate([np.zeros((count, 1)), np.cumsum(np.where(np.isfinite(paid), paid, 0.0), axis=1)], axis=1)
    blocked = np.concatenate([np.zeros((count, 1)), np.cumsum(~np.isfinite(paid), axis=1)], axis=1)
    least, last = np.zeros(count + 1), np.zeros((count + 1, 2), dtype=np.int64)
    for end in going_through(range(1, count + 1), "the plan of lots"):
        best = np.inf
        for first in range(end):
            orders = slice(first, end)
            impossible = blocked[orders, end] > blocked[orders, first]
            costs = np.where(impossible, np.inf, setup[orders] + served[orders, end] - served[orders, first])
            place = int(np.argmin(costs))
            nothing = served[0, end] == served[0, first] and not wanted[orders].any()
            found = least[first] + (0.0 if nothing else float(costs[place]))
            if found < best - 1e-12 * max(abs(best), 1.0) or best == np.inf:
                best, last[end] = found, (first, -1 if nothing else first + place)
        least[end] = best
    return LotPlan(_orders(wanted, last), float(least[count]))


def _orders(wanted: Floats, last: NDArray[np.int64]) -> Floats:
    orders, end = np.zeros(len(wanted)), len(wanted)
    while end > 0:
        first, place = (int(part) for part in last[end])
        if place >= 0:
            orders[place] += wanted[first:end].sum()
        end = first
    return orders


def _check(holding: float, setup: Floats, wanted: Floats, shortage: float | None) -> None:
    for key, values in (("holding", holding), ("fixed", setup), ("demand", wanted), ("shortage", shortage or 0.0)):
        if not (np.isfinite(values) & (np.asarray(values) >= 0)).all():
            raise InputError(key, values, "finite numbers ≥ 0")
    check_size("demand", {"periods": len(wanted), "earlier ones": len(wanted), "orders": len(wanted)}, most=MOST)
