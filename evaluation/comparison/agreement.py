"""How far methods, and training seeds of one, decide alike: what differs in no decision proves nothing about who decides.

Letters: S seeds, R rows (an episode and period each), C columns (a lane and product each).

Distances of orders are told by echelon in mean demands: the difference of what a site orders by each lane and product, all
added up without their signs, over a period's mean demand of the customers behind the site; sites of an echelon together, as
the quotient of their sums. Orders are those of the first traces, warm-up included, as far as they are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..measures.decision_log import SKETCH
from ..running.result import Result
from ..statistics.statistics import Floats, ratio
from .method import Method

ROUNDING = 1e-6
"""Share of an order, or of a unit, by which orders may differ by rounding alone."""


def same_decisions(one: Method, other: Method) -> bool:
    """Whether both order the same of everybody in every period of every trace."""
    first = one.seeds[0]
    return all(_same(first, result) for result in (*one.seeds[1:], *other.seeds))


def differing_decisions(one: Method, other: Method) -> float:
    """Share of all orders, one for each lane, product and period, in which two methods differ: the mean over seeds.

    By the traces of which orders are kept; NaN where none are, or where the two networks have other lanes.
    """
    return float(np.mean([_differing(*pair) for pair in _pairs(one, other)]))


def order_distance(one: Method, other: Method) -> dict[int, float]:
    """Mean absolute difference of two methods' orders on the same trace by echelon [mean demands], as a mean over seeds.

    Empty where no orders are kept, or where the two networks have other lanes.
    """
    found = [_distance(*pair) for pair in _pairs(one, other)]
    return {echelon: float(np.mean([each[echelon] for each in found])) for echelon in found[0]} if all(found) else {}


def order_spread(method: Method) -> dict[int, float]:
    """Standard deviation over training seeds of the orders on the same trace by echelon [mean demands], a mean over periods.

    A sample's, so that of two seeds it is their distance over √2. Empty where there is one seed alone, and where no orders are
    kept.
    """
    kept = [result.decisions.to_numpy(dtype=np.float64) for result in method.seeds]
    if len(kept) < 2 or not kept[0].size or any(each.shape != kept[0].shape for each in kept):
        return {}
    return _by_echelon(method.seeds[0], np.std(kept, axis=0, ddof=1).mean(axis=0))


def alike(methods: Sequence[Method]) -> dict[str, tuple[str, ...]]:
    """Of each method's label, the labels of those that make the same decisions, where there are any."""
    found = {
        method.label: tuple(other.label for other in methods if other is not method and same_decisions(method, other))
        for method in methods
    }
    return {label: others for label, others in found.items() if others}


def _pairs(one: Method, other: Method) -> list[tuple[Result, Result]]:
    """Seed by seed; where one has fewer, its last is the partner of all that are left."""
    count = max(len(one.seeds), len(other.seeds))
    return [(one.seeds[min(at, len(one.seeds) - 1)], other.seeds[min(at, len(other.seeds) - 1)]) for at in range(count)]


def _same(one: Result, other: Result) -> bool:
    if one.traces != other.traces or SKETCH not in one.sums or SKETCH not in other.sums:
        return False
    ours, theirs = one.sums[SKETCH].to_numpy(), other.sums[SKETCH].to_numpy()
    size = np.maximum(np.maximum(abs(ours), abs(theirs)), 1.0)
    return bool((abs(ours - theirs) <= 1e-9 * size).all())


def _differing(one: Result, other: Result) -> float:
    ours, theirs = one.decisions.to_numpy(), other.decisions.to_numpy()
    if ours.shape != theirs.shape or not ours.size:
        return float("nan")
    return float((abs(ours - theirs) > ROUNDING * np.maximum(np.maximum(abs(ours), abs(theirs)), 1.0)).mean())


def _distance(one: Result, other: Result) -> dict[int, float]:
    ours, theirs = (result.decisions.to_numpy(dtype=np.float64) for result in (one, other))
    if ours.shape != theirs.shape or not ours.size:
        return {}
    return _by_echelon(one, abs(ours - theirs).mean(axis=0))


def _by_echelon(result: Result, amounts: Floats) -> dict[int, float]:
    """An amount of every column of orders (C,) [units/period] in mean demands, by the echelon of the sites that order."""
    scenario = result.traces.scenario
    destination = {f"{lane.label}/{name}": lane.destination for lane in scenario.lanes for name in scenario.products}
    sites = [destination[str(column)] for column in result.decisions]
    of_site = pd.Series(amounts, index=sites).groupby(level=0).sum()
    demand = result.site_sums["behind"] / result.site_sums["periods"]
    by_echelon = [result.echelon[site] for site in of_site.index]
    totals = pd.DataFrame({"orders": of_site, "demand": demand.reindex(of_site.index)}).groupby(by_echelon).sum()
    found = ratio(totals["orders"].to_numpy(), totals["demand"].to_numpy())
    return dict(zip((int(echelon) for echelon in totals.index), map(float, found), strict=True))
