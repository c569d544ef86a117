"""What can be known, and by whom: every field with its name, unit, owner and visibility class.

Letters: N sites, W the width of a field, K products, P the most lanes into one site, A the longest lead time, B batch. The one
layer through which everybody looks: learners, rules and the centre alike. Nobody reads the simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .arrays import Array, namespace, tree_sum
from .autonomy import PLANNER, VISIBILITIES, Visibility
from .errors import InputError, UnknownName
from .network import Network
from .state import Flows, State


@dataclass(frozen=True)
class Snapshot:
    """The network between two periods, as the information layer finds it."""

    network: Network
    period: int
    state: State
    flows: Flows | None
    """What moved in the last period; None before the first."""
    cache: dict[str, Array] = field(default_factory=dict, compare=False)

    def read(self, name: str) -> Array:
        """A field of all sites (N, W, K, B)."""
        if name not in self.cache:
            self.cache[name] = FIELDS[name].read(self)
        return self.cache[name]


Unit = Literal["units", "money", "periods", "1"]
Read = Callable[[Snapshot], Array]


@dataclass(frozen=True)
class Field:
    """Something that can be known about a site."""

    name: str
    meaning: str
    unit: Unit
    owner: str
    """Whose it is: the site's, or its supplier's."""
    visibility: Visibility
    """The least visibility at which its site sees it."""
    constant: bool
    """Whether it is a parameter, the same in every period."""
    labels: Callable[[Network], list[str]]
    """What its W entries are called; one empty label where it has one."""
    read: Read


FIELDS: dict[str, Field] = {}


def _one(network: Network) -> list[str]:
    return [""]


def _by_lane(network: Network) -> list[str]:
    return [f"lane {lane}" for lane in range(network.inbound.degree)]


def _by_lane_and_age(network: Network) -> list[str]:
    ages = range(1, int(network.lead_time.max()) + 1)
    return [f"lane {lane}, shipped {age} ago" for age in ages for lane in range(network.inbound.degree)]


def known(
    unit: Unit,
    labels: Callable[[Network], list[str]] = _one,
    owner: str = "site",
    visibility: Visibility = "silo",
    constant: bool = False,
) -> Callable[[Read], Read]:
    """Make a function of a snapshot, to (N, W, K, B), the field of the same name; its docstring says what it means."""

    def add(read: Read) -> Read:
        meaning = (read.__doc__ or "").strip()
        FIELDS[read.__name__] = Field(read.__name__, meaning, unit, owner, visibility, constant, labels, read)
        return read

    return add


@known("units")
def on_hand(now: Snapshot) -> Array:
    """Stock on the shelf."""
    return now.state.on_hand[:, None]


@known("units")
def backlog(now: Snapshot) -> Array:
    """Demand that customers are owed."""
    return now.network.buyers.total(now.state.backlog)[:, None]


@known("units")
def owed(now: Snapshot) -> Array:
    """Orders of other sites that this one knows and has not shipped."""
    return now.network.outbound.total(now.state.open_orders)[:, None]


@known("units", _by_lane)
def unfilled(now: Snapshot) -> Array:
    """Own orders that have not been shipped."""
    return _inbound(now.network, now.state.on_order - now.state.in_transit)


@known("units", _by_lane_and_age)
def pipeline(now: Snapshot) -> Array:
    """Shipments under way to the site, by lane and age."""
    network, xp = now.network, namespace(now.state.on_hand)
    ages = [xp.zeros_like(now.state.in_transit) for _ in range(int(network.lead_time.max()))]
    if not ages:
        return now.state.on_hand[:, None][:, :0]
    for belt, load in zip(network.carriers, now.state.shipped, strict=True):
        for age, units in enumerate(belt.by_age(load)):
            ages[age][belt.lanes] = units
    return xp.concat([_inbound(network, entry) for entry in ages], axis=1)


@known("units")
def demand(now: Snapshot) -> Array:
    """What customers asked for in the last period."""
    flow = now.state.backlog * 0.0 if now.flows is None else now.flows.demand
    return now.network.buyers.total(flow)[:, None]


@known("units")
def received_orders(now: Snapshot) -> Array:
    """What other sites ordered in the last period."""
    flow = now.state.open_orders * 0.0 if now.flows is None else now.flows.orders
    return now.network.outbound.total(flow)[:, None]


@known("units", _by_lane)
def placed_orders(now: Snapshot) -> Array:
    """What the site ordered in the last period."""
    return _inbound(now.network, now.state.open_orders * 0.0 if now.flows is None else now.flows.orders)


@known("units", constant=True)
def mean_demand(now: Snapshot) -> Array:
    """Mean demand of a period that the site has to cover, from its own customers and everybody downstream."""
    return now.network.mean[:, None]


@known("units", constant=True)
def demand_deviation(now: Snapshot) -> Array:
    """Standard deviation of the same."""
    return now.network.deviation[:, None]


@known("money", constant=True)
def holding_cost(now: Snapshot) -> Array:
    """Of a unit on the shelf at a period's end."""
    return now.network.holding[:, None]


@known("money", constant=True)
def shortage_cost(now: Snapshot) -> Array:
    """Of a unit that the site's customers are owed, or that is lost; the mean over its segments."""
    buyers = now.network.buyers
    count = buyers.total(now.network.shortage * 0.0 + 1.0)
    return (buyers.total(now.network.shortage) / (count + (count == 0)))[:, None]


@known("periods", _by_lane, constant=True)
def lead_time(now: Snapshot) -> Array:
    """Longest lead time of the lanes to the site, their order delay included."""
    times = (now.network.lead_time + now.network.order_delay)[:, None, None]
    rows = now.network.holding[:1] * 0.0 + namespace(now.network.holding).asarray(times, device=now.network.holding.device)
    return _inbound(now.network, rows)


@known("1", lambda network: ["sine", "cosine"] if network.scenario.calendar else [])
def season(now: Snapshot) -> Array:
    """Where the period stands in the calendar's season."""
    cycle = now.network.scenario.calendar
    zero = (now.state.on_hand * 0.0)[:, None]
    if cycle is None:
        return zero[:, :0]
    angle = 2 * np.pi * (now.period % cycle) / cycle
    return namespace(zero).concat([zero + float(np.sin(angle)), zero + float(np.cos(angle))], axis=1)


@known("units", _by_lane, owner="supplier", visibility="integrated", constant=True)
def supplier_capacity(now: Snapshot) -> Array:
    """Most that the outside supplier of a lane ships in a period over all its lanes; 0 where nothing limits it."""
    rows = now.network.unit_cost * 0.0
    for lanes, limit in now.network.shared_limits:
        rows[lanes] = rows[lanes] + limit
    return _inbound(now.network, rows * now.network.is_outside)


def _inbound(network: Network, values: Array) -> Array:
    """Lanes (L, K, B) by the site they lead to (N, P, K, B), in the order of the network, 0 where a site has fewer."""
    return namespace(values).moveaxis(network.inbound.each(values), 0, 1)


class Information:
    """What the seats of one level may know now. Arrays are batch first: (B, N, K), or (B, N, W, K) for a field of width W > 1.

    `own` gives each site's fields to the seat of that site, `everywhere` those of all sites to everybody. A field that the
    level does not give is refused by its name.
    """

    def __init__(self, now: Snapshot, visibility: Visibility, seats: tuple[str, ...]) -> None:
        self._now, self.visibility, self.seats = now, visibility, seats

    @property
    def period(self) -> int:
        """Number of the period that is about to begin, from 0."""
        return self._now.period

    def own(self, name: str) -> Array:
        """A field of each seat's own site; row n may be used for the decisions of site n alone."""
        return self._field(name)

    def everywhere(self, name: str) -> Array:
        """A field of all sites, for all decisions. Raises InputError below the visibility `shared`."""
        if self.seats != (PLANNER,) and VISIBILITIES.index(self.visibility) < VISIBILITIES.index("shared"):
            raise InputError(f"information.{name}", f"asked of all sites at visibility {self.visibility}", "shared or integrated")
        return self._field(name)

    def _field(self, name: str) -> Array:
        if name not in FIELDS:
            raise UnknownName("information", name, FIELDS)
        needed = FIELDS[name].visibility
        if VISIBILITIES.index(self.visibility) < VISIBILITIES.index(needed):
            raise InputError(f"information.{name}", f"visibility {self.visibility}", f"{needed}, or a field that it gives")
        values = self._now.read(name)
        values = values[:, 0] if len(FIELDS[name].labels(self._now.network)) == 1 else values
        shown = namespace(values).moveaxis(values, -1, 0)
        if isinstance(shown, np.ndarray):
            shown.flags.writeable = False
        return shown


def inventory_level(information: Information) -> Array:
    """Each seat's own on hand − backlog − owed to other sites (B, N, K)."""
    return information.own("on_hand") - information.own("backlog") - information.own("owed")


def on_order(information: Information) -> Array:
    """Each seat's own orders that have not arrived (B, N, K)."""
    return _width_sum(information, "unfilled") + _width_sum(information, "pipeline")


def _width_sum(information: Information, name: str) -> Array:
    values = information.own(name)
    if values.ndim == 3:
        return values
    return tree_sum(values, axis=2) if values.shape[2] else information.own("on_hand") * 0.0
