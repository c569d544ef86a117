"""How much of a supply network's replenishment can be left to its sites, and what does it cost?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .envs.api.registration import register_environments

if TYPE_CHECKING:
    from .agents import Agent, list_agents, make_agent
    from .agents.adapter import adapted
    from .agents.training.train import resume, train
    from .envs.catalogue import load_autonomy, load_scenario
    from .envs.demand import DemandProcess, demands
    from .envs.demand.lead_time import LeadTime, lead_times
    from .envs.foundation.errors import InputError
    from .envs.foundation.shipped_configs import list_autonomy, list_scenarios
    from .envs.information.policy import Context, Decision, Policy
    from .envs.simulator import Simulator
    from .evaluation import compare, evaluate, league_of
    from .face import central_env, parallel_env, vector_env

__version__ = "0.1.0"

_LATER = {
    "Agent": "agents",
    "adapted": "agents.adapter",
    "list_agents": "agents",
    "make_agent": "agents",
    "resume": "agents.training.train",
    "train": "agents.training.train",
    "load_autonomy": "envs.catalogue",
    "load_scenario": "envs.catalogue",
    "DemandProcess": "envs.demand",
    "demands": "envs.demand",
    "LeadTime": "envs.demand.lead_time",
    "lead_times": "envs.demand.lead_time",
    "InputError": "envs.foundation.errors",
    "list_autonomy": "envs.foundation.shipped_configs",
    "list_scenarios": "envs.foundation.shipped_configs",
    "Context": "envs.information.policy",
    "Decision": "envs.information.policy",
    "Policy": "envs.information.policy",
    "Simulator": "envs.simulator",
    "compare": "evaluation",
    "evaluate": "evaluation",
    "league_of": "evaluation",
    "central_env": "face",
    "parallel_env": "face",
    "vector_env": "face",
}
"""The module of each name, imported when the name is first asked for: all of them together take seconds."""

__all__ = [
    "Agent",
    "Context",
    "Decision",
    "DemandProcess",
    "InputError",
    "LeadTime",
    "Policy",
    "Simulator",
    "adapted",
    "central_env",
    "compare",
    "demands",
    "evaluate",
    "lead_times",
    "league_of",
    "list_agents",
    "list_autonomy",
    "list_scenarios",
    "load_autonomy",
    "load_scenario",
    "make_agent",
    "parallel_env",
    "resume",
    "train",
    "vector_env",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'orderup' has no attribute {name!r}")
    found = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


register_environments()
