"""Text of strangers on a terminal: what would move its cursor, ring its bell or turn its lines around is shown, not done."""

from __future__ import annotations

LINES = "\n\t"
"""What is left alone where text may have several lines."""


def printable(text: str, kept: str = LINES) -> str:
    r"""The text with every character that is neither printable nor `kept` written as Python would.

    >>> print(printable("red\x1b[31m, gr\u00fcn"))
    red\x1b[31m, grün
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in kept else repr(one)[1:-1] for one in text)
