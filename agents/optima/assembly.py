"""A network in which one product is assembled of parts: as the theory has it, and its optimum carried out.

Letters: B batch, N sites, L lanes, K products; items are products at sites, the one that customers buy first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.loads import Item
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_numpy
from orderup.envs.numerics.backend import Backend
from orderup.envs.simulator import Simulator

from ..exact.scope import PLAIN, Scope, keys
from ..exact.structures import Assembly, AssemblyOptimum
from .known import Act, KeyedScenario, Known, is_plain

ASSEMBLED: Scope = {**PLAIN, "lanes": PLAIN["lanes"] | keys("make at uses")}
"""Recipes, and what the exact optima know of besides."""


@dataclass(frozen=True, eq=False)
class Assembled:
    """A network as an assembly: by item where it is, what it is, and the lane that makes or brings it."""

    sites: tuple[int, ...]
    products: tuple[int, ...]
    lanes: tuple[int, ...]
    assembly: Assembly

    @classmethod
    def of(cls, network: Network) -> Assembled | None:
        """None where it is none: where an item has two ways to be had, or goes into several, or several are sold."""
        lanes, sold = _lanes(network), _sold(network)
        if lanes is None or sold is None or sold not in lanes:
            return None
        items, successor, uses = [sold], [-1], [1.0]
        for number, item in enumerate(items):  # and what is added meanwhile
            for part, amount in network.taken_of(lanes[item], item[1]).items():
                if part not in lanes or part in items:
                    return None
                items.append(part)
                successor.append(number)
                uses.append(amount)
        if len(items) < len(lanes):
            return None
        sites, products = (tuple(found) for found in zip(*items, strict=True))
        (entry,) = network.scenario.customers
        return cls(
            sites,
            products,
            tuple(lanes[item] for item in items),
            Assembly(
                successor,
                [int(network.times.known_lead_time[lanes[item]]) for item in items],
                [float(network.costs.holding[site, product, 0]) for site, product in items],
                float(network.costs.shortage[0, sold[1], 0]),
                entry.demand.at(entry.site).over((network.products[sold[1]],), 1),
                uses,
            ),
        )


def _lanes(network: Network) -> dict[Item, int] | None:
    """The one lane by which each item is had; None where there are several, or one that brings several items."""
    found: dict[Item, int] = {}
    for lane, site in enumerate(network.topology.destination.tolist()):
        carried = [product for product in range(len(network.products)) if network.limits.carries(lane, product)]
        if len(carried) != 1 or (site, carried[0]) in found:
            return None
        found[site, carried[0]] = lane
    return found


def _sold(network: Network) -> Item | None:
    """The only item that customers buy; None where there are several."""
    if len(network.scenario.customers) != 1 or len(network.customers) != 1:
        return None
    bought = network.scenario.customers[0].products or list(network.products)
    return (int(network.topology.customer_site[0]), network.products.index(bought[0])) if len(bought) == 1 else None


def _is_assembly(network: Network) -> bool:
    """One product is assembled, of parts that go into nothing else."""
    return network.recipes is not None and is_plain(network) and Assembled.of(network) is not None


@lru_cache(maxsize=32)
def _solved(key: KeyedScenario) -> tuple[Assembled, AssemblyOptimum]:
    found = Assembled.of(Simulator(key.scenario).numpy_network)
    assert found is not None  # _is_assembly has seen to it
    return found, found.assembly.optimum()


def _act(context: Context) -> Act:
    """By local levels where they keep the balance, else by all records. Raises InputError unless these are shared in time."""
    network, (found, best) = context.network, _solved(KeyedScenario(context.network.scenario))
    if best.is_local:
        level = np.zeros((len(network.lanes), len(network.products)))
        level[list(found.lanes), list(found.products)] = best.installation_levels
        decision = Decision(level=context.backend.asarray(level)[None])
        return lambda information: decision
    late = context.autonomy.feed_latency or context.autonomy.feed_noise
    if len(network.sites) > 1 and (late or not context.autonomy.sees(context.seats, "shared")):
        wanted = "a level at which records are shared, as they are: parts that take less time than others wait for them"
        raise InputError("agent", f"optimal at {context.autonomy.name}", wanted)
    return _Balance(network, found, best, context.backend)


class _Balance:
    """Orders every item up to its echelon level, but not beyond what those that take longer have ready by then."""

    def __init__(self, network: Network, found: Assembled, best: AssemblyOptimum, backend: Backend) -> None:
        self._network, self._found, self._best, self._backend = network, found, best, backend
        self._ordered = [deque[Floats](maxlen=max(periods - 1, 0)) for periods in self._memory()]

    def _memory(self) -> list[int]:
        """Of how many periods before this one, and this one, an item's orders are too new for those that look at it."""
        asking = zip(self._best.next_items, self._best.ready_after, strict=True)
        found = [1] * len(self._found.lanes)
        for others, periods in asking:
            for other in others:
                found[other] = max(found[other], periods)
        return found

    def __call__(self, information: Information) -> Decision:
        alone = len(self._network.sites) == 1
        read = information.own if alone else information.everywhere
        level = in_numpy(read("on_hand")) - in_numpy(read("backlog")) + in_numpy(read("pipeline", summed=True))
        shelf, position = in_numpy(read("on_hand")), self._positions(level)
        quantity = np.zeros((len(level), len(self._network.lanes), len(self._network.products)))
        for item, lane in enumerate(self._found.lanes):
            wish = np.maximum(self._limit(item, position) - position[item], 0.0)
            for part, amount in self._uses(item):
                there = shelf[:, self._found.sites[part], self._found.products[part]]
                wish = np.minimum(wish, there / amount)
            quantity[:, lane, self._found.products[item]] = wish
        for item, lane in enumerate(self._found.lanes):
            self._ordered[item].append(quantity[:, lane, self._found.products[item]])
        return Decision(quantity=self._backend.asarray(quantity))

    def _uses(self, item: int) -> list[tuple[int, float]]:
        assembly = self._found.assembly
        assert assembly.uses is not None  # Assembled gives them
        return [(part, assembly.uses[part]) for part, whole in enumerate(assembly.successor) if whole == item]

    def _positions(self, level: Floats) -> list[Floats]:
        """Echelon position (B,) of each item before ordering."""
        found: list[Floats] = []
        for item, whole in enumerate(self._found.assembly.successor):
            own = level[:, self._found.sites[item], self._found.products[item]]
            content = self._found.assembly.content
            found.append(own if item == 0 else own + content[item] / content[whole] * found[whole])
        return found

    def _limit(self, item: int, position: list[Floats]) -> Floats:
        """What an item's echelon position may be brought to (B,)."""
        content, limit = self._found.assembly.content, np.full(len(position[0]), self._best.echelon_levels[item])
        new = self._best.ready_after[item] - 1
        for other in self._best.next_items[item]:
            recent = list(self._ordered[other])[len(self._ordered[other]) - new :] if new else []
            limit = np.minimum(limit, (position[other] - sum(recent)) * content[item] / content[other])
        return limit


ASSEMBLIES = (Known(_is_assembly, _act, ASSEMBLED),)
