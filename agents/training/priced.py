"""What learners pay for a shortage where customers are promised service: they need a cost to learn by."""

from __future__ import annotations

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import changed
from orderup.envs.scenario.scenario import Scenario

from ..make import make_agent
from ..service import has_targets, multipliers

BY = "base_stock"
"""By whose orders a cost is found that makes for the service."""
LONGEST_NAME = 90


def priced(scenario: Scenario, autonomy: Autonomy) -> Scenario:
    """The scenario with shortage costs in place of open targets of service, called after that; itself where it has none.

    They are those at which order-up-to levels in closed form reach the targets at this level of autonomy: a learner that beats
    these levels may serve more, or less, and is told what it costs. Says so among the scenario's assumptions.
    """
    if not has_targets(scenario):
        return scenario
    found = multipliers(scenario, autonomy, make_agent(BY))
    told = ", ".join(f"{cost:.4g} for {one.told}" for one, cost in zip(found.targets, found.costs, strict=True))
    assumed = f"A unit short costs what makes {BY} keep the service promised at {autonomy.name}: {told}."
    name = f"{scenario.name[:LONGEST_NAME]}_priced"
    return changed(found.told(scenario), name=name, assumptions=[*scenario.assumptions, assumed[:500]])
