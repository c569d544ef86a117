"""What seats may know as sets: numbers of each site, of each lane into it, of each internal customer, and of other sites.

A fixed number of numbers for each member of a set, however many members there are: what one policy for every network reads.
They are read where observations are, from a site's own records as they are, from everybody else's by the feed, as old and as
noisy as the level has it. Letters: N sites, L lanes, K products, B batch, D buckets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import PLANNER, Autonomy
from ..foundation.errors import UnknownName
from ..network.network import Network
from ..numerics.arrays import Array, namespace, take, tree_sum, zeros_for
from ..numerics.backend import Backend
from ..numerics.bundles import Bundle
from ..numerics.conversion import converted
from .feed import blurred
from .fields import FIELDS, read
from .snapshot import Snapshot, unshipped

BUCKETS = (0, 1, 2, 3, 4, 6)
"""In how many periods, at least, what is in a bucket is due: 0 is the period that is about to begin."""


@dataclass(frozen=True)
class SiteNumbers:
    """Of every site, each (N, K, B) [units]."""

    level: Array
    """Inventory level: on hand − backlog − owed to other sites."""
    on_hand: Array
    owed: Array
    """Orders of other sites that it knows and has not shipped."""
    coming: Array
    """Ordered by it and not arrived, as far as is known."""
    demand: Array
    """What its own customers asked for in the last period, or were sold where sales alone are seen."""
    ordered: Array
    """What other sites' orders that reached it in the last period came to."""


@dataclass(frozen=True)
class LaneNumbers:
    """Of every lane, each (L, K, B) [units], but for `open`."""

    due: Array
    """Under way by when it is due (D, L, K, B), by what is known of lead times; what is late is due now."""
    unfilled: Array
    """Ordered and not shipped, as the site that it leads to knows; with what a centre has ordered since its feed's age."""
    owed: Array
    """Of what came down the lane as orders, what its source knows and has not shipped."""
    asked: Array
    """Orders that reached its source in the last period."""
    open: Array | None
    """Share of it that is open for orders and shipments in the coming period; None where nothing closes any lane."""


@dataclass(frozen=True)
class Tokens:
    """What is known now. Row n of `site`, and of the lanes into n, is for the seat of site n alone."""

    period: int
    age: int
    site: SiteNumbers
    lane: LaneNumbers
    others: SiteNumbers | None
    """As the feed has them; None where no seat sees any but its own."""


class TokenView:
    """Reads tokens from snapshots, for the seats of one level of autonomy in one network."""

    def __init__(self, network: Network, autonomy: Autonomy, seats: tuple[str, ...], backend: Backend) -> None:
        self.network, self.autonomy, self.seats = network, autonomy, seats
        self.planner = seats == (PLANNER,)
        self.sees = self._visible()
        """Which other sites each site's seat sees (N, N); a planner counts as the seat of every site."""
        self._bucket_rows: Bundle = converted(_bucket_rows(network), backend.asarray)
        self._into = network.topology.destination

    def __call__(self, now: Snapshot, feed: Snapshot) -> Tokens:
        """Tokens by what is so now, and by what the feed shows."""
        own = feed if self.planner else now
        return Tokens(
            period=feed.period + feed.age,
            age=feed.age,
            site=_site_numbers(own),
            lane=self._lane_numbers(own),
            others=_site_numbers(feed) if self.sees.any() else None,
        )

    def _lane_numbers(self, now: Snapshot) -> LaneNumbers:
        network, state = self.network, now.state
        unfilled, zero = unshipped(now.network, state), 0.0 * state.open_orders
        if now.since is not None:
            unfilled = unfilled + now.since
        due = self._due(now)
        owed, asked = state.open_orders, zero if now.flows is None else now.flows.known
        if now.error is not None:
            source = np.maximum(network.topology.source, 0)
            into, out_of = take(now.error, self._into), take(now.error, source)
            due, owed, asked = blurred(due, into[None]), blurred(owed, out_of), blurred(asked, out_of)
        is_open = FIELDS["lane_open"].parts(now)
        return LaneNumbers(due, unfilled, owed, asked, is_open[0] if is_open else None)

    def _due(self, now: Snapshot) -> Array:
        """What is under way (D, L, K, B)."""
        ages = [
            units
            for pipeline, load in zip(now.network.ordering.shipment_pipelines, now.state.shipped, strict=True)
            for units in pipeline.by_age(load)
        ]
        shape = len(BUCKETS), *now.state.in_transit.shape
        if not ages:
            return zeros_for(now.state.in_transit, *shape)
        found = self._bucket_rows.total(namespace(ages[0]).concat(ages) if len(ages) > 1 else ages[0])
        return found.reshape(shape)

    def _visible(self) -> NDArray[np.bool_]:
        topology = self.network.topology
        count = len(self.network.sites)
        if self.autonomy.sees(self.seats, "shared"):
            return ~np.eye(count, dtype=bool)
        found = np.zeros((count, count), dtype=bool)
        if self.autonomy.sees(self.seats, "neighbours"):
            inside = topology.source >= 0
            found[topology.source[inside], topology.destination[inside]] = True
            found[topology.destination[inside], topology.source[inside]] = True
            np.fill_diagonal(found, False)
        return found


def of_seat(tokens: Tokens, view: TokenView, seat: str) -> dict[str, Array]:
    """All that a site's seat reads, batch first: `site` (B, K, F), and sets of `lanes`, `customers` and `others` (B, M, K, F).

    M is how many lanes lead to the site, how many lead to other sites, and how many of these it sees. Raises UnknownName for a
    seat that is none of a site's.
    """
    network = view.network
    if seat not in network.sites:
        raise UnknownName("seat", seat, network.sites)
    site = network.sites.index(seat)
    into, out_of = (np.flatnonzero(ends == site) for ends in (network.topology.destination, network.topology.source))
    lane, is_open = tokens.lane, [] if tokens.lane.open is None else [tokens.lane.open]
    found = {
        "site": _set([values[[site]] for values in vars(tokens.site).values()])[:, 0],
        "lanes": _set([*(due[into] for due in lane.due), lane.unfilled[into], *(values[into] for values in is_open)]),
        "customers": _set([lane.owed[out_of], lane.asked[out_of]]),
    }
    if tokens.others is not None:
        seen = np.flatnonzero(view.sees[site])
        found["others"] = _set([values[seen] for values in vars(tokens.others).values()])
    return found


def _set(numbers: list[Array]) -> Array:
    """Numbers (M, K, B), one after the other, as (B, M, K, F)."""
    xp = namespace(numbers[0])
    return xp.permute_dims(xp.stack(numbers), (3, 1, 2, 0))


def _site_numbers(now: Snapshot) -> SiteNumbers:
    """By the fields of the same names, with the feed's error."""

    def field(name: str) -> Array:
        return read(now, name)[:, 0]

    def total(name: str) -> Array:
        values = read(now, name)
        return tree_sum(values, axis=1) if values.shape[1] else 0.0 * now.state.on_hand

    on_hand, owed = field("on_hand"), field("owed")
    coming = now.network.topology.inbound.total(unshipped(now.network, now.state)) + total("pipeline")
    if now.since is not None:
        coming = coming + now.network.topology.inbound.total(now.since)
    return SiteNumbers(
        level=on_hand - field("backlog") - owed,
        on_hand=on_hand,
        owed=owed,
        coming=coming,
        demand=field("demand"),
        ordered=field("received_orders"),
    )


def _bucket_rows(network: Network) -> Bundle:
    """Which rows of what is under way, pipeline by pipeline and age by age, are in which bucket of which lane (D·L)."""
    lanes, owner = len(network.lanes), list[int]()
    numbers = np.arange(lanes)
    for pipeline in network.ordering.shipment_pipelines:
        its = numbers[pipeline.lanes]
        for age in range(1, pipeline.periods + 1):
            left = np.maximum(network.times.known_lead_time[its] - age, 0)
            bucket = np.searchsorted(np.array(BUCKETS), left, side="right") - 1
            owner += (bucket * lanes + its).tolist()
    return Bundle.of(owner, len(BUCKETS) * lanes)
