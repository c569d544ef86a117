"""The rows of the linear program: what must balance, and what must not exceed its limit.

Letters: T periods, N sites, L lanes, K products, C customers, M machines, S futures, P pairs of a lane and a product. Both
sides of a row are given for every future (S, rows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.making.machines import Machines
from orderup.envs.network.limits import UNLIMITED
from orderup.envs.network.network import Network
from orderup.envs.network.recipes import drawn_from
from orderup.envs.numerics.arrays import Floats

from .columns import Columns, earlier
from .making import MovedUnits, hours_for_a_unit, hours_left
from .problem import InitialState, Places, PlanningProblem

Sides = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of one kind: the entries of their part of the matrix, and their sides."""

    size: int
    row: Places
    column: Places
    value: Floats
    right: Callable[[InitialState, Floats, PlanningProblem], Floats]
    """The right-hand side (S, rows), or what broadcasts to it [units]; what is left of limits is the problem's."""
    equal: bool
    """Whether the left is to be equal to the right, or at most that."""

    def sides(self, start: InitialState, demand: Floats, now: PlanningProblem) -> Sides:
        """The least and the most of each row (S, rows)."""
        right = np.broadcast_to(self.right(start, demand, now), (demand.shape[3], self.size))
        return (right if self.equal else np.full(right.shape, -np.inf)), right


class _Entries:
    """Entries as they come together, for rows numbered in an array of some shape."""

    def __init__(self, *shape: int) -> None:
        self.rows = np.arange(int(np.prod(shape))).reshape(shape)
        self._found: list[tuple[Places, Places, Floats]] = []

    def add(self, rows: Any, columns: Any, values: Any) -> None:
        """Values (broadcast) in these rows and columns; a column of −1 is left out."""
        row, column, value = np.broadcast_arrays(rows, columns, np.asarray(values, float))
        there = (column >= 0) & (row >= 0)
        self._found.append((row[there], column[there], value[there]))

    def block(self, right: Callable[[InitialState, Floats, PlanningProblem], Floats], equal: bool = False) -> Block:
        row, column, value = (np.concatenate(part) for part in zip(*self._found, strict=True))
        return Block(self.rows.size, row, column, value, right, equal)


def blocks(network: Network, problem: PlanningProblem, columns: Columns) -> tuple[Block, ...]:
    """All rows of one future."""
    return tuple(_blocks(network, problem, columns))


def _blocks(network: Network, problem: PlanningProblem, columns: Columns) -> Iterator[Block]:
    taken = MovedUnits.taken(network, columns.lane, columns.product)
    yield _balance(network, problem, columns, taken)
    if taken.pair.size:
        yield _stocked(network, problem, columns, taken)
    if network.machines is not None:
        yield _worked(network, problem, columns, network.machines)
    if (clients := _could_give_back(network)).size:
        yield _served(problem, columns, clients, network)
    if limited := list(_limits(network, problem)):
        yield _limited(network, problem, columns, limited)
    if (columns.over >= 0).any():
        yield _stored(network, columns)
    if (columns.opened >= 0).any():
        yield _opened(problem, columns)


def _balance(network: Network, problem: PlanningProblem, columns: Columns, taken: MovedUnits) -> Block:
    """Stock at the end = stock at the start + receipts − shipments, and parts of what is made − what customers get."""
    entries, periods = _Entries(*columns.hand.shape), np.arange(problem.periods)
    entries.add(entries.rows, columns.stock, 1.0)
    entries.add(entries.rows, columns.stock_of, -1.0)
    brought = MovedUnits.brought(network, columns.lane, columns.product)
    arrival = periods[:, None] + problem.lead_time[:, columns.lane[brought.pair]]
    into = entries.rows[brought.site, brought.product, np.minimum(arrival, problem.periods - 1)]
    entries.add(np.where(arrival < problem.periods, into, -1).T, columns.ship[brought.pair], -brought.amount[:, None])
    entries.add(entries.rows[taken.site, taken.product], columns.ship[taken.pair], taken.amount[:, None])
    sold = entries.rows[network.topology.customer_site]
    entries.add(sold, columns.unmet, -1.0)
    entries.add(sold, earlier(columns.unmet), 1.0 if network.fulfilment.backlogged is None else network.fulfilment.backlogged)

    sites = np.arange(len(network.sites))
    receives = np.equal.outer(sites, network.topology.destination).astype(float)
    sells = np.equal.outer(sites, network.topology.customer_site).astype(float)

    def right(start: InitialState, demand: Floats, now: PlanningProblem) -> Floats:
        given = np.einsum("nl,tlk->nkt", receives, start.arriving) - np.einsum("nc,tcks->snkt", sells, demand)
        given[..., 0] += start.on_hand - sells @ start.backlog
        flat: Floats = given.reshape(len(given), -1)
        return flat

    return entries.block(right, equal=True)


def _stocked(network: Network, problem: PlanningProblem, columns: Columns, taken: MovedUnits) -> Block:
    """A site ships, and takes for what it makes, no more than it has at the period's start."""
    sources = np.unique(taken.site)
    place = np.zeros(len(network.sites), dtype=np.int64)
    place[sources] = np.arange(sources.size)
    entries = _Entries(sources.size, len(network.products), problem.periods)
    entries.add(entries.rows[place[taken.site], taken.product], columns.ship[taken.pair], taken.amount[:, None])
    entries.add(entries.rows, columns.stock_of[:, sources], -1.0)
    shape = entries.rows.shape

    def right(start: InitialState, demand: Floats, now: PlanningProblem) -> Floats:
        given = np.zeros(shape)
        given[..., 0] = start.on_hand[sources]
        return given.reshape(1, -1)

    return entries.block(right)


def _worked(network: Network, problem: PlanningProblem, columns: Columns, machines: Machines) -> Block:
    """Machines run no longer than their regular hours and overtime; how long they are set up is left out."""
    entries = _Entries(len(machines.names), problem.periods)
    machine, hours = hours_for_a_unit(network, columns.lane)
    entries.add(np.where(machine[:, None] >= 0, entries.rows[machine], -1), columns.ship, hours[:, None])
    entries.add(entries.rows, columns.overtime, -1.0)

    def right(start: InitialState, demand: Floats, now: PlanningProblem) -> Floats:
        regular: Floats = machines.regular[:, :, 0] * hours_left(network, machines, now)
        return regular.reshape(1, -1)

    return entries.block(right)


def _could_give_back(network: Network) -> Places:
    """Customers who wait (n,), where it could pay to take back what they got: it is of use elsewhere, or brings something."""
    site, waits = (
        network.topology.customer_site,
        network.fulfilment.backlogged is None or network.fulfilment.backlogged[:, :, 0].any(axis=1),
    )
    shared = np.isin(site, drawn_from(network.topology, network.recipes)) | (
        np.bincount(site, minlength=len(network.sites))[site] > 1
    )
    sold = network.costs.price[:, :, 0].any(axis=1) | (network.mechanisms.ending is not None)
    return np.flatnonzero(waits & (shared | sold))


def _served(problem: PlanningProblem, columns: Columns, clients: Places, network: Network) -> Block:
    """Customers do not give back what they got."""
    unmet = columns.unmet[clients]
    entries = _Entries(*unmet.shape)
    entries.add(entries.rows, unmet, 1.0)
    waits = 1.0 if network.fulfilment.backlogged is None else network.fulfilment.backlogged[clients]
    entries.add(entries.rows, earlier(unmet), -1.0 * waits)

    def right(start: InitialState, demand: Floats, now: PlanningProblem) -> Floats:
        asked = np.moveaxis(demand[:, clients], (0, 3), (3, 0)).copy()
        asked[..., 0] += start.backlog[clients]
        return asked.reshape(len(asked), -1)

    return entries.block(right)


def _limits(network: Network, problem: PlanningProblem) -> Iterator[tuple[Places, Floats, Floats]]:
    """Lanes (n,) that share a limit on what leaves in each period (T,), and what a unit of each product counts (K,)."""
    lanes, always = np.arange(len(network.lanes)), np.ones(problem.periods)
    volume, weight = _counts(network, network.limits.volume), _counts(network, network.limits.weight)
    for capacity, counts in ((network.limits.capacity, volume), (network.limits.capacity_weight, weight)):
        for lane, limit in enumerate(() if capacity is None else capacity[:, 0, 0]):
            if limit < UNLIMITED:
                yield lanes[[lane]], limit * (always if problem.left is None else problem.left[:, lane]), counts
    for number, (rows, limit) in enumerate(network.limits.shared_limits):
        yield lanes[rows], limit * (always if problem.limits_left is None else problem.limits_left[:, number]), volume


def _counts(network: Network, size: Floats | None) -> Floats:
    """What a unit of each product counts (K,)."""
    return np.ones(len(network.products)) if size is None else size[0, :, 0]


def _limited(
    network: Network, problem: PlanningProblem, columns: Columns, limited: list[tuple[Places, Floats, Floats]]
) -> Block:
    """What lanes ship together stays within their limit."""
    entries = _Entries(len(limited), problem.periods)
    for number, (lanes, _, counts) in enumerate(limited):
        there = np.isin(columns.lane, lanes)
        entries.add(entries.rows[number], columns.ship[there], counts[columns.product[there], None])

    def right(start: InitialState, demand: Floats, now: PlanningProblem) -> Floats:
        return np.concatenate([limit for _, limit, _ in _limits(network, now)])[None]

    return entries.block(right)


def _stored(network: Network, columns: Columns) -> Block:
    """Stock beyond what fits counts as such."""
    sites = np.flatnonzero((columns.over >= 0).any(axis=1))
    entries = _Entries(*columns.over[sites].shape)
    entries.add(entries.rows[:, None], columns.stock[:, sites], _counts(network, network.limits.volume)[:, None])
    entries.add(entries.rows, columns.over[sites], -1.0)
    assert network.limits.storage is not None  # or there would be no such columns
    fits = np.repeat(network.limits.storage[sites, 0, 0], entries.rows.shape[1])[None]
    return entries.block(lambda start, demand, now: fits)


def _opened(problem: PlanningProblem, columns: Columns) -> Block:
    """Open orders at the end = those at the start + what the source hears of − what it ships."""
    there = columns.opened >= 0
    entries = _Entries(int(there.sum()))
    rows = np.full(there.shape, -1)
    rows[there] = entries.rows
    entries.add(rows, columns.opened, 1.0)
    entries.add(rows, earlier(columns.opened), -1.0)
    entries.add(rows, columns.ship, 1.0)
    pairs, wait = np.flatnonzero(columns.order >= 0), problem.wait[columns.lane]
    entries.add(rows[pairs, wait[pairs]], columns.order[pairs], -1.0)
    for ahead in range(problem.dated):
        reaches = np.minimum(wait[pairs] + 1 + ahead, problem.periods - 1)
        entries.add(rows[pairs, reaches], columns.dated[pairs, ahead], -1.0)

    def right(start: InitialState, demand: Floats, now: PlanningProblem) -> Floats:
        known = start.known[:, columns.lane, columns.product].T.copy()
        known[:, 0] += start.open_orders[columns.lane, columns.product]
        return known[there][None]

    return entries.block(right, equal=True)
