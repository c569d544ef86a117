"""Solving a program with HiGHS: anew with SciPy's, or from where the last solve ended, where `highspy` is installed.

Letters: S futures.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from .columns import Floats
from .program import Limits, Program

LONGEST = 60.0
"""Seconds after which a program counts as not solved."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What became of a program."""

    values: Floats | None
    """Of its columns; None where it was not solved."""
    cost: float
    """Mean over the futures, what is given included [money]; NaN where it was not solved."""
    message: str

    @property
    def solved(self) -> bool:
        """Whether the optimum was found."""
        return self.values is not None


class Solver(Protocol):
    """Solves one program time and again with other limits."""

    def solve(self, limits: Limits, series: int = 0) -> Solution:
        """The optimum, or why there is none; never raises for a program that has none.

        Programs of one `series`, as of the periods of one episode, are alike: each may start from the last one's solution.
        """
        ...


def solver_of(program: Program, seconds: float = LONGEST) -> Solver:
    """The fastest there is."""
    return WarmSolver(program, seconds) if find_spec("highspy") else ColdSolver(program, seconds)


class ColdSolver:
    """SciPy's HiGHS, which begins anew every time."""

    def __init__(self, program: Program, seconds: float = LONGEST) -> None:
        self._program, self._seconds = program, seconds

    def solve(self, limits: Limits, series: int = 0) -> Solution:
        """As the protocol has it."""
        found = milp(
            self._program.cost,
            constraints=LinearConstraint(self._program.matrix, limits.low, limits.high),
            bounds=Bounds(0.0, limits.most),
            options={"time_limit": self._seconds},
        )
        if found.status != 0 or found.x is None:
            return Solution(None, float("nan"), str(found.message))
        return Solution(np.asarray(found.x), float(found.fun) + float(limits.given.mean()), "optimal")


class WarmSolver:
    """HiGHS by its own interface, which keeps the model and, for every series, the basis of the last optimum."""

    def __init__(self, program: Program, seconds: float = LONGEST) -> None:
        self._highs, self._seconds = _model(program), seconds
        self._bases: dict[int, Any] = {}
        rows, columns = program.matrix.shape
        self._rows, self._columns = np.arange(rows, dtype=np.int32), np.arange(columns, dtype=np.int32)
        self._least = np.zeros(columns)

    def solve(self, limits: Limits, series: int = 0) -> Solution:
        """As the protocol has it."""
        from highspy import HighsModelStatus

        highs = self._highs
        highs.changeRowsBounds(self._rows.size, self._rows, limits.low, limits.high)
        highs.changeColsBounds(self._columns.size, self._columns, self._least, limits.most)
        if series in self._bases:
            highs.setBasis(self._bases[series])
        else:
            highs.clearSolver()
        highs.setOptionValue("time_limit", highs.getRunTime() + self._seconds)  # it counts from the model's first run
        highs.run()
        status = highs.getModelStatus()
        if status != HighsModelStatus.kOptimal:
            self._bases.pop(series, None)
            return Solution(None, float("nan"), highs.modelStatusToString(status))
        self._bases[series] = highs.getBasis()
        cost = float(highs.getInfo().objective_function_value) + float(limits.given.mean())
        return Solution(np.array(highs.getSolution().col_value), cost, "optimal")


def _model(program: Program) -> Any:
    """The program in HiGHS, with limits still to come."""
    import highspy

    model, matrix = highspy.HighsLp(), program.matrix
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_, model.col_lower_ = program.cost, np.zeros(matrix.shape[1])
    model.col_upper_ = np.full(matrix.shape[1], np.inf)
    model.row_lower_, model.row_upper_ = np.full(matrix.shape[0], -np.inf), np.full(matrix.shape[0], np.inf)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    highs = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1)):
        highs.setOptionValue(name, value)
    highs.passModel(model)
    return highs
