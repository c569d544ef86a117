"""The scenarios that tests about all of them run on: the small version of each that has one."""

from __future__ import annotations

from orderup.envs.catalogue import list_scenarios, load_scenario

SCENARIOS = [name if not load_scenario(name).small else f"{name}-small" for name in list_scenarios()]
