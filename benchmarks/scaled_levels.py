"""Levels that were searched, and the same scaled: all of them, those of a site, or those of a product; on held-out traces.

Letters: M candidates, E episodes, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.agents.levels.search.search import SearchProblem
from orderup.envs.numerics.arrays import Floats
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

Numbers: TypeAlias = Mapping[str, Floats]
"""What a search found: `<party>/level` [units], and whatever else it fits, each (L, K)."""

ITSELF = "itself"
FACTORS = (0.9, 0.95, 1.05, 1.1)
AT_ONCE = 6_000_000
"""Numbers of a batch, episodes × lanes × products."""


@dataclass(frozen=True)
class Rival:
    """The same levels, some of them scaled."""

    name: str
    saving: float
    """Of the cost [share]."""
    error: float
    """Its standard error, paired on the traces."""


def rivals(problem: SearchProblem, numbers: Numbers, episodes: int) -> list[Rival]:
    """Every one of them on so many traces, the whole episode after warm-up, the one that saves most first."""
    candidates = scaled(problem, numbers)
    own, *costs = played(problem, list(candidates.values()), np.arange(episodes))
    scale, found = abs(own.mean()) or 1.0, []
    for name, cost in zip(list(candidates)[1:], costs, strict=True):
        saved = own - cost
        found.append(Rival(name, float(saved.mean() / scale), float(saved.std(ddof=1) / np.sqrt(episodes) / scale)))
    return sorted(found, key=lambda rival: -rival.saving)


def scaled(problem: SearchProblem, numbers: Numbers) -> dict[str, Numbers]:
    """The numbers themselves, and with levels scaled by each factor, by what is scaled."""
    network = Simulator(problem.scenario, problem.autonomy).numpy_network
    parts: dict[str, Any] = {"all": (slice(None), slice(None))}
    parts |= {name: (network.topology.destination == site, slice(None)) for site, name in enumerate(network.sites)}
    if len(network.products) > 1:
        parts |= {name: (slice(None), product) for product, name in enumerate(network.products)}
    candidates: dict[str, Numbers] = {ITSELF: dict(numbers)}
    for name, part in parts.items():
        for factor in FACTORS:
            changed = {key: np.array(values) for key, values in numbers.items()}
            for key in changed:
                if key.endswith("level"):
                    changed[key][part] *= factor
            candidates[f"{name} × {factor}"] = changed
    return candidates


def played(problem: SearchProblem, candidates: list[Numbers], episodes: NDArray[np.int64]) -> Floats:
    """Mean cost per period of each candidate in each of the held-out episodes (M, E) [money]."""
    size = Simulator(problem.scenario, problem.autonomy).numpy_network.usual_level.size
    together = max(AT_ONCE // (len(episodes) * size * 4), 1)
    parts = [candidates[first : first + together] for first in range(0, len(candidates), together)]
    return np.concatenate([_played(problem, part, episodes) for part in parts])


def _played(problem: SearchProblem, candidates: list[Numbers], episodes: NDArray[np.int64]) -> Floats:
    count, each, scenario = len(candidates), len(episodes), problem.scenario
    simulator = Simulator(scenario, problem.autonomy, batch=count * each, dtype="float32")
    stacked = {name: np.repeat(np.stack([numbers[name] for numbers in candidates]), each, axis=0) for name in candidates[0]}
    seating = Seating(simulator, {str(party): rule for party, rule in problem.rules(stacked).items()})
    seating.reset(FIRST_HELD_OUT_SEED, np.tile(episodes, count))
    paid: Any = 0.0
    counted = 0
    while not simulator.done:
        cost = simulator.advance(seating.decisions()).discounted.cost
        if simulator.now.period > scenario.warmup:
            paid, counted = paid + cost, counted + 1
    mean: Floats = (paid / counted).reshape(count, each)
    return mean
