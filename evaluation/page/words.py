"""What the comparison says, in words and in cells of a table."""

from __future__ import annotations

import math

from ..comparison.comparison import Comparison
from ..statistics.digits import UNKNOWN, formatted, significant
from ..statistics.statistics import Interval

STYLES = {1: "worse", -1: "better", 0: "same"}
"""By whether it costs more than the reference, less, or neither."""


def number(value: float, decimals: int | None = None) -> str:
    """A number with four significant digits, or with so many decimals."""
    shown = significant(value, ",") if decimals is None else formatted(value, f",.{decimals}f")
    return shown.replace("-", "−")


def percent(value: float) -> str:
    """A percentage of a hundred."""
    return f"{value:.1f} %".replace("-", "−") if math.isfinite(value) else UNKNOWN


def signed_percent(share: float) -> str:
    """A share of one as a percentage with its sign."""
    if not math.isfinite(share):
        return UNKNOWN
    return f"{100 * share:+z.1f} %".replace("-", "−")


def interval_words(interval: Interval) -> str:
    """An estimate and its bounds."""
    known = math.isfinite(interval.low)
    return (
        f"{number(interval.estimate)} ({number(interval.low)} to {number(interval.high)})"
        if known
        else number(interval.estimate)
    )


def headline(comparison: Comparison) -> list[str]:
    """What is cheapest, by how much and how sure, a sentence each; the first is the finding."""
    said = [comparison.headline, *filter(None, [_sites_alone(comparison)])]
    if comparison.skipped:
        said.append(f"{len(comparison.skipped)} of the agents asked for could not act at their autonomy level: see Method.")
    return said


def _sites_alone(comparison: Comparison) -> str:
    """What it costs to leave everything to the sites, where anybody tried."""
    reference = comparison.reference_method
    alone = [method for method in comparison.methods if not method.autonomy.has_planner]
    if not alone or not reference.autonomy.orders_for_all:
        return ""
    best = min(alone, key=lambda method: method.cost)
    change = comparison.relative_cost(best).estimate
    if not math.isfinite(change):
        return ""
    said = f"With all decisions left to the sites, the best method ({best.label})"
    if not comparison.sign(best):
        return f"{said} does not differ significantly from the reference, {reference.label}."
    if reference.money.earns:
        more = f"{number(abs(comparison.beyond(best).estimate))} {'more' if change < 0 else 'less'}"
        return f"{said} earns {more} than the reference, {reference.label}, {percent(100 * abs(change))} of what that spends."
    return (
        f"{said} costs {percent(100 * abs(change))} {'less' if change < 0 else 'more'} than the reference, {reference.label}."
    )
