"""How much of a supply network's replenishment can be left to its sites, and what does it cost?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .envs.api.registration import register_environments
from .envs.catalogue import list_autonomy, list_scenarios, load_autonomy, load_scenario
from .envs.foundation.errors import InputError
from .envs.information.policy import Context, Decision, Policy

if TYPE_CHECKING:
    from .agents import Agent, list_agents, make_agent
    from .agents.adapter import adapted
    from .agents.training.train import resume, train
    from .envs.demand import DemandProcess, demands
    from .envs.demand.lead_time import LeadTime, lead_times
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
    "central_env": "face",
    "parallel_env": "face",
    "vector_env": "face",
    "DemandProcess": "envs.demand",
    "demands": "envs.demand",
    "LeadTime": "envs.demand.lead_time",
    "lead_times": "envs.demand.lead_time",
    "Simulator": "envs.simulator",
    "compare": "evaluation",
    "evaluate": "evaluation",
    "league_of": "evaluation",
}
"""Where a name comes from that is imported when it is first asked for: PyTorch alone takes seconds."""

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


register_environments()
