"""Whole numbers that are given in Python, where no model of keys looks at them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InputError
from .validation import LARGEST_COUNT


def checked_count(number: Any, key: str, most: int = LARGEST_COUNT) -> int:
    """A whole number of at least one. Raises InputError for anything else."""
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool) or number < 1:
        raise InputError(key, number, "a whole number ≥ 1")
    if number > most:
        raise InputError(key, number, f"at most {most}")
    return int(number)


def checked_seed(seed: Any) -> int:
    """A seed from 0 to 2^64 − 1. Raises InputError for anything else."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or not 0 <= int(seed) < 2**64:
        raise InputError("seed", seed, "a whole number from 0 to 2^64 − 1")
    return int(seed)
