"""Files with one kind of dirt or two, made from a clean one, and what is in them in truth.

Each kind changes a sheet and says what must come out: the truth, another one, or a question with the option that answers it.
"""

from __future__ import annotations

from . import of_columns, of_dates, of_files, of_holes, of_names, of_numbers, of_rows
from .kinds import ADDED, GROUPS, Dirt
from .sheet import TODAY, Sheet, clean, write

KINDS: dict[str, tuple[str, Dirt]] = dict(sorted(ADDED.items(), key=lambda entry: GROUPS.index(entry[1][0])))
"""By name, with its group."""

__all__ = [
    "KINDS",
    "TODAY",
    "Sheet",
    "clean",
    "of_columns",
    "of_dates",
    "of_files",
    "of_holes",
    "of_names",
    "of_numbers",
    "of_rows",
    "write",
]
