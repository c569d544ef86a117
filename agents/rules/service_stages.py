"""A network as the stages of the guaranteed-service model: trees of products at sites, each had by its main lane.

Letters: N sites, L lanes, K products, J stages of a tree, H the longest time that anything can take to its customers [periods].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from orderup.envs.foundation.errors import InputError
from orderup.envs.network.loads import Item
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from ..exact.dynamic_programming import check_size
from ..exact.structures.guaranteed_service import ServiceTimes, guaranteed_service, longest_times
from ..levels.explosion import buyers
from .site_demand import only_customers, shortage_of


@dataclass(frozen=True)
class Placement:
    """Where the safety stock of one tree stands: lists are by item."""

    items: tuple[Item, ...]
    lanes: tuple[int, ...]
    """The main lane of each."""
    several: tuple[bool, ...]
    """Whether it goes to more than one place, customers included."""
    times: ServiceTimes
    levels: tuple[float, ...]
    """Order-up-to levels [units]."""


def placements(network: Network, wait: int = 0, service: float | None = None) -> Iterator[Placement]:
    """The best there is, tree by tree; orders are `wait` periods late on top of their lanes.

    `service` is the chance that demand keeps within its bound; left out: b/(b+h) of the customers below. Raises InputError
    where main lanes and recipes make a circle, by the key of one on it, or lead times make tables too large.
    """
    graph = _Graph.of(network)
    for items in graph.trees():
        yield _placed(graph, items, wait, service)


@dataclass(frozen=True, eq=False)
class _Graph:
    """Items with the lane that each is had by, and what of others a unit takes."""

    network: Network
    lane: dict[Item, int]
    takes: dict[Item, dict[Item, float]]
    goes_to: dict[Item, list[Item]]

    @classmethod
    def of(cls, network: Network) -> _Graph:
        main = network.topology.main_lanes
        lane = {(site, product): int(main[site, product]) for site, product in np.argwhere(main >= 0).tolist()}
        takes = {
            item: {part: n for part, n in network.taken_of(by, item[1]).items() if part in lane} for item, by in lane.items()
        }
        goes_to: dict[Item, list[Item]] = {item: [] for item in lane}
        for item, parts in takes.items():
            for part in parts:
                goes_to[part].append(item)
        return cls(network, lane, takes, goes_to)

    def trees(self) -> list[list[Item]]:
        """The items that hang together, tree by tree. Raises InputError for what is none."""
        tree = {item: number for number, item in enumerate(self.lane)}
        members = {number: [item] for item, number in tree.items()}
        for item, parts in self.takes.items():
            for part in parts:
                if tree[part] == tree[item]:
                    raise self._circle(item, part)
                small, large = sorted((tree[part], tree[item]), key=lambda number: len(members[number]))
                for moved in members[small]:
                    tree[moved] = large
                members[large] += members.pop(small)
        return list(members.values())

    def _circle(self, item: Item, part: Item) -> InputError:
        network, lane = self.network, self.network.lanes[self.lane[item]]
        number = next(place for place, keys in enumerate(network.scenario.lanes) if keys.label == lane)
        key = f"lanes[{number}].{'from' if network.scenario.lanes[number].make is None else 'uses'}"
        found = f"{network.products[part[1]]} at {network.sites[part[0]]}, which hangs together with it by another way too"
        return InputError(key, found, "for guaranteed_service, products at sites that hang together as trees")


def _placed(graph: _Graph, items: list[Item], wait: int, service: float | None) -> Placement:
    network, number = graph.network, {item: stage for stage, item in enumerate(items)}
    buyers = {stage: _buyers(network, item) for stage, item in enumerate(items)}
    promised = {stage: min(waits.values()) for stage, waits in buyers.items() if waits}
    lanes = tuple(graph.lane[item] for item in items)
    times = [int(network.times.protection[lane]) + (wait if stage in promised else 0) for stage, lane in enumerate(lanes)]
    arcs = [(number[part], stage) for stage, item in enumerate(items) for part in graph.takes[item]]
    horizon = max(longest_times(arcs, times), default=0)
    check_size("lead_time", {"items": len(items), "pairs of service times": (horizon + 1) ** 2}, "or a shorter lead time")
    chances = dict.fromkeys(items, service) if service is not None else _chances(graph, items)
    bounds = np.array([_bounds(graph, item, horizon, chances[item]) for item in items])
    mean, holding = (
        np.array([values[*item, 0] for item in items])[:, None] for values in (network.loads.mean, network.costs.holding)
    )
    found = guaranteed_service(arcs, times, holding * (bounds - mean * np.arange(horizon + 1)), promised)
    several = tuple(len(graph.goes_to[item]) + (stage in promised) > 1 for stage, item in enumerate(items))
    levels = tuple(float(bound[periods]) for bound, periods in zip(bounds, found.covered, strict=True))
    return Placement(tuple(items), lanes, several, found, levels)


def _buyers(network: Network, item: Item) -> dict[int, int]:
    """The rows of those who buy an item, and how long they may be made to wait."""
    return {row: entry.promise for row, entry in buyers(network, item)}


def _bounds(graph: _Graph, item: Item, horizon: int, chance: float) -> Floats:
    """What demand for an item comes to at most in 0, 1, … H periods (H+1,), its mean at least [units]."""
    network, periods = graph.network, np.arange(horizon + 1)
    mean, spread = (float(values[*item, 0]) for values in (network.loads.mean, network.loads.deviation))
    process = None if graph.goes_to[item] else only_customers(network, *item)
    if process is None:
        normal: Floats = mean * periods + max(float(special.ndtri(chance)), 0.0) * spread * np.sqrt(periods)
        return normal
    name = (network.products[item[1]],)
    over = (process.only(name).over(name, int(n)).ppf(chance) for n in periods[1:])
    found: Floats = np.maximum([0.0, *(float(np.ravel(value)[0]) for value in over)], mean * periods)
    return found


def _chances(graph: _Graph, items: list[Item]) -> dict[Item, float]:
    """b/(b+h) of those who buy an item, or what it goes into, the mean by what they take of it."""
    network, found = graph.network, dict[Item, float]()
    waiting, left = [item for item in items if not graph.goes_to[item]], {item: len(graph.goes_to[item]) for item in items}
    for item in waiting:
        rows, held = np.array(list(_buyers(network, item)), dtype=np.int64), float(network.costs.holding[*item, 0])
        shortage, wholes = shortage_of(network, rows, item[1]), graph.goes_to[item]
        own = (float(network.demand.own_mean[item]), shortage / max(shortage + held, 1e-12))
        others = [(float(network.loads.mean[*whole, 0]) * graph.takes[whole][item], found[whole]) for whole in wholes]
        weights, ratios = np.array([own, *others]).T
        mean = float(weights @ ratios) / max(float(weights.sum()), 1e-12)
        found[item] = min(max(mean, 1e-9), 1 - 1e-9)
        for part in graph.takes[item]:
            left[part] -= 1
            if left[part] == 0:
                waiting.append(part)
    return found
