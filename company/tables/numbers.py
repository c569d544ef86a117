"""Numbers as people write them: 1.234,50 and 1,234.50, 5- and (5), 12,50 € and 3 pcs.

Letters: R rows, U distinct values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from .table import Column, Objects, Rows, Table

if TYPE_CHECKING:
    import pandas as pd

BLANKS = frozenset(
    {"", "-", "–", "—", "na", "n/a", "#n/a", "#na", "nan", "null", "none", "#nv", "k.a.", "n.a.", "nil", "(blank)", "?"}
)
"""What stands in a cell where there is no number."""
BODY = r"[+\-−–(]*\s*\d[\d.,'’\s\u00a0\u202f]*(?:[eE][+-]?\d+)?\s*[)\-−]?|[+\-−–(]*\s*[.,]\d+\s*[)\-−]?"
PARTS = rf"^\s*(?P<before>[^\d.,+\-−–(]*?)\s*(?P<body>{BODY})\s*(?P<after>[^\d]*)$"
AMBIGUOUS = r"[1-9]\d{0,2}[.,]\d{3}"
SHOWS = {
    "point": r"\d*\.(?:\d{1,2}|\d{4,})|0+\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,}|[\d.]+[eE][+-]?\d+",
    "comma": r"\d*,(?:\d{1,2}|\d{4,})|0+,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,}|\d+,\d+[eE][+-]?\d+",
}
"""Digits by which a text shows what its decimal sign is."""
PARTED = r"\d{1,3}(?:(?: \d{3})+|(?:'\d{3})+)(?:[.,]\d*)?"
"""Digits with spaces or apostrophes between them that are one number: in threes."""
FITS = {
    "point": r"\d*\.?\d*(?:[eE][+-]?\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d*)?",
    "comma": r"\d*,?\d*(?:[eE][+-]?\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d*)?",
}
"""Digits that are a number where the decimal sign is known."""


@dataclass(frozen=True)
class Parsed:
    """A column's numbers."""

    values: Floats
    """(R,), NaN where there is none."""
    blank: Rows
    """(R,) where nothing is written."""
    unreadable: Rows
    """(R,) where something is that is no number."""
    words: tuple[str, ...]
    """What stands beside the numbers, each once: units and currencies."""
    of_words: dict[str, Rows]
    """Which rows have each of them."""


def decimal_sign(table: Table, names: Sequence[str], given: str | None) -> str | None:
    """`point` or `comma`, as a table's numbers show; None where none of them has either.

    Raises InputError where they show both, and where they could be read both ways.
    """
    if given is not None:
        return given
    shown: dict[str, tuple[str, Any]] = {}
    unsure: tuple[str, Any] | None = None
    for name in names:
        digits = _digits(table[name])
        for sign, pattern in SHOWS.items():
            found = digits.str.fullmatch(pattern)
            if found.any():
                shown.setdefault(sign, (name, table[name].values[digits.index[found.to_numpy()][0]]))
        if unsure is None and (found := digits.str.fullmatch(AMBIGUOUS)).any():
            unsure = name, table[name].values[digits.index[found.to_numpy()][0]]
    if len(shown) == 2:
        first, second = (_place(table, *shown[sign]) for sign in SHOWS)
        raise InputError(
            first[0], first[1], f"one decimal sign in a file, unlike {second[1]!r} in {second[0].partition(', ')[2]}"
        )
    if not shown and unsure is not None:
        where, found_there = _place(table, *unsure)
        raise InputError(where, found_there, "decimal=point or decimal=comma: it can be read as thousands and as a fraction")
    return next(iter(shown), None)


def as_numbers(column: Column, sign: str | None) -> Parsed:
    """A column as numbers, where `sign` is the decimal one."""
    import pandas as pd

    texts, of_values, unread = _texts(column), np.full(len(column.values), np.nan), np.zeros(len(column.values), dtype=bool)
    numeric = np.array([isinstance(value, Number) and not isinstance(value, (bool, np.bool_)) for value in column.values], bool)
    of_values[numeric] = column.values[numeric].astype(float)
    unread |= ~numeric & ~np.isin(np.arange(len(column.values)), texts.index)
    empty = texts.str.strip().str.lower().isin(BLANKS)
    written = texts[~empty]
    parts = written.str.extract(PARTS)
    values = _numbers(parts["body"], sign or "point")
    of_values[written.index] = values.to_numpy()
    unread[written.index] = values.isna().to_numpy()
    words = (parts["before"].fillna("").str.strip() + parts["after"].fillna("").str.strip()).where(values.notna(), "")
    blank = column.is_blank | column.spread(np.isin(np.arange(len(column.values)), texts.index[empty]), False)
    infinite = np.isinf(of_values)
    of_values[infinite], unread = np.nan, unread | infinite
    kinds = [word for word in pd.unique(words) if word]
    of_words = {
        word: column.spread(np.isin(np.arange(len(column.values)), words.index[words == word]), False) for word in kinds
    }
    return Parsed(column.spread(of_values, np.nan), blank, column.spread(unread, False), tuple(kinds), of_words)


def _numbers(body: pd.Series[str], sign: str) -> pd.Series[float]:
    """Bodies of numbers, NaN for what is none."""
    import pandas as pd

    body = body.str.replace(r"\s", " ", regex=True).str.replace("’", "'", regex=False).str.strip()
    negative = body.str.contains(r"^\(|^[-−–]|[-−–]$", na=False)
    digits = body.str.replace(r"[()+\-−–](?![0-9]*$)|^[()+\-−–]+|[()\-−]+$", "", regex=True)
    digits = digits.str.strip()
    whole = digits.str.fullmatch(PARTED, na=False) | ~digits.str.contains("[ ']", na=False)
    digits = digits.str.replace("[ ']", "", regex=True)
    fits = whole & digits.str.fullmatch(FITS[sign], na=False) & digits.str.contains(r"\d", na=False)
    group, point = (",", ".") if sign == "point" else (".", ",")
    plain = digits.str.replace(group, "", regex=False).str.replace(point, ".", regex=False)
    found = pd.to_numeric(plain.where(fits), errors="coerce").astype(float)
    return found.where(~negative, -found)


def _texts(column: Column) -> pd.Series[str]:
    """Those of its distinct values that are texts, by their number."""
    import pandas as pd

    which = np.flatnonzero([isinstance(value, str) for value in column.values])
    return pd.Series(column.values[which], index=which, dtype=str)


def _digits(column: Column) -> pd.Series[str]:
    """What of its texts tells their decimal sign."""
    texts = _texts(column)
    body = texts.str.extract(PARTS)["body"].dropna()
    return body.str.replace(r"[^\d.,eE+-]", "", regex=True).str.replace(r"^[+-]+|[+-]+$", "", regex=True)


def _place(table: Table, name: str, value: Any) -> tuple[str, Any]:
    """Where a value of a column stands first."""
    column = table[name]
    row = int((column.codes == _index(column.values, value)).argmax())
    return table.place(row, name), value


def _index(values: Objects, value: Any) -> int:
    return next(number for number, other in enumerate(values) if other is value or other == value)
