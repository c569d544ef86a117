"""Units and currencies: one for all of a file's numbers, or what one of each is.

Letters: R rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..tables.names import as_names
from ..tables.numbers import Parsed
from ..tables.table import Rows, Table
from .decisions import ImportDecision, ImportDecisions

_PIECES = "stk stück stueck st pc pcs pce piece pieces ea each unit units einheit einheiten un pz ud uds u x pièce pièces"
PIECES = frozenset(_PIECES.split())
"""Words that say no more of a number than that it counts pieces."""
_BOXES = (
    "karton kartons ktn box boxes case cases ve pack packs palette paletten pal pallet pallets caja cajas colis carton cartons "
    "kiste kisten dozen dutzend gebinde"
)
BOXES = frozenset(_BOXES.split())
"""Words for several pieces, of which nobody knows how many."""
PLAIN = ""
"""Stands for no word beside a number."""


def in_one_measure(
    table: Table,
    columns: Mapping[str, str],
    numbers: Parsed,
    factors: Mapping[str, float],
    decisions: ImportDecisions,
    key: str = "units",
) -> Floats:
    """A file's numbers (R,) in one unit, by its column of units and the words beside them.

    A number without a word is one of pieces. Raises InputError where there are several units and `factors` does not tell what
    one of each is, and for shares.
    """
    if "%" in numbers.of_words:
        table.refuse_any(numbers.of_words["%"], columns["quantity"], "an amount, and no per cent")
    found = _by_word(table, columns, numbers, factors)
    if len(found) < 2 and not (set(found) & set(factors)):
        for word in filter(None, found):
            decisions.add(ImportDecision(table.name, "rows", int(found[word].sum()), "", f"all in {word}", changes=False))
        return numbers.values
    factors = {PLAIN: 1.0, **factors}
    unknown = {word: rows for word, rows in found.items() if word not in factors}
    if unknown:
        words = sorted(found, key=lambda word: -int(found[word].sum()))
        odd = next(word for word in reversed(words) if word in unknown)
        row = int(found[odd].argmax())
        what = "unit" if key == "units" else "currency"
        example = ", ".join(f"{word}: …" for word in words if word)
        column = columns.get("unit") or columns["quantity"]
        accepted = f"one {what} in a file, which has {_counts(found)}, or {key}={{{example}}}"
        raise InputError(table.place(row, column), odd, accepted)
    amounts = numbers.values.copy()
    for word, rows in found.items():
        amounts[rows] *= factors[word]
        about = f"rows in {word}" if word else "rows without a unit"
        decisions.add(
            ImportDecision(
                table.name, about, int(rows.sum()), key, f"each counts {factors[word]:g}", changes=factors[word] != 1
            )
        )
    return amounts


def _by_word(table: Table, columns: Mapping[str, str], numbers: Parsed, factors: Mapping[str, float]) -> dict[str, Rows]:
    """The rows of each unit that have a number; those of pieces are together with those without a word, unless told apart."""
    unit = columns.get("unit")
    found = dict(numbers.of_words)
    if unit and unit in table.columns:
        names = as_names(table, unit)
        found = {word: names.codes == number for number, word in enumerate(names.names)}
    there = ~np.isnan(numbers.values) & (numbers.values != 0)  # nothing is nothing in any unit
    rest = there & ~np.logical_or.reduce([np.zeros(len(there), dtype=bool), *found.values()])
    counted = [word for word in found if word.casefold().rstrip(".") in PIECES and word not in factors]
    if rest.any() or len(counted) > 1 or (counted and len(found) > len(counted)):
        pieces = np.logical_or.reduce([rest, *(found.pop(word) for word in counted)])
        found[PLAIN] = pieces
    return {word: rows for word, rows in found.items() if rows.any()}


def _counts(found: Mapping[str, Rows]) -> str:
    return ", ".join(f"{word or 'no unit'} in {int(np.count_nonzero(rows)):,} rows" for word, rows in found.items())
