"""Two methods on the same traces: differences and quotients, paired, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..measures.kpi import Kpi
from ..measures.kpis import COST, OUTLAY
from ..statistics.statistics import Floats, Groups, Interval, bootstrap_interval, paired_difference, ratio
from ..statistics.two_level import Statistic, two_level_intervals
from .method import Method

ROUNDING = 1e-9
"""Share of a cost below which a difference comes from the order of additions."""


def differences(one: Method, other: Method, kpis: Sequence[Kpi]) -> dict[str, Interval]:
    """KPIs of one method less those of the other: over traces, and over seeds where either has several."""
    if max(len(one.seeds), len(other.seeds)) > 1:
        return _quotients(one, other, kpis)
    ours, theirs, groups = one.seeds[0].episodes, other.seeds[0].episodes, groups_of(one, other)
    means = {kpi.name: paired_difference(ours[kpi.name], theirs[kpi.name], groups=groups) for kpi in kpis if kpi.is_mean}
    found = means | _quotients(one, other, [kpi for kpi in kpis if not kpi.is_mean])
    return {kpi.name: found[kpi.name] for kpi in kpis}


def groups_of(one: Method, other: Method) -> Groups:
    """Which episodes share a trace; where the two were played in different scenarios, in either."""
    ours = one.seeds[0].groups
    return other.seeds[0].groups if ours is None else ours


def _quotients(one: Method, other: Method, kpis: Sequence[Kpi]) -> dict[str, Interval]:
    count = len(kpis)

    def less(means: Any) -> Any:
        tops, bottoms, other_tops, other_bottoms = (means[..., count * part : count * (part + 1)] for part in range(4))
        return ratio(tops, bottoms) - ratio(other_tops, other_bottoms)

    found = _intervals([one.columns(kpis), other.columns(kpis)], less, groups_of(one, other)) if kpis else []
    return dict(zip((kpi.name for kpi in kpis), found, strict=True))


def relative_cost(one: Method, other: Method) -> Interval:
    """Cost less the other's, as a share of what the other spends: of its cost, where customers pay nothing.

    Revenue is no part of what is shared by, so that a price which all customers pay in any case changes nothing. NaN unless
    the other spends something.
    """
    if not other.earns:
        return quotient([one.columns([COST]), other.columns([COST])], groups_of(one, other))

    def relative(means: Any) -> Any:
        ours, theirs, spent = (ratio(means[..., top], means[..., bottom]) for top, bottom in ((0, 1), (2, 4), (3, 5)))
        return ratio(ours - theirs, np.where(spent > 0, spent, 0.0))[..., None]

    return _intervals([one.columns([COST]), other.columns([COST, OUTLAY])], relative, groups_of(one, other))[0]


def relative_to_bound(one: Method, bound: Floats) -> Interval:
    """Cost less a bound (E,), as a share of the bound; where customers pay, of what the method itself spends."""
    costs = np.stack([bound, np.ones_like(bound)], axis=-1)[None]
    groups = one.seeds[0].groups
    if not one.earns:
        return quotient([one.columns([COST]), costs], groups)

    def relative(means: Any) -> Any:
        ours, spent, theirs = (ratio(means[..., top], means[..., bottom]) for top, bottom in ((0, 2), (1, 3), (4, 5)))
        return ratio(ours - theirs, np.where(spent > 0, spent, 0.0))[..., None]

    return _intervals([one.columns([COST, OUTLAY]), costs], relative, groups)[0]


def quotient(costs: Sequence[Floats], groups: Groups = None) -> Interval:
    """The first cost over the second, less 1, from their sums and periods (S, E, 2); NaN unless the second costs something."""

    def relative(means: Any) -> Any:
        ours, theirs = ratio(means[..., 0], means[..., 1]), ratio(means[..., 2], means[..., 3])
        return (ratio(ours, np.where(theirs > 0, theirs, 0.0)) - 1)[..., None]

    return _intervals(costs, relative, groups)[0]


def p_value(difference: Interval, reference: Method) -> float:
    """How likely so large a difference in cost to a reference is by chance; one that is only rounding is none."""
    return 1.0 if abs(difference.estimate) <= ROUNDING * abs(reference.cost) else difference.p_value


def _intervals(methods: Sequence[Floats], statistic: Statistic, groups: Groups) -> list[Interval]:
    if all(len(rows) == 1 for rows in methods):
        return bootstrap_interval(np.concatenate([rows[0] for rows in methods], axis=1), statistic, groups=groups)
    return two_level_intervals(methods, statistic, groups=groups)
