"""Planning by linear programs: the network's periods as one, and the agents that solve it anew in every period."""

from .mpc import CertaintyEquivalent, ModelPredictive
from .problem import Plan, Start
from .program import Program
from .solve import ColdSolver, Solution, Solver, SplitSolver, WarmSolver, solver_of

__all__ = [
    "CertaintyEquivalent",
    "ColdSolver",
    "ModelPredictive",
    "Plan",
    "Program",
    "Solution",
    "Solver",
    "SplitSolver",
    "Start",
    "WarmSolver",
    "solver_of",
]
