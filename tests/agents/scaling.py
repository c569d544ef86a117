"""Whether levels that were searched are beaten by themselves, scaled: all of them, those of a site, or those of a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.agents.levels.level_search import Problem
from orderup.envs.numerics.arrays import Floats
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

SEED = 10_000
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


def rivals(
    problem: Problem, numbers: Mapping[str, Floats], episodes: int, seed: int = SEED, horizon: int | None = None
) -> list[Rival]:
    """Every one of them on held-out traces, the whole episode after warm-up, the one that saves most first."""
    network = Simulator(problem.scenario, problem.autonomy).numpy_network
    levels = [name for name in numbers if name.endswith("level")]
    parts: dict[str, Any] = {"all": (slice(None), slice(None))}
    parts |= {name: (network.topology.destination == site, slice(None)) for site, name in enumerate(network.sites)}
    if len(network.products) > 1:
        parts |= {name: (slice(None), product) for product, name in enumerate(network.products)}
    candidates = {"itself": dict(numbers)}
    for name, part in parts.items():
        for factor in FACTORS:
            scaled = {key: np.array(values) for key, values in numbers.items()}
            for key in levels:
                scaled[key][part] *= factor
            candidates[f"{name} × {factor}"] = scaled
    found = played(problem, list(candidates.values()), episodes, seed, horizon)
    own = found[0]
    beaten = []
    for name, costs in zip(candidates, found, strict=True):
        saved = own - costs
        scale = abs(own.mean()) or 1.0
        beaten.append(Rival(name, float(saved.mean() / scale), float(saved.std(ddof=1) / np.sqrt(episodes) / scale)))
    return sorted(beaten[1:], key=lambda rival: -rival.saving)


def played(problem: Problem, candidates: list[Mapping[str, Floats]], episodes: int, seed: int, horizon: int | None) -> Floats:
    """Mean cost per period of each candidate in each episode (M, E)."""
    size = Simulator(problem.scenario, problem.autonomy).numpy_network.usual_level.size
    together = max(AT_ONCE // (episodes * size * 4), 1)
    parts = [candidates[first : first + together] for first in range(0, len(candidates), together)]
    return np.concatenate([_played(problem, part, episodes, seed, horizon) for part in parts])


def _played(problem: Problem, candidates: list[Mapping[str, Floats]], episodes: int, seed: int, horizon: int | None) -> Floats:
    count, scenario = len(candidates), problem.scenario
    simulator = Simulator(scenario, problem.autonomy, batch=count * episodes, horizon=horizon, dtype="float32")
    stacked = {name: np.repeat(np.stack([numbers[name] for numbers in candidates]), episodes, axis=0) for name in candidates[0]}
    seating = Seating(simulator, {str(party): rule for party, rule in problem.rules(stacked).items()})
    seating.reset(seed, np.tile(np.arange(episodes), count))
    paid: Any = 0.0
    counted = 0
    while not simulator.done:
        cost = simulator.advance(seating.decisions()).discounted.cost
        if simulator.now.period > scenario.warmup:
            paid, counted = paid + cost, counted + 1
    mean: Floats = (paid / counted).reshape(count, episodes)
    return mean
