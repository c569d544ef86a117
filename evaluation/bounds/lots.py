"""Orders that cost something whatever their size, or come in certain sizes: the hindsight program with whole numbers in it.

Letters: T periods, L lanes, K products, P pairs of a lane and a product, W periods until a source knows of an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from orderup.agents.planning import InitialState, Program
from orderup.agents.planning.program import Limits
from orderup.envs.network.limits import UNLIMITED
from orderup.envs.network.network import Network

from ..statistics.statistics import Floats

Places = NDArray[np.int64]
GAP = 1e-3
"""Relative gap at which a program counts as solved."""
IMPOSSIBLE = (2, 3)
"""What SciPy says of programs that have no plan, or none that costs least."""
NODES = 60
"""Branches that are looked into, so that the same program comes to the same bound on every machine that is fast enough."""


@dataclass(frozen=True)
class Solved:
    """What a program came to: no plan costs less than `bound`, and one is known that costs `best` [money]."""

    bound: float
    best: float
    message: str


@dataclass
class _Rows:
    """Columns and rows that come on top of a program's, as they come together."""

    first: int
    cost: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def column(self, cost: float, most: float, whole: bool) -> int:
        """A new column's number."""
        self.cost.append(cost)
        self.most.append(most)
        self.whole.append(whole)
        return self.first + len(self.cost) - 1

    def row(self, terms: list[tuple[int, float]], low: float, high: float) -> None:
        """Low ≤ Σ factor · column ≤ high."""
        self.entries += [(len(self.low), column, factor) for column, factor in terms]
        self.low.append(low)
        self.high.append(high)


def has_lots(network: Network) -> bool:
    """Whether any lane's orders cost something whatever their size, or come in certain sizes."""
    rules = (network.limits.minimum, network.limits.multiple, network.costs.setup)
    return bool(network.costs.fixed_cost.any() or network.limits.least_orders or any(rule is not None for rule in rules))


def may_differ(network: Network) -> bool:
    """Whether what is ordered can be changed on its way to the source, so that it need not keep minima and lot sizes."""
    return network.events.channels is not None or network.mechanisms.contract is not None


def _leaves_as_ordered(network: Network, lane: int) -> bool:
    """Whether an outside supplier ships what is ordered, at once and as it is."""
    return bool(network.topology.source[lane] < 0 and not network.stays_open[lane] and not network.is_limited[lane])


def solved_with_lots(program: Program, limits: Limits, start: InitialState, demand: Floats, seconds: float) -> Solved:
    """The program's optimum with all orders as they have to be, as near as it is known after some seconds.

    `demand` (T, C, K) is what is asked for: with what is owed and there at first, the most of a product that pays to move.
    """
    rows = _Rows(program.cost.size)
    there = (start.on_hand, start.backlog, start.open_orders, start.arriving.sum(axis=0), start.known.sum(axis=0))
    asked = demand.sum(axis=(0, 1)) + sum(part.sum(axis=0) for part in there)
    for lane in np.flatnonzero(_with_lots(program.network)):
        _of_lane(rows, program, int(lane), asked, start)
    matrix = sparse.csr_array(program.matrix)
    columns = program.cost.size + len(rows.cost)
    above = sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], columns))
    row, column, factor = (np.array(part) for part in zip(*rows.entries, strict=True))
    below = sparse.csr_array((factor, (row, column)), shape=(len(rows.low), columns))
    whole = np.append(np.zeros(program.cost.size), rows.whole)
    cost, given = np.append(program.cost, rows.cost), float(limits.given.mean())
    settings: dict[str, Any] = {
        "constraints": [LinearConstraint(above, limits.low, limits.high), LinearConstraint(below, rows.low, rows.high)],
        "bounds": Bounds(0.0, np.append(limits.most, rows.most)),
    }
    options: Any = {"time_limit": seconds, "mip_rel_gap": GAP, "node_limit": NODES}
    found = milp(cost, integrality=whole, options=options, **settings)
    best = np.nan if found.fun is None else float(found.fun)
    if found.status not in IMPOSSIBLE and found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        return Solved(float(found.mip_dual_bound) + given, best + given, str(found.message))
    relaxed = milp(cost, options={"time_limit": seconds}, **settings)
    bound = float(relaxed.fun) if relaxed.status == 0 and found.status not in IMPOSSIBLE else np.nan
    return Solved(bound + given, best + given, str(found.message))


def _with_lots(network: Network) -> NDArray[np.bool_]:
    """Lanes (L,)."""
    found: NDArray[np.bool_] = network.costs.fixed_cost[:, 0, 0] > 0
    for rule in (network.limits.minimum, network.limits.multiple, network.costs.setup):
        if rule is not None:
            found = found | (rule > 0).any(axis=(1, 2))
    for least in network.limits.least_orders:
        found = found | (least.least[:, 0, 0] > 0)
    return found


def _of_lane(rows: _Rows, program: Program, lane: int, asked: Floats, start: InitialState) -> None:
    """What a lane's orders of every period cost and keep to."""
    network, problem = program.network, program.problem
    pairs = np.flatnonzero(program.columns.lane == lane)
    products = program.columns.product[pairs]
    keeps = not may_differ(network)
    rules = {
        "setup": _each(network.costs.setup, lane, products),
        "minimum": _each(network.limits.minimum if keeps else None, lane, products),
        "multiple": _each(network.limits.multiple if keeps else None, lane, products),
    }
    together = list(_together(network, lane, products)) if keeps else []
    most = asked[products] + np.maximum(rules["minimum"], rules["multiple"])
    most = most + sum(least / np.maximum(worth, 1e-12).min() for worth, least in together)
    placed = _orders(rows, program, lane, pairs, start)
    if keeps and not _leaves_as_ordered(network, lane):
        for columns, size, limit in zip(program.columns.ship[pairs], rules["multiple"].tolist(), most.tolist(), strict=True):
            for left in program.place[0][columns].tolist() if size else ():
                _whole(rows, left, size, limit)
    for period in range(placed.shape[1]):
        weight, orders = float(problem.weight[period]), placed[:, period].tolist()
        _per_product(rows, orders, rules, most, weight)
        fixed = float(network.costs.fixed_cost[lane, 0, 0]) * weight
        if fixed or together:
            any_order = rows.column(fixed, 1.0, whole=True)
            rows.row([*((order, 1.0) for order in orders), (any_order, -float(most.sum()))], -np.inf, 0.0)
            for worth, least in together:
                rows.row([*zip(orders, worth.tolist(), strict=True), (any_order, -least)], 0.0, np.inf)


def _per_product(rows: _Rows, orders: list[int], rules: dict[str, Floats], most: Floats, weight: float) -> None:
    for order, setup, least, size, limit in zip(orders, *rules.values(), most.tolist(), strict=True):
        if setup * weight or least:
            on = rows.column(setup * weight, 1.0, whole=True)
            rows.row([(order, 1.0), (on, -limit)], -np.inf, 0.0)
            rows.row([(order, 1.0), (on, -least)], 0.0, np.inf)
        if size:
            _whole(rows, order, size, limit)


def _whole(rows: _Rows, column: int, size: float, limit: float) -> None:
    """What a column stands for is a whole number of packs."""
    packs = rows.column(0.0, float(np.ceil(limit / size)), whole=True)
    rows.row([(column, 1.0), (packs, -size)], 0.0, 0.0)


def _orders(rows: _Rows, program: Program, lane: int, pairs: Places, start: InitialState) -> Places:
    """The columns of what is ordered in each period (P, T − W).

    What an outside supplier has no reason to keep leaves as it was ordered. What else is ordered leaves at any time from when
    the source knows of it, which is what it could do at best.
    """
    network, problem, ship = program.network, program.problem, program.place[0][program.columns.ship[pairs]]
    wait, periods = int(problem.wait[lane]), problem.periods
    if _leaves_as_ordered(network, lane):
        return np.asarray(ship[:, wait:])
    placed = np.array([[rows.column(0.0, UNLIMITED, whole=False) for _ in range(max(periods - wait, 0))] for _ in pairs])
    for number, product in enumerate(program.columns.product[pairs]):
        known = start.open_orders[lane, product] + np.cumsum(start.known[:, lane, product])
        for period in range(wait, periods):
            left = [(int(column), 1.0) for column in ship[number, : period + 1]]
            asked = [(int(column), -1.0) for column in placed[number, : period - wait + 1]]
            rows.row([*left, *asked], -np.inf, float(known[period]))
    return placed


def _each(rule: Any, lane: int, products: Places) -> Floats:
    if rule is None:
        return np.zeros(products.size)
    values = rule[lane, :, 0]
    return np.asarray(values[products] if values.size > 1 else np.repeat(values, products.size), dtype=float)


def _together(network: Network, lane: int, products: Places) -> Iterator[tuple[Floats, float]]:
    """What a unit of each product counts towards the least that an order comes to, and that."""
    for rule in network.limits.least_orders:
        if rule.least[lane, 0, 0] > 0:
            yield _each(rule.unit, lane, products), float(rule.least[lane, 0, 0])
