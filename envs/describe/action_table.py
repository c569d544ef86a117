"""What a seat's numbers do, row by row: which lane and product, and what −1, 0 and 1 mean there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from ..authority.actions import ActionMap, Form
from ..autonomy.autonomy import PLANNER
from ..information.policy import Decision
from ..numerics.backend import Backend
from ..simulator import Simulator
from .observation_table import between, from_to, party_of, span

NONE = "No effect: "


class ActionRow(NamedTuple):
    """One number of an action, or several of a kind."""

    positions: str
    lane: str
    product: str
    at_minus_1: str
    at_0: str
    at_1: str
    meaning: str


class _Number(NamedTuple):
    position: int
    lane: str
    product: str
    amounts: tuple[float, ...]
    """What −1, 0 and 1 mean [units]; nothing where they mean nothing."""
    meaning: str


def action_rows(simulator: Simulator, seat: str, form: Form = "level", full: bool = False) -> list[ActionRow]:
    """What a seat's actions mean; `full` has a row for each number, else products stand together.

    Raises UnknownName for a seat that the autonomy level does not have.
    """
    network, seats, mapping = simulator.numpy_network, party_of(simulator, seat), map_of(simulator, seat, form)
    corners = [mapping(np.full((1, len(seats), mapping.size), corner), Backend()) for corner in (-1.0, 0.0, 1.0)]
    numbers = [_Number(at, "", "", (), f"{NONE}another seat has more lanes.") for at in range(mapping.size)]
    for lane, product in np.ndindex(len(network.lanes), len(network.products)):
        if seat in (PLANNER, network.sites[network.topology.destination[lane]]):
            at = int(mapping.flat[lane]) * len(network.products) + product - seats.index(seat) * mapping.size
            numbers[at] = _number(simulator, seat, (at, lane, product), corners)
    groups = groupby(numbers, key=lambda number: (number.position if full else 0, number.lane, number.meaning))
    return [_row(list(group)) for _, group in groups]


def map_of(simulator: Simulator, seat: str, form: Form = "level") -> ActionMap:
    """What turns the actions of a seat and its like into decisions. Raises UnknownName for a seat that is not there."""
    band = None if seat == PLANNER else simulator.autonomy.band
    return ActionMap(simulator.numpy_network, party_of(simulator, seat), form, band)


def _number(simulator: Simulator, seat: str, place: tuple[int, int, int], corners: Sequence[Decision]) -> _Number:
    at, lane, product = place
    meaning = _meaning(simulator, seat, lane, product, corners[0])
    amounts = () if meaning.startswith(NONE) else tuple(_amount(corner, lane, product) for corner in corners)
    return _Number(at, simulator.numpy_network.lanes[lane], simulator.numpy_network.products[product], amounts, meaning)


def _row(group: Sequence[_Number]) -> ActionRow:
    low, middle, high = (
        between([number.amounts[corner] for number in group]) if group[0].amounts else "" for corner in range(3)
    )
    products = from_to([number.product for number in group])
    return ActionRow(span([number.position for number in group]), group[0].lane, products, low, middle, high, group[0].meaning)


def _meaning(simulator: Simulator, seat: str, lane: int, product: int, corner: Decision) -> str:
    carried = simulator.numpy_network.scenario_lane(simulator.numpy_network.lanes[lane]).products
    if carried is not None and simulator.numpy_network.products[product] not in carried:
        return f"{NONE}the lane does not carry it."
    if seat != PLANNER and not simulator.within[lane, product]:
        return f"{NONE}the planner decides it."
    if _by_quantity(corner, lane):
        return "Quantity to order [units]."
    return "Distance from the centre's level [units]." if corner.relative else "Order-up-to level [units]."


def _amount(corner: Decision, lane: int, product: int) -> float:
    if _by_quantity(corner, lane) and corner.quantity is not None:
        return max(float(corner.quantity[0, lane, product]), 0.0)
    return 0.0 if corner.level is None else float(corner.level[0, lane, product])


def _by_quantity(corner: Decision, lane: int) -> bool:
    return corner.level is None or (corner.by_quantity is not None and bool(corner.by_quantity[lane]))
