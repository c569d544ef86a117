"""What few networks remember from period to period, by name and age: when stock came in, what was asked for, sold, heard of.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..network.network import Network
from ..numerics.arrays import Floats
from ..physics.state import State
from .moved import SCRAPPED, ages, amounts_of
from .places import Places, place_of
from .reading import BookTable


class Kind(NamedTuple):
    """One thing that is remembered."""

    field: str
    """Of the state."""
    names: Callable[[Network], tuple[str, ...]]
    """What its rows are called."""


def _contracts(network: Network) -> tuple[str, ...]:
    contract = network.mechanisms.contract
    return () if contract is None else tuple(np.array(network.lanes)[contract.lanes].tolist())


def _vehicles(network: Network) -> tuple[str, ...]:
    vehicles = network.limits.vehicles
    return () if vehicles is None else tuple(np.array(network.lanes)[vehicles.lanes].tolist())


KINDS: dict[str, Kind] = {
    "received": Kind("fresh", lambda network: network.sites),
    "asked": Kind("asked", lambda network: network.customers),
    "sold": Kind("sold", lambda network: network.customers),
    "heard": Kind("heard", lambda network: network.lanes),
    "vehicles": Kind("away", _vehicles),
    "goodwill": Kind("goodwill", lambda network: network.customers),
    "committed": Kind("committed", _contracts),
}
"""By what it is called in the table: stock by when it came in; what customers asked for, and got; orders by when their source
heard of them; vehicles that left; what demand is multiplied by; what a contract's orders may not be far from."""


MISREAD = "misread"
"""What the table calls the share by which a feed misreads what it counts at a site, where that is known: in simulations."""


def misread(places: Places, sheet: BookTable | None) -> Floats | None:
    """That share (N, K, 1); None where it is not known."""
    return None if sheet is None else amounts_of(sheet, places, MISREAD)


def recalled(places: Places, sheet: BookTable | None, blank: State, on_hand: Floats) -> dict[str, Any]:
    """The fields of a state that hold it; as at an episode's start where nothing is told, all stock having just come in."""
    found: dict[str, Any] = {kind.field: getattr(blank, kind.field) for kind in KINDS.values()}
    if blank.fresh:
        found["fresh"] = tuple(on_hand if age == 0 else 0.0 * on_hand for age in range(len(blank.fresh)))
    if sheet is None:
        return found
    known = [*KINDS, SCRAPPED, MISREAD]
    sheet.refuse_unknown("what", ~np.isin(sheet.texts("what"), known), known)
    for name, kind in KINDS.items():
        rows = sheet.at((sheet.frame["what"] == name).to_numpy())
        if len(rows):
            found[kind.field] = _filled(rows, places, kind, _form(places.network, kind, blank))
    return found


def _form(network: Network, kind: Kind, blank: State) -> Any:
    """An empty field; of what sources heard of, which an episode begins without, for as many periods as they remember."""
    if kind.field == "heard":
        return (0.0 * blank.open_orders,) * network.fulfilment.remembered
    return getattr(blank, kind.field)


def _filled(sheet: BookTable, places: Places, kind: Kind, blank: Any) -> Any:
    """The amounts of one kind in the form of its field."""
    empty = np.ones(len(sheet), dtype=bool)
    if blank is None or (isinstance(blank, tuple) and not blank):
        sheet.refuse("what", empty, "what this network remembers: not this")
    rows = place_of(sheet, "place", kind.names(places.network))
    several = isinstance(blank, tuple)
    turns, shape = (len(blank), blank[0].shape) if several else (1, blank.shape)
    columns = places.products(sheet) if shape[1] > 1 else np.zeros(len(sheet), dtype=np.int64)
    values = np.zeros((turns, *shape))
    values[ages(sheet, turns) if several else 0, rows, columns, 0] = sheet.numbers_of["quantity"]
    return tuple(values) if several else values[0]
