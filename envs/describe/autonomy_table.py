"""An autonomy level in words: where it stands on its axes, and who decides what, and when."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..authority.actions import Form
from ..autonomy.autonomy import PLANNER, Autonomy
from ..simulator import Simulator
from .action_table import map_of
from .observation_table import SEVERAL, observer_of

SEES = {
    "silo": "its own inventory records and nothing else",
    "neighbours": "its own inventory records, and those of its direct suppliers and internal customers",
    "shared": "the inventory records of all sites",
    "integrated": "the inventory records of all sites, and what outside suppliers can ship",
}
"""What each visibility lets one see."""


class AxisRow(NamedTuple):
    """Where an autonomy level stands on one axis."""

    axis: str
    value: str
    meaning: str


class SeatRow(NamedTuple):
    """Someone who decides."""

    seat: str
    decides: str
    when: str
    observation: str
    """How many numbers it sees, and in `action` how many it decides."""
    action: str


def axis_rows(autonomy: Autonomy) -> list[AxisRow]:
    """The axes that mean something at an autonomy level."""
    return [
        AxisRow(name, _shown(getattr(autonomy, name)), _in_words(autonomy, name, info.description or ""))
        for name, info in Autonomy.model_fields.items()
        if name not in ("name", "description") and _matters(autonomy, name)
    ]


def seat_rows(simulator: Simulator, form: Form = "level") -> list[SeatRow]:
    """All who decide at an autonomy level."""
    rows = []
    for seat in simulator.seats:
        lanes = [label for lane, label in enumerate(simulator.numpy_network.lanes) if _decides(simulator, seat, lane)]
        names = ", ".join(lanes[:SEVERAL]) + (f", … ({len(lanes)} lanes)" if lanes[SEVERAL:] else "")
        cadence = simulator.autonomy.cadence if seat == PLANNER else 1
        when = f"every {cadence} periods" if cadence > 1 else "every period"
        sees, acts = observer_of(simulator, seat).length, map_of(simulator, seat, form).size
        rows.append(SeatRow(seat, names, when, str(sees), str(acts)))
    return rows


def _decides(simulator: Simulator, seat: str, lane: int) -> bool:
    """Whether a seat has a say about any product of a lane."""
    own = simulator.numpy_network.sites[simulator.numpy_network.topology.destination[lane]] == seat
    return seat == PLANNER or (own and bool(simulator.within[lane].any()))


def _matters(autonomy: Autonomy, axis: str) -> bool:
    if axis in ("cadence", "approval_latency"):
        return autonomy.has_planner
    if axis in ("feed_latency", "feed_noise"):
        return autonomy.has_planner or autonomy.visibility != "silo"
    return getattr(autonomy, axis) is not None


def _in_words(autonomy: Autonomy, axis: str, description: str) -> str:
    """The axis's description, or the part of it that is about this autonomy level's value."""
    value = str(getattr(autonomy, axis))
    if axis == "visibility":
        planners = autonomy.visibility_of((PLANNER,))
        who = [("a site", value)] * autonomy.has_sites + [("the planner", planners)] * autonomy.has_planner
        return "; ".join(f"{name} knows {SEES[visibility]}" for name, visibility in who)
    for part in description.split("; "):
        if part.startswith(f"{value}: "):
            return part.removeprefix(f"{value}: ")
    return description


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {', '.join(products or ['all'])}" for name, products in value.items())
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
