"""The file of forecasts: quantiles of demand ahead, in the record's own names and periods.

Letters: R rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.forecasts.headings import quantile_columns
from orderup.envs.foundation.errors import InputError

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.headings import columns_of
from ..record.periods import CalendarPeriods
from ..tables.date_forms import NONE
from ..tables.options import ReadingOptions
from ..tables.packed_csv import packed_csv
from ..tables.reading import TableFile, opened
from ..tables.table import Column
from .keys import MasterKeys
from .known import KnownNames, matched
from .m5_forecasts import forecasts_of_m5, is_of_m5
from .master import QUANTILE, Master, master_of

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("date", "site", "product", "series", "cutoff", "level", "amount", "error")
QUANTILES_ASKED = (
    "columns of at least two quantiles, as forecasting tools give them when asked (level=[80] of Nixtla's, quantile_levels of "
    "AutoGluon): Model-lo-80 and Model-hi-80, q0.1 or p90; below one another they stand in columns.forecasts.level=<name> and "
    "columns.forecasts.amount=<name>. Or one number, the mean, in columns.forecasts.amount=<name>"
)
BETWEEN = "/"
"""Stands between site and product in a column that names both."""


@dataclass(frozen=True)
class PointForecasts:
    """Forecasts of one number each, that do not say how far off they may be."""

    period: NDArray[np.int64]
    """The number of the period that each is of (R,)."""
    cutoff: NDArray[np.int64] | None
    """That of the last period that was known when it was made (R,); None where the file does not tell."""
    values: NDArray[np.float64]
    """(R,) [units]"""


@dataclass(frozen=True)
class ForecastFile:
    """Forecasts as a scenario reads them."""

    table: pd.DataFrame
    columns: dict[str, str]
    """What the scenario's key says of its columns."""
    points: PointForecasts | None = None
    """Where it has one number, in a column `value`, and not yet quantiles; None where it has."""

    @property
    def as_csv(self) -> bytes:
        """As a packed CSV file, whose bytes depend on nothing else."""
        return packed_csv(self.table)


def read_forecast_file(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    known: tuple[KnownNames, KnownNames],
    periods: CalendarPeriods,
    decisions: ImportDecisions,
) -> ForecastFile:
    """Quantiles in a column each or below each other, or one number; sites and products are `known`. Raises InputError."""
    import pandas as pd

    master = _opened(source, given, reading, keys, known, decisions)
    master = _with_sites_and_products(master, known)
    found: dict[str, list[str]] = {}
    for role, names in zip(("site", "product"), known, strict=True):
        master, _ = matched(master, role, names, keys, decisions)
    for role, names in zip(("site", "product"), known, strict=True):
        found[role] = [names.find(str(name), keys) or "" for name in master.names(role)]
    period = _periods(master, "date", periods)
    columns: dict[str, Any] = {"period": _named(period, periods), **found}
    says: dict[str, str] = {}
    cutoff = None
    if "cutoff" in master:
        cutoff = _periods(master, "cutoff", periods)
        master.table.refuse_any(cutoff >= period, master.columns["cutoff"], f"a {periods.word} before the one that is forecast")
        columns["cutoff"], says["cutoff"] = _named(cutoff, periods), "cutoff"
    amounts = {role: _amounts(master, role) for role in master.columns if role.startswith(QUANTILE)}
    if "level" in master:
        level = master.numbers("level", None)
        master.table.refuse_any(
            ~((level > 0) & (level < 1)), master.columns["level"], "a number between 0 and 1, neither included"
        )
        columns["quantile"], says["quantile"] = level, "quantile"
        amounts, says["value"] = {"value": _amounts(master, "amount")}, "value"
    elif not amounts:
        amounts = {"value": _amounts(master, "amount")}
        columns |= {"error": _amounts(master, "error", 0.0)} if "error" in master else {}
    points = "value" in amounts and "value" not in says
    what = "forecasts" if points else "quantiles"
    below = sum(int((values < 0).sum()) for values in amounts.values())
    decisions.add(ImportDecision(master.name, f"{what} of less than nothing", below, "", "counted as nothing"))
    table = pd.DataFrame({**columns, **{name: np.maximum(values, 0.0) for name, values in amounts.items()}})
    _refuse_doubles(master, table, periods)
    told = f"forecasts of {table['period'].nunique()} {periods.word}s, {table['period'].min()} to {table['period'].max()}"
    decisions.add(ImportDecision(master.name, "rows", len(table), "", told, "", False))
    return ForecastFile(table, says, PointForecasts(period, cutoff, table["value"].to_numpy(float)) if points else None)


def _opened(
    source: Any,
    given: Mapping[str, str],
    reading: ReadingOptions,
    keys: MasterKeys,
    known: tuple[KnownNames, KnownNames],
    decisions: ImportDecisions,
) -> Master:
    """The file's table with its columns, those of quantiles too."""
    file = opened(source, reading, "forecasts")
    if is_of_m5(file.header):
        return forecasts_of_m5(file, known, reading, decisions)
    wide = _quantiles_of(file, keys.forecast_model, given)
    others = [name for name in file.header if name not in wide]
    columns = columns_of(others, ROLES, ("date",), given, "forecasts", file.name)
    if not wide and keys.forecast_model is not None:
        columns["amount"] = keys.forecast_model
    known_since = ("y", "actual", "actuals")  # demand itself, beside what was forecast of it
    left = [name for name in others if name not in (*columns.values(), *known_since) and not name.startswith("column ")]
    if not wide and "amount" not in columns and "level" not in columns and len(left) == 1:
        columns["amount"] = left[0]
    if not wide and "amount" not in columns:
        raise InputError(f"{file.name}, columns", f"no quantiles in {', '.join(file.header)}", QUANTILES_ASKED)
    if wide:
        columns = {role: name for role, name in columns.items() if role not in ("level", "amount", "error")}
        columns |= {f"{QUANTILE}{level:g}": name for name, level in wide.items()}
        if len(wide) < 2:
            raise InputError(f"{file.name}, columns", ", ".join(wide), QUANTILES_ASKED)
    return master_of(file, columns, reading, decisions)


def _quantiles_of(file: TableFile, model: str | None, given: Mapping[str, str]) -> dict[str, float]:
    """The columns of one model's quantiles and their levels; nothing where they stand below each other."""
    found = {} if "level" in given else quantile_columns(file.header)
    if model is not None:
        if not found and model in file.header:
            return {}
        if model not in found:
            raise InputError("forecast_model", model, f"one of {', '.join(sorted(found))}" if found else "nothing")
        return found[model]
    if len(found) > 1:
        accepted = f"one of {', '.join(sorted(found))}, of whose quantiles {file.name} has columns"
        raise InputError("forecast_model", None, accepted)
    return next(iter(found.values()), {})


def _with_sites_and_products(master: Master, known: tuple[KnownNames, KnownNames]) -> Master:
    """With a column of each: those that a column of series names together, or the only ones there are."""
    columns, table = dict(master.columns), master.table
    if "series" in columns and not {"site", "product"} <= set(columns):
        names = [name or "" for name in master.names("series")]
        if all(BETWEEN in name for name in names):
            for place, role in enumerate(("site", "product")):
                parts = [name.split(BETWEEN, 1)[place].strip() for name in names]
                columns[role] = f"{role} of {columns['series']}"
                table = table.adding(columns[role], _column(parts))
        else:
            columns["product" if "product" not in columns else "site"] = columns["series"]
    for role, names_of in zip(("site", "product"), known, strict=True):
        if role not in columns:
            if len(names_of.names) != 1:
                accepted = f"columns.forecasts.{role}=<name> for the one that holds it, or site/product in one column"
                raise InputError(f"{master.name}, columns", f"none that is known as {role}", accepted)
            columns[role] = f"the only {role}"
            table = table.adding(columns[role], _column([names_of.names[0]] * len(table)))
    columns.pop("series", None)
    return Master(table, columns, master.reading)


def _column(texts: Sequence[str]) -> Column:
    import pandas as pd

    return Column.of(pd.Series(texts, dtype=object))


def _periods(master: Master, role: str, periods: CalendarPeriods) -> NDArray[np.int64]:
    """The number of the period that each row's date is in (R,)."""
    column = master.columns[role]
    if periods.unit == "number":
        numbers = master.numbers(role, None)
        master.table.refuse_any(np.isnan(numbers) | (numbers % 1 != 0), column, "the number of a period")
        return numbers.astype(np.int64)
    days = master.days(role)
    master.table.refuse_any(days == NONE, column, "a date in every row")
    return periods.of_days(days)


def _named(numbers: NDArray[np.int64], periods: CalendarPeriods) -> NDArray[np.object_]:
    distinct, which = np.unique(numbers, return_inverse=True)
    names = np.empty(len(distinct), dtype=object)
    names[:] = [periods.name(int(number)) for number in distinct]
    return names[which]


def _amounts(master: Master, role: str, least: float | None = None) -> NDArray[np.float64]:
    master.table.refuse_merged(master.columns[role])
    values = master.numbers(role, least)
    master.table.refuse_any(np.isnan(values), master.columns[role], "a number in every row")
    return values


def _refuse_doubles(master: Master, table: pd.DataFrame, periods: CalendarPeriods) -> None:
    """Raise InputError for a second row of the same, as a file by days has them for a network by weeks."""
    keys = [name for name in ("period", "site", "product", "cutoff", "quantile") if name in table]
    again = table.duplicated(keys).to_numpy()
    accepted = (
        f"one row for each site, product and {periods.word}, and cutoff: quantiles of days do not add up to those of a week "
        "(period=day makes a network by days)"
    )
    master.table.refuse_any(again, master.columns["date"], accepted)
