"""Assembly to order of products that share a part: the optimum by dynamic programming, and what constant levels come to.

Letters: K products; ℓ the part's lead time; p the parts on the shelf, r_1 … r_ℓ those on order, r_1 coming in this period;
x and y a product's position (stock and in process, less backlog) before and after making.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ...fitting_progress import Narrowing
from ..dynamic_programming import DAMPING, Whole, check_size
from ..newsvendor import critical_ratio
from .making import Made, cheapest, cheapest_units, moved, needed, with_costs

MAX_SWEEPS = 20_000
MOST = 3_000_000
"""States at most: a sweep over so many takes about a second, and there are some hundreds."""
RARE = 1e-7
"""Chance of more demand that is left out, so that tables end."""


@dataclass(frozen=True, eq=False)
class SharedPartOptimum:
    """A policy of K products that share a part, and its long-run cost per period, parts in process included."""

    cost: float
    lowest: Whole
    """Positions of the tables' first entries (K,); parts and orders begin at 0."""
    made: Whole
    """Units made of each product (K, x_1, …, x_K, p, r_1, …, r_ℓ)."""
    order: Whole
    """Parts ordered (x_1, …, x_K, p, r_1, …, r_ℓ), once that has been made."""

    def __call__(self, positions: ArrayLike, parts: ArrayLike) -> tuple[Whole, Whole]:
        """Units to make (B, K) and parts to order (B,), by positions (B, K) and parts (B, 1+ℓ), on the shelf and coming.

        What is beyond a table counts as its end.
        """
        place = np.concatenate([np.asarray(positions) - self.lowest, np.asarray(parts)], axis=1).astype(np.int64)
        inside = tuple(np.clip(place, 0, np.array(self.order.shape) - 1).T)
        return np.asarray(self.made[(slice(None), *inside)].T), np.asarray(self.order[inside])


@dataclass(frozen=True, eq=False)
class SharedPart:
    """Products, each made of some units of one part, that is bought: `takes` of them for a unit, `lead_time` ℓ ≥ 0.

    `holding` is what a part on the shelf costs [money/unit/period]; parts in process cost as much. What else goes into a
    product is there whenever it is made. Products may be made ahead of demand unless `to_order`: then only what is owed is
    made, which in this clock is after a period of waiting, demand being known once its period is over.

    Raises InputError where there are no products, or one that is held more cheaply than its parts.
    """

    holding: float
    products: Sequence[Made]
    lead_time: int = 0
    to_order: bool = False

    def __post_init__(self) -> None:
        if not self.products:
            raise InputError("products", "none", "one at least")
        if self.lead_time < 0:
            raise InputError("lead_time", self.lead_time, "whole periods from 0")
        if self.holding <= 0 or any(made.holding < made.takes * self.holding for made in self.products):
            found = [self.holding, *(made.holding for made in self.products)]
            raise InputError("holding", found, "positive rates, a product's at least those of the parts in it")
        if self.to_order and any(made.lead_time for made in self.products):
            raise InputError("lead_time", [made.lead_time for made in self.products], "0 where all is made to order")

    def optimum(self, tolerance: float = 1e-7) -> SharedPartOptimum:
        """The best of all policies, by relative value iteration.

        >>> from scipy import stats
        >>> pair = SharedPart(1, [Made(3, 20, stats.randint(0, 3)), Made(3, 20, stats.randint(0, 3))])
        >>> best = pair.optimum()
        >>> round(best.cost, 3), *(found.tolist() for found in best([[-1, 1]], [[2]]))
        (9.63, [[2, 0]], [5])
        """
        return self._program().solved(tolerance)

    def at_level(self, level: int, tolerance: float = 1e-7) -> SharedPartOptimum:
        """The best making, parts being ordered up to a constant echelon `level` [parts], those in products included."""
        return replace(self._program(), level=level).solved(tolerance)

    def best_level(self, tolerance: float = 1e-7) -> tuple[int, SharedPartOptimum]:
        """The constant echelon level that costs least with the best making, and that policy.

        The search goes downhill from the level of a line: costs along levels have been seen to have one valley.
        """
        level = self._top_level()
        best = self.at_level(level, tolerance)
        for way in (-1, 1):
            while (other := self.at_level(level + way, tolerance)).cost < best.cost - tolerance:
                level, best = level + way, other
        return level, best

    def _top_level(self) -> int:
        """Above the best echelon level: as if everything were held at the part's rate and missed by the dearest customers."""
        ratio = max(float(critical_ratio(self.holding, made.shortage / made.takes)) for made in self.products)
        periods = self.lead_time + 2 + max(made.lead_time for made in self.products)
        return int(needed(self.products, periods).ppf(ratio))

    def _program(self) -> _Program:
        sizes, lowest, costs, steps = [], [], [], []
        for made in self.products:
            ratio = (made.shortage + made.takes * self.holding) / (made.shortage + made.holding)
            highest = 0 if self.to_order else int(made.cover.ppf(min(ratio, 1 - RARE)))
            least = -int(made.one_period.sum(self.lead_time + made.lead_time + 3).ppf(1 - RARE))
            positions = np.arange(least, highest + 1)
            lowest.append(least)
            costs.append(made.cost(positions))
            steps.append(made.step(len(positions)))
            sizes.append(len(positions))
        orders = int(needed(self.products).ppf(1 - RARE)) + 1
        parts = max(self._top_level() + 1, orders)
        named = {f"positions of product {n}": size for n, size in enumerate(sizes)}
        check_size("demand", {**named, "parts": parts, "orders": orders**self.lead_time}, "or a shorter lead time", MOST)
        in_process = sum(self.holding * made.takes * made.lead_time * made.one_period.mean() for made in self.products)
        takes = tuple(made.takes for made in self.products)
        return _Program(self.holding, self.lead_time, takes, np.array(lowest), costs, steps, parts, orders, in_process)


@dataclass(frozen=True, eq=False)
class _Program:
    """Tables over (x_1, …, x_K, p, r_1, …, r_ℓ)."""

    holding: float
    lead_time: int
    takes: tuple[int, ...]
    lowest: Whole
    costs: list[Floats]
    steps: list[Floats]
    parts: int
    orders: int
    in_process: float
    level: int | None = None
    """What parts are ordered up to, where that is settled."""

    def solved(self, tolerance: float) -> SharedPartOptimum:
        values = np.zeros((*(len(cost) for cost in self.costs), self.parts, *(self.orders,) * self.lead_time))
        tells = Narrowing("the optimum of products that share a part", tolerance)
        for _ in range(MAX_SWEEPS):
            ahead, _ = self._ordered(values)
            best = self._stacked(cheapest(self._by_parts(ahead), self.takes))
            gain = best - values
            if np.ptp(gain) < tolerance:
                return self._found(values, float(gain.min() + gain.max()) / 2 + self.in_process)
            tells(float(np.ptp(gain)))
            values = DAMPING * values + (1 - DAMPING) * best
            values -= values.flat[-1]
        raise RuntimeError(f"value iteration did not reach {tolerance} in {MAX_SWEEPS} sweeps")

    def _ordered(self, values: Floats) -> tuple[Floats, Whole]:
        """What it costs to have made (y, p, r), this period's part included, and the best order then."""
        after = moved(values, self.steps)
        axis, parts = len(self.takes), np.arange(self.parts)
        shape = [1] * after.ndim
        shape[axis] = -1
        if self.lead_time == 0:
            after = after + self.holding * parts.reshape(shape)
            order = self._up_to_level(after.shape, self.parts) if self.level is not None else _best_rise(after, axis)
            order = np.minimum(order, self.parts - 1 - parts.reshape(shape))
            found = np.take_along_axis(after, parts.reshape(shape) + order, axis)
            return with_costs(found, self.costs), order
        order = self._up_to_level(after.shape[:-1], self.orders) if self.level is not None else after.argmin(axis=-1)
        left = np.take_along_axis(after, order[..., None], -1)[..., 0] + self.holding * parts.reshape(shape[:-1])
        joined = parts[:, None] + np.arange(self.orders)
        beyond = self.holding * np.maximum(joined - self.parts + 1, 0)
        place = np.minimum(joined, self.parts - 1)
        found = np.take(left, place, axis) + beyond.reshape(beyond.shape + (1,) * (self.lead_time - 1))
        return with_costs(found, self.costs), np.take(order, place, axis)

    def _up_to_level(self, shape: tuple[int, ...], most: int) -> Whole:
        """What is short of the level once products are at y, parts p and orders r_2, …, r_ℓ."""
        assert self.level is not None  # since asked
        there = np.indices(shape, sparse=True)
        products = sum(takes * (part + low) for takes, part, low in zip(self.takes, there, self.lowest, strict=False))
        return np.asarray(np.clip(self.level - products - sum(there[len(self.takes) :]), 0, most - 1))

    def _by_parts(self, ahead: Floats) -> list[Floats]:
        return list(np.moveaxis(ahead, len(self.takes), 0))

    def _stacked(self, by_parts: Sequence[Floats]) -> Floats:
        return np.moveaxis(np.stack(by_parts), 0, len(self.takes))

    def _found(self, values: Floats, cost: float) -> SharedPartOptimum:
        ahead, order = self._ordered(values)
        made = np.moveaxis(np.stack(cheapest_units(self._by_parts(ahead), self.takes)), 0, len(self.takes) + 1)
        there: list[Whole] = list(np.indices(ahead.shape, sparse=True))
        for number, takes in enumerate(self.takes):
            there[number] = there[number] + made[number]
            there[len(self.takes)] = there[len(self.takes)] - takes * made[number]
        return SharedPartOptimum(cost, self.lowest, made, order[tuple(there)])


def _best_rise(values: Floats, axis: int) -> Whole:
    """How far along an axis, from each place on, the least of `values` is first reached."""
    size = values.shape[axis]
    place = np.arange(size).reshape([-1 if other == axis else 1 for other in range(values.ndim)])
    turned = np.flip(values, axis)
    least = np.minimum.accumulate(turned, axis)
    first = np.maximum.accumulate(np.where(turned <= least, np.flip(-place, axis), -size), axis)
    return np.flip(-first, axis) - place
