"""A scenario's network: what never changes during an episode, in parts that are compiled one by one.

Letters: N sites, L lanes, K products, C customers (a segment at a site). Numbers stand in arrays (N, K, 1), (L, K, 1) or
(C, K, 1), so that a batch broadcasts behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from ..events.conditions import NEUTRAL, Conditions
from ..flows.recipes import Recipes
from ..forecasts.source import ForecastSource
from ..making.machines import Machines
from ..numerics.arrays import Array, zeros_for
from ..numerics.conversion import converted
from ..scenario.scenario import Lane, Scenario
from .costs import Costs, landed_cost
from .demand_sources import DemandSources
from .event_sources import EventSources
from .fulfilment import Fulfilment
from .lane_times import LaneTimes
from .limits import NetworkLimits
from .loads import Amounts, Loads, taken_of, usual
from .mechanisms import Mechanisms
from .ordering import Ordering
from .starting_stock import StartingStock
from .topology import Topology


@dataclass(frozen=True)
class Network:
    """Names, structure and numbers of a network. Made by `building.build`; moved to another library or device by `on`."""

    stays_in_numpy: ClassVar = ("scenario", "demand", "forecasts", "times")

    scenario: Scenario
    """What it was made from."""
    topology: Topology
    demand: DemandSources
    forecasts: ForecastSource | None
    """Of its customers' demand, from elsewhere; None where there are none."""
    events: EventSources
    times: LaneTimes
    loads: Loads
    costs: Costs
    limits: NetworkLimits
    ordering: Ordering
    fulfilment: Fulfilment
    start: StartingStock
    mechanisms: Mechanisms
    recipes: Recipes | None
    """What is made of what; None where nothing is."""
    machines: Machines | None
    """What it is made on; None where it takes no machine."""

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
            "trucks": bool(self.costs.trucks),
            "minimum": self.limits.minimum is not None,
            "minimum_order": bool(self.limits.least_orders),
            "multiple": self.limits.multiple is not None,
            "setup": self.costs.setup is not None,
            "variety": self.costs.variety is not None,
            "price_breaks": bool(self.costs.breaks),
            "setup_hours": self.machines is not None and bool(self.machines.setup.any()),
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

    def drawn(self, amounts: Array) -> Array:
        """What orders or shipments (L, K, B) take of each site (N, K, B): for other sites, and parts of what it makes."""
        for_others = self.topology.outbound.total(amounts)
        return for_others if self.recipes is None else for_others + self.recipes.used(amounts)

    def joined(self, amounts: Array) -> Array:
        """What lanes bring (L, K, B) with orders or shipments: these, and what comes of recipes beside their products."""
        return amounts if self.recipes is None else self.recipes.joined(amounts)

    def taken_of(self, lane: int, product: int) -> Amounts:
        """Units of each product at a site that a unit of a product by a lane takes; nothing where it is from outside."""
        return taken_of(self.topology, self.recipes, lane, product)

    @cached_property
    def landed_cost(self) -> NDArray[np.float64]:
        """What a unit has cost when main lanes have brought it to a site, or made it there (N, K) [money]; in NumPy."""
        return landed_cost(self.topology, self.costs, self.recipes)

    @cached_property
    def remembers(self) -> bool:
        """Whether sources remember who ordered when, or lanes which vehicles are away."""
        return self.fulfilment.remembered > 0 or self.limits.vehicles is not None

    @cached_property
    def all_stay_open(self) -> bool:
        """Whether every order that cannot be shipped waits where it is: none lapses, and none goes on to another lane."""
        return self.fulfilment.kept is None and self.fulfilment.expiry is None and self.mechanisms.reroute is None

    @cached_property
    def is_limited(self) -> NDArray[np.bool_]:
        """Lanes whose source may ship less than it has (L,): by a capacity of their own, one they share, or hours."""
        found = self.limits.is_limited(len(self.lanes))
        if self.recipes is not None and self.machines is not None:
            found[self.recipes.lanes[self.machines.takes_one[:, 0]]] = True
        return found

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
        from_stock = self.topology.source >= 0
        if self.recipes is not None:
            from_stock = from_stock | np.isin(np.arange(lanes), self.recipes.lanes[self.recipes.uses.any(axis=(1, 2))])
        found: NDArray[np.bool_] = kept & (from_stock | self.is_limited | paused | broken)
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
        return cast(Network, converted(self, asarray))
