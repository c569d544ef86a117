"""Which part of an episode a search looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

LONGEST = 60
"""Periods that count, unless a scenario has no warm-up and so no steady state, or an order takes long to tell."""
LONGEST_BURN_IN = 30


@dataclass(frozen=True)
class EpisodeWindow:
    """Which periods of an episode count: after `burn_in` that do not, `length` that do."""

    burn_in: int
    length: int
    to_the_end: bool = False
    """Whether it ends when the episode does."""

    @property
    def periods(self) -> int:
        """Both together."""
        return self.burn_in + self.length

    def simulator(self, scenario: Scenario, autonomy: Autonomy, batch: int, **keys: Any) -> Simulator:
        """Episodes that end with it, in single precision; other keys as `Simulator` has them."""
        return Simulator(
            scenario, autonomy, batch=batch, horizon=self.periods, to_the_end=self.to_the_end, **{"dtype": "float32", **keys}
        )

    @classmethod
    def of(cls, network: Network, autonomy: Autonomy, length: int | None = None) -> EpisodeWindow:
        """As long as is of use, or as asked for: what is decided at its beginning has served customers before its end.

        Raises InputError for more periods than a scenario has after its warm-up, or for so few that they end before that.
        """
        scenario, way = network.scenario, longest_way(network) + autonomy.approval_latency
        left = scenario.horizon - scenario.warmup
        if left <= 0 or (length is not None and length > left):
            found = f"warm-up of {scenario.warmup} in a horizon of {scenario.horizon}" if left <= 0 else length
            raise InputError("agent.periods", found, f"at most the periods of {scenario.name} after its warm-up, at least 1")
        if length is not None and length < min(way, left):
            wanted = f"at least {min(way, left)}: an order takes up to {way} periods through {scenario.name} to its customers"
            raise InputError("agent.periods", length, wanted)
        burn_in, usual = max(LONGEST_BURN_IN, way), min(max(LONGEST, 2 * way, way + autonomy.cadence), left)
        if scenario.warmup == 0:
            burn_in, usual = 0, scenario.horizon
        burn_in, length = min(scenario.warmup, burn_in), length or usual
        return cls(burn_in, length, to_the_end=burn_in + length >= scenario.horizon)


def longest_way(network: Network) -> int:
    """Periods from an order at any site until what it brings, or is made of it, has served customers, by the slowest lanes."""
    topology, times, limits = network.topology, network.times, network.limits
    shape = len(network.lanes), len(network.products)
    carried = np.ones(shape, dtype=bool) if limits.carried is None else limits.carried[:, :, 0] > 0
    below, longest = np.zeros((len(network.sites), shape[1])), 0.0
    for _, turn, lane in sorted(_turns(network, carried)) * _looks(network):
        site, source = int(topology.destination[lane]), int(topology.source[lane])
        there = carried[lane] & (topology.turn[site] == turn)
        onward = np.where(_beside(network, lane), below[site], 0.0).max() if topology.is_made[lane] else 0.0
        way = np.where(there, times.lead_time[lane] + times.order_delay[lane] + 1 + np.maximum(below[site], onward), 0.0)
        longest = max(longest, float(way.max()))
        if source >= 0 and not topology.is_lateral[lane]:
            below[source] = np.maximum(below[source], way)
        elif topology.is_made[lane]:
            for at, part in network.taken_of(lane, int(np.flatnonzero(there)[0])):
                below[at, part] = max(below[at, part], float(way.max()))
    return int(longest)


def _beside(network: Network, lane: int) -> NDArray[np.bool_]:
    """What comes of a recipe beside its product (K,)."""
    found, beside = np.zeros(len(network.products), dtype=bool), None if network.recipes is None else network.recipes.beside
    if beside is not None and lane in beside.rows:
        found |= beside.amounts[int(np.flatnonzero(beside.rows == lane)[0]), :, 0] > 0
    return found


def _looks(network: Network) -> int:
    """How often every lane is looked at: what comes beside a product may be needed for what is ordered after that."""
    beside = None if network.recipes is None else network.recipes.beside
    return 1 if beside is None else int(network.topology.turn.max()) + 1


def _turns(network: Network, carried: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Lanes as their sites order by them: how far these are above the customers, which turn it is there, and the lane."""
    for lane, site in enumerate(network.topology.destination.tolist()):
        for turn in np.unique(network.topology.turn[site][carried[lane]]).tolist():
            yield network.topology.echelon[site], turn, lane
