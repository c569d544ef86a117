"""Laws of what is made: no machine runs longer than its hours, and nothing waits for what is there.

Letters: T periods, R recipes, B batch.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.numerics.arrays import Floats

from .records import Record, drawn, never_above

NOTHING = 1e-9


def made(seen: Record, number: int) -> Floats:
    """What a recipe begins (T, B) [units]."""
    amounts: Floats = seen.flows["shipments"][:, number, seen.network.products.index(str(seen.lanes[number].make))]
    return amounts


def hours_left(seen: Record, site: str, machine: str) -> Floats:
    """What a machine does not run, of what events leave of its hours (T, B)."""
    most = seen.network.scenario.sites[site].machines[machine].most
    place = seen.network.limits.limited.index(f"{site}/{machine}")
    left: Floats = most * seen.usual["limits"][:, place, 0]
    for number, lane in enumerate(seen.lanes):
        if (lane.at, lane.machine) == (site, machine):
            units = made(seen, number)
            left = left - lane.hours * units - lane.setup_hours * (units > 0.0)
    return left


def no_machine_runs_longer_than_its_hours(seen: Record) -> None:
    for name, site in seen.network.scenario.sites.items():
        for machine in site.machines:
            never_above(-hours_left(seen, name, machine), 0.0)


def no_recipe_waits_for_what_is_there(seen: Record) -> None:
    """Where nothing else limits a recipe, a part or the hours of its machine are used up, or all is begun that is wanted."""
    left = seen.before["on_hand"] - drawn(seen.network, seen.flows["shipments"])
    for number, lane in enumerate(seen.lanes):
        if lane.makes and lane.capacity is None and lane.capacity_weight is None and lane.vehicles is None:
            product, site = seen.network.products.index(str(lane.make)), seen.network.sites.index(str(lane.at))
            known = seen.before["open_orders"][:, number, product] + seen.flows["known"][:, number, product]
            more = (known - made(seen, number)) * (seen.usual["available"][:, number, 0] > 0)
            for part, units in lane.uses.items():
                more = np.minimum(more, left[:, site, seen.network.products.index(part)] / units)
            if lane.machine is not None:
                hours = hours_left(seen, str(lane.at), lane.machine) - lane.setup_hours * (made(seen, number) <= 0.0)
                more = np.minimum(more, hours / lane.hours if lane.hours else np.where(hours > NOTHING, more, 0.0))
            pack = lane.multiple[str(lane.make)] if isinstance(lane.multiple, dict) else lane.multiple
            never_above(more, pack + 1e-3)


MAKING_LAWS = (no_machine_runs_longer_than_its_hours, no_recipe_waits_for_what_is_there)
