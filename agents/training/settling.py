"""Whether a learner has settled when its training ends, by its own curve: what the second half of it still brought.

Where each site learns for itself its own cost may rise as well as fall: what tells is how far it still moved.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

STILL = 0.0025
"""Part of the cost that the second half may bring. On a network of six sites it brings 1.2 % where a training is a quarter as
long as it should be, and .05 % where it is long enough."""
FEWEST = 4
"""Examinations that tell, the one at the start left out."""

Curve = Sequence[tuple[float, float]]
"""Periods simulated, and the cost on validation's episodes then."""


def curve_of(rows: Iterable[Mapping[str, float | None]], column: str = "cost") -> Curve:
    """From the lines of a run's table."""
    found = [(row["periods"], row.get(column)) for row in rows]
    return [(periods, cost) for periods, cost in found if periods is not None and cost is not None]


def still_fell_by(curve: Curve) -> float | None:
    """How much the best cost fell in the second half [share of it]; None where too few examinations tell.

    >>> still_fell_by([(0, 20.0), (1, 14.0), (2, 11.0), (3, 10.2), (4, 10.0)])
    0.1
    """
    if len(curve) <= FEWEST:
        return None
    half = curve[-1][0] / 2
    first, best = min(cost for periods, cost in curve if periods <= half), min(cost for _, cost in curve)
    return (first - best) / abs(best) if best else math.inf if first > best else 0.0


def still_moved_by(curve: Curve) -> float | None:
    """How far the cost in the last quarter is from that in the one before [share of it]; None where too few examinations tell.

    >>> round(still_moved_by([(0, 9.0), (1, 5.0), (2, 4.0), (3, 4.1), (4, 4.0)]), 3)
    0.025
    """
    if len(curve) <= FEWEST:
        return None
    end = curve[-1][0]
    last = [cost for periods, cost in curve if periods > 0.75 * end]
    before = [cost for periods, cost in curve if 0.5 * end < periods <= 0.75 * end]
    if not (last and before):
        return None
    now, then = sum(last) / len(last), sum(before) / len(before)
    return abs(now - then) / abs(now) if now else math.inf if then else 0.0


def come_to_rest(curves: Iterable[Curve]) -> bool:
    """Whether nobody's own cost still moves; False where nobody can tell."""
    moved = [still_moved_by(curve) for curve in curves]
    return all(share is not None and share <= STILL for share in moved)


def settled(curve: Curve) -> bool:
    """Whether going on would hardly have brought more; False where nobody can tell."""
    fell = still_fell_by(curve)
    return fell is not None and fell <= STILL
