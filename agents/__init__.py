"""The solutions: whoever may fill a seat, from a rule to a trained network."""

# ruff: noqa: F401 - importing a module registers its agents
from . import simple, team
from .base import Agent, agents
from .forecasting import forecast_newsvendor, moving_average
from .levels import base_stock
from .levels.search import optimised
from .make import list_agents, make_agent
from .optima import lot_plan, optimal
from .pathwise import pathwise
from .planning import mpc
from .ppo import ppo
from .rules import (
    can_order,
    capped_base_stock,
    constant_order,
    guaranteed_service,
    myopic,
    periodic,
    r_q,
    s_s,
    smoothing,
    sterman,
    transship,
)
from .rules.dual_sourcing import dual_index, single_index, tailored_base_surge
from .runs import run
from .universal import universal, universal_pathwise

__all__ = ["Agent", "agents", "list_agents", "make_agent"]
