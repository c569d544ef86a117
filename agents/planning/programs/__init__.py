"""A network's periods as one linear program, its rows and columns, whole lots, and its solvers. Imports `levels`."""

from .problem import InitialState, PlanningProblem
from .program import Program
from .solve import ColdSolver, Solution, Solver, SplitSolver, WarmSolver, solver_of

__all__ = [
    "ColdSolver",
    "InitialState",
    "PlanningProblem",
    "Program",
    "Solution",
    "Solver",
    "SplitSolver",
    "WarmSolver",
    "solver_of",
]
