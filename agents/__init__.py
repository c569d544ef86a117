"""The solutions: whoever may fill a seat, from a rule to a trained network."""

from . import base_stock, forecast, human, lot_plan, optimal, optimised, pathwise, planning, ppo, rules, runs, simple, team  # noqa: F401 # importing them registers their agents
from .base import Agent, agents
from .make import list_agents, make_agent

__all__ = ["Agent", "agents", "list_agents", "make_agent"]
