"""Whether anybody is below a bound, which then is none: nothing of what is measured against it can be believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..statistics.digits import significant
from ..statistics.statistics import CONFIDENCE, Floats, holm, paired_difference
from .prices import Bound

ROUNDING = 1e-6
"""Share of a bound below which a difference is the arithmetic's."""


def below(bound: Bound, evaluated: Sequence[tuple[str, Floats]]) -> tuple[str, ...]:
    """What is wrong, from the names and costs (E,) of all that were evaluated on the bound's first traces.

    A bound on every trace may not be undercut on any; one in expectation not by a mean that chance does not explain, all
    methods at once by Holm's procedure.
    """
    others = [(name, costs) for name, costs in evaluated if name != bound.name]
    if bound.on_every_trace:
        return tuple(said for name, costs in others for said in _on_some_trace(bound, name, costs))
    found = [paired_difference(costs, bound.cost[: len(costs)]) for _, costs in others]
    least = ROUNDING * max(float(np.abs(bound.cost).mean()), 1e-12)
    chances = holm([one.p_value if one.estimate < -least else 1.0 for one in found])
    return tuple(
        f"{name} costs {significant(-one.estimate)} ± {significant(one.half_width)} per period less than {bound.name}, which "
        "nobody can in the long run: the bound does not hold here, or the counted periods are too few or too early for it"
        for (name, _), one, chance in zip(others, found, chances, strict=True)
        if chance < 1 - CONFIDENCE
    )


def _on_some_trace(bound: Bound, name: str, costs: Floats) -> list[str]:
    theirs = bound.cost[: len(costs)]
    short = theirs - costs
    beyond = short > ROUNDING * np.maximum(np.abs(theirs), 1.0)
    if not beyond.any():
        return []
    most = f"by up to {significant(float(short.max()))} per period"
    return [f"{name} costs less than {bound.name} on {int(beyond.sum())} of {len(costs)} traces, {most}: it is no bound"]
