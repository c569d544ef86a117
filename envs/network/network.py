"""A scenario's network: what never changes during an episode, in parts that are compiled one by one.

Letters: N sites, L lanes, K products, C customers (a segment at a site). Numbers stand in arrays (N, K, 1), (L, K, 1) or
(C, K, 1), so that a batch broadcasts behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from ..events.conditions import NEUTRAL, Conditions
from ..numerics.arrays import Array, zeros_for
from ..scenario.scenario import Lane, Scenario
from .costs import Costs
from .demand_sources import DemandSources
from .event_sources import EventSources
from .fulfilment import Fulfilment
from .lane_times import LaneTimes
from .limits import NetworkLimits
from .loads import Loads, usual
from .mechanisms import Mechanisms
from .ordering import Ordering
from .starting_stock import StartingStock
from .topology import Topology


@dataclass(frozen=True)
class Network:
    """Names, structure and numbers of a network. Made by `building.build`; moved to another library or device by `on`."""

    stays_in_numpy: ClassVar = ("scenario", "demand", "times")

    scenario: Scenario
    """What it was made from."""
    topology: Topology
    demand: DemandSources
    events: EventSources
    times: LaneTimes
    loads: Loads
    costs: Costs
    limits: NetworkLimits
    ordering: Ordering
    fulfilment: Fulfilment
    start: StartingStock
    mechanisms: Mechanisms

    @property
    def sites(self) -> tuple[str, ...]:
        """Their names, in the topology's order."""
        return self.topology.sites

    @property
    def lanes(self) -> tuple[str, ...]:
        """Their labels, in the topology's order."""
        return self.topology.lanes

    @property
    def products(self) -> tuple[str, ...]:
        """Their names, in the topology's order."""
        return self.topology.products

    @property
    def customers(self) -> tuple[str, ...]:
        """`site/segment` of each customer row, in the topology's order."""
        return self.topology.customers

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """What makes the cost jump somewhere, so that its slope, where it has one, does not tell where it is least."""
        there = {
            "fixed_cost": bool(self.costs.fixed_cost.any()),
            "minimum": self.limits.minimum is not None,
            "minimum_order": bool(self.limits.least_orders),
            "multiple": self.limits.multiple is not None,
            "setup": self.costs.setup is not None,
            "variety": self.costs.variety is not None,
            "price_breaks": bool(self.costs.breaks),
        }
        return tuple(name for name, jumps in there.items() if jumps)

    def on_lanes(self, channel: str, now: Conditions, like: Array) -> Array | None:
        """What a period's conditions make of every lane (L, 1, B), 1 where they say nothing; None for no such channel."""
        values, channels = getattr(now, channel), self.events.channels
        if values is None or channels is None:
            return None
        every = zeros_for(like, like.shape[0], 1, like.shape[-1])
        every += NEUTRAL[channel]
        every[getattr(channels, channel)] = values
        return every

    @cached_property
    def is_limited(self) -> NDArray[np.bool_]:
        """Lanes whose source may ship less than it has (L,): by a capacity of their own, or one they share."""
        return self.limits.is_limited(len(self.lanes))

    @cached_property
    def stays_open(self) -> NDArray[np.bool_]:
        """Lanes on which what cannot leave at once waits until it can (L,): some may leave later than it was ordered."""
        lanes, packs, channels = len(self.lanes), self.limits.multiple, self.events.channels
        kept = np.ones(lanes, dtype=bool) if self.fulfilment.kept is None else self.fulfilment.kept[:, 0, 0] > 0
        paused = np.zeros(lanes, dtype=bool)
        if channels is not None and channels.available is not None:
            paused[channels.available] = True
        broken = np.zeros(lanes, dtype=bool)
        if packs is not None and (
            self.mechanisms.contract is not None or self.mechanisms.reroute is not None or self.times.is_delayed
        ):
            broken = (packs > 0).any(axis=(1, 2))
        found: NDArray[np.bool_] = kept & ((self.topology.source >= 0) | self.is_limited | paused | broken)
        return found

    @cached_property
    def usual_level(self) -> NDArray[np.float64]:
        """What a lane's site usually needs at most over its undisturbed protection interval (L, K) [units]; in NumPy."""
        to, periods = self.topology.destination, (self.times.protection - self.times.delay_at_most)[:, None]
        return usual(self.loads.mean[to, :, 0], self.loads.deviation[to, :, 0], periods)

    def scenario_lane(self, label: str) -> Lane:
        """The scenario's entry of a lane."""
        return next(lane for lane in self.scenario.lanes if lane.label == label)

    def on(self, asarray: Any) -> Network:
        """The same network with every number and index turned by `asarray(array)`, which also sets type and device.

        What a part names in `stays_in_numpy` stays as it is.
        """
        return cast(Network, _converted(self, asarray))


def _converted(value: Any, asarray: Any) -> Any:
    if isinstance(value, np.ndarray):
        return asarray(value)
    if isinstance(value, tuple):
        return tuple(_converted(item, asarray) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = getattr(value, "stays_in_numpy", ())
        changed = {
            field.name: _converted(getattr(value, field.name), asarray) for field in fields(value) if field.name not in kept
        }
        return replace(value, **changed)
    return value
