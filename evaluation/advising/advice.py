"""Advice for one network: what each level costs there, who could be left alone first, and what would change the answer.

Costs are simulated, by one policy at every level on the same traces. Beside them stands what the atlas expects of networks like
it, which is a second opinion: by factors alone, of thousands of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..atlas.answers import MORE, Z
from ..atlas.block_job import played
from ..atlas.choice_tree import in_short
from ..atlas.design import CENTRE, SITES
from ..atlas.expectation import Expectation
from ..atlas.factors import BY_NAME
from ..atlas.likeness import alike, weights
from ..atlas.words import FACTORS
from .facts import facts

LEVELS = (
    "central_ideal",
    "central_stale",
    "central_periodic",
    "hybrid_sop",
    "hybrid_soe",
    "management_by_exception",
    "federated",
    "autonomous_shared",
    "autonomous_silo",
)
TRIED = 12
"""Sites of which each is tried alone, at most; of larger networks those with the most customers first."""
STEPS = 8
"""Points of the curve over how many sites are left alone, at most."""
DEFAULTS = {"feed_age": 3.0, "feed_noise": 0.1, "cadence": 7.0}
"""Of the organisations that levels describe as they come."""
ALIKE = 10
"""Networks of the atlas that are shown beside one."""


@dataclass(frozen=True)
class LevelCost:
    """What a level costs [money/period], and beyond the cheapest."""

    level: str
    cost: float
    more: float
    """Beyond the cheapest, on the same traces."""
    half: float
    """Half a 95 % interval of that."""
    served: float
    """Share of demand that is not left waiting, or lost, at a period's end."""
    expected: float | None = None
    """What the atlas expects it to cost beside an ideal centre (a logarithm)."""
    doubt: float = 0.0
    """Half of the atlas' interval."""


@dataclass(frozen=True)
class LeftAlone:
    """So many sites left alone beside a late centre, those named."""

    sites: tuple[str, ...]
    cost: float
    half: float
    """Half a 95 % interval of the difference to none."""


@dataclass(frozen=True)
class TurningPoint:
    """A factor that would turn the answer round, and where."""

    factor: str
    now: float
    then: float


@dataclass(frozen=True)
class Alike:
    """A network of the atlas that is much like this one."""

    factors: dict[str, float]
    sites: float
    """What sites by themselves cost there beside an ideal centre (a logarithm)."""
    centre: float
    """… and a late centre."""


@dataclass(frozen=True)
class Advice:
    """All that is said."""

    scenario: str
    costs: tuple[LevelCost, ...]
    """From the cheapest."""
    facts: dict[str, float]
    beyond: tuple[str, ...]
    """Factors that lie beyond what the atlas has seen."""
    because: tuple[tuple[str, float], ...]
    """The three facts that move what sites by themselves cost, beside a late centre, the most: (factor, logarithm)."""
    alone: tuple[LeftAlone, ...]
    changes: tuple[TurningPoint, ...]
    asked: tuple[str, ...]
    """What the atlas' few questions find of the network, in words."""
    chosen: str | None
    """The level that they lead to; None where the atlas has none."""
    alike: tuple[Alike, ...]
    """Networks of the atlas, the most alike first; factors that matter most come first in each."""

    @property
    def as_good(self) -> list[LevelCost]:
        """The levels that cost no more than the cheapest, chance allowed for."""
        return [each for each in self.costs if each.more <= each.half or each is self.costs[0]]


def advise(scenario: Scenario, agent: Any, traces: int, seed: int, expectation: Expectation, networks: pd.DataFrame) -> Advice:
    """Simulate, and ask the atlas and its networks. Raises InputError for a scenario that the agent refuses."""
    network = Simulator(scenario, SITES).numpy_network
    found = {level: _of(scenario, load_autonomy(level), agent, traces, seed) for level in LEVELS}
    known = facts(network)
    table = pd.DataFrame([{**DEFAULTS, **known}])
    inside = _inside(table, expectation)
    leaf = None if expectation.tree is None else expectation.tree.leaf(inside)
    return Advice(
        scenario=scenario.name,
        costs=_costs(found, inside, expectation),
        facts=known,
        beyond=tuple(
            name
            for name in expectation.factors
            if name != "slack" and float(table[name].iloc[0]) != float(inside[name].iloc[0])  # more than enough is enough
        ),
        because=_because(inside, expectation),
        alone=tuple(_alone(scenario, network, agent, traces, seed, found[CENTRE][0])),
        changes=tuple(_changes(inside, expectation)),
        asked=() if leaf is None else tuple(in_short(leaf.answers, FACTORS)),
        chosen=None if leaf is None else leaf.level,
        alike=tuple(_alike(inside, expectation, networks)),
    )


def _of(scenario: Scenario, autonomy: Autonomy, agent: Any, traces: int, seed: int) -> NDArray[np.float64]:
    """Cost, stock, asked and unmet of the whole network, by trace (4, B)."""
    found: NDArray[np.float64] = played(scenario, autonomy, agent, traces, seed).sum(axis=1)
    return found


def _costs(found: dict[str, NDArray[np.float64]], table: pd.DataFrame, expectation: Expectation) -> tuple[LevelCost, ...]:
    least = min(found, key=lambda level: float(found[level][0].mean()))
    costs = []
    for level, amounts in found.items():
        apart = amounts[0] - found[least][0]
        model = expectation.levels.get(level)
        costs.append(
            LevelCost(
                level,
                float(amounts[0].mean()),
                float(apart.mean()),
                float(Z * apart.std(ddof=1) / np.sqrt(apart.size)),
                float(1.0 - amounts[3].mean() / max(amounts[2].mean(), 1e-12)),
                None if model is None else float(expectation.expected(table, level)[0]),
                0.0 if model is None else model.half_width,
            )
        )
    return tuple(sorted(costs, key=lambda cost: cost.cost))


def _inside(table: pd.DataFrame, expectation: Expectation) -> pd.DataFrame:
    """The facts, those beyond the atlas' ranges moved to their ends."""
    return table.assign(**{name: table[name].clip(*ends) for name, ends in expectation.factors.items()})


def _because(table: pd.DataFrame, expectation: Expectation) -> tuple[tuple[str, float], ...]:
    sites, centre = (expectation.contributions(table, level) for level in (SITES, CENTRE))
    moved = {name: sites[name] - centre[name] for name in sites}
    return tuple(sorted(moved.items(), key=lambda item: -abs(item[1]))[:3])


def _changes(table: pd.DataFrame, expectation: Expectation) -> list[TurningPoint]:
    """Factors that, all else equal, would turn round whether sites or a late centre are expected to cost less."""
    now, found = _leads(table, expectation), list[tuple[float, TurningPoint]]()
    for name, ends in expectation.factors.items():
        for unit in np.linspace(0, 1, 21):
            value = float(BY_NAME[name].values(np.array([unit]), *ends)[0])
            if np.sign(_leads(table.assign(**{name: value}), expectation)) != np.sign(now):
                found.append(
                    (
                        abs(value - float(table[name].iloc[0])) / (ends[1] - ends[0]),
                        TurningPoint(name, float(table[name].iloc[0]), value),
                    )
                )
    nearest: dict[str, TurningPoint] = {}
    for _, change in sorted(found, key=lambda item: item[0]):
        nearest.setdefault(change.factor, change)
    return list(nearest.values())[:3]


def _leads(table: pd.DataFrame, expectation: Expectation) -> float:
    return float(expectation.expected(table, SITES)[0] - expectation.expected(table, CENTRE)[0])


def _alike(one: pd.DataFrame, expectation: Expectation, networks: pd.DataFrame) -> Iterator[Alike]:
    counts = weights(expectation, (SITES, CENTRE))
    names = sorted(counts, key=lambda name: -counts[name])
    for row in alike(networks, one, expectation, (SITES, CENTRE), ALIKE).to_dict("records"):
        factors = {name: float(row[name]) for name in names}
        yield Alike(factors, float(row[MORE + SITES]), float(row[MORE + CENTRE]))


def _alone(
    scenario: Scenario, network: Network, agent: Any, traces: int, seed: int, none: NDArray[np.float64]
) -> Sequence[LeftAlone]:
    """The curve over how many sites are left alone, those first that save the most by themselves."""
    deciding = list(Simulator(scenario, SITES).site_seats)
    mean = np.asarray(network.demand.own_mean, dtype=float).sum(axis=1)
    by_size = sorted(deciding, key=lambda site: -float(mean[network.sites.index(site)]))
    tried = by_size[:TRIED]

    def cost(sites: Sequence[str]) -> NDArray[np.float64]:
        autonomy = load_autonomy({"type": CENTRE, "name": f"{CENTRE}[share={len(sites)}]", "share": list(sites)})
        paid: NDArray[np.float64] = _of(scenario, autonomy, agent, traces, seed)[0]
        return paid

    saves = {site: float((none - cost([site])).mean()) for site in tried} if len(deciding) > 1 else {}
    order = [*sorted(tried, key=lambda site: -saves.get(site, 0.0)), *by_size[TRIED:]]
    counts = sorted({round(count) for count in np.linspace(0, len(order), min(len(order), STEPS) + 1)})
    found = []
    for count in counts:
        paid = cost(order[:count]) if count else none
        found.append(
            LeftAlone(tuple(order[:count]), float(paid.mean()), float(Z * (paid - none).std(ddof=1) / np.sqrt(traces)))
        )
    return found
