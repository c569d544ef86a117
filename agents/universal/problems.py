"""What is learnt on: in every update a scenario at a level of autonomy, drawn from a family of networks or always the same.

Letters: N sites, K products, B batch, M networks that have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.scenario.scenario import Scenario

DRAWN: dict[str, tuple[float, float]] = {
    "feed_latency": (1, 7),
    "feed_noise": (0.0, 0.2),
    "approval_latency": (1, 3),
    "cadence": (2, 14),
    "band": (0.2, 2.0),
    "approval_threshold": (0.3, 3.0),
}
"""What a level is drawn with in place of its own, where it has any: from the least to the most."""
FRESH = {
    "lost": 1.0,
    "empty": True,
    "unreliable": 0.6,
    "kept": 0.5,
    "wanders": 2.0,
    "demands": ["wandering"] * 4 + ["poisson", "negative_binomial", "normal", "ar1"],
}
"""Of a family in which nothing is in stock at first: customers do not wait, for what was asked for would all be owed.

New products' demand moves more than that of others, and of what suppliers promise nobody knows more than that.
"""
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
        autonomy = drawn_level(load_autonomy(level), rng)
        number = self.seed * 1_000_003 + few
        if not known and rng.random() < self.fresh:
            family = {**self.family, **FRESH}
            return Problem(
                drawn_networks(frozen(family), number), autonomy, known, int(rng.integers(3, 9)), 48, number=few, waits=True
            )
        return Problem(drawn_networks(frozen(self.family), number), autonomy, known, number=few)


def drawn_level(autonomy: Autonomy, rng: np.random.Generator) -> Autonomy:
    """A level of the same kind: as old, noisy, slow and close to its centre as is drawn, wherever it is so at all."""
    fields, found = Autonomy.model_fields, dict[str, Any]()
    for name, (least, most) in DRAWN.items():
        uniform = rng.random()
        if getattr(autonomy, name) == fields[name].default:
            continue
        between = float(np.exp(np.log(least) + uniform * np.log(most / least))) if least else uniform * most
        found[name] = round(between) if fields[name].annotation is int else round(between, 3)
    return load_autonomy({"type": autonomy, **found}) if found else autonomy


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
