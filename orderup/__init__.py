"""How much of a supply network's replenishment can be left to its sites, and what does it cost?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .envs.api.registration import register_environments

if TYPE_CHECKING:
    from .agents import Agent, list_agents, make_agent
    from .agents.adapter import adapted
    from .agents.training.save_policy import save_policy
    from .agents.training.train import resume, train
    from .company.importing import network_from_tables, read_demand
    from .envs.catalogue import load_autonomy, load_scenario
    from .envs.demand import DemandProcess, demands
    from .envs.demand.lead_time import LeadTime, lead_times
    from .envs.foundation.errors import InputError
    from .envs.foundation.shipped_configs import list_autonomy, list_scenarios
    from .envs.information.policy import Context, Decision, Policy
    from .envs.simulator import Simulator
    from .evaluation import answer, backtest, compare, decide, evaluate, frontier, league_of
    from .face import aec_env, batched_env, central_env, central_vector_env, parallel_env, vector_env

__version__ = "0.1.0"

_LATER = {
    "Agent": "agents",
    "adapted": "agents.adapter",
    "list_agents": "agents",
    "make_agent": "agents",
    "resume": "agents.training.train",
    "save_policy": "agents.training.save_policy",
    "train": "agents.training.train",
    "network_from_tables": "company.importing",
    "read_demand": "company.importing",
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
    "answer": "evaluation",
    "backtest": "evaluation",
    "compare": "evaluation",
    "decide": "evaluation",
    "evaluate": "evaluation",
    "frontier": "evaluation",
    "league_of": "evaluation",
    "aec_env": "face",
    "batched_env": "face",
    "central_env": "face",
    "central_vector_env": "face",
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
    "aec_env",
    "answer",
    "backtest",
    "batched_env",
    "central_env",
    "central_vector_env",
    "compare",
    "decide",
    "demands",
    "evaluate",
    "frontier",
    "lead_times",
    "league_of",
    "list_agents",
    "list_autonomy",
    "list_scenarios",
    "load_autonomy",
    "load_scenario",
    "make_agent",
    "network_from_tables",
    "parallel_env",
    "read_demand",
    "resume",
    "save_policy",
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
