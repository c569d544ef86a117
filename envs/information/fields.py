"""What can be known: every field with its name, unit, owner and visibility class.

Letters: N sites, W the width of a field, K products, P the most lanes into one site, A the longest lead time, B batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ..autonomy.autonomy import PLANNER, Autonomy, Visibility
from ..foundation.errors import InputError, UnknownName
from ..network.network import Network
from ..numerics.arrays import Array, namespace, zeros_for
from ..physics.state import State
from .feed import blurred
from .sales import ran_out, seen_demand
from .snapshot import Snapshot, unshipped

Unit = Literal["units", "money", "periods", "hours", "1"]


class FieldLayout(NamedTuple):
    """How a field's rows (R, K, B) belong to the sites: `bundle` adds them up, or spreads them over the site's lanes.

    Without a bundle row n is site n's; with several parts the rows of each part stand one after the other.
    """

    bundle: str | None = None
    spread: bool = False

    def arrange(self, network: Network, parts: list[Array]) -> Array:
        """The parts' rows by site (N, W, K, B)."""
        if self.bundle is None:
            shaped = [part[:, None] for part in parts]
        elif self.spread:
            each = [getattr(network.topology, self.bundle).spread(part) for part in parts]
            shaped = [namespace(rows).moveaxis(rows, 0, 1) for rows in each]
        else:
            shaped = [getattr(network.topology, self.bundle).total(part)[:, None] for part in parts]
        return shaped[0] if len(shaped) == 1 else namespace(shaped[0]).concat(shaped, axis=1)


BY_SITE, BY_LANE = FieldLayout(), FieldLayout("inbound", spread=True)
OF_CUSTOMERS, OF_OUTBOUND = FieldLayout("buyers"), FieldLayout("outbound")


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
    noisy: bool
    """Whether a noisy feed blurs it: what one counts, not what one has ordered oneself."""
    applies: Callable[[Autonomy, bool], bool]
    """Whether an autonomy level has it, for a site or (true) for a planner."""
    layout: FieldLayout
    labels: Callable[[Network], list[str]]
    """What its W entries are called; one empty label where it has one."""
    parts: Callable[[Snapshot], list[Array]]
    """Its raw rows, which `layout` arranges."""
    private: bool = False
    """Whether it cannot be put into words, so that no one but its site ever sees it."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled by its name, since functions without one cannot be."""
        return _named, (self.name,)

    def read(self, now: Snapshot) -> Array:
        """Its values by site (N, W, K, B)."""
        parts = self.parts(now)
        return self.layout.arrange(now.network, parts) if parts else now.state.on_hand[:, None][:, :0]


FIELDS: dict[str, Field] = {}


def read(now: Snapshot, name: str) -> Array:
    """A field of all sites as a snapshot, or a feed with its error, shows it (N, W, K, B)."""
    field = FIELDS[name]
    values = field.read(now)
    return values if now.error is None or not field.noisy else blurred(values, now.error[:, None])


def may_see(name: str, autonomy: Autonomy, seats: tuple[str, ...]) -> bool:
    """Whether an autonomy level gives a field to these seats."""
    return refusal(name, autonomy, seats) is None


def refusal(name: str, autonomy: Autonomy, seats: tuple[str, ...]) -> InputError | None:
    """Why an autonomy level does not give a field to these seats; None where it does."""
    if name not in FIELDS:
        return UnknownName("information", name, FIELDS)
    field = FIELDS[name]
    if not autonomy.sees(seats, field.visibility):
        found = f"visibility {autonomy.visibility_of(seats)}"
        return InputError(f"information.{name}", found, f"{field.visibility}, or a field that it gives")
    if not field.applies(autonomy, seats == (PLANNER,)):
        return InputError(f"information.{name}", f"autonomy level {autonomy.name}", "an autonomy level that has this field")
    return None


def _named(name: str) -> Field:
    return FIELDS[name]


def known(
    unit: Unit,
    layout: FieldLayout = BY_SITE,
    labels: Callable[[Network], list[str]] | None = None,
    owner: str = "site",
    visibility: Visibility = "silo",
    constant: bool = False,
    exact: bool = False,
    applies: Callable[[Autonomy, bool], bool] = lambda autonomy, planner: True,
    private: bool = False,
) -> Callable[[Callable[[Snapshot], list[Array]]], Callable[[Snapshot], list[Array]]]:
    """Make a function of a snapshot the field of the same name; its docstring says what the field means."""

    def add(parts: Callable[[Snapshot], list[Array]]) -> Callable[[Snapshot], list[Array]]:
        name, meaning = parts.__name__, (parts.__doc__ or "").strip()
        named = labels or (_lanes if layout.spread else _one)
        noisy = unit == "units" and not constant and not exact
        FIELDS[name] = Field(name, meaning, unit, owner, visibility, constant, noisy, applies, layout, named, parts, private)
        return parts

    return add


def _one(network: Network) -> list[str]:
    return [""]


def _lanes(network: Network) -> list[str]:
    return [f"lane {lane}" for lane in range(network.topology.inbound.degree)]


def _lanes_and_ages(network: Network) -> list[str]:
    ages = range(
        1, (int(network.times.lead_time.max()) if network.mechanisms.door is None else len(network.mechanisms.door.due)) + 1
    )
    return [f"lane {lane}, shipped {age} ago" for age in ages for lane in range(network.topology.inbound.degree)]


@known("units")
def on_hand(now: Snapshot) -> list[Array]:
    """Stock on the shelf."""
    return [now.state.on_hand]


@known("units", OF_CUSTOMERS)
def backlog(now: Snapshot) -> list[Array]:
    """Demand that customers are owed."""
    return [now.state.backlog]


@known("units", OF_OUTBOUND)
def owed(now: Snapshot) -> list[Array]:
    """Orders of other sites that this one knows and has not shipped."""
    return [now.state.open_orders]


@known("units", BY_LANE, exact=True)
def unfilled(now: Snapshot) -> list[Array]:
    """Own orders that have not been shipped, or begun where goods are made; with what will come beside them."""
    return [now.network.joined(unshipped(now.network, now.state))]


@known("units", BY_LANE, _lanes_and_ages)
def pipeline(now: Snapshot) -> list[Array]:
    """Shipments under way to the site, by lane and age; what waits at the door of a full store is as old as what is due."""
    known = _by_age(now.network, now.state)
    return known if now.network.mechanisms.door is None else now.network.mechanisms.door.by_age(known, now.state.door)


def _by_age(network: Network, state: State) -> list[Array]:
    if len(network.ordering.shipment_pipelines) == 1:
        return list(network.ordering.shipment_pipelines[0].by_age(state.shipped[0]))
    ages = [zeros_for(state.in_transit, *state.in_transit.shape) for _ in range(int(network.times.lead_time.max()))]
    for pipeline, load in zip(network.ordering.shipment_pipelines, state.shipped, strict=True):
        for age, units in enumerate(pipeline.by_age(load)):
            ages[age][pipeline.lanes] = units
    return ages


@known("units", OF_CUSTOMERS)
def demand(now: Snapshot) -> list[Array]:
    """What customers asked for in the last period; of those seen by their sales alone, what they got off the site's shelf."""
    return [now.state.backlog * 0.0 if now.flows is None else seen_demand(now.network, now.flows)]


@known("1", labels=lambda network: [] if network.fulfilment.sales_alone is None else [""])
def stockout(now: Snapshot) -> list[Array]:
    """1 where customers seen by their sales alone left nothing that they might have had: they may have asked for more."""
    if now.network.fulfilment.sales_alone is None:
        return []
    return [now.state.on_hand * 0.0 if now.flows is None else ran_out(now.network, now.state, now.flows)]


@known("units", OF_OUTBOUND)
def received_orders(now: Snapshot) -> list[Array]:
    """Orders of other sites that reached this one in the last period."""
    return [now.state.open_orders * 0.0 if now.flows is None else now.flows.known]


@known("units", BY_LANE, exact=True)
def placed_orders(now: Snapshot) -> list[Array]:
    """What the site ordered in the last period."""
    return [now.state.open_orders * 0.0 if now.flows is None else now.flows.orders]


def _knows_orders(autonomy: Autonomy, planner: bool) -> bool:
    """Whether someone on a late feed sees every order at once: a centre that places them, or that approves them."""
    return planner and autonomy.feed_latency > 0 and autonomy.acts.sees_orders


@known("units", BY_LANE, exact=True, applies=_knows_orders)
def ordered_since(now: Snapshot) -> list[Array]:
    """What has been ordered since the age of the feed, as far as the orders pass the centre."""
    return [0.0 * now.state.on_order if now.since is None else now.network.joined(now.since)]


@known("units", BY_LANE, exact=True, applies=lambda autonomy, planner: autonomy.acts.sites_may_differ)
def target(now: Snapshot) -> list[Array]:
    """The centre's order-up-to level in force."""
    return [0.0 * now.state.on_order if now.target is None else now.target]


@known("periods", visibility="neighbours", applies=lambda autonomy, planner: autonomy.feed_latency > 0)
def age(now: Snapshot) -> list[Array]:
    """How old these numbers are."""
    return [0.0 * now.state.on_hand + float(now.age)]


@known("units", constant=True)
def mean_demand(now: Snapshot) -> list[Array]:
    """Mean demand of a period that the site has to cover, from its own customers and everybody downstream."""
    return [now.network.loads.mean]


@known("units", constant=True)
def demand_deviation(now: Snapshot) -> list[Array]:
    """Standard deviation of the same."""
    return [now.network.loads.deviation]


@known("money", constant=True)
def holding_cost(now: Snapshot) -> list[Array]:
    """Of a unit on the shelf at a period's end."""
    return [now.network.costs.holding]


@known("money", constant=True)
def shortage_cost(now: Snapshot) -> list[Array]:
    """Of a unit that the site's customers are owed, or that is lost; the mean over its segments."""
    buyers = now.network.topology.buyers
    count = buyers.total(now.network.costs.shortage * 0.0 + 1.0)
    return [buyers.total(now.network.costs.shortage) / (count + (count == 0))]


@known("periods", BY_LANE, constant=True)
def lead_time(now: Snapshot) -> list[Array]:
    """Longest lead time of the lanes to the site, or what was promised, their order delay included."""
    like = now.network.costs.unit_cost * 0.0
    times = (now.network.times.known_lead_time + now.network.times.order_delay)[:, None, None]
    return [like + namespace(like).asarray(times, dtype=like.dtype, device=like.device)]


def _in_seasons(network: Network) -> list[str]:
    """A sine and a cosine for each season of the calendar; its length is told where there are several."""
    lengths = network.scenario.seasons
    of = [f" of {length}" if len(lengths) > 1 else "" for length in lengths]
    return [f"{wave}{told}" for told in of for wave in ("sine", "cosine")]


@known("1", labels=_in_seasons)
def season(now: Snapshot) -> list[Array]:
    """Where the period stands in the calendar's seasons."""
    zero, at = now.state.on_hand * 0.0, now.period + now.age  # a calendar is never late
    angles = [2 * math.pi * (at % length) / length for length in now.network.scenario.seasons]
    return [zero + wave(angle) for angle in angles for wave in (math.sin, math.cos)]


@known("units", BY_LANE, owner="supplier", visibility="integrated", constant=True)
def supplier_capacity(now: Snapshot) -> list[Array]:
    """Most that the outside supplier of a lane ships in a period over all its lanes, by volume; 0 where nothing limits it."""
    rows = now.network.costs.unit_cost * 0.0
    for lanes, limit in now.network.limits.shared_limits:
        rows[lanes] = rows[lanes] + limit
    return [rows * now.network.topology.is_outside]
