"""What the program's columns cost: the ledger's terms that are linear, and what stock is worth in the end.

Letters: T periods, N sites, L lanes, K products, C customers, M machines, S futures, P pairs of a lane and a product.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from orderup.envs.network.loads import Item
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from ...levels.base_stock_levels import Tree
from ...levels.explosion import Explosion
from .columns import Columns
from .making import MovedUnits
from .problem import InitialState, PlanningProblem


def costs(network: Network, problem: PlanningProblem, columns: Columns) -> Floats:
    """Cost of a unit in each column of one future [money/unit]."""
    found, weight = np.zeros(columns.count), problem.weight
    found[columns.hand] = network.costs.holding * weight
    safe = columns.safe >= 0
    found[columns.safe[safe]] = (_of_safety(network, problem) * weight)[safe]
    found[columns.unmet] = network.costs.shortage * weight + network.costs.price * (weight - _waiting(network) * _later(weight))
    over = columns.over >= 0
    found[columns.over[over]] = (network.costs.overflow[:, 0] * weight)[over]
    found[columns.ship] = _of_shipments(network, problem, columns)
    opened = columns.opened >= 0
    found[columns.opened[opened]] = _of_open_orders(network, problem, columns)[opened]
    if network.machines is not None and network.machines.overtime is not None:
        longer = columns.overtime >= 0
        found[columns.overtime[longer]] = (network.machines.overtime[:, :, 0] * weight)[longer]
    if problem.salvage is not None:
        at_end = columns.hand[..., -1]
        found[at_end[at_end >= 0]] -= (problem.salvage * weight[-1])[at_end >= 0]
    if problem.terminal is not None:
        _credit(network, problem, columns, found)
    return found


def initial_cost(network: Network, problem: PlanningProblem, start: InitialState, demand: Floats) -> Floats:
    """What it costs whatever is done (S,): what is under way at the start, less the price of all that is asked for."""
    passed = np.concatenate([[0.0], np.cumsum(problem.weight)])[: problem.periods]
    in_transit = np.einsum("tlk,lk,t->", start.arriving, network.costs.transit_rate[:, :, 0], passed)
    asked = np.einsum("tcks,ck,t->s", demand, network.costs.price[:, :, 0], problem.weight)
    owed = problem.weight[0] * (start.backlog * network.costs.price[:, :, 0]).sum()
    given: Floats = in_transit - asked - owed
    return given


def _of_safety(network: Network, problem: PlanningProblem) -> Floats:
    """What safety stock still costs at each site (N, K, T): the echelon rates of those whose order of now is not at the end.

    A site's holding rate is the sum of what it and all above it add to it. Each addition is charged until what its site orders
    now has reached the last customers below, so that to order now rather than a period later costs one period of it, wherever
    the goods are by then; in later periods both plans would have them.
    """
    if network.recipes is not None:
        return _of_safety_with_parts(network, problem)
    found, effective = np.zeros((*network.costs.holding.shape[:2], problem.periods)), problem.effective(network)
    for tree, site in product(Tree.each(network), range(len(network.sites))):
        goods = list(tree.products)
        reached = int(effective[site, goods[0]]) + _way_down(tree, problem, site)
        above = network.costs.holding[tree.parent[site], goods, 0] if tree.parent[site] >= 0 else 0.0
        added = network.costs.holding[site, goods, 0] - above
        charged = np.arange(problem.periods) <= reached
        found[np.ix_(tree.below(site), goods)] += added[:, None] * charged
    return np.maximum(found, 0.0)


def _way_down(tree: Tree, problem: PlanningProblem, site: int) -> int:
    """Most periods from a site's receipt to that of a site at the end below: goods are sent on a period after they came."""
    below = [1 + int(problem.lead_time[0][tree.lane[child]]) + _way_down(tree, problem, child) for child in tree.children(site)]
    return max(below, default=0)


def _of_safety_with_parts(network: Network, problem: PlanningProblem) -> Floats:
    """The same where goods are made (N, K, T): what is made adds to its parts what its own holding is above theirs."""
    explosion, holding, effective = Explosion(network), network.costs.holding[:, :, 0], problem.effective(network)
    found, way_down = np.zeros((*holding.shape, problem.periods)), dict[Item, int]()
    for item, takes in explosion.takes.items():
        below = [(whole, int(problem.lead_time[0][explosion.main_lane(whole)])) for whole in explosion.goes_into[item]]
        way_down[item] = max((1 + takes_so_long + way_down[whole] for whole, takes_so_long in below), default=0)
        added = float(holding[item]) - sum(amount * float(holding[part]) for part, amount in takes.items())
        charged = np.arange(problem.periods) <= effective[item] + way_down[item]
        found += explosion.content[item][:, :, None] * added * charged
    return np.maximum(found, 0.0)


def _waiting(network: Network) -> Floats:
    """1 where unmet demand waits (C, K, 1)."""
    return np.ones(network.costs.price.shape) if network.fulfilment.backlogged is None else network.fulfilment.backlogged


def _later(weight: Floats) -> Floats:
    """The next period's weight (T,); after the last, 0."""
    return np.append(weight[1:], 0.0)


def _of_shipments(network: Network, problem: PlanningProblem, columns: Columns) -> Floats:
    """Unit cost, and the time under way at the source's holding rate, as far as it lies within the horizon (P, T)."""
    passed = np.concatenate([[0.0], np.cumsum(problem.weight)])
    period = np.arange(problem.periods)[:, None]
    under_way = passed[np.minimum(period + problem.lead_time, problem.periods)] - passed[period]
    unit = network.costs.unit_cost[columns.lane, columns.product] * problem.weight
    unit = unit if problem.price is None else unit * problem.price[:, columns.lane].T
    found: Floats = unit + network.costs.transit_rate[columns.lane, columns.product] * under_way[:, columns.lane].T
    return found


def _of_open_orders(network: Network, problem: PlanningProblem, columns: Columns) -> Floats:
    """Holding back what was ordered gains nothing: it costs what it would at its destination (P, T); free in hindsight."""
    rate = network.costs.holding[network.topology.destination[columns.lane], columns.product]
    found: Floats = rate * problem.weight * problem.decided
    return found


def _credit(network: Network, problem: PlanningProblem, columns: Columns, found: Floats) -> None:
    """Stock, shipments under way and demand owed at the end, at what units are then worth."""
    assert problem.terminal is not None  # as the caller asked
    value = problem.terminal * problem.weight[-1]
    at_end = columns.stock[..., -1]
    found[at_end[at_end >= 0]] -= np.broadcast_to(value, at_end.shape)[at_end >= 0]
    late = np.arange(problem.periods)[:, None] + problem.lead_time[:, columns.lane] >= problem.periods
    brought, unit = MovedUnits.brought(network, columns.lane, columns.product), np.zeros(columns.lane.size)
    np.add.at(unit, brought.pair, brought.amount * value[brought.site, brought.product])
    found[columns.ship] -= np.where(late.T, unit[:, None], 0.0)
    owed = value[network.topology.customer_site] - network.costs.price[:, :, 0] * problem.weight[-1]
    found[columns.unmet[:, :, -1]] += _waiting(network)[:, :, 0] * owed
