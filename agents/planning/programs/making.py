"""What shipments take off the shelves and bring to them, of recipes their parts and what they make; and hours of machines.

Letters: T periods, N sites, L lanes, K products, M machines, P pairs of a lane and a product that it carries, n amounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from orderup.envs.making.machines import Machines
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .problem import Places, PlanningProblem


@dataclass(frozen=True, eq=False)
class MovedUnits:
    """So much of a product at a site for a unit of some pair: what it takes there, or what it brings."""

    pair: Places
    """(n,)"""
    site: Places
    product: Places
    amount: Floats
    """For a unit shipped, or begun [units]."""

    @classmethod
    def taken(cls, network: Network, lane: Places, product: Places) -> MovedUnits:
        """What pairs of a lane and a product (P,) take: the same product at their source, or the parts of a recipe."""
        source = network.topology.source[lane]
        plain = np.flatnonzero(source >= 0)
        pair, part, amount = _of_recipes(network, lane, None if network.recipes is None else network.recipes.uses[:, :, 0])
        return cls(
            np.concatenate([plain, pair]),
            np.concatenate([source[plain], network.topology.destination[lane[pair]]]),
            np.concatenate([product[plain], part]),
            np.concatenate([np.ones(plain.size), amount]),
        )

    @classmethod
    def brought(cls, network: Network, lane: Places, product: Places) -> MovedUnits:
        """What they bring where they lead: their product, and what comes of a recipe beside it."""
        pair, beside, amount = _of_recipes(network, lane, _beside(network))
        every = np.concatenate([np.arange(lane.size), pair])
        return cls(
            every,
            network.topology.destination[lane[every]],
            np.concatenate([product, beside]),
            np.concatenate([np.ones(lane.size), amount]),
        )


def _of_recipes(network: Network, lane: Places, amounts: Floats | None) -> tuple[Places, Places, Floats]:
    """Pairs that are recipes, the products that these amounts (R, K) are of for each, and how many units."""
    if amounts is None or network.recipes is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    recipe = np.full(len(network.lanes), -1)
    recipe[network.recipes.lanes] = np.arange(len(network.recipes.lanes))
    of_pair = np.where(recipe[lane][:, None] >= 0, amounts[recipe[lane]], 0.0)
    pair, part = np.nonzero(of_pair)
    return pair, part, of_pair[pair, part]


def _beside(network: Network) -> Floats | None:
    """What comes of each recipe beside its product (R, K)."""
    if network.recipes is None or network.recipes.beside is None:
        return None
    beside, found = network.recipes.beside, np.zeros(network.recipes.uses.shape[:2])
    found[np.searchsorted(network.recipes.lanes, beside.rows)] = beside.amounts[:, :, 0]
    return found


def hours_for_a_unit(network: Network, lane: Places) -> tuple[Places, Floats]:
    """The machine of each pair (P,), −1 for none, and how long it runs for a unit, set-ups left out (P,) [hours]."""
    machine, hours = np.full(lane.size, -1), np.zeros(lane.size)
    if network.recipes is None or network.machines is None:
        return machine, hours
    for number, recipe in enumerate(network.recipes.lanes):
        if network.machines.takes_one[number, 0]:
            there = lane == recipe
            machine[there], hours[there] = network.machines.machine[number], network.machines.hours[number, 0, 0]
    return machine, hours


def hours_left(network: Network, machines: Machines, problem: PlanningProblem) -> Floats:
    """Share of its hours that each machine has in each period (M, T), those of its set-ups left out."""
    found = np.ones((len(machines.names), problem.periods))
    if problem.limits_left is not None:
        found = found * problem.limits_left[:, len(network.limits.limited) - len(machines.names) :].T
    return found if problem.set_up is None else found * (1.0 - problem.set_up[:, None])


def most_overtime(network: Network, problem: PlanningProblem) -> Floats:
    """How long each machine can run beyond its regular hours (M, T) [hours]."""
    machines = network.machines
    if machines is None:
        return np.zeros((0, problem.periods))
    extra: Floats = (machines.most - machines.regular)[:, :, 0]
    return extra * hours_left(network, machines, problem)


def most_content(network: Network) -> sparse.csr_array:
    """Units of each item, a product at a site, in one of each other, itself included (N·K, N·K), by the ways that take most."""
    shape = len(network.sites), len(network.products)
    source, to = network.topology.source, network.topology.destination
    own = np.eye(shape[0] * shape[1]).reshape(*shape, -1)
    found = own
    for _ in range(shape[0] * shape[1]):
        before, found = found, own.copy()
        inside = source >= 0
        np.maximum.at(found, source[inside], before[to[inside]])
        if network.recipes is not None:
            found = found + _of_parts(network, before)
        if (found == before).all():
            break
    return sparse.csr_array(found.reshape(shape[0] * shape[1], -1))


def _of_parts(network: Network, content: Floats) -> Floats:
    """Units of each part in what is made of it where it is (N, K, n), by the units of what is made in all else (N, K, n)."""
    recipes, found = network.recipes, np.zeros_like(content)
    assert recipes is not None  # as the caller looked
    for product in np.unique(recipes.product).tolist():
        most = np.zeros(found.shape[:2])
        same = recipes.product == product
        np.maximum.at(most, recipes.site[same], recipes.uses[same, :, 0])
        found += most[:, :, None] * content[:, product][:, None]
    return found
