"""A scenario's network as arrays: what never changes during an episode.

Letters: N sites, L lanes, K products, C customers (a segment at a site). Numbers stand in arrays (N, K, 1), (L, K, 1) or
(C, K, 1), so that a batch broadcasts behind them. Sites are ordered downstream first, as their orders are worked out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .incidence import Bundle
from .ordering import OrderPlan
from .rationing import Division
from .schema import Customers, Lane, Scenario
from .transit import Conveyor


@dataclass(frozen=True)
class Network:
    """Names, structure and numbers of a network. Made by `building.build`; moved to another library or device by `on`."""

    scenario: Scenario
    sites: tuple[str, ...]
    lanes: tuple[str, ...]
    products: tuple[str, ...]
    customers: tuple[str, ...]
    """`site/segment` of each customer row, those who are first at their site before those who are second."""
    level: tuple[int, ...]
    """How far each site stands above the customers."""

    source: NDArray[np.int64]
    """Source site of each lane (L,), −1 for an outside supplier."""
    destination: NDArray[np.int64]
    customer_site: NDArray[np.int64]
    main_lane: NDArray[np.int64]
    """The lane each site is counted on to use (N,): its cheapest regular one, of equals the slowest, then the first."""
    correlation: NDArray[np.float64]
    """Correlation of the customers' normal scores (C, C), which is close to that of their demands."""
    lead_time: NDArray[np.int64]
    """Longest lead time of each lane (L,) [periods]."""
    order_delay: NDArray[np.int64]

    into: Any
    """Row of each lane's destination site, as an index of (N, …) arrays."""
    inbound: Bundle
    outbound: Bundle
    buyers: Bundle
    carriers: tuple[Conveyor, ...]
    messengers: tuple[Conveyor, ...]
    orders: OrderPlan
    chains: tuple[Conveyor, ...]
    """Lanes from the placing of an order to the arrival of what it brings, as a centre thinks of them."""
    central_orders: OrderPlan
    """The same for a centre, which knows of every order when it is placed; its late parts are on the chains."""
    single: tuple[Any, Any] | None
    """The lanes that are their source site's only one, and those sites."""
    divisions: tuple[Division, ...]
    shared_limits: tuple[tuple[Any, float], ...]
    """Lanes that share a limit on what leaves in a period: a site's throughput, a supplier's capacity [units]."""
    services: tuple[Service, ...]
    is_delayed: bool
    """Whether any source learns of orders later than they are placed."""
    is_outside: Array
    """1 for lanes from an outside supplier (L, 1, 1)."""

    holding: Array
    initial: Array
    storage: Array | None
    overflow: Array
    transit_rate: Array
    """Holding cost of a unit under way (L, K, 1): its source's."""
    unit_cost: Array
    transfer_price: Array
    fixed_cost: Array
    capacity: Array | None
    negligible: Array | None
    """Orders up to this are rounding errors (L, K, 1) [units]; None where no cost and no lot size hangs on them."""
    minimum: Array | None
    multiple: Array | None
    carried: Array | None
    kept: Array | None
    lane_initial: Array
    price: Array
    shortage: Array
    backlogged: Array | None
    """1 where unmet demand waits, 0 where it is lost (C, K, 1); None where all waits."""
    mean: Array
    """Mean demand of a period that a site has to cover, its own customers' and everybody's downstream (N, K, 1) [units]."""
    deviation: Array
    """Standard deviation of the same (N, K, 1) [units]."""

    @cached_property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, L, K, C)."""
        return len(self.sites), len(self.lanes), len(self.products), len(self.customers)

    @cached_property
    def restricts_orders(self) -> bool:
        """Whether some lane does not take any order of any product."""
        return not (self.carried is None and self.negligible is None)

    @cached_property
    def is_random(self) -> NDArray[np.bool_]:
        """Which lanes draw their lead times (L,)."""
        return np.array([self.scenario_lane(label).lead_time.random for label in self.lanes])

    @cached_property
    def is_lateral(self) -> NDArray[np.bool_]:
        """Which lanes lead from peer to peer (L,)."""
        return np.array([self.scenario_lane(label).lateral for label in self.lanes])

    @cached_property
    def protection(self) -> NDArray[np.int64]:
        """Protection interval of each lane, from an order to the last demand it serves (L,) [periods]."""
        interval: NDArray[np.int64] = self.lead_time + self.order_delay + 1
        return interval

    @cached_property
    def usual_amount(self) -> NDArray[np.float64]:
        """What a site usually needs at most in a period (N, K) [units]; of the network in NumPy."""
        return usual(self.mean, self.deviation)[:, :, 0]

    @cached_property
    def usual_level(self) -> NDArray[np.float64]:
        """What it so needs over each lane's protection interval (L, K) [units]; of the network in NumPy."""
        to, periods = self.destination, self.protection[:, None]
        return usual(self.mean[to, :, 0], self.deviation[to, :, 0], periods)

    def scenario_lane(self, label: str) -> Lane:
        """The scenario's entry of a lane."""
        return next(lane for lane in self.scenario.lanes if lane.label == label)

    def on(self, asarray: Any) -> Network:
        """The same network with every number and index turned by `asarray(array)`, which also sets type and device."""
        return cast(Network, _converted(self, asarray))


@dataclass(frozen=True)
class Service:
    """Customers that are served at once: at most one row of each site."""

    customers: Any
    sites: Any


_AS_NUMPY = {"source", "destination", "customer_site", "main_lane", "correlation", "lead_time", "order_delay", "scenario"}


def _converted(value: Any, asarray: Any) -> Any:
    if isinstance(value, np.ndarray):
        return asarray(value)
    if isinstance(value, tuple):
        return tuple(_converted(item, asarray) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _converted(getattr(value, field.name), asarray)
            for field in fields(value)
            if field.name not in _AS_NUMPY
        }
        return replace(value, **changed)
    return value


def usual(mean: NDArray[np.float64], deviation: NDArray[np.float64], periods: Any = 1) -> NDArray[np.float64]:
    """Mean plus two standard deviations of the demand of some periods, taken as independent [units]."""
    amount: NDArray[np.float64] = mean * periods + 2 * deviation * np.sqrt(periods)
    return amount


def entries(scenario: Scenario, site: str, segment: str) -> list[Customers]:
    """The scenario's entries of one segment: several where its products are described apart."""
    return [entry for entry in scenario.customers if (entry.site, entry.segment) == (site, segment)]
