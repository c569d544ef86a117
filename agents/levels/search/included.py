"""What a level of autonomy can take over from sites that decide alone: a policy that can do more must not cost more.

Sites' levels that were fitted for them alone are a start, and a result, for whoever includes them: for a centre whose levels
sites execute, or that only looks at what they order, and for one that orders and knows everything as it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy

from .candidates import RecordedCandidates
from .moves import Numbers, is_level
from .search import SearchProblem

ALONE = "autonomous_silo"
"""The level of sites that decide alone, by their own records."""


def sites_alone(problem: SearchProblem) -> SearchProblem | None:
    """The problem of sites that decide alone, where this one's level can do as they do; nothing where it cannot, or does."""
    if not _includes_sites_alone(problem.autonomy):
        return None
    return replace(problem, autonomy=load_autonomy(ALONE), allocation=None, follows="customers", recorded=RecordedCandidates())


def _includes_sites_alone(autonomy: Autonomy) -> bool:
    if not autonomy.has_planner:
        return autonomy.visibility in ("shared", "integrated")
    late = autonomy.feed_latency or autonomy.feed_noise or autonomy.approval_latency or autonomy.cadence > 1
    return not (autonomy.acts.places_orders and late)


def is_carried_out_by_sites(autonomy: Autonomy) -> bool:
    """Whether a centre decides beside sites that execute its levels or propose their own orders."""
    return autonomy.has_planner and not autonomy.acts.places_orders


def as_sites_would(
    problem: SearchProblem, alone: SearchProblem, fitted: Numbers, integral: bool, may_leave: bool
) -> list[tuple[SearchProblem, Numbers]]:
    """A problem's variant that follows what sites alone follow, with numbers by which everybody does as these `fitted` ones do.

    Levels are as far from a party's closed form as those of the sites alone were from theirs, since parties know of orders
    sooner or later; a centre follows demand as the sites do, or, since what it knows of it may be old, not at all.
    """
    own, theirs = problem.start(), alone.start()
    found: Numbers = {}
    for name, start in own.items():
        source = f"sites/{name.partition('/')[2]}"
        moved = start - theirs[source] if is_level(name) else np.zeros_like(start)
        found[name] = fitted[source] + (np.round(moved) if integral else moved)
        if is_level(name):
            found[name] = np.maximum(found[name], 0.0)
    variant = problem.variants(may_leave)[-1]
    still = {name: 0.0 * values if name == "planner/gain" else values for name, values in found.items()}
    return [(variant, numbers) for numbers in ([found, still] if "planner/gain" in found else [found])]
