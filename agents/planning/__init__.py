"""Planning by linear programs: the network's periods as one, and the agents that solve it anew in every period."""

from .mpc import CertaintyEquivalent, ModelPredictive
from .problem import InitialState, PlanningProblem
from .program import Program
from .solve import ColdSolver, Solution, Solver, SplitSolver, WarmSolver, solver_of

__all__ = [
    "CertaintyEquivalent",
    "ColdSolver",
    "InitialState",
    "ModelPredictive",
    "PlanningProblem",
    "Program",
    "Solution",
    "Solver",
    "SplitSolver",
    "WarmSolver",
    "solver_of",
]
