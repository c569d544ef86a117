"""How many digits of a number are worth showing."""

from __future__ import annotations

import math

DIGITS = 4
"""Significant digits of a cost."""


def decimals_for(value: float, digits: int = DIGITS) -> int:
    """Decimals that show a number of this size with so many significant digits.

    >>> decimals_for(25.168), decimals_for(120_000.0), decimals_for(0.0)
    (2, 0, 3)
    """
    size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    return min(max(digits - 1 - size, 0), 9)
