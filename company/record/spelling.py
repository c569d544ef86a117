"""Names that differ in capitals alone, or in zeros before a number: nobody but the user knows whether they are one.

Letters: R rows.
"""

from __future__ import annotations

import re

import numpy as np

from ..tables.names import Names
from ..tables.table import Table
from .decisions import ImportDecision, ImportDecisions
from .sales import Codes


def spelled(table: Table, column: str, names: Names, choice: str, decisions: ImportDecisions) -> tuple[Codes, tuple[str, ...]]:
    """The names of a column, those that are alike put together where `choice` says so; and which each row has (R,).

    Raises InputError where it says to refuse them.
    """
    alike: dict[str, list[int]] = {}
    for number, name in enumerate(names.names):
        alike.setdefault(_bare(name), []).append(number)
    doubtful = [numbers for numbers in alike.values() if len(numbers) > 1]
    if not doubtful or choice == "keep":
        return names.codes, names.names
    counts = np.bincount(names.codes[names.codes >= 0], minlength=len(names.names))
    becomes = np.arange(len(names.names), dtype=np.int32)
    for numbers in doubtful:
        becomes[numbers] = max(numbers, key=lambda number: counts[number])
    changed = (becomes[names.codes] != names.codes) & (names.codes >= 0)
    if choice == "refuse":
        row = int(changed.argmax())
        other = names.names[becomes[names.codes[row]]]
        table.refuse(row, column, f"spelling=merge if it is the same as {other!r}, spelling=keep if it is another")
    example = f"row {table.rows[int(changed.argmax())]}"
    found = f"names in {column} that differ in capitals or zeros"
    decisions.add(ImportDecision(table.name, found, int(changed.sum()), "spelling", "merge", "", True, example))
    kept, codes = np.unique(np.append(becomes[names.codes[names.codes >= 0]], 0), return_inverse=True)
    which = np.full(len(names.codes), -1, dtype=np.int32)
    which[names.codes >= 0] = codes[:-1].astype(np.int32)
    return which, tuple(names.names[number] for number in kept)


def _bare(name: str) -> str:
    """A name in small letters; a number without the zeros that programs take from its front, or put behind a point."""
    digits = re.fullmatch(r"0*(\d+)(?:\.0)?", name)
    return digits[1] if digits else name.casefold()
