"""The same object with its numbers elsewhere: in another library, on another device, in another type."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np


def converted(value: Any, asarray: Any) -> Any:
    """Every array in dataclasses and tuples turned by `asarray(array)`, but for what a class names in `stays_in_numpy`."""
    if isinstance(value, np.ndarray):
        return asarray(value)
    if isinstance(value, tuple):
        return tuple(converted(item, asarray) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = getattr(value, "stays_in_numpy", ())
        changed = {
            field.name: converted(getattr(value, field.name), asarray) for field in fields(value) if field.name not in kept
        }
        return replace(value, **changed)
    return value
