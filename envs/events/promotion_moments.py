"""What promotions make of the mean and the deviation of a demand in the long run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from .schema import Promotion

Moments = Callable[[float], tuple[Any, Any]]
"""Mean and standard deviation of a demand whose mean is multiplied by a factor."""


def with_promotions(events: Sequence[Promotion], site: str, scaled: Moments) -> tuple[Any, Any]:
    """Long-run mean and standard deviation of a demand with a site's promotions, from those it has `scaled` by a factor."""
    running = [event for event in events if site in event.at and not event.recorded]
    mean, square = 0.0, 0.0
    for which in product((False, True), repeat=len(running)):
        factor, chance = 1.0, 1.0
        for on, event in zip(which, running, strict=True):
            factor, chance = factor * (event.uplift if on else 1.0), chance * (long_run(event) if on else 1.0 - long_run(event))
        once, deviation = scaled(factor)
        mean, square = mean + chance * once, square + chance * (deviation**2 + once**2)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def long_run(event: Promotion) -> float:
    """Share of the periods in which it is on."""
    between = (1.0 - event.chance) / event.chance
    return event.length / (event.length + between)
