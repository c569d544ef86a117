"""How much can be ordered, shipped and stored: capacities, and the sizes of orders that lanes take.

Letters as in orderup.envs.network.network: N sites, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..events.conditions import Channels
from ..mechanisms.fleet import Fleet
from ..mechanisms.least_order import LeastOrder
from ..numerics.arrays import Array, rows
from ..scenario.scenario import Lane, Scenario
from .event_effects import positions
from .loads import NEGLIGIBLE, Loads, usual
from .stacking import carried_by, lane_stack, limits_of, stack, unless
from .topology import Topology

UNLIMITED = 1e30
"""A capacity that nothing reaches, which unlike infinity can be multiplied by 0."""

SharedLimits = dict[str, tuple[NDArray[np.int64] | slice, float]]
"""By the site or supplier whose limit it is, its lanes and the most that it ships in a period [volume]."""


@dataclass(frozen=True)
class NetworkLimits:
    """Limits and order sizes; None where there are none, or where they change nothing."""

    volume: Array | None
    """Of a unit (1, K, 1), in what capacities, throughput and storage are counted; None where it is 1 for all."""
    weight: Array | None
    """The same, in what `capacity_weight` is counted."""
    storage: Array | None
    """Stock that fits (N, 1, 1) [volume]."""
    capacity: Array | None
    """The most that a lane takes in a period (L, 1, 1) [volume]."""
    capacity_weight: Array | None
    vehicles: Fleet | None
    shared_limits: tuple[tuple[Any, float], ...]
    """Lanes that share a limit on what leaves in a period: a site's throughput, a supplier's capacity [volume]."""
    limited: tuple[str, ...]
    """Whose limits these are, and then the machines, whose hours are limits too."""
    limit_places: tuple[int | None, ...]
    """Where each of them stands in the conditions' `limits`."""
    carried: Array | None
    """1 for what a lane carries (L, K, 1)."""
    negligible: Array | None
    """Orders up to this are rounding errors (L, K, 1) [units]; None where no cost and no lot size hangs on them."""
    minimum: Array | None
    """Smallest order of a product (L, K, 1) [units]."""
    multiple: Array | None
    """Packs (L, K, 1) [units], 0 for any amount."""
    least_orders: tuple[LeastOrder, ...]
    restricts_orders: bool
    """Whether some lane does not take any order of any product."""

    @property
    def place_of(self) -> dict[str, int]:
        """Where those that events can change stand in the conditions' `limits`, by name."""
        return {name: place for name, place in zip(self.limited, self.limit_places, strict=True) if place is not None}

    def carries(self, lane: int, product: int) -> bool:
        """Whether a lane takes orders of a product; of the network in NumPy."""
        return self.carried is None or bool(self.carried[lane, product, 0] > 0)

    def is_limited(self, lanes: int) -> NDArray[np.bool_]:
        """Lanes whose source may ship less than it has (L,): by a capacity of their own, or one they share."""
        found = np.zeros(lanes, dtype=bool)
        for capacity in (self.capacity, self.capacity_weight):
            if capacity is not None:
                found |= capacity[:, 0, 0] < UNLIMITED
        for members, _ in self.shared_limits:
            found[members] = True
        if self.vehicles is not None:
            found[self.vehicles.lanes] = True
        return found


def shared_limits(scenario: Scenario, topology: Topology) -> SharedLimits:
    """What leaves a site or a supplier over all its lanes at most, overtime included."""
    limits = {name: site.throughput for name, site in scenario.sites.items()}
    limits |= {name: supplier.capacity for name, supplier in scenario.suppliers.items()}
    extra = {name: site.overtime.extra for name, site in scenario.sites.items() if site.overtime is not None}
    leads = list(zip(topology.sources, topology.is_made, strict=True))
    out = {name: [number for number, (source, made) in enumerate(leads) if source == name and not made] for name in limits}
    return {name: (rows(out[name]), limit + extra.get(name, 0.0)) for name, limit in limits.items() if limit and out[name]}


def compile_limits(
    scenario: Scenario,
    topology: Topology,
    shared: SharedLimits,
    machines: Sequence[str],
    channels: Channels | None,
    loads: Loads,
) -> NetworkLimits:
    """The limits of a scenario's network; `channels` are what events can change of them, and of the hours of `machines`."""
    lanes, products, limited = topology.lanes_of(scenario), topology.products, (*shared, *machines)
    at_limit = {} if channels is None or channels.limits is None else positions(channels.limits, len(limited))
    capacity = limits_of([lane.capacity for lane in lanes])
    by_weight = limits_of([lane.capacity_weight for lane in lanes])
    if channels is not None and channels.available is not None:
        capacity = np.full((len(lanes), 1, 1), UNLIMITED) if capacity is None else np.minimum(capacity, UNLIMITED)
        by_weight = None if by_weight is None else np.minimum(by_weight, UNLIMITED)
    carried = unless(carried_by(lanes, products), 1.0)
    negligible = _negligible(scenario, lanes, usual(loads.mean, loads.deviation)[topology.destination])
    return NetworkLimits(
        volume=unless(stack([scenario.volume], products), 1.0),
        weight=unless(stack([scenario.weight], products), 1.0),
        storage=limits_of([site.storage for site in topology.sites_of(scenario)]),
        capacity=capacity,
        capacity_weight=by_weight,
        vehicles=Fleet.of([lane.vehicles for lane in lanes]),
        shared_limits=tuple(shared.values()),
        limited=limited,
        limit_places=tuple(at_limit.get(number) for number in range(len(limited))),
        carried=carried,
        negligible=negligible,
        minimum=unless(lane_stack(lanes, "minimum", products), 0.0),
        multiple=unless(lane_stack(lanes, "multiple", products), 0.0),
        least_orders=_least_orders(lanes, products),
        restricts_orders=not (carried is None and negligible is None),
    )


def _negligible(scenario: Scenario, lanes: list[Lane], amount: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A millionth of a usual amount (L, K, 1), where a small order costs or becomes as much as a large one."""
    keys = ("fixed_cost", "setup", "minimum", "minimum_order", "minimum_value", "multiple", "setup_hours")
    matters = bool(scenario.trucks) or any(getattr(lane, key) for lane in lanes for key in keys)
    return NEGLIGIBLE * np.where(amount > 0, amount, 1.0) if matters else None


def _least_orders(lanes: list[Lane], products: tuple[str, ...]) -> tuple[LeastOrder, ...]:
    cost = lane_stack(lanes, "unit_cost", products)
    units = LeastOrder.of([lane.minimum_order for lane in lanes], np.ones_like(cost))
    return units + LeastOrder.of([lane.minimum_value for lane in lanes], cost)
