"""The optimum of an assembly network with backlogging: the serial line that it is equivalent to, and the way back.

Letters: I items, the end product first; J stages of the line; ℓ lead times; M total lead times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..dynamic_programming import Whole
from ..lattice import Lattice, on_lattice
from ..serial.clark_scarf import SerialOptimum, clark_scarf

SAME = 1e-9
"""Rates closer than this are equal."""


@dataclass(frozen=True, eq=False)
class AssemblyOptimum:
    """What no policy of an assembly network beats: lists are by item, in units of the item.

    Every item i is ordered up to the echelon level S_i, but never beyond what the *next* item, the one with the next longer
    total lead time, will have ready by then: with Y_i its echelon position in end products (stock, in process, and in
    everything that it went into, less backlog), M total lead times and k = M_next − M_i,

        Y_i(t) = min(S_i, Y_next(t − k) − demand of the k periods t − k … t − 1),

    or as it is where it is more already. Items of one total lead time share their next; the longest have none. So nothing is
    bought or made that would only wait for what comes later (long-run balance).
    """

    cost: float
    """Holding on hand and in process, and shortage, counted at the end of the period."""
    echelon_levels: tuple[float, ...]
    """Of each item, with all units of it that are in anything made of it [units of the item]."""
    installation_levels: tuple[float, ...]
    """Each item's own order-up-to level, orders executed downstream first, with the same echelon levels."""
    is_local: bool
    """Whether the installation levels are an optimal policy by themselves, as they keep parts in balance: where every item of a
    longer total lead time than another goes into it."""
    next_items: tuple[tuple[int, ...], ...]
    """The items of the next longer total lead time, whose position caps that of an item; none for the longest."""
    ready_after: tuple[int, ...]
    """k: by how many periods their total lead time is longer; 0 for the longest."""
    line: SerialOptimum
    """The equivalent serial line, in end products, and its own cost."""


@dataclass(frozen=True, eq=False)
class Assembly:
    """A product assembled from parts, which may be assembled themselves: every item goes into one other, the first is sold.

    Item i takes `lead_times` ℓ_i ≥ 0 to make or buy, from the moment at which its parts leave the shelf (items without parts
    come from outside, where there is no end of them), and goes into the item `successor[i]` (−1 for the first, the end
    product), `uses[i]` units for each of it (left out: one). `holding` h_i [money/unit/period] is what a unit on the shelf
    costs; in process it costs as much as its parts did. `shortage` is the customers' backlog rate, `demand` that of one
    period, independent from period to period, on the integers or put on a grid of `step` [units].

    Raises InputError for lists of different lengths, a successor that is not there, two end products, or a circle; and where
    an item is held more cheaply than the parts in it and there are branches: then no optimum is known.

    Source: Rosling, Optimal inventory policies for assembly systems under random demands, Operations Research 37 (1989).
    """

    successor: Sequence[int]
    lead_times: Sequence[int]
    holding: Sequence[float]
    shortage: float
    demand: Distribution
    uses: Sequence[float] | None = None
    step: float | None = None

    def __post_init__(self) -> None:
        items = len(self.successor)
        for key in ("lead_times", "holding", *(["uses"] if self.uses is not None else [])):
            if len(getattr(self, key)) != items:
                raise InputError(key, list(getattr(self, key)), f"one for each of the {items} items")
        if items == 0 or self.successor[0] != -1 or any(not 0 <= above < items for above in self.successor[1:]):
            raise InputError("successor", list(self.successor), "-1 for the first item, the end product; an item for others")
        if any(lead_time < 0 for lead_time in self.lead_times):
            raise InputError("lead_times", list(self.lead_times), "whole periods from 0")
        if self.uses is not None and not all(amount > 0 for amount in self.uses):
            raise InputError("uses", list(self.uses), "units above 0")
        if len(self._outward) != items:
            raise InputError("successor", list(self.successor), "items that all lead to the end product, not round in a circle")
        branches = len(set(self.successor)) < items
        if branches and self.added_rates.min() < -SAME:
            raise InputError("holding", list(self.holding), "no item held more cheaply than the parts in it")

    @cached_property
    def _outward(self) -> list[int]:
        """The items that lead to the end product, each after the one it goes into."""
        found = [0]
        for item in found:
            found.extend(part for part, whole in enumerate(self.successor) if part and whole == item)
        return found

    @cached_property
    def content(self) -> Floats:
        """Units of each item in one end product (I,)."""
        found = np.ones(len(self.successor))
        for item in self._outward[1:]:
            found[item] = found[self.successor[item]] * (1.0 if self.uses is None else self.uses[item])
        return found

    @cached_property
    def total_lead_times(self) -> Whole:
        """M (I,): demands from an item's order until the last one that it can serve, ℓ+1 for each step to the customers."""
        found = np.zeros(len(self.successor), dtype=np.int64)
        for item in self._outward:
            found[item] = self.lead_times[item] + 1 + (found[self.successor[item]] if item else 0)
        return found

    @cached_property
    def added_rates(self) -> Floats:
        """Echelon holding rates e (I,): an item's rate less those of its parts [money/end product/period]."""
        rate = self.content * np.asarray(self.holding, dtype=float)
        added = rate.copy()
        np.subtract.at(added, np.asarray(self.successor[1:], dtype=np.int64), rate[1:])
        return np.where(np.abs(added) < SAME * rate, 0.0, added)

    @cached_property
    def _one_period(self) -> Lattice:
        return on_lattice(self.demand, self.step)

    def optimum(self) -> AssemblyOptimum:
        """The equivalent line solved, and what it says of the items.

        Items are sorted by M; those of equal M are one stage of the line, which holds at the sum of their echelon rates and all
        that come after, and whose lead time is by how much its M is longer than that of the stage before. The line counts an
        item's echelon after that, the network after ℓ+1 periods: their costs differ by the mean demand in between.

        >>> from scipy import stats
        >>> best = Assembly([-1, 0, 0], [0, 1, 1], [6, 1, 2], 36, stats.poisson(5), uses=[1, 2, 1]).optimum()
        >>> best.echelon_levels, best.installation_levels, best.is_local, round(best.cost, 3)
        ((9.0, 40.0, 20.0), (9.0, 22.0, 11.0), True, 56.391)
        """
        total, stage = np.unique(self.total_lead_times, return_inverse=True)
        rates = np.bincount(stage, self.added_rates)
        periods = np.diff(total, prepend=0)
        local = np.cumsum(rates[::-1])[::-1]
        line = clark_scarf(local.tolist(), self.shortage, (periods - 1).tolist(), self._one_period)
        longer = np.asarray(self.lead_times) + 1 - periods[stage]
        levels = np.asarray(line.reachable)[stage]
        own = levels - np.where(np.arange(len(levels)) == 0, 0.0, levels[list(self.successor)])
        return AssemblyOptimum(
            cost=line.cost - self._one_period.mean() * float(self.added_rates @ longer),
            echelon_levels=tuple((levels * self.content).tolist()),
            installation_levels=tuple((own * self.content).tolist()),
            is_local=all(set(np.flatnonzero(stage > stage[item])) <= self._upstream(item) for item in range(len(levels))),
            next_items=tuple(tuple(np.flatnonzero(stage == above + 1).tolist()) for above in stage),
            ready_after=tuple(np.append(periods[1:], 0)[stage].tolist()),
            line=line,
        )

    def cost_of(self, levels: Sequence[float], balanced: bool = False) -> float:
        """Long-run cost per period of installation levels (I,) [units of each item], orders executed downstream first.

        An item's echelon position is the least, over itself and all items upstream of it, of that item's echelon level less the
        demand of the periods by which its total lead time is longer; where the policy is `balanced` as optimal ones are, over
        all items of a total lead time no shorter. Levels are rounded to the demand's lattice.
        """
        echelon = np.asarray(levels, dtype=float) / self.content
        for item in self._outward[1:]:
            echelon[item] += echelon[self.successor[item]]
        points = np.rint(echelon / self._one_period.step).astype(np.int64)
        cost = 0.0
        for item in range(len(points)):
            longer = set(np.flatnonzero(self.total_lead_times >= self.total_lead_times[item]).tolist())
            position = self._position(points, item, longer if balanced else {item} | self._upstream(item))
            cover = self._one_period.sum(self.lead_times[item] + 1)
            cost += float(self.added_rates[item]) * (position.mean() - cover.mean())
            if item == 0:
                left = position.minus(cover)
                cost += (self.shortage + self.holding[0]) * float(left.probability @ np.maximum(-left.values, 0.0))
        return cost

    def _upstream(self, item: int) -> set[int]:
        """The items that go into one, directly or not."""
        found: set[int] = set()
        for other in self._outward:
            if other and (self.successor[other] == item or self.successor[other] in found):
                found.add(other)
        return found

    def _position(self, points: Whole, item: int, capping: set[int]) -> Lattice:
        """An item's echelon position after ordering, as the levels of those that cap it leave it."""
        turn = sorted(capping, key=lambda other: -int(self.total_lead_times[other]))
        position = Lattice(np.ones(1), int(points[turn[0]]), self._one_period.step)
        before = int(self.total_lead_times[turn[0]])
        for other in turn:
            now = int(self.total_lead_times[other])
            if now < before:
                position = position.minus(self._one_period.sum(before - now))
            position, before = position.at_most(int(points[other])), now
        return position
