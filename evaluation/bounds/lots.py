"""Orders that cost something whatever their size, or come in certain sizes: the hindsight program with whole numbers in it.

Letters: T periods, L lanes, K products, P pairs of a lane and a product, W periods until a source knows of an order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from orderup.agents.planning.programs import AssembledProgram, InitialState
from orderup.agents.planning.programs.lots import LotRules
from orderup.agents.planning.programs.program import Limits
from orderup.envs.foundation.native_output import discarded
from orderup.envs.network.limits import UNLIMITED
from orderup.envs.network.network import Network
from orderup.envs.network.recipes import drawn_from

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


def may_differ(network: Network) -> bool:
    """Whether what is ordered can be changed on its way to the source, so that it need not keep minima and lot sizes."""
    return network.events.channels is not None or network.mechanisms.contract is not None


def _leaves_as_ordered(network: Network, lane: int) -> bool:
    """Whether an outside supplier ships what is ordered, at once and as it is; or a recipe begins it, which takes nothing."""
    takes = drawn_from(network.topology, network.recipes)[lane] >= 0
    return bool(not takes and not network.stays_open[lane] and not network.is_limited[lane])


def content(network: Network) -> Floats:
    """Units of each product that may have to be there, or be made, for a unit of each other, itself included (K, K).

    By the recipes that take most of it; who wants a co-product may have to make its product, and throw that away.
    """
    products = len(network.products)
    once, total = np.zeros((products, products)), np.eye(products)
    if network.recipes is None:
        return total
    for product, uses in zip(network.recipes.product, network.recipes.uses[:, :, 0], strict=True):
        once[:, product] = np.maximum(once[:, product], uses)
    if network.recipes.beside is not None:
        for product, amounts in zip(network.recipes.beside.product, network.recipes.beside.amounts[:, :, 0], strict=True):
            others = np.flatnonzero(amounts)
            once[product, others] = np.maximum(once[product, others], 1.0 / amounts[others])
    through = once
    for _ in range(products):
        total, through = total + through, once @ through
    return total


def solved_with_lots(program: AssembledProgram, limits: Limits, start: InitialState, demand: Floats, seconds: float) -> Solved:
    """The program's optimum with all orders as they have to be, as near as it is known after some seconds.

    `demand` (T, C, K) is what is asked for: with what is owed and there at first, the most of a product that pays to move.
    """
    rows = _Rows(program.cost.size)
    there = (start.on_hand, start.backlog, start.open_orders, start.arriving.sum(axis=0), start.known.sum(axis=0))
    asked = content(program.network) @ (demand.sum(axis=(0, 1)) + sum(part.sum(axis=0) for part in there))
    rules = LotRules.of(program.network)
    for lane in np.flatnonzero(rules.lanes):
        _of_lane(rows, program, rules, int(lane), asked, start)
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
    with discarded():
        found = milp(cost, integrality=whole, options=options, **settings)
    best = np.nan if found.fun is None else float(found.fun)
    if found.status not in IMPOSSIBLE and found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        return Solved(float(found.mip_dual_bound) + given, best + given, str(found.message))
    with discarded():
        relaxed = milp(cost, options={"time_limit": seconds}, **settings)
    bound = float(relaxed.fun) if relaxed.status == 0 and found.status not in IMPOSSIBLE else np.nan
    return Solved(bound + given, best + given, str(found.message))


def _of_lane(
    rows: _Rows, program: AssembledProgram, all_rules: LotRules, lane: int, asked: Floats, start: InitialState
) -> None:
    """What a lane's orders of every period cost and keep to."""
    network, problem = program.network, program.problem
    pairs = np.flatnonzero(program.columns.lane == lane)
    products = program.columns.product[pairs]
    keeps = not may_differ(network)
    rules = {
        "setup": all_rules.setup[lane, products],
        "minimum": all_rules.minimum[lane, products] * keeps,
        "multiple": all_rules.multiple[lane, products] * keeps,
    }
    together = [(unit[lane, products], float(least[lane])) for unit, least in all_rules.together if keeps and least[lane] > 0]
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
        fixed = float(all_rules.fixed[lane]) * weight
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


def _orders(rows: _Rows, program: AssembledProgram, lane: int, pairs: Places, start: InitialState) -> Places:
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
