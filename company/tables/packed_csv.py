"""A frame as a packed CSV file."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

GZIP = 31
"""zlib's word for a window of 32 KB in gzip's own form, which has neither name nor time."""
PART = 200_000
"""Rows that are in memory as texts at a time."""
QUOTED = ('"', ",", "\n", "\r")


def packed_csv(frame: pd.DataFrame) -> bytes:
    """The frame's rows as a file whose bytes depend on nothing else, neither its name nor the time.

    Every distinct value is written once and looked up where it comes again: of millions of rows, few are.
    """
    packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
    parts = [packer.compress((",".join(map(_cell, frame.columns)) + "\n").encode())]
    for start in range(0, len(frame), PART):
        columns = [_texts(frame[name].iloc[start : start + PART]) for name in frame.columns]
        lines = map(",".join, zip(*columns, strict=True))
        parts.append(packer.compress(("\n".join(lines) + "\n").encode()))
    return b"".join([*parts, packer.flush()])


def _texts(column: pd.Series[Any]) -> list[str]:
    """A column's cells as they are written; nothing for what is not known."""
    import pandas as pd

    codes, distinct = pd.factorize(column)
    texts = np.array([*map(_cell, distinct), ""], dtype=object)
    found: list[str] = texts[codes].tolist()
    return found


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:.10g}"
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in QUOTED) else text
