"""Products whose main source cannot ship what is needed, and who else brings them: the cheapest first, each up to its capacity.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from numpy.typing import NDArray

from orderup.envs.information.policy import Context, Decision
from orderup.envs.making.machines import Machines
from orderup.envs.network.limits import UNLIMITED
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, minimum, positive

from .covering import Span, lane_spans

USUALLY = 3.0
"""Standard deviations of demand that a lane's own site is left alone with."""


@dataclass(frozen=True)
class Split:
    """One product of a site that its main lane cannot bring alone."""

    site: int
    product: int
    lanes: tuple[int, ...]
    """The cheapest first; the last takes whatever is left."""
    capacity: tuple[float, ...]
    """Of each but the last [units/period]."""


def splits(network: Network, by_main_lanes: bool = False) -> tuple[Split, ...]:
    """All there are; none where every main lane ships what is usually asked for, or has nobody beside it.

    A faster lane with a level of its own helps out by itself, unless orders go `by_main_lanes` alone.
    """
    if not network.is_limited.any():
        return ()
    capacity, found = capacities(network), []
    for site, product in np.argwhere(network.topology.main_lanes >= 0).tolist():
        main = int(network.topology.main_lanes[site, product])
        beside = [lane for lane in _regular(network, site, product) if lane != main]
        faster = any(network.times.protection[lane] < network.times.protection[main] for lane in beside)
        if not beside or (faster and not by_main_lanes) or not _overloaded(network, site, product, capacity, beside):
            continue
        chain = [main, *sorted(beside, key=lambda lane: (float(network.costs.unit_cost[lane, product, 0]), lane))]
        enough = next((at for at, lane in enumerate(chain) if capacity[lane, product] >= UNLIMITED), len(chain) - 1)
        lanes = chain[: enough + 1]
        found.append(Split(site, product, tuple(lanes), tuple(float(capacity[lane, product]) for lane in lanes[:-1])))
    return tuple(found)


def capacities(network: Network, machines: bool = True) -> Floats:
    """What each lane ships of a product at most in a period (L, K) [units]: its share, by mean demand, of what limits it.

    Hours of `machines` are such a limit, unless they are told apart.
    """
    carried: Floats = np.ones((1, 1)) if network.limits.carried is None else network.limits.carried[:, :, 0]
    need: Floats = network.loads.mean[network.topology.destination, :, 0] * carried
    found: Floats = np.full(need.shape, UNLIMITED)
    for capacity, counts in (
        (network.limits.capacity, network.limits.volume),
        (network.limits.capacity_weight, network.limits.weight),
    ):
        if capacity is not None:
            limit = np.broadcast_to(capacity[:, :, 0], (len(need), 1))
            share = need / np.maximum(_counted(need, counts).sum(axis=1, keepdims=True), 1e-12)
            bounded = limit < UNLIMITED
            found = np.minimum(found, np.where(bounded, np.where(bounded, limit, 0.0) * share, UNLIMITED))
    size = _counted(need, network.limits.volume)
    if (vehicles := network.limits.vehicles) is not None:
        lanes = vehicles.lanes
        share = need[lanes] / np.maximum(size[lanes].sum(axis=1, keepdims=True), 1e-12)
        found[lanes] = np.minimum(found[lanes], vehicles.pace[:, :, 0] * share)
    if machines and network.recipes is not None and network.machines is not None:
        lanes = network.recipes.lanes
        found[lanes] = np.minimum(found[lanes], _made_at_most(network.machines, need[lanes]))
    for lanes, most in network.limits.shared_limits:
        asked = size[lanes] * network.topology.is_main[lanes]
        share = need[lanes] / max(float(asked.sum() or size[lanes].sum()), 1e-12)
        found[lanes] = np.minimum(found[lanes], most * share)
    return found


def brings_enough(network: Network, lane: int, products: Sequence[int], capacity: Floats) -> NDArray[np.bool_]:
    """Whether what is usually asked for of some products comes to a lane's site by it, and on the way to that (products,).

    The products have the same main lanes; `capacity` (L, K) is what each lane brings.
    """
    topology, numbers = network.topology, list(products)
    site, most = int(topology.destination[lane]), capacity[lane, numbers]
    mean, spread = (values[:, numbers, 0] for values in (network.loads.mean, network.loads.deviation))
    counted = mean[site] if topology.is_main[lane, numbers[0]] else 0.0 * mean[site]  # in what its sources are asked for
    source = int(topology.source[lane])
    while source >= 0:
        above = int(topology.main_lanes[source, numbers[0]])
        most = np.minimum(most, (capacity[above, numbers] if above >= 0 else 0.0 * mean[site]) - (mean[source] - counted))
        source = int(topology.source[above]) if above >= 0 else -1
    found: NDArray[np.bool_] = most >= mean[site] + spread[site]
    return found


def filling_in(network: Network, lane: int, products: Sequence[int], capacity: Floats, level: Floats, late: int) -> Floats:
    """How far a lane goes up at most beside a main one of this `level` that brings enough (products,); inf where it need not.

    One that is neither cheaper nor faster only fills in: it stops at that level. Of two as fast the one that is listed first
    orders first, so that it stops below what a period's demand, and that of `late` more, usually leaves.
    """
    main, numbers = int(network.topology.main_lanes[network.topology.destination[lane], products[0]]), list(products)
    none: Floats = np.full(len(numbers), np.inf)
    sooner = int(network.times.protection[main]) - int(network.times.protection[lane])
    if main in (-1, lane) or network.topology.is_lateral[lane] or sooner > 0:
        return none
    if sooner == 0 and lane < main:
        site, periods = network.topology.destination[lane], 1 + late
        mean, spread = (values[site, numbers, 0] for values in (network.loads.mean, network.loads.deviation))
        level = np.maximum(level - periods * mean - USUALLY * periods**0.5 * spread, 0.0)
    return np.where(brings_enough(network, main, numbers, capacity), level, none)


def _made_at_most(machines: Machines, need: Floats) -> Floats:
    """What each recipe makes at most (R, K): its share of its machine's hours, by what they take for mean demand."""
    hours = machines.hours[:, :, 0]
    asked = machines.on.total((hours * need.sum(axis=1, keepdims=True))[:, None])[:, 0]
    enough = machines.most[:, :, 0] / np.maximum(asked, 1e-12)
    found: Floats = np.where(hours > 0, need * enough[machines.machine], UNLIMITED)
    return found


def _counted(amounts: Floats, counts: Floats | None) -> Floats:
    """Amounts (L, K) by what a unit counts (1, K, 1)."""
    return amounts if counts is None else amounts * counts[:, :, 0]


def shared_out(found: Sequence[Split], quantity: Array) -> Array:
    """Quantities (…, L, K) by main lanes, what is beyond a lane's capacity going to the next."""
    for split in found:
        rest = 1.0 * quantity[..., split.lanes[0], split.product]
        for lane, most in zip(split.lanes, split.capacity, strict=False):
            taken = minimum(rest, 0.0 * rest + most)
            quantity[..., lane, split.product] = taken
            rest = rest - taken
        quantity[..., split.lanes[-1], split.product] = rest
    return quantity


def below_the_last(network: Network, split: Split) -> dict[int, float]:
    """How far below its site's whole level each lane's own has to be, so that constant levels divide the orders so [units].

    Lanes order one after the other, the fastest first. One that comes before a cheaper one leaves that its capacity; the cheap
    one, where it comes first, leaves the other so much that its queue does not grow: what costs least in heavy traffic.
    """
    turn = sorted(split.lanes, key=lambda lane: (int(network.times.protection[lane]), lane))
    flow = _flows(network, split)
    found = {}
    for place, lane in enumerate(turn):
        later = turn[place + 1 :]
        further = [int(network.times.protection[other] - network.times.protection[lane]) for other in later]
        found[lane] = sum(flow[other] * (1 + periods) for other, periods in zip(later, further, strict=True))
    return found


class Sharing:
    """Orders up to whole levels, shared out among the lanes of sites whose main ones cannot bring all.

    Where only levels are executed, or gone by in later periods too, those of the lanes are set apart instead, once for all.
    """

    def __init__(self, context: Context, by_main_lanes: bool = False) -> None:
        network, backend = context.network, context.backend
        self._found = splits(network, by_main_lanes)
        self._quantities = not (context.autonomy.sets_levels(context.seats) or context.autonomy.plans_ahead)
        self._main, self._destination = (
            backend.asarray(1.0 * network.topology.is_main),
            backend.asarray(network.topology.destination),
        )
        self._lanes = (
            np.isin(network.topology.destination, [split.site for split in self._found]) & ~network.topology.is_lateral
        )
        self._less = [(split, below_the_last(network, split)) for split in self._found]
        self._by_quantity = backend.asarray(self._lanes)
        self._inside = backend.asarray(network.loads.mean[None, :, :, 0] - network.demand.own_mean[None])
        self._backend = backend

    def __bool__(self) -> bool:
        return bool(self._found)

    def quantities(self, quantity: Array) -> Array:
        """Quantities (…, L, K) by main lanes, what these cannot ship by others."""
        return shared_out(self._found, quantity) if self._found else quantity

    def decision(self, decision: Decision, position: Callable[[], Array]) -> Decision:
        """The same levels (B, L, K) on main lanes, their orders shared out; by the inventory `position` of sites (B, N, K)."""
        if not self._found:
            return decision
        level = decision.level + 0.0 * self._main
        if not self._quantities:
            for split, less in self._less:
                whole = 1.0 * level[:, split.lanes[0], split.product]
                for lane, below in less.items():
                    level[:, lane, split.product] = whole - below
            if decision.by_quantity is None:
                return Decision(level, response=decision.response, expected=decision.expected)
            return Decision(level, decision.quantity, decision.by_quantity & ~self._by_quantity, expected=decision.expected)
        gap = level - (position() - self._inside)[:, self._destination]
        quantity, lanes = shared_out(self._found, positive(gap) * self._main), self._by_quantity
        if decision.quantity is not None:
            ours = self._backend.asarray(1.0 * self._lanes[:, None])
            quantity, lanes = quantity * ours + decision.quantity * (1.0 - ours), lanes | decision.by_quantity
        return Decision(level, quantity, lanes, response=decision.response)


def whole_levels(network: Network, levels: Floats) -> Floats:
    """Levels (L, K) that were set apart, with the whole one on main lanes."""
    found = levels.copy()
    for split in splits(network):
        less = below_the_last(network, split)
        found[split.lanes[0], split.product] = max(levels[lane, split.product] + below for lane, below in less.items())
    return found


def _flows(network: Network, split: Split) -> dict[int, float]:
    """What each lane should bring of a period's demand, those with a capacity a little less than that where they come first."""
    place = split.site, split.product, 0
    mean, spread = float(network.loads.mean[place]), float(network.loads.deviation[place])
    last, left = split.lanes[-1], mean
    flow = {}
    for lane, most in zip(split.lanes, split.capacity, strict=False):
        first = (int(network.times.protection[lane]), lane) < (int(network.times.protection[last]), last)
        flow[lane] = min(most - (_slack(network, split, most, spread) if first else 0.0), left)
        left -= flow[lane]
    first = all(
        (int(network.times.protection[lane]), lane) < (int(network.times.protection[last]), last) for lane in split.lanes[:-1]
    )
    flow[last] = _base(mean, spread, mean - left) if first else max(left, 0.0)
    return flow


def _base(mean: float, spread: float, beyond: float) -> float:
    """The amount that demand exceeds by `beyond` on average."""
    if spread <= 0:
        return max(mean - beyond, 0.0)

    def excess(base: float) -> float:
        score = (base - mean) / spread
        return float(spread * (scipy.stats.norm.pdf(score) - score * scipy.stats.norm.sf(score))) - beyond

    if beyond <= 0:
        return mean + 3 * spread
    return float(scipy.optimize.brentq(excess, mean - beyond - 20 * spread, mean + 20 * spread))


def _slack(network: Network, split: Split, most: float, spread: float) -> float:
    """Capacity that is left unused: what it costs by the next lane against what waiting in its queue, σ²/2·slack, does."""
    costs = [float(network.costs.unit_cost[lane, split.product, 0]) for lane in split.lanes]
    premium = max(costs[-1] - costs[0], 1e-9)
    rows = np.flatnonzero(network.topology.customer_site == split.site)
    waiting = float(network.costs.shortage[rows, split.product, 0].mean()) if len(rows) else 0.0
    waiting += float(network.costs.holding[split.site, split.product, 0])
    return min(spread * math.sqrt(waiting / (2 * premium)), most / 2)


def slowest(split: Split, network: Network) -> int:
    """The lane that takes longest."""
    return max(split.lanes, key=lambda lane: int(network.times.protection[lane]))


def shared_spans(network: Network, wait: int = 0, by_main_lanes: bool = False) -> list[Span]:
    """What an order by each lane protects; by a main lane that others help out, what the slowest of them does."""
    found = lane_spans(network, wait)
    for split in splits(network, by_main_lanes):
        found[split.lanes[0]] = max((found[lane] for lane in split.lanes), key=lambda span: span.mean)
    return found


def _regular(network: Network, site: int, product: int) -> list[int]:
    into = np.flatnonzero((network.topology.destination == site) & ~network.topology.is_lateral).tolist()
    return [lane for lane in into if network.limits.carries(lane, product)]


def _overloaded(network: Network, site: int, product: int, capacity: Floats, beside: list[int]) -> bool:
    """Whether the main lane lacks what is asked for in many periods, and others can do better for less than it costs."""
    main = int(network.topology.main_lanes[site, product])
    mean, spread = (float(values[site, product, 0]) for values in (network.loads.mean, network.loads.deviation))
    most = float(capacity[main, product])
    if mean <= 0 or most >= mean + spread:
        return False
    dearer = min(float(network.costs.unit_cost[lane, product, 0]) for lane in beside) - float(
        network.costs.unit_cost[main, product, 0]
    )
    return most <= mean or dearer < float(network.costs.shortage[:, product, 0].max())
