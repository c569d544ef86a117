"""The networks of silo sites inside those of who sees more: what each of them reads is part of what a planner sees, or a site.

Letters: S the sites' seats, D length of an observation of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.observation import ObservationEntry, Observer
from orderup.envs.information.policy import Context

SILO = Autonomy(name="autonomous_silo", visibility="silo", authority="autonomous")
PREFIX = "embedded/"
"""Of the names of the sites' tensors among the planner's."""


def silo_context(context: Context) -> Context:
    """What the sites would be told where every one of them decided for itself, by its own records alone."""
    network = context.network
    ordering = set(network.topology.destination.tolist())
    seats = tuple(name for number, name in enumerate(network.sites) if number in ordering)
    return replace(context, autonomy=SILO, seats=seats)


def columns(context: Context) -> NDArray[np.int64]:
    """Where each number that a silo site would see stands among those that the planner or the site of this context sees (S, D).

    Nothing else is passed on to the sites' networks, so that they know no more than who decides may. Raises InputError where he
    does not see one of them: it is private, or nothing that his autonomy level gives.
    """
    sites = silo_context(context)
    planner = context.seats == (PLANNER,)
    if not planner and context.seats != sites.seats:
        raise InputError("agent", f"a policy for {', '.join(context.seats)}", f"one for {', '.join(sites.seats)}")
    known = Observer(context.network, context.autonomy, context.seats)
    alone = Observer(sites.network, SILO, sites.seats)
    found = []
    for seat in sites.seats:
        seen = {_which(entry): entry.position for entry in known.table(PLANNER if planner else seat)}
        for entry in alone.table(seat):
            if _which(entry) not in seen:
                reads = f"networks that read {entry.field}{f' {entry.label}' if entry.label else ''} of {seat}"
                who = "the planner sees" if planner else "a site sees"
                raise InputError("agent", reads, f"such as read what {who} at {context.autonomy.name}")
            found.append(seen[_which(entry)])
    return np.array(found).reshape(len(sites.seats), alone.length)


def places(context: Context) -> NDArray[np.int64]:
    """The same of sites that decide for themselves, which is one for all of them (D,). Raises InputError where it is not."""
    found = columns(context)
    own: NDArray[np.int64] = found[0]
    if (found != own).any():
        raise InputError("agent", f"sites of {context.autonomy.name} whose own numbers stand in different places", "one place")
    return own


def _which(entry: ObservationEntry) -> tuple[str, str, str, str, float]:
    return entry.whose, entry.field, entry.label, entry.product, entry.scale


def embedded(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a planner's tensors that are the sites', by the names that their networks know."""
    return {name.removeprefix(PREFIX): values for name, values in tensors.items() if name.startswith(PREFIX)}
