"""How a text table is written: what parts its cells, and which row names its columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orderup.envs.foundation.errors import InputError

SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}
SAID = re.compile(r"^\ufeff?sep=(.)\s*$", re.I)
"""A first line by which Excel says what the separator is."""
WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "pipe": "|"}
NUMBER = re.compile(r"^[\s+−-]*[\d.,'\s]*\d[\d.,'\s]*$")


@dataclass(frozen=True)
class Dialect:
    """How to read the rows of a text table."""

    separator: str
    above: int
    """Lines before the one that names the columns."""
    header: tuple[str, ...]


def dialect_of(lines: Sequence[str], name: str, given: str | None = None) -> Dialect:
    """The dialect of a file that begins with these lines. Raises InputError where they are no table with a header."""
    said = SAID.match(lines[0]) if lines else None
    skipped = 1 if said else 0
    lines = lines[skipped:]
    separator = _given(given) or (said[1] if said else None) or _likeliest(lines)
    above, header = header_of(list(csv.reader(lines, delimiter=separator)), name)
    return Dialect(separator, above + skipped, header)


def _given(separator: str | None) -> str | None:
    if separator is None:
        return None
    found = WORDS.get(separator, "\t" if separator == "\\t" else separator)
    if len(found) != 1:
        raise InputError("separator", separator, f"one sign, or one of {', '.join(WORDS)}")
    return found


def _likeliest(lines: Sequence[str]) -> str:
    """The sign that parts most lines into as many cells, and of two such the one that makes more of them."""
    return max(SEPARATORS, key=lambda separator: _agreement(lines, separator))


def _agreement(lines: Sequence[str], separator: str) -> tuple[float, int]:
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in row))
    width, count = max(widths.items(), key=lambda entry: (entry[0] > 1, entry[1], entry[0]), default=(0, 0))
    return (0.0, 0) if width < 2 else (round(count / max(sum(widths.values()), 1), 3), width)


def header_of(rows: Sequence[Sequence[Any]], name: str) -> tuple[int, tuple[str, ...]]:
    """How many rows stand above the one that names the columns, and the names, each once; columns without one have a number.

    Raises InputError where there is no row of names.
    """
    filled = [sum(cell is not None and str(cell).strip() != "" for cell in row) for row in rows]
    if not any(filled):
        raise InputError(name, "no rows", "a table with a row of column names and rows below it")
    usual = Counter(count for count in filled if count).most_common(1)[0][0]
    above = next(at for at, count in enumerate(filled) if count >= max(min(2, usual), usual / 2))
    header = [str(cell).strip() if cell is not None else "" for cell in rows[above]]
    if NUMBER.match(header[0]) and sum(bool(NUMBER.match(cell)) for cell in header) > 1 and len(header) < 10:
        found = ", ".join(header)
        raise InputError(f"{name}, row {above + 1}", found, "a first row with the names of the columns")
    beyond = rows[above + 1][len(header) :] if len(rows) > above + 1 else ()
    if any(str(cell).strip() for cell in beyond if cell is not None):
        accepted = f"{len(header)} cells, as many as there are column names: a cell with a separator in it stands in quotes"
        raise InputError(f"{name}, row {above + 2}", f"{len(rows[above + 1])} cells", accepted)
    return above, _distinct([*header, *[""] * len(beyond)])


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for number, cell in enumerate(header, start=1):
        named = " ".join(cell.replace("\ufeff", "").split()) or f"column {number}"
        again = sum(other == named or other.startswith(f"{named} (") for other in found)
        found.append(f"{named} ({again + 1})" if named in found else named)
    return tuple(found)
