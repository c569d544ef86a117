"""A program with whole numbers: what orders cost whatever their size, and the sizes they come in, are planned as such.

Letters: T periods, N sites, L lanes, K products, C customers, S futures, P pairs of a lane with such rules and a product of
it, J turns at which orders can be placed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from orderup.envs.foundation.native_output import discarded
from orderup.envs.numerics.arrays import Floats

from .extra import Extra
from .lots import EconomicLots, LotRules
from .making import MovedUnits, most_content
from .problem import InitialState, Places
from .program import AssembledProgram, Limits
from .solve import Solution

SEGMENTS, FURTHEST = 6, 2.0
"""Straight pieces of what stock at the end saves, up to so many times as much as saves most."""


class SetupProgram:
    """A program whose orders of some lanes are switched on, by one binary for each lane or product and turn.

    A truck that lanes have in common is on where any of them is. The switches are the same in all futures: when to order again
    is planned once, how much knows its future (static-dynamic uncertainty, Bookbinder and Tan 1988), and both are planned anew
    in the next period. Minima hold at every turn, packs for what is ordered now. After `turns` of them an order costs its share
    of an economic lot. What stock saves after the last period is what the square-root formula makes of it, so that the window
    need not hold an order cycle.
    """

    def __init__(self, program: AssembledProgram, turns: int | None = None) -> None:
        self.program, network = program, program.network
        self._rules = rules = LotRules.of(network)
        self._lots = EconomicLots.of(network, rules)
        columns, problem = program.columns, program.problem
        self._pairs = np.flatnonzero(rules.lanes[columns.lane])
        self._lane, self._product = columns.lane[self._pairs], columns.product[self._pairs]
        self._size = rules.multiple[self._lane, self._product]
        self._extra = Extra(program.cost.size)
        periods, wait = np.arange(problem.periods), problem.wait[self._lane][:, None]
        self._turn = np.where(periods >= wait, (periods - wait) // problem.cadence, -1)
        self._turns = int(self._turn.max(initial=0)) + 1
        self._whole = np.arange(self._turns) < (self._turns if turns is None else turns)
        self._asked = columns.order[self._pairs] >= 0
        self._order = np.where(self._asked, program.place[0][columns.order[self._pairs]], -1)
        self._ship = program.place[:, columns.ship[self._pairs]].transpose(1, 2, 0)
        self._own = np.ones(self._ship.shape, bool)
        self._own[:, :, 1:] = self._ship[:, :, 1:] != self._ship[:, :, :1]
        self._free = (self._turn >= 0) & ~(self._asked[:, None] & (self._turn == 0))
        """Shipments of what is ordered at some turn, not by way of an order column (P, T)."""
        self._old = self._ordered_before()
        self._on, self._together, self._switch = self._switches()
        self._at_most = self._switched()
        self._sized()
        self._lag = np.zeros(self._lots.slope.shape)
        self._saved = self._valued_at_the_end()
        row, column, value = (np.concatenate(part) for part in zip(*self._extra.entries, strict=True))
        self._entries = row, column, value
        self._switching = np.concatenate(self._extra.cost)
        self._most = np.concatenate(self._extra.most)
        self._integrality = np.concatenate([np.zeros(program.cost.size), *self._extra.whole]).astype(np.int64)
        matrix = sparse.csr_array(program.matrix)
        shape = (matrix.shape[0], self._extra.count)
        self._above = sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=shape)
        self._content = most_content(network)
        total = [least[self._lane] / np.maximum(unit[self._lane, self._product], 1e-9) for unit, least in rules.together]
        self._least_lot = np.max([rules.minimum[self._lane, self._product], *total], axis=0) + self._size
        lots = (self._lots.interval * network.loads.mean[:, :, 0])[network.topology.destination[self._lane], self._product]
        self._economic = np.where(lots > 0, lots, self._least_lot + 1.0)

    @property
    def binaries(self) -> int:
        """Whole numbers that are planned."""
        return int(self._integrality.sum())

    def solve(
        self, limits: Limits, start: InitialState, demand: Floats, safety: Floats, gap: float, seconds: float
    ) -> Solution:
        """The optimum within a relative `gap`, or the best plan found in so many `seconds`; None where none was."""
        row, column, value = self._entries
        value, (low, high) = value.copy(), self._extra.both
        lots = self._largest(start, demand, safety)
        for entries, largest in zip(self._at_most, (lots, lots[:, 0].max(axis=1)), strict=True):
            value[entries[entries >= 0]] = -largest[entries >= 0]
        there = self._known >= 0
        known = (start.open_orders + np.cumsum(start.known, axis=0))[:, self._lane, self._product].T
        high[self._known[there]] = np.broadcast_to(np.where(self._asked[:, None], 0.0, known)[:, :, None], there.shape)[there]
        there = self._ends >= 0
        high[self._ends[there]] = np.broadcast_to(self._lag[:, :, None], there.shape)[there]
        extra = sparse.csr_array((value, (row, column)), shape=(self._extra.rows, self._extra.count))
        units = self.program.cost if limits.cost is None else limits.cost
        with discarded():
            found = milp(
                np.concatenate([units - self._saved, self._switching]),
                integrality=self._integrality,
                constraints=[LinearConstraint(self._above, limits.low, limits.high), LinearConstraint(extra, low, high)],
                bounds=Bounds(0.0, np.concatenate([limits.most, self._most])),
                options={"time_limit": seconds, "mip_rel_gap": gap},
            )
        if found.x is None:
            return Solution(None, float("nan"), str(found.message))
        values, cost = np.asarray(found.x), float(found.fun) + float(limits.given.mean())
        return Solution(values, cost, str(found.message), proven=found.status == 0)

    def first_orders(self, values: Floats, start: InitialState) -> Floats:
        """What is ordered now (L, K) [units]."""
        found = self.program.first_orders(values, start)
        old = self._old[:, 0, 0]
        left = values[self._ship[:, 0, 0]] - np.where(old >= 0, values[old], 0.0)
        own = np.where(self.program.problem.wait[self._lane] > 0, 0.0, np.maximum(left, 0.0))
        found[self._lane, self._product] = np.where(self._asked, found[self._lane, self._product], own)
        return found

    def raised(self, orders: Floats) -> Floats:
        """Orders (L, K) planned without such rules, to an economic lot at least where orders cost something."""
        lots, topology = self._lots.interval * self.program.network.loads.mean[:, :, 0], self.program.network.topology
        least = np.where(topology.is_main & self._rules.costly[:, None], lots[topology.destination], 0.0)
        return np.where(orders > 1e-9, np.maximum(orders, least), 0.0)

    def _ordered_before(self) -> Places:
        """Columns of what was ordered before and leaves at a later turn, which needs no order (P, T, S)."""
        program, extra = self.program, self._extra
        there = (self._free & program.network.stays_open[self._lane][:, None])[:, :, None] & self._own
        old = extra.columns(there)
        self._known = extra.limit(there, -np.inf, 0.0)
        shared = np.where(self._own, old, old[:, :, :1])
        for period in range(shared.shape[1]):
            extra.add(self._known[:, period:], shared[:, period][:, None], 1.0)
        opened = program.columns.opened[self._pairs].max(axis=1)
        held = np.where((opened >= 0) & self._asked, program.place[:, opened], -1).T
        extra.add(self._known, held[:, None], -1.0)
        return shared

    def _switches(self) -> tuple[Places, Places, Places]:
        """Columns that switch a product's orders on (P, J), those of a lane (L, J), and the one that limits each (P, J)."""
        rules, extra, problem = self._rules, self._extra, self.program.problem
        lane, product = self._lane, self._product
        weight = problem.weight[np.minimum(np.arange(self._turns) * problem.cadence, problem.periods - 1)]
        most, whole = np.where(self._whole, 1.0, np.inf), self._whole.astype(float)
        single = (rules.setup[lane, product] > 0) | (rules.minimum[lane, product] > 0)
        turns = np.ones(self._turns, bool)
        on = extra.columns(single[:, None] & turns, rules.setup[lane, product][:, None] * weight, most, whole)
        together = extra.columns(rules.joint[:, None] & turns, rules.fixed[:, None] * weight, most, whole)
        both = extra.limit((on >= 0) & (together[lane] >= 0), -np.inf, 0.0)
        extra.add(both, on, 1.0)
        extra.add(both, together[lane], -1.0)
        self._add_trucks(together)
        return on, together, np.where(single[:, None], on, together[lane])

    def _add_trucks(self, together: Places) -> None:
        """Columns of trucks (T,), each on where the orders of any of its lanes are to leave that are switched on (L, J)."""
        extra, problem = self._extra, self.program.problem
        for lanes, cost in self._rules.trucks:
            truck = extra.columns(np.ones(problem.periods, bool), cost * problem.weight)
            leaves = problem.wait[lanes][:, None] + np.arange(self._turns) * problem.cadence
            rows = extra.limit((together[lanes] >= 0) & (leaves < problem.periods), -np.inf, 0.0)
            extra.add(rows, together[lanes], 1.0)
            extra.add(rows, truck[np.minimum(leaves, problem.periods - 1)], -1.0)

    def _switched(self) -> tuple[Places, Places]:
        """Rows that keep orders to what is switched on: the entries of the largest lots (P, T, S), and of orders now (P,)."""
        extra = self._extra
        switch = self._switch[np.arange(len(self._pairs))[:, None], np.maximum(self._turn, 0)]
        rows = extra.limit((self._free & (switch >= 0))[:, :, None] & self._own, -np.inf, 0.0)
        extra.add(rows, self._ship, 1.0)
        extra.add(rows, self._old, -1.0)
        later = extra.add(rows, switch[:, :, None], -1.0)
        now = extra.limit(self._asked & (self._switch[:, 0] >= 0), -np.inf, 0.0)
        extra.add(now, self._order, 1.0)
        return later, extra.add(now, self._switch[:, 0], -1.0)

    def _sized(self) -> None:
        """Rows of minima at every turn, and of packs in what is ordered now."""
        rules, extra, lane, product = self._rules, self._extra, self._lane, self._product
        futures = np.ones(self._ship.shape[2], bool)
        least = rules.minimum[lane, product]
        rows = extra.limit(((least > 0)[:, None] & self._whole)[:, :, None] & futures, 0.0, np.inf)
        self._add_orders(rows, np.ones(least.shape))
        extra.add(rows, self._on[:, :, None], -least[:, None, None])
        for unit, total in rules.together:
            rows = extra.limit(((total > 0)[:, None] & self._whole)[:, :, None] & futures, 0.0, np.inf)
            self._add_orders(rows[lane], unit[lane, product])
            extra.add(rows, self._together[:, :, None], -total[:, None, None])
        in_packs = (self._size > 0) & (self._asked | self._free[:, 0])
        packs, rows = extra.columns(in_packs, whole=1.0), extra.limit(in_packs, 0.0, 0.0)
        extra.add(rows, self._order, 1.0)
        extra.add(np.where(self._asked, -1, rows), self._ship[:, 0, 0], 1.0)
        extra.add(np.where(self._asked, -1, rows), self._old[:, 0, 0], -1.0)
        extra.add(rows, packs, -self._size)

    def _add_orders(self, rows: Places, factor: Floats) -> None:
        """What is ordered at each turn, in rows (P, J, S)."""
        pair = np.arange(len(rows))
        for period in range(self._ship.shape[1]):
            own = np.where(self._free[:, [period]], rows[pair, np.maximum(self._turn[:, period], 0)], -1)
            self._extra.add(own, self._ship[:, period], factor[:, None])
            self._extra.add(own, self._old[:, period], -factor[:, None])
        self._extra.add(rows[:, 0], self._order[:, None], factor[:, None])

    def _valued_at_the_end(self) -> Floats:
        """What the units in each column save after the last period [money/unit], and rows for how the next ones save less."""
        program, lots, extra, saved = self.program, self._lots, self._extra, np.zeros(self.program.cost.size)
        problem, network = program.problem, program.network
        there = np.repeat((lots.slope > 0)[:, :, None], problem.futures, axis=2)
        self._ends = extra.limit(there, -np.inf, 0.0)
        if not there.any():
            return saved
        weight = problem.weight[-1] / problem.futures
        for site, product, column, counts in position_at_end(program):
            extra.add(self._ends[site, product], column, counts[:, None])
            paid = counts[:, None] * lots.on_the_way(network)[site, product][:, None] * weight + 0.0 * column
            np.add.at(saved, column, paid)
        width = FURTHEST * lots.most / SEGMENTS
        for number in range(SEGMENTS + 1):
            cost = lots.slope * width * (number + 0.5) * weight
            least = extra.columns(there, cost[:, :, None], width[:, :, None] if number < SEGMENTS else np.inf)
            extra.add(self._ends, least, -1.0)
        main = network.topology.main_lanes
        self._lag = np.where(main >= 0, problem.lead_time[0][main], 0) * network.loads.mean[:, :, 0]
        return saved

    def _largest(self, start: InitialState, demand: Floats, safety: Floats) -> Floats:
        """More than any order is worth placing for (P, T, S): what will be asked for below, and what is short before."""
        network = self.program.network

        def through(values: Floats) -> Floats:
            """What each site needs of each product (N, K, …) where these are wanted (N, K, …)."""
            found: Floats = (self._content @ values.reshape(self._content.shape[0], -1)).reshape(values.shape)
            return found

        buys = np.equal.outer(np.arange(len(network.sites)), network.topology.customer_site).astype(float)
        asked = through(np.einsum("nc,tcks->nkts", buys, demand))
        there = start.on_hand.copy()
        np.add.at(there, network.topology.destination, start.arriving.sum(axis=0))
        before = np.cumsum(asked, axis=2) - asked
        short = np.maximum(before + through(buys @ start.backlog - there)[:, :, None, None], 0.0)
        lots = self._lots.most + self._lag + safety
        worth = asked.sum(axis=2, keepdims=True) - before + short + through(lots)[:, :, None, None]
        own = worth[network.topology.destination[self._lane], self._product] + self._least_lot[:, None, None] + 1.0
        shared = np.where(self._own[:, :, 1:].any(axis=2, keepdims=True), own, own.max(axis=2, keepdims=True))
        later = (self._turn >= self._whole.sum())[:, :, None]
        largest: Floats = np.where(later, self._economic[:, None, None], np.ceil(shared))
        return largest


def position_at_end(program: AssembledProgram) -> Iterator[tuple[Places, Places, Places, Floats]]:
    """Sites and products (n,), columns (n, S) and how they count (n,) in what is there or due after the last period."""
    columns, problem, network = program.columns, program.problem, program.network
    for stock in columns.stock[..., -1]:
        site, product = np.nonzero(stock >= 0)
        yield site, product, program.place[:, stock[site, product]].T, np.ones(site.size)
    late = np.arange(problem.periods) + problem.lead_time.T[columns.lane] >= problem.periods
    brought = MovedUnits.brought(network, columns.lane, columns.product)
    which, period = np.nonzero(late[brought.pair])
    places = program.place[:, columns.ship[brought.pair[which], period]].T
    yield brought.site[which], brought.product[which], places, brought.amount[which]
    waits = network.fulfilment.backlogged
    row, product = np.nonzero(np.ones(network.costs.price.shape[:2]) if waits is None else waits[:, :, 0])
    owed = program.place[:, columns.unmet[row, product, -1]].T
    yield network.topology.customer_site[row], product, owed, -np.ones(row.size)
