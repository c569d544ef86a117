"""Names of sites and products as texts: tidied of what nobody sees, and never turned into numbers.

Letters: R rows, U distinct values.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import LONGEST_NAME

from .table import Rows, Table

UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]|[\x00-\x08\x0e-\x1f\x7f]")
SCIENTIFIC = re.compile(r"\d[.,]\d+[eE]\+\d+")
ROUNDED = 1e15
"""Numbers from here on have lost digits: spreadsheets keep fifteen of them."""


@dataclass(frozen=True)
class Names:
    """Which name each row has."""

    codes: NDArray[np.int32]
    """(R,), −1 where there is none."""
    names: tuple[str, ...]
    tidied: Rows
    """(R,) where spaces and signs that nobody sees were taken out."""

    @property
    def blank(self) -> Rows:
        """(R,) where there is no name."""
        return self.codes < 0


def as_names(table: Table, name: str) -> Names:
    """A column as names. Raises InputError for a number that has lost its digits, and for a name that is too long."""
    column = table[name]
    texts = [said(value) for value in column.values]
    there = np.bincount(column.codes[column.codes >= 0], minlength=len(texts)) > 0
    tidy = [tidied(text) if used else "" for text, used in zip(texts, there, strict=True)]
    for number, text in enumerate(tidy):
        if SCIENTIFIC.fullmatch(text) or len(text) > LONGEST_NAME:
            row = int((column.codes == number).argmax())
            lost = "a number with all its digits: Excel has rounded it (a column of texts keeps them)"
            table.refuse(row, name, lost if SCIENTIFIC.fullmatch(text) else f"a name of at most {LONGEST_NAME} characters")
    names = tuple(dict.fromkeys(text for text in tidy if text))
    place = {text: number for number, text in enumerate(names)}
    codes = np.array([place.get(text, -1) for text in tidy], dtype=np.int32)
    changed = np.array([text != before for text, before in zip(tidy, texts, strict=True)], dtype=bool)
    return Names(column.spread(codes, -1), names, column.spread(changed, False))


def said(value: Any) -> str:
    """A cell's value as a text: whole numbers without a point, unless they are so large that digits of them are lost."""
    if isinstance(value, str):
        return value
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return f"{value:E}" if abs(float(value)) >= ROUNDED else str(int(value))
    if isinstance(value, (bool, np.bool_)):
        raise InputError("", value, "a name")
    return str(value)


def tidied(text: str) -> str:
    """A text in one form, without spaces at its ends, several in a row, or signs that nobody sees."""
    return " ".join(UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())
