"""Two methods on the same traces: differences and quotients, paired, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .kpis import COST, Kpi
from .method import Method
from .statistics import Floats, Interval, bootstrap_interval, paired_difference, ratio
from .two_level import Statistic, two_level_intervals

ROUNDING = 1e-9
"""Share of a cost below which a difference comes from the order of additions."""


def differences(one: Method, other: Method, kpis: Sequence[Kpi]) -> dict[str, Interval]:
    """KPIs of one method less those of the other: over traces, and over seeds where either has several."""
    if max(len(one.seeds), len(other.seeds)) > 1:
        return _quotients(one, other, kpis)
    ours, theirs = one.seeds[0].episodes, other.seeds[0].episodes
    means = {kpi.name: paired_difference(ours[kpi.name], theirs[kpi.name]) for kpi in kpis if kpi.is_mean}
    found = means | _quotients(one, other, [kpi for kpi in kpis if not kpi.is_mean])
    return {kpi.name: found[kpi.name] for kpi in kpis}


def _quotients(one: Method, other: Method, kpis: Sequence[Kpi]) -> dict[str, Interval]:
    count = len(kpis)

    def less(means: Any) -> Any:
        tops, bottoms, other_tops, other_bottoms = (means[..., count * part : count * (part + 1)] for part in range(4))
        return ratio(tops, bottoms) - ratio(other_tops, other_bottoms)

    found = _intervals([one.columns(kpis), other.columns(kpis)], less) if kpis else []
    return dict(zip((kpi.name for kpi in kpis), found, strict=True))


def relative_cost(one: Method, other: Method) -> Interval:
    """Cost over the other's, less 1; NaN unless the other costs something."""
    return quotient([one.columns([COST]), other.columns([COST])])


def quotient(costs: Sequence[Floats]) -> Interval:
    """The first cost over the second, less 1, from their sums and periods (S, E, 2); NaN unless the second costs something."""

    def relative(means: Any) -> Any:
        ours, theirs = ratio(means[..., 0], means[..., 1]), ratio(means[..., 2], means[..., 3])
        return (ratio(ours, np.where(theirs > 0, theirs, 0.0)) - 1)[..., None]

    return _intervals(costs, relative)[0]


def p_value(difference: Interval, reference: Method) -> float:
    """How likely so large a difference in cost to a reference is by chance; one that is only rounding is none."""
    return 1.0 if abs(difference.estimate) <= ROUNDING * abs(reference.cost) else difference.p_value


def _intervals(methods: Sequence[Floats], statistic: Statistic) -> list[Interval]:
    if all(len(rows) == 1 for rows in methods):
        return bootstrap_interval(np.concatenate([rows[0] for rows in methods], axis=1), statistic)
    return two_level_intervals(methods, statistic)
