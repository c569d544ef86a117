"""Which sites could decide alone first: one at a time orders for itself, and the rest stay with the centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy
from orderup.envs.network.building import build
from orderup.envs.scenario.scenario import Scenario

from ..comparison.comparison import Comparison
from ..comparison.method import Method
from ..running.contestant import Contestant, contestant_of
from ..statistics.statistics import Interval

MOST = 12
"""Sites that are tried, those with most demand to cover first."""


@dataclass(frozen=True)
class Alone:
    """One site that orders for itself, the others as today."""

    site: str
    cost: Interval
    """Less today's [money/period]."""
    share: float
    """The same as a share of today's."""
    on_hand: Interval
    """Stock less today's [units]."""

    @property
    def verdict(self) -> str:
        """What follows, in words."""
        if self.cost.high < 0:
            return "could decide alone now: it costs less"
        if self.cost.low <= 0:
            return "could decide alone: no significant difference"
        return "better left to the centre for now: it costs more"


def sites_to_try(scenario: Scenario) -> list[str]:
    """The sites that would be tried, those with most demand first."""
    network = build(scenario)
    demand = network.loads.mean[:, :, 0].sum(axis=1)
    order = sorted(range(len(network.sites)), key=lambda site: -float(demand[site]))
    reached = set(network.topology.destination.tolist())
    return [network.sites[site] for site in order if site in reached][:MOST]


def levels_alone(today: Autonomy, sites: Sequence[str]) -> dict[str, Autonomy]:
    """Today's level with each site by itself left out of the centre's hands; nothing where no centre orders for several."""
    decides_for_all = today.acts.has_planner and not today.acts.has_sites
    if not decides_for_all or today.share is not None or today.purview is not None or len(sites) < 2:
        return {}
    keys = today.model_dump(exclude={"name", "description"})
    return {
        site: load_autonomy({**keys, "name": f"alone_{number}", "share": [site]}) for number, site in enumerate(sites, start=1)
    }


def contestants_alone(levels: dict[str, Autonomy], agent: object) -> list[Contestant]:
    """Somebody at each of these levels."""
    return [contestant_of(level, agent) for level in levels.values()]


def alone(comparison: Comparison, today: Method, levels: dict[str, Autonomy]) -> list[Alone]:
    """What each site's ordering for itself comes to, the largest saving first."""
    found = []
    for site, level in levels.items():
        for method in comparison.methods:
            if method.autonomy.name == level.name:
                differences = comparison.differences(method)
                cost = differences["cost"]
                found.append(Alone(site, cost, cost.estimate / abs(today.cost), differences["on_hand"]))
    return sorted(found, key=lambda one: one.cost.estimate)
