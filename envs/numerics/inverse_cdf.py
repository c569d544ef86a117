"""Uniforms into values of discrete distributions: the inverse CDF by guide table, exact and a few nanoseconds a value.

A guide table (Chen and Asau, "On generating random variates from an empirical distribution", AIIE Transactions 6, 1974)
cuts the unit interval into cells. Where at most one step of the CDF falls into a cell, two look-ups and a comparison give
the value; the few cells that hold more, in the tails, are searched.

Shapes: T periods, K distributions, B episodes, n values in the longest distribution, M cells.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import array_api_compat
import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError
from .arrays import Array, namespace
from .chunks import chunks

CELLS = 1 << 12
CELLS_IN_ALL = 1 << 14
"""Of the distributions of a table together: what does not fit into the processor's cache is slower, however seldom searched."""
VALUES_IN_ALL = 1 << 24
TAIL = 2.0**-40
"""The probability that `of` leaves out on either side; uniforms of 32 bits come no closer than 2^-33 to an end."""


class _Tables(NamedTuple):
    """The table's arrays, flat, in one namespace and on one device."""

    cdf: Array
    """P(X <= lowest + j) at j + n·k (K·n,)."""
    first: Array
    """How many steps of the CDF lie before each cell, at cell + (M+2)·k (K·(M+2),)."""
    value: Array
    """The value at the start of each cell, or NaN where the cell holds several steps (K·(M+2),)."""
    step: Array
    """The one step of the CDF within each cell, or infinity (K·(M+2),)."""
    lowest: Array
    """The smallest value of each distribution (K,)."""
    start: Array
    """Where each distribution's cells begin (K, 1)."""


class QuantileTable:
    """Inverse CDFs of K distributions on consecutive integers, from `cdf` (K, n) and the smallest values `lowest` (K,).

    `cdf[k, j]` is P(X_k <= lowest[k] + j). Its last column counts as 1, so what lies above n values is cut off; a shorter
    distribution repeats 1.
    """

    def __init__(self, cdf: NDArray[np.float64], lowest: NDArray[np.float64]) -> None:
        count, self.length = cdf.shape
        self.cells = min(CELLS, max(64, 1 << (CELLS_IN_ALL // count).bit_length() - 1))
        cdf = np.minimum(cdf, 1.0)
        cdf[:, -1] = 1.0
        first = self._steps_before(cdf)
        inside = np.diff(first, append=self.length)
        start = np.arange(count)[:, None] * (self.cells + 2)
        step = np.take_along_axis(cdf, np.minimum(first, self.length - 1), axis=1)
        inside[:, self.cells :] = 0
        value = np.where(inside > 1, np.nan, lowest[:, None] + first)
        self.searches = int(inside.max()).bit_length()
        once = np.where(inside == 1, step, np.inf)
        self._numpy = _Tables(cdf.ravel(), first.ravel(), value.ravel(), once.ravel(), lowest, start)
        self._elsewhere: dict[Any, _Tables] = {}

    @property
    def bytes(self) -> int:
        """What it takes in memory, once."""
        return sum(array.nbytes for array in self._numpy)

    @classmethod
    def of(cls, distribution: Any) -> QuantileTable:
        """The table of K discrete distributions as scipy.stats freezes them, with parameters (K, 1).

        Raises InputError where they spread over more values than are worth tabulating.
        """
        lowest, highest = (np.floor(distribution.ppf(tail)).reshape(-1) for tail in (TAIL, 1 - TAIL))
        spread = float((highest - lowest).max()) + 1
        if not spread * lowest.size <= VALUES_IN_ALL:  # nor where it is beyond the quantiles' reach, and NaN
            raise InputError("demand", f"{spread:g} possible values", "a process that spreads less, or demand in larger units")
        length = int(spread)
        return cls(distribution.cdf(lowest[:, None] + np.arange(length)), lowest)

    def _steps_before(self, cdf: NDArray[np.float64]) -> NDArray[np.int64]:
        """How many of the CDF's steps lie before each cell (K, M+2)."""
        count, width = cdf.shape[0], self.cells + 2
        at = (cdf * self.cells).astype(np.int64) + 1 + np.arange(count)[:, None] * width
        return np.bincount(at.reshape(-1), minlength=count * width).reshape(count, width).cumsum(axis=1)

    def __call__(self, uniforms: Array) -> Array:
        """The smallest values (T, K, B) whose cumulative probability reaches the uniforms (T, K, B) in [0, 1]."""
        xp, device = namespace(uniforms), array_api_compat.device(uniforms)
        tables = self._on(xp, device)
        values = xp.empty(uniforms.shape, dtype=xp.float64, device=device)  # contiguous, so that `flat` is a view of it
        for piece in chunks(uniforms.shape, device):
            values[piece] = self._look_up(uniforms[piece], tables, piece[1], xp)
        flat = xp.reshape(values, (-1,))
        (several,) = xp.nonzero(xp.isnan(flat))
        if several.shape[0]:
            which = several // uniforms.shape[2] % uniforms.shape[1]
            flat[several] = self._search(xp.reshape(uniforms, (-1,))[several], which, tables, xp)
        return values

    def _look_up(self, uniforms: Array, tables: _Tables, which: slice, xp: Any) -> Array:
        cell = xp.astype(uniforms * self.cells, xp.int64)
        if tables.start.shape[0] > 1:
            cell += tables.start[which]
        cell = xp.reshape(cell, (-1,))
        value = xp.reshape(xp.take(tables.value, cell, axis=0), uniforms.shape)
        value += uniforms > xp.reshape(xp.take(tables.step, cell, axis=0), uniforms.shape)
        return value

    def _search(self, uniform: Array, which: Array, tables: _Tables, xp: Any) -> Array:
        """The values of a few uniforms (m,) of distributions `which` (m,), by bisection among the steps within their cells."""
        cell = xp.astype(uniform * self.cells, xp.int64) + which * (self.cells + 2)
        low, high = xp.take(tables.first, cell, axis=0), xp.take(tables.first, cell + 1, axis=0)
        for _ in range(self.searches):
            middle = (low + high) // 2
            above = uniform > xp.take(tables.cdf, middle + which * self.length, axis=0)
            low, high = xp.where(above, middle + 1, low), xp.where(above, high, middle)
        return xp.take(tables.lowest, which, axis=0) + low

    def _on(self, xp: Any, device: Any) -> _Tables:
        if array_api_compat.is_numpy_namespace(xp):
            return self._numpy
        if device not in self._elsewhere:
            self._elsewhere[device] = _Tables(*(xp.asarray(array, device=device) for array in self._numpy))
        return self._elsewhere[device]
