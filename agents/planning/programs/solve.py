"""Solving a program with HiGHS: anew with SciPy's, or from where the last solve ended, where `highspy` is installed.

Letters: S futures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from orderup.envs.foundation.native_output import discarded
from orderup.envs.numerics.arrays import Floats

from .problem import Places
from .program import Limits

LONGEST = 60.0
"""Seconds after which a program counts as not solved."""
DEVEX = 1


@dataclass(frozen=True, eq=False)
class Solution:
    """What became of a program."""

    values: Floats | None
    """Of its columns; None where it was not solved."""
    cost: float
    """Mean over the futures, what is given included [money]; NaN where it was not solved."""
    message: str
    proven: bool = True
    """Whether no better one is possible; else this is the best that was found in time."""

    @property
    def solved(self) -> bool:
        """Whether one was found."""
        return self.values is not None


class Solver(Protocol):
    """Solves one program time and again with other limits."""

    def solve(self, limits: Limits, series: int = 0) -> Solution:
        """The optimum, or why there is none; never raises for a program that has none.

        Programs of one `series`, as of the periods of one episode, are alike: each may start from the last one's solution.
        """
        ...


class LinearProgram(Protocol):
    """What is minimised, and the rows that limit it."""

    @property
    def cost(self) -> Floats:
        """Of each column."""
        ...

    @property
    def matrix(self) -> sparse.csc_array:
        """Rows by columns."""
        ...


def solver_of(program: LinearProgram, seconds: float = LONGEST) -> Solver:
    """The fastest there is; of a program that falls apart, as one of products that share nothing, each part by itself."""
    make = WarmSolver if find_spec("highspy") else ColdSolver
    parts = parts_of(program)
    return SplitSolver(parts, make, seconds) if len(parts) > 1 else make(program, seconds)


@dataclass(frozen=True, eq=False)
class IndependentPart:
    """Rows and columns of a program that no others touch."""

    rows: Places
    columns: Places
    cost: Floats
    matrix: sparse.csc_array

    def limits(self, whole: Limits) -> Limits:
        """Its part of the whole program's, without the cost that is given."""
        cost = None if whole.cost is None else whole.cost[self.columns]
        return Limits(whole.low[self.rows], whole.high[self.rows], whole.most[self.columns], np.zeros(1), cost)


def parts_of(program: LinearProgram) -> list[IndependentPart]:
    """What a program falls apart into; single rows and columns that are in none go with the largest part."""
    (rows, columns), entries = program.matrix.shape, program.matrix.tocoo()
    touching = sparse.coo_array((np.ones(entries.nnz), (entries.row, rows + entries.col)), shape=(rows + columns,) * 2)
    _, label = connected_components(touching, directed=False)
    of_row, of_column = label[:rows], label[rows:]
    in_row = np.bincount(of_row, minlength=label.max() + 1)
    largest = int(in_row.argmax())
    of_row, of_column = (np.where(in_row[labels] > 1, labels, largest) for labels in (of_row, of_column))
    found = []
    for number in np.unique(of_row):
        row, column = (np.flatnonzero(labels == number) for labels in (of_row, of_column))
        found.append(IndependentPart(row, column, program.cost[column], program.matrix[row][:, column].tocsc()))
    return found


class SplitSolver:
    """A program's parts, each by a solver of its own: ten small ones take a fraction of the time of one ten times as large."""

    def __init__(self, parts: list[IndependentPart], make: Callable[[LinearProgram, float], Solver], seconds: float) -> None:
        self._parts = [(part, make(part, seconds)) for part in parts]
        self._columns = sum(part.columns.size for part in parts)

    def solve(self, limits: Limits, series: int = 0) -> Solution:
        """As the protocol has it; not solved where a part is not."""
        values, cost = np.zeros(self._columns), float(limits.given.mean())
        for part, solver in self._parts:
            found = solver.solve(part.limits(limits), series)
            if found.values is None:
                return found
            values[part.columns] = found.values
            cost += found.cost
        return Solution(values, cost, "optimal")


class ColdSolver:
    """SciPy's HiGHS, which begins anew every time."""

    def __init__(self, program: LinearProgram, seconds: float = LONGEST) -> None:
        self._program, self._seconds = program, seconds

    def solve(self, limits: Limits, series: int = 0) -> Solution:
        """As the protocol has it."""
        with discarded():
            found = milp(
                self._program.cost if limits.cost is None else limits.cost,
                constraints=LinearConstraint(self._program.matrix, limits.low, limits.high),
                bounds=Bounds(0.0, limits.most),
                options={"time_limit": self._seconds},
            )
        if found.status != 0 or found.x is None:
            return Solution(None, float("nan"), str(found.message))
        return Solution(np.asarray(found.x), float(found.fun) + float(limits.given.mean()), "optimal")


class WarmSolver:
    """HiGHS by its own interface, which keeps the model and, for every series, the basis of the last optimum."""

    def __init__(self, program: LinearProgram, seconds: float = LONGEST) -> None:
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
        if limits.cost is not None:
            highs.changeColsCost(self._columns.size, self._columns, limits.cost)
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


def _model(program: LinearProgram) -> Any:
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
    # Steepest-edge weights would be worked out anew for every basis that is set; Devex pricing halves the time.
    for name, value in (("output_flag", False), ("threads", 1), ("simplex_dual_edge_weight_strategy", DEVEX)):
        highs.setOptionValue(name, value)
    highs.passModel(model)
    return highs
