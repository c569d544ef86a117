"""Why so much is ordered, in one phrase: made of the numbers that the order follows from."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Reasoned:
    """The numbers behind one order [units]."""

    quantity: float
    """What goes out."""
    level: float | None
    """Order-up-to level; None where the quantity itself was decided."""
    position: float
    """Inventory position before the order."""
    asked: float
    """What the site's own customers among the sites ordered of it in this period."""
    waiting: float
    """Of what was decided today, what waits for approval."""
    let_out: float
    """Of what goes out, what was decided in earlier periods."""
    pack: float
    least: float
    accepting: bool
    several: bool = False
    """Whether other lanes lead to the site too."""
    turn: str = ""
    """Whose turn it is not; nothing where it is somebody's."""


def reason(it: Reasoned) -> str:
    """The phrase.

    >>> reason(Reasoned(8.0, 20.0, 12.0, 0.0, 0.0, 0.0, 0.0, 0.0, True))
    'position 12 is 8 below the level 20'
    >>> reason(Reasoned(0.0, 20.0, 25.0, 2.0, 0.0, 0.0, 0.0, 0.0, True))
    'position 25, of which 2 are asked for today, is above the level 20'
    """
    if not it.accepting:
        return "the lane takes no orders now"
    words = [_why(it)]
    if it.pack and it.quantity:
        words.append("in whole units" if it.pack == 1.0 else f"in packs of {told(it.pack)}")
    elif it.least and 0 < it.quantity <= it.least:
        words.append(f"raised to the least order of {told(it.least)}")
    if it.waiting:
        words.append(f"{told(it.waiting)} wait for approval")
    if it.let_out:
        words.append(f"{told(it.let_out)} of earlier periods let out")
    return ", ".join(words)


def _why(it: Reasoned) -> str:
    if it.turn:
        return it.turn
    if it.level is None:
        return "decided by quantity" if it.quantity or it.waiting else "nothing decided"
    asked = f", of which {told(it.asked)} are asked for today," if it.asked else ""
    gap = it.level - it.position + it.asked
    where = "at" if math.isclose(gap, 0.0, abs_tol=1e-9) else f"{told(gap)} below" if gap > 0 else "above"
    others = ", with what other lanes bring in time" if it.several else ""
    return f"position {told(it.position)}{asked} is {where} the level {told(it.level)}{others}"


def told(number: float) -> str:
    """A number as one says it: four digits, and no zeros behind the point."""
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:.0f}"
