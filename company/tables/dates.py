"""Dates as people write them, read only where there is one way to read them.

Letters: R rows, U distinct values.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from .date_forms import CALLED, FORMS, NONE, OF_WEEKS, Days, Grain, days_of, names_grain, parted_days
from .numbers import BLANKS
from .table import Column, Rows, Table

if TYPE_CHECKING:
    import pandas as pd

WAYS = ("day_first", "month_first", "year_first")
AHEAD = 400
"""Days after today beyond which a date is no reading of what can be read in another way too."""


@dataclass(frozen=True)
class Dates:
    """A column's dates: the first day of what each cell names."""

    days: Days
    """(R,) days since 1970, NONE where there is no date."""
    grain: Grain
    blank: Rows
    unreadable: Rows
    said: str
    """How they were read."""


def as_dates(table: Table, name: str, order: str | None) -> Dates:
    """A column as dates; `order` settles what 05/06/2024 is. Raises InputError where that is not known."""
    column = table[name]
    typed, texts = _typed(column), _texts(column, order)
    forms = _forms(texts)
    if names_grain(name, "week"):
        forms = forms.replace(OF_WEEKS)
    if order == "excel":
        forms[:] = ""
    settled = _settled(table, name, texts, forms, order)
    parts = {form: texts[(forms == form).to_numpy()] for form in forms.unique() if form}
    days = np.full(len(column.values), NONE, dtype=np.int64)
    days[typed >= 0] = typed[typed >= 0] - OFFSET
    for form, these in parts.items():
        days[these.index] = days_of(these, form, settled.get(form, form))
    if order == "excel":
        days = _serials(column, days)
    grains = {FORMS[form].grain if form != "code" else settled[form] for form in parts} or {"day"}
    if len(grains) > 1:
        raise InputError(
            f"{table.name}, column {name}", f"{' and '.join(sorted(grains))}s", "days, weeks or months, not several"
        )
    _refuse_swapped(table, name, typed, texts, days)
    empty = np.array([isinstance(value, str) and value.strip().lower() in BLANKS for value in column.values], dtype=bool)
    wrong = (days == NONE) & ~empty
    said = sorted(
        {FORMS[form].said or settled[form].replace("_", " ") for form in parts} | ({"dates"} if (typed >= 0).any() else set())
    )
    grain: Any = grains.pop()
    return Dates(
        column.spread(days, NONE),
        grain,
        column.is_blank | column.spread(empty, False),
        column.spread(wrong, False),
        " and ".join(said),
    )


OFFSET = 1_000_000
"""Added to typed days, so that none is negative."""


def _typed(column: Column) -> Days:
    """Days since 1970 plus OFFSET of the values that are dates as such (U,), −1 for the others."""
    found = np.full(len(column.values), -1, dtype=np.int64)
    for number, value in enumerate(column.values):
        if isinstance(value, (dt.date, np.datetime64)) and value == value:
            found[number] = int(np.array(value, dtype="datetime64[D]").astype(np.int64)) + OFFSET
    return found


def _texts(column: Column, order: str | None) -> pd.Series[str]:
    """The distinct values that are to be read as dates, by their number."""
    import pandas as pd

    which = [
        number
        for number, value in enumerate(column.values)
        if isinstance(value, str) or (isinstance(value, (int, np.integer)) and not isinstance(value, bool))
    ]
    return pd.Series([str(column.values[number]).strip() for number in which], index=which, dtype=str)


def _forms(texts: pd.Series[str]) -> pd.Series[str]:
    """The form of each text, nothing for what has none."""
    import pandas as pd

    found = pd.Series("", index=texts.index, dtype=str)
    for name, form in FORMS.items():
        found = found.where((found != "") | ~texts.str.fullmatch(form.pattern, flags=re.I), name)
    return found


def _settled(table: Table, name: str, texts: pd.Series[str], forms: pd.Series[str], order: str | None) -> dict[str, str]:
    """How the forms that can be read in several ways are read."""
    found: dict[str, str] = {}
    parted = texts[(forms == "parted").to_numpy()]
    if len(parted):
        found["parted"] = _order(table, name, parted, order)
    codes = texts[(forms == "code").to_numpy()]
    if len(codes):
        found["code"] = _code(table, name, codes, order)
    return found


def _order(table: Table, name: str, parted: pd.Series[str], order: str | None) -> str:
    """Which part is the day: by the order given, else by the only one in which all dates are dates, and past ones."""
    if order in WAYS:
        return order
    parts = parted.str.extract(FORMS["parted"].pattern, flags=re.I)
    long = (parts["c"].str.len() == 4).all()
    ways = [way for way in WAYS if not (long and way == "year_first")]
    read = {way: parted_days(parts, way) for way in ways}
    soon = int((np.datetime64("today") + np.timedelta64(AHEAD, "D")).astype(np.int64))
    fitting = [way for way in ways if ((read[way] != NONE) & (read[way] <= soon)).all()]
    if len(fitting) == 1:
        return fitting[0]
    row = _first_row(table, name, parted)
    if fitting:
        table.refuse(row, name, f"dates={' or dates='.join(fitting)}: no date in the column tells which it is")
    usual = max(ways, key=lambda way: int((read[way] != NONE).sum()))
    odd = parted[read[usual] == NONE] if (read[usual] == NONE).any() else parted
    accepted = f"dates that are all written alike, unlike {table.cell(row, name)!r} in row {table.rows[row]}"
    return table.refuse(_first_row(table, name, odd), name, accepted)


def _first_row(table: Table, name: str, texts: pd.Series[str]) -> int:
    """Where one of these texts stands first."""
    return int(np.isin(table[name].codes, texts.index).argmax())


def _code(table: Table, name: str, codes: pd.Series[str], order: str | None) -> str:
    """Whether 202405 is a week or a month."""
    if order in ("year_week", "year_month"):
        return order.removeprefix("year_")
    said = [what for what in CALLED if names_grain(name, what)]
    if len(said) == 1:
        return said[0]
    if (codes.str[4:].astype(int) > 12).any():
        return "week"
    row = _first_row(table, name, codes)
    return table.refuse(row, name, "dates=year_week or dates=year_month: it can be either")


def _serials(column: Column, days: Days) -> Days:
    """Excel's numbers of days, from 30 December 1899 on."""
    import pandas as pd

    numbers = pd.to_numeric(pd.Series(column.values.astype(str)), errors="coerce").to_numpy(float)
    possible = (numbers >= 20_000) & (numbers < 80_000)
    start = int(np.datetime64("1899-12-30").astype(np.int64))
    return np.where(possible & (days == NONE), np.nan_to_num(numbers).astype(np.int64) + start, days)


def _refuse_swapped(table: Table, name: str, typed: Days, texts: pd.Series[str], days: Days) -> None:
    """Dates of which Excel took those it could for dates the other way round, and left the others as texts."""
    if not ((typed >= 0).any() and len(texts)):
        return
    day_of = np.array([value.day if hasattr(value, "day") else 0 for value in table[name].values])
    written = (days[texts.index] != NONE) & (day_of[texts.index] == 0)
    text_days = days[texts.index][written].astype("datetime64[D]")
    of_month = (text_days - text_days.astype("datetime64[M]")).astype(int) + 1
    if len(of_month) and (of_month > 12).all() and (day_of[typed >= 0] <= 12).all() and (typed >= 0).sum() > 3:
        row = _first_row(table, name, texts)
        accepted = "a column of dates, or one of texts: it seems that Excel has swapped day and month of those up to the 12th"
        table.refuse(row, name, accepted)
