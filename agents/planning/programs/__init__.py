"""A network's periods as one linear program, its rows and columns, whole lots, and its solvers. Imports `levels`."""

from .problem import InitialState, PlanningProblem
from .program import AssembledProgram
from .solve import ColdSolver, Solution, Solver, SplitSolver, WarmSolver, solver_of

__all__ = [
    "AssembledProgram",
    "ColdSolver",
    "InitialState",
    "PlanningProblem",
    "Solution",
    "Solver",
    "SplitSolver",
    "WarmSolver",
    "solver_of",
]
