"""Forecasts in a file: read and checked once, whichever way the file is laid out.

Letters: R rows, one for each site, product, period and cutoff; Q quantiles.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from ..demand.periods import Calendar
from ..demand.recorded import Integers
from ..demand.table_file import as_names, as_numbers, as_texts, existing, header_of, read_table, refuse
from ..foundation.errors import InputError
from ..numerics.arrays import Floats
from .headings import quantile_columns
from .keys import ForecastColumns, Forecasts

if TYPE_CHECKING:
    import pandas as pd

KEY = "forecasts"
FROM_THE_START = np.iinfo(np.int64).min // 2
"""The cutoff of a forecast that was there from the start."""


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """What a file of forecasts holds."""

    path: Path
    levels: tuple[float, ...]
    """Of its quantiles, rising."""
    series: tuple[tuple[str, str], ...]
    """Site and product of each series."""
    place: Integers
    """The number of each row's series (R,)."""
    period: Integers
    """The number of the period that each row is about (R,)."""
    cutoff: Integers
    """The number of the last period whose demand it knew (R,)."""
    values: Floats
    """The quantiles (R, Q) [units]; rows are in the order of their cutoffs."""
    crossed: int
    """Rows whose quantiles were not in order."""
    below: int
    """Quantiles that were less than nothing."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was put right, a sentence each."""
        told = (
            (self.crossed, f"Quantiles of {self.crossed} of {len(self.place)} rows of {self.path.name} cross: put in order."),
            (self.below, f"{self.below} quantiles of {self.path.name} are less than nothing: they count as nothing."),
        )
        return tuple(text for count, text in told if count)


def read_forecasts(keys: Forecasts, calendar: Calendar, site: str, product: str) -> ForecastTable:
    """The contents of the file, whose periods are named by a calendar; `site` and `product` are meant where it names none.

    Read again only if it changes. Raises InputError with the file, the row and the column.
    """
    of = cast(Hashable, calendar)  # all are frozen dataclasses
    return _read(*existing(keys.path, KEY), keys.model_dump_json(), of, site, product)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, given: str, of: Hashable, site: str, product: str) -> ForecastTable:
    keys, calendar = Forecasts.model_validate_json(given), cast(Calendar, of)
    columns, header = keys.columns, header_of(path, KEY)
    wide = {} if columns.quantile is not None else _quantiles_of(path, header, keys.model)
    if wide and len(wide) < 2:
        raise InputError(f"{path}, columns", ", ".join(wide), "columns of at least two quantiles")
    texts = [name for name in (columns.period, columns.cutoff, *_naming(columns)) if name is not None]
    numbers = [name for name in (columns.quantile, columns.value, columns.horizon, *wide) if name is not None]
    frame = read_table(path, tuple(texts), tuple(numbers), KEY)
    names, place = _series(frame, path, keys, site, product)
    period = _numbered(frame, path, columns.period, calendar)
    cutoff = _cutoffs(frame, path, columns, calendar, period)
    cells = np.stack([place, period, cutoff], axis=1)
    if columns.quantile is None:
        levels, values = tuple(sorted(wide.values())), _wide(frame, path, wide)
    else:
        levels, cells, values = _long(frame, path, columns, cells)
    _refuse_doubles(frame, path, cells, columns)
    order = np.argsort(cells[:, 2], kind="stable")
    place, period, cutoff = cells[order].T
    in_order = np.sort(np.maximum(values, 0.0), axis=1)[order]
    crossed, below = int((np.diff(values, axis=1) < 0).any(axis=1).sum()), int((values < 0).sum())
    return ForecastTable(path, levels, names, place, period, cutoff, in_order, crossed, below)


def _naming(columns: ForecastColumns) -> tuple[str | None, ...]:
    return (columns.series,) if columns.series is not None else (columns.site, columns.product)


def _quantiles_of(path: Path, header: Sequence[str], model: str | None) -> dict[str, float]:
    """The columns of one model's quantiles, and their levels. Raises InputError where there are none, or of several models."""
    found = quantile_columns(header)
    if model is not None and model in found:
        return found[model]
    if model is None and len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise InputError(f"{KEY}.model", model, f"one of {', '.join(sorted(found))}, whose quantiles {path} has")
    accepted = "columns for each quantile (Model-lo-80 and Model-hi-80, 0.1, p90), or columns.quantile and columns.value"
    raise InputError(f"{path}, columns", ", ".join(header), accepted)


def _series(
    frame: pd.DataFrame, path: Path, keys: Forecasts, site: str, product: str
) -> tuple[tuple[tuple[str, str], ...], Integers]:
    """Site and product of each series, and each row's series (R,)."""
    import pandas as pd

    columns = keys.columns
    if columns.series is not None:
        place, names = as_names(frame, path, columns.series)
        lacking = np.array([keys.separator not in name for name in names])
        refuse(frame, path, columns.series, lacking[place], f"site{keys.separator}product (forecasts.separator)")
        parts = [tuple(part.strip() for part in name.split(keys.separator, 1)) for name in names]
        which, distinct = pd.factorize(pd.MultiIndex.from_tuples(parts))
        return tuple(distinct), which[place]
    (at, sites), (of, products) = (
        (np.zeros(len(frame), dtype=np.int64), (alone,)) if column is None else as_names(frame, path, column)
        for column, alone in ((columns.site, site), (columns.product, product))
    )
    codes, place = np.unique(at * len(products) + of, return_inverse=True)
    return tuple((sites[code // len(products)], products[code % len(products)]) for code in codes), place


def _numbered(frame: pd.DataFrame, path: Path, column: str, calendar: Calendar) -> Integers:
    """The number of each row's period (R,)."""
    import pandas as pd

    texts = as_texts(frame[column])
    which, names = pd.factorize(texts)
    refuse(frame, path, column, which < 0, "a period")
    number = calendar.numbers(pd.Series(names, dtype=str))
    wrong = np.isnan(number) | (number % 1 != 0)
    refuse(frame, path, column, wrong[which], f"a period as the recorded demand has it: {calendar.accepted}")
    return number.astype(np.int64)[which]


def _cutoffs(frame: pd.DataFrame, path: Path, columns: ForecastColumns, calendar: Calendar, period: Integers) -> Integers:
    """The last period that each row's forecast knew (R,)."""
    if columns.cutoff is not None:
        found = _numbered(frame, path, columns.cutoff, calendar)
        refuse(frame, path, columns.cutoff, found >= period, "a period before the one that is forecast")
        return found
    if columns.horizon is not None:
        horizon = as_numbers(frame, path, columns.horizon)
        refuse(frame, path, columns.horizon, ~(horizon >= 1) | (horizon % 1 != 0), "a whole number ≥ 1")
        return period - horizon.astype(np.int64)
    return np.full(len(frame), FROM_THE_START)


def _wide(frame: pd.DataFrame, path: Path, wide: dict[str, float]) -> Floats:
    """The quantiles (R, Q), a column each."""
    names = sorted(wide, key=wide.__getitem__)
    return np.stack([_amounts(frame, path, name) for name in names], axis=1)


def _amounts(frame: pd.DataFrame, path: Path, column: str) -> Floats:
    found = as_numbers(frame, path, column)
    refuse(frame, path, column, ~np.isfinite(found), "a finite number")
    return found


def _long(
    frame: pd.DataFrame, path: Path, columns: ForecastColumns, cells: Integers
) -> tuple[tuple[float, ...], Integers, Floats]:
    """Levels (Q,), and each cell (R', 3) once with its quantiles (R', Q). Raises InputError where a cell lacks one."""
    assert columns.quantile is not None  # as was asked before
    assert columns.value is not None
    level, value = as_numbers(frame, path, columns.quantile), _amounts(frame, path, columns.value)
    refuse(frame, path, columns.quantile, ~((level > 0) & (level < 1)), "a number between 0 and 1, neither included")
    levels, column = np.unique(level, return_inverse=True)
    if len(levels) < 2:
        raise InputError(f"{path}, column {columns.quantile}", float(levels[0]), "at least two quantiles of every period")
    _, first, row = np.unique(_codes(cells), return_index=True, return_inverse=True)
    distinct, at = cells[first], row * len(levels) + column
    again = np.ones(len(at), dtype=bool)
    again[np.unique(at, return_index=True)[1]] = False
    refuse(frame, path, columns.quantile, again, "each quantile once for a site, product, period and cutoff")
    flat = np.full(len(distinct) * len(levels), np.nan)
    flat[at] = value
    found: Floats = flat.reshape(len(distinct), len(levels))
    lacking = np.isnan(found).any(axis=1)
    if lacking.any():
        wrong = np.zeros(len(frame), dtype=bool)
        wrong[first[lacking]] = True
        told = ", ".join(f"{one:g}" for one in levels)
        refuse(frame, path, columns.quantile, wrong, f"all of {told} for the same site, product, period and cutoff")
    return tuple(map(float, levels)), distinct, found


def _refuse_doubles(frame: pd.DataFrame, path: Path, cells: Integers, columns: ForecastColumns) -> None:
    """Raise InputError for a second row of a site, product, period and cutoff, where quantiles have a column each."""
    if columns.quantile is None:
        again = np.ones(len(cells), dtype=bool)
        again[np.unique(_codes(cells), return_index=True)[1]] = False
        refuse(frame, path, columns.period, again, "one row for each site, product, period and cutoff (columns.cutoff)")


def _codes(cells: Integers) -> Integers:
    """One number for each row of three (R,), the same where they are."""
    parts = [np.unique(column, return_inverse=True) for column in cells.T]
    found: Integers = np.ravel_multi_index([codes for _, codes in parts], [len(values) for values, _ in parts])
    return found
