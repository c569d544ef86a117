"""The network's periods as one linear program, over one future or over several that share what is decided now.

Letters: T periods, N sites, L lanes, K products, C customers, S futures, P pairs of a lane and a product that it carries,
M limits that lanes have in common.
Costs are the ledger's; a period is that of `dynamics.py`: goods that arrive in a period can be shipped from the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .columns import Columns
from .making import most_overtime
from .objective import costs, initial_cost
from .problem import InitialState, Places, PlanningProblem, Truths
from .rows import Block, blocks
from .worth import delivered

RELAXED = (
    "fixed costs, minima and multiples of orders",
    "rationing: a source divides its stock as is best, and may hold back what was ordered and what customers are owed",
)
"""What the program leaves out or leaves free: its optimum costs no more than any policy on the same futures can reach."""

APART = 48
"""Shipments of expresses that are planned for all futures one by one; beyond, several periods bring the same. Each of them ties
all futures together: with 64 a decision takes ten times as long as with 24."""


@dataclass(frozen=True, eq=False)
class Limits:
    """What changes from solve to solve: the two sides of every row, the most of every column, and what they cost."""

    low: Floats
    high: Floats
    most: Floats
    given: Floats
    """What it costs whatever is done (S,) [money]."""
    cost: Floats | None = None
    """Of each column, where it is not always the same."""


class AssembledProgram:
    """Minimise `cost` · x, where `matrix` · x and x lie within `Limits`. Assembled once; `limits` fills in what is known.

    The futures' columns stand one after the other, except those of what is decided now, which all share.
    """

    relaxed = RELAXED

    def __init__(self, network: Network, problem: PlanningProblem) -> None:
        self.network, self.problem = network, problem
        self.columns = Columns.of(network, problem)
        self.blocks: tuple[Block, ...] = blocks(network, problem, self.columns)
        self.place = self._places()
        self.cost = self._costs(problem)
        self.matrix = self._assembled()

    @cached_property
    def shared(self) -> Places:
        """Columns of one future that all have in common: what is ordered now, shipped now where sources know it at once.

        And what comes by an express that takes time, as long as it could still stand in for what is ordered now: with each
        future known from tomorrow on it would always help in time, and nobody would hold stock. What comes later competes with
        orders that know as much.
        """
        if not self.problem.decided:
            return np.array([], dtype=np.int64)
        columns = self.columns
        at_once, stands_in = columns.ship[self.problem.wait[columns.lane] == 0, 0], columns.ship[self._stands_in]
        dated = [columns.ship[self._leaves_at_once, 1 : self.problem.dated + 1], columns.dated[columns.dated >= 0]]
        orders = columns.order[columns.order >= 0]
        return np.unique(np.concatenate([at_once, stands_in, orders, *(places.ravel() for places in dated)]))

    @property
    def _leaves_at_once(self) -> Truths:
        """Where what is ordered leaves in the same period, so that shipments are orders (P,)."""
        found: Truths = (self.problem.wait[self.columns.lane] == 0) & (self.columns.order < 0)
        return found

    @property
    def _stands_in(self) -> Truths:
        """Shipments of an express that are there no later than what is ordered now by main lanes, on the whole way (P, T).

        An express is dearer and quicker than the product's main lane; what comes at once is asked for when it is known.
        """
        network, columns, problem = self.network, self.columns, self.problem
        lane, product, to = columns.lane, columns.product, network.topology.destination[columns.lane]
        main, cost, takes = network.topology.main_lanes[to, product], delivered(network), problem.wait + problem.lead_time[0]
        express = (
            (main >= 0) & ~network.topology.is_lateral[lane] & (problem.lead_time[0][lane] > 0) & (takes[lane] < takes[main])
        )
        express &= cost[lane, product] > cost[main, product]
        arrival = np.arange(problem.periods) + problem.lead_time[0][lane][:, None]
        found: Truths = express[:, None] & (arrival <= problem.reach(network)[to, product][:, None])
        return found

    def _places(self) -> Places:
        """Where each future's columns stand (S, columns)."""
        count, futures = self.columns.count, self.problem.futures
        own = np.setdiff1d(np.arange(count), self.shared)
        places = np.zeros((futures, count), dtype=np.int64)
        apart, places[:, self.shared] = np.unique(self._planned_with[self.shared], return_inverse=True)
        places[:, own] = apart.size + np.arange(futures * own.size).reshape(futures, own.size)
        return places

    @property
    def _planned_with(self) -> Places:
        """Each column of one future, or the one it is to be equal to (columns,): many expresses go by 1, 2, 4 … periods."""
        found, columns, wait = np.arange(self.columns.count), self.columns, self.problem.wait[self.columns.lane][:, None]
        later = self._stands_in & (np.arange(self.problem.periods) > wait)
        if later.sum() > APART and self.problem.cadence == 1 and self.problem.futures > 1:
            pair, period = np.nonzero(later)
            nth = period - wait[pair, 0]
            first = 2 ** np.floor(np.log2(nth)).astype(np.int64)
            found[columns.ship[pair, period]] = columns.ship[pair, period - nth + first]
        return found

    def _costs(self, problem: PlanningProblem) -> Floats:
        """Of each column."""
        each = np.tile(costs(self.network, problem, self.columns) / problem.futures, problem.futures)
        found: Floats = np.asarray(np.bincount(self.place.ravel(), each), dtype=np.float64)
        return found

    def _assembled(self) -> sparse.csc_array:
        first = np.cumsum([0, *(block.size for block in self.blocks)])
        row = np.concatenate([block.row + start for block, start in zip(self.blocks, first, strict=False)])
        column = np.concatenate([block.column for block in self.blocks])
        value = np.concatenate([block.value for block in self.blocks])
        futures, rows = np.arange(self.problem.futures)[:, None], int(first[-1])
        entries = (np.tile(value, self.problem.futures), ((row + futures * rows).ravel(), self.place[:, column].ravel()))
        return sparse.csc_array(entries, shape=(rows * self.problem.futures, self.cost.size))

    def limits(
        self, start: InitialState, demand: Floats, safety: Floats | None = None, now: PlanningProblem | None = None
    ) -> Limits:
        """Everything known: where it begins, the futures' demand (T, C, K, S), and each site's safety stock (N, K).

        `now` is the problem with the prices, lanes and limits that are expected now; left out: as it was assembled.
        """
        problem = now or self.problem
        sides = [block.sides(start, demand, problem) for block in self.blocks]
        low, high = (np.concatenate([side[end] for side in sides], axis=1).ravel() for end in (0, 1))
        most = np.full((self.problem.futures, self.columns.count), np.inf)
        if self.network.fulfilment.backlogged is not None:
            lost = self.network.fulfilment.backlogged[:, :, 0] == 0
            most[:, self.columns.unmet[lost]] = np.moveaxis(demand, (0, 3), (3, 0))[:, lost]
        there = self.columns.safe >= 0
        most[:, self.columns.safe[there]] = 0.0 if safety is None else np.broadcast_to(safety[:, :, None], there.shape)[there]
        there = self.columns.overtime >= 0
        most[:, self.columns.overtime[there]] = most_overtime(self.network, problem)[there]
        upper = np.full(self.cost.size, np.inf)
        upper[self.place] = most
        upper[self.place[:, self.columns.ship[self._impossible(problem)]]] = 0.0  # of several that are planned as one, too
        upper[self.place[:, self._refused(problem)]] = 0.0
        cost = None if problem.price is None or problem is self.problem else self._costs(problem)
        return Limits(low, high, upper, initial_cost(self.network, problem, start, demand), cost)

    def _impossible(self, problem: PlanningProblem) -> Truths:
        """Shipments for which no order can be placed in time, off the cadence, or which cannot leave (P, T)."""
        after = np.arange(problem.periods) - problem.wait[self.columns.lane][:, None]
        at_once = ~self.network.stays_open[self.columns.lane][:, None]
        impossible: Truths = at_once & (after > 0) & (after % problem.cadence != 0)
        return impossible if problem.left is None else impossible | (problem.left[:, self.columns.lane].T == 0)

    def _refused(self, problem: PlanningProblem) -> Places:
        """Columns of orders of now, and of those dated now, in periods in which they are not taken."""
        if problem.taken is None:
            return np.array([], dtype=np.int64)
        orders = np.column_stack([self.columns.order, self.columns.dated])
        closed = problem.taken[: problem.dated + 1, self.columns.lane].T == 0
        found: Places = orders[closed & (orders >= 0)]
        return found

    def first_orders(self, solution: Floats, start: InitialState) -> Floats:
        """What is ordered now (L, K) [units]: beyond what is open anyway, where sources know it at once."""
        columns, found = self.columns, np.zeros(start.open_orders.shape)
        own = solution[self.place[0]]
        at_once = self._leaves_at_once
        where = np.where(at_once, columns.ship[:, 0], columns.order)
        amount = np.where(where >= 0, own[where], 0.0)
        open_orders = np.where(at_once, start.open_orders[columns.lane, columns.product], 0.0)
        found[columns.lane, columns.product] = np.maximum(amount - open_orders, 0.0)
        return found

    def dated_orders(self, solution: Floats) -> Floats:
        """What is ordered in each of the periods after this one whose orders are decided now (D, L, K) [units]."""
        columns, periods = self.columns, self.problem.dated
        found = np.zeros((periods, len(self.network.lanes), len(self.network.products)))
        own = solution[self.place[0]]
        where = np.where(self._leaves_at_once[:, None], columns.ship[:, 1 : periods + 1], columns.dated)
        found[:, columns.lane, columns.product] = np.maximum(np.where(where >= 0, own[where], 0.0), 0.0).T
        return found
