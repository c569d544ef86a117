"""The networks of silo sites inside a planner's: what each of them reads is part of what the planner sees.

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
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Context

SILO = Autonomy(name="autonomous_silo", visibility="silo", authority="autonomous")
PREFIX = "embedded/"
"""Of the names of the sites' tensors among the planner's."""


def silo_context(context: Context) -> Context:
    """What the sites would be told where every one of them decided for itself, in place of the planner."""
    network = context.network
    ordering = set(network.topology.destination.tolist())
    seats = tuple(name for number, name in enumerate(network.sites) if number in ordering)
    return replace(context, autonomy=SILO, seats=seats)


def columns(context: Context) -> NDArray[np.int64]:
    """Where each number that a site would see stands among those that the planner of this context sees (S, D).

    Nothing else is passed on to the sites' networks, so that they know no more than the planner may. Raises InputError where he
    does not see one of them: it is private, or nothing that his autonomy level gives.
    """
    if context.seats != (PLANNER,):
        raise InputError("agent", "a policy for the planner", f"one for the sites of {context.autonomy.name}")
    sites = silo_context(context)
    tables = [Observer(sites.network, SILO, sites.seats).table(seat) for seat in sites.seats]
    seen = Observer(context.network, context.autonomy, context.seats).table(PLANNER)
    places = {(entry.whose, entry.field, entry.label, entry.product, entry.scale): entry.position for entry in seen}
    found = np.array([[places.get((e.whose, e.field, e.label, e.product, e.scale), -1) for e in table] for table in tables])
    if (found < 0).any():
        seat, place = np.argwhere(found < 0)[0].tolist()
        entry = tables[seat][place]
        reads = f"networks that read {entry.field}{f' {entry.label}' if entry.label else ''} of {sites.seats[seat]}"
        raise InputError("agent", reads, f"such as read what the planner sees at {context.autonomy.name}")
    return found


def embedded(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a planner's tensors that are the sites', by the names that their networks know."""
    return {name.removeprefix(PREFIX): values for name, values in tensors.items() if name.startswith(PREFIX)}
