"""Shipped scenarios in which orders do not travel, for what is true only there."""

from __future__ import annotations

from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.scenario.scenario import Scenario


def at_once(name: str) -> Scenario:
    """The scenario of this name without order delays."""
    scenario = load_scenario(name)
    lanes = [{**lane.model_dump(by_alias=True), "order_delay": 0} for lane in scenario.lanes]
    return changed(scenario, name=f"{scenario.name}_at_once", lanes=lanes)
