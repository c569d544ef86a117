"""Where safety stock should stand in a network that is a tree: the guaranteed-service model, by dynamic programming.

Letters: J stages; T processing times, S outgoing and SI incoming service times, H the longest time there can be [periods].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

Arcs = Sequence[tuple[int, int]]
"""Pairs of stages, the supplying one first."""


@dataclass(frozen=True)
class ServiceTimes:
    """Service times of each stage [periods], and what the safety stock that they take costs a period."""

    outgoing: tuple[int, ...]
    """S: within how many periods a stage delivers what is asked of it."""
    incoming: tuple[int, ...]
    """SI: within how many periods it gets all that it asks for; at least the S of those who supply it."""
    covered: tuple[int, ...]
    """SI + T − S: how many periods of demand its stock has to cover; 0 where it keeps none."""
    cost: float


def longest_times(arcs: Arcs, times: Sequence[int], inbound: Mapping[int, int] | None = None) -> tuple[int, ...]:
    """By stage, the sum of `times` T (J,) along the longest way to it, its own included, and what precedes the first of them.

    Raises InputError where the stages hang together in a circle, whichever way its arcs point, or a time is negative.
    """
    _leaves_first(arcs, len(times))
    if any(time < 0 for time in times):
        raise InputError("times", list(times), "whole periods from 0")
    before = np.zeros(len(times), dtype=np.int64)
    for stage, waits in (inbound or {}).items():
        before[stage] = waits
    suppliers, customers = np.reshape(np.asarray(arcs, dtype=np.int64), (-1, 2)).T
    for _ in times:
        reached = before + times
        np.maximum.at(before, customers, reached[suppliers])
    return tuple((before + times).tolist())


def guaranteed_service(
    arcs: Arcs,
    times: Sequence[int],
    cost: ArrayLike,
    promised: Mapping[int, int],
    inbound: Mapping[int, int] | None = None,
) -> ServiceTimes:
    """The service times that take the cheapest safety stock, in an assembly, distribution or any other tree of stages.

    Every stage delivers all that is asked of it within its service time S, of demand that keeps within a bound; then it has
    to cover SI + T − S periods, with `times` T (J,), and no more than what exceeds mean demand in so many is safety stock.
    `cost[j, n]` (J, at least H+1) is what stage j pays in a period for the safety stock that covers n periods; textbooks have
    h_j·z·σ_j·√n. `promised` are the service times that stages may have at most, as those with customers do, `inbound` what
    those supplied from outside wait for at least (left out: 0). In the simulator's clock T is ℓ + 1, and a stage's
    order-up-to level the bound on the demand of the periods covered.

    Stages are eliminated from the leaves inwards, each leaving the cost of its part of the tree as a function of the service
    time on its one remaining arc. Raises InputError where arcs make a circle, a time is negative, or the table is too
    short. Source: Graves and Willems 2000 (Manufacturing & Service Operations Management 2).

    >>> import numpy as np
    >>> deviation, rate = np.sqrt([2, 1, 2, 1]), np.array([1, 3, 2, 3])
    >>> best = guaranteed_service(
    ...     arcs=[(0, 2), (2, 1), (2, 3)], times=[2, 1, 1, 1], promised={1: 0, 3: 1}, inbound={0: 1},
    ...     cost=(rate * deviation)[:, None] * np.sqrt(np.arange(6)))
    >>> best.outgoing, round(best.cost, 4)  # Snyder and Shen, example 6.5
    ((0, 0, 0, 1), 8.2779)
    """
    longest = longest_times(arcs, times, inbound)
    table = np.asarray(cost, dtype=float)
    if table.ndim != 2 or len(table) != len(times) or table.shape[1] <= max(longest):
        raise InputError("cost", f"a table {table.shape}", f"({len(times)}, {max(longest) + 1}): every stage, periods from 0")
    if any(time < 0 for time in (*promised.values(), *(inbound or {}).values())):
        raise InputError("promised", dict(promised), "whole periods from 0")
    return _Elimination(arcs, times, table, promised, inbound or {}, max(longest)).solved()


class _Elimination:
    """The program: one table over SI and S for each stage, and the costs (H+1,) that eliminated neighbours have left it."""

    def __init__(
        self,
        arcs: Arcs,
        times: Sequence[int],
        cost: Floats,
        promised: Mapping[int, int],
        inbound: Mapping[int, int],
        horizon: int,
    ) -> None:
        self._arcs, self._times, self._cost, self._horizon = frozenset(arcs), times, cost, horizon
        self._order = _leaves_first(arcs, len(times))
        self._promised, self._inbound = promised, inbound
        self._tables: dict[int, Floats] = {}
        self._left: dict[int, Floats] = {}
        """Of an eliminated stage, by S where the stage left of it is its customer, by SI where that supplies it."""

    def solved(self) -> ServiceTimes:
        before: dict[int, list[int]] = {}
        for stage, towards in self._order:
            self._eliminate(stage, towards, before.get(stage, []))
            if towards is not None:
                before.setdefault(towards, []).append(stage)
        return self._traced()

    def _traced(self) -> ServiceTimes:
        """From the last stages back to the leaves: the times that made each cost."""
        incoming, outgoing = np.zeros((2, len(self._times)), dtype=np.int64)
        total = 0.0
        for stage, towards in reversed(self._order):
            table = self._tables[stage]
            if towards is None:
                incoming[stage], outgoing[stage] = np.unravel_index(int(table.argmin()), table.shape)
                total += float(table.min())
            elif (stage, towards) in self._arcs:
                outgoing[stage] = int(self._left[stage][: incoming[towards] + 1].argmin())
                incoming[stage] = int(table[:, outgoing[stage]].argmin())
            else:
                incoming[stage] = int(outgoing[towards] + self._left[stage][outgoing[towards] :].argmin())
                outgoing[stage] = int(table[incoming[stage]].argmin())
        covered = incoming + np.asarray(self._times) - outgoing
        return ServiceTimes(tuple(outgoing.tolist()), tuple(incoming.tolist()), tuple(covered.tolist()), total)

    def _eliminate(self, stage: int, towards: int | None, before: Sequence[int]) -> None:
        """A stage's table, with all that the neighbours `before` it leave; and what it leaves in turn."""
        times = np.arange(self._horizon + 1)
        covered = times[:, None] + self._times[stage] - times
        there = (covered >= 0) & (covered <= self._horizon) & (times[:, None] >= self._inbound.get(stage, 0))
        there &= times <= self._promised.get(stage, self._horizon)
        table = np.where(there, self._cost[stage, np.clip(covered, 0, self._horizon)], np.inf)
        for other in before:
            left = self._left[other]
            if (other, stage) in self._arcs:
                table = table + np.minimum.accumulate(left)[:, None]
            else:
                table = table + np.minimum.accumulate(left[::-1])[::-1]
        self._tables[stage] = table
        if towards is not None:
            self._left[stage] = table.min(axis=0 if (stage, towards) in self._arcs else 1)


def _leaves_first(arcs: Arcs, stages: int) -> list[tuple[int, int | None]]:
    """Stages in an order in which each has one neighbour left at most, and who that is. Raises InputError for a circle."""
    neighbours: list[set[int]] = [set() for _ in range(stages)]
    for number, (supplier, customer) in enumerate(arcs):
        if not (0 <= supplier < stages and 0 <= customer < stages) or supplier == customer or customer in neighbours[supplier]:
            raise InputError(f"arcs[{number}]", (supplier, customer), f"two of the {stages} stages, each pair once")
        neighbours[supplier].add(customer)
        neighbours[customer].add(supplier)
    order: list[tuple[int, int | None]] = []
    waiting = [stage for stage in range(stages) if len(neighbours[stage]) <= 1]
    for stage in waiting:
        left = next(iter(neighbours[stage]), None)
        order.append((stage, left))
        if left is not None:
            neighbours[left].discard(stage)
            if len(neighbours[left]) == 1:
                waiting.append(left)
    if len(order) < stages:
        circle = sorted(set(range(stages)) - {stage for stage, _ in order})
        raise InputError("arcs", f"a circle among the stages {', '.join(map(str, circle))}", "a tree")
    return order
