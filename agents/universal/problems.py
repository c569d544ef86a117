"""What is learnt on: in every update a scenario at a level of autonomy, drawn from a family of networks or always the same.

Letters: N sites, K products, B batch, M networks that have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario

OLDEST = 7
"""Age of a feed that is late at most [periods]."""
FRESH = {"lost": 1.0, "empty": True, "unreliable": 0.3}
"""Of a family in which nothing is in stock at first: customers do not wait, for what was asked for would all be owed."""
KEPT = 8
"""Families of networks that are kept ready, and used again."""


@dataclass(frozen=True)
class Problem:
    """A scenario at a level of autonomy, and what is known of demand there."""

    scenario: Scenario
    autonomy: Autonomy
    known: bool
    """Whether the moments of demand are."""
    burn_in: int = 14
    """Periods that do not count."""
    length: int = 40
    """Periods that do, after those."""
    to_the_end: bool = False
    """Whether the last of these is an episode's last."""
    number: int = 0
    """Which one it is."""
    waits: bool = False
    """Whether nothing is ordered in the periods that do not count: all that is known then is what was asked for."""


class Problems(Protocol):
    """Says what an update is about."""

    def of(self, update: int) -> Problem:
        """The problem of an update, the same whenever it is asked for."""
        ...


class DrawnProblems:
    """Networks of a family, a few at a time at a level, each few in several updates.

    `levels` are drawn with their weights; a share `unknown` of updates has to learn what demand is like, a share `fresh` of
    these with nothing in stock.
    """

    def __init__(
        self, family: Mapping[str, Any], levels: Mapping[str, float], unknown: float, fresh: float, reuse: int, seed: int
    ) -> None:
        self.family, self.unknown, self.fresh, self.reuse, self.seed = dict(family), unknown, fresh, reuse, seed
        self._names = [*levels]
        weights = np.array([levels[name] for name in self._names], dtype=float)
        self._chances = weights / weights.sum()

    def of(self, update: int) -> Problem:
        """By the update's number alone."""
        # several updates on the same networks, far enough apart that each few is used soon and then let go
        few = update // (self.reuse * KEPT) * KEPT + update % KEPT
        rng = np.random.default_rng([self.seed, 7, few])
        level = self._names[int(rng.choice(len(self._names), p=self._chances))]
        known = bool(rng.random() >= self.unknown)
        autonomy = load_autonomy(level)
        if autonomy.feed_latency:
            age = int(rng.integers(1, OLDEST + 1))
            keys = {"name": f"{level}[feed_latency={age}]", "feed_latency": age}
            autonomy = load_autonomy({**autonomy.model_dump(exclude_none=True), **keys})
        number = self.seed * 1_000_003 + few
        if not known and rng.random() < self.fresh:
            family = {**self.family, **FRESH}
            return Problem(
                drawn_networks(frozen(family), number), autonomy, known, int(rng.integers(3, 9)), 48, number=few, waits=True
            )
        return Problem(drawn_networks(frozen(self.family), number), autonomy, known, number=few)


@dataclass(frozen=True)
class OneProblem:
    """Always the same."""

    problem: Problem

    def of(self, update: int) -> Problem:
        """Whatever the update."""
        return self.problem


def frozen(family: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A mapping that can be kept as a key."""
    return tuple(sorted((key, tuple(value) if isinstance(value, list) else value) for key, value in family.items()))


@lru_cache(maxsize=KEPT)
def drawn_networks(family: tuple[tuple[str, Any], ...], seed: int) -> Scenario:
    """Networks of a family side by side, as one scenario."""
    keys = {key: list(value) if isinstance(value, tuple) else value for key, value in family}
    generator = {"type": "network_family", **keys, "seed": seed}
    return load_scenario({"name": "drawn_networks", "horizon": 1000, "warmup": 0, "generator": generator})


def parts(network: Network) -> NDArray[np.int64]:
    """Which of M networks, that no lane joins, each site belongs to (N,)."""
    topology, count = network.topology, len(network.sites)
    inside = topology.source >= 0
    joined = coo_array((np.ones(inside.sum()), (topology.source[inside], topology.destination[inside])), shape=(count, count))
    found: NDArray[np.int64] = connected_components(joined, directed=False)[1].astype(np.int64)
    return found
