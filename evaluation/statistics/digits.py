"""Numbers in words and cells: how many digits of them are worth showing, and what stands where there is none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .statistics import Interval

DIGITS = 4
"""Significant digits of a cost."""
UNKNOWN = "–"
"""In place of a number that is not known, or means nothing here."""


def decimals_for(value: float, digits: int = DIGITS) -> int:
    """Decimals that show a number of this size with so many significant digits.

    >>> decimals_for(25.168), decimals_for(120_000.0), decimals_for(0.0)
    (2, 0, 3)
    """
    size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    return min(max(digits - 1 - size, 0), 9)


def formatted(value: float, form: str) -> str:
    """A number by a format as Python has it.

    >>> formatted(3.14159, "+.2f"), formatted(float("nan"), ".2f")
    ('+3.14', '–')
    """
    return f"{value:{form}}" if math.isfinite(value) else UNKNOWN


def significant(value: float, flags: str = "") -> str:
    """A number with four significant digits; with a format's flags, such as "," for thousands.

    >>> significant(25.168), significant(123_456.7, ",")
    ('25.17', '123,457')
    """
    return formatted(value, f"{flags}.{decimals_for(value)}f")


def plus_minus(interval: Interval, form: str) -> str:
    """An estimate and half its interval by one format, whose sign is the estimate's.

    >>> plus_minus(Interval(1.25, 0.5, 2.0), "+z.2f")
    '+1.25 ± 0.75'
    """
    return f"{formatted(interval.estimate, form)} ± {formatted(interval.half_width, form.lstrip('+z'))}"


def in_percent(logarithm: Any) -> Any:
    """A logarithm of a ratio as per cent more."""
    return 100.0 * np.expm1(logarithm)


def percent_more(value: float) -> str:
    """A difference in %, with its sign.

    >>> percent_more(-1.25)
    '−1.2 %'
    """
    return f"{value:+.1f} %".replace("-", "−")
