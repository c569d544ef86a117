"""Tables as CSV that a spreadsheet shows and does not carry out."""

from __future__ import annotations

import re

import pandas as pd


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV whose texts no spreadsheet takes for formulas."""
    safe = table.copy()
    for name in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
        safe[name] = table[name].map(harmless)
    return safe.to_csv(index=False, lineterminator="\n")


def harmless(text: str) -> str:
    """The text in one line, with a ' before what would begin a formula in a spreadsheet.

    >>> harmless("=HYPERLINK(0)"), harmless("base_stock")
    ("'=HYPERLINK(0)", 'base_stock')
    """
    line = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return f"'{line}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else line
