"""Which part of an episode a search looks at."""

from __future__ import annotations

from dataclasses import dataclass

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network

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
    """Periods from an order at any site until what it brings has served customers, by the slowest lanes down to them."""
    below = [0] * len(network.sites)
    downstream_first = sorted(
        range(len(network.lanes)), key=lambda lane: network.topology.echelon[network.topology.destination[lane]]
    )
    longest = 0
    for lane in downstream_first:
        way = int(network.times.protection[lane]) + below[network.topology.destination[lane]]
        longest, source = max(longest, way), int(network.topology.source[lane])
        if source >= 0 and not network.topology.is_lateral[lane]:
            below[source] = max(below[source], way)
    return longest
