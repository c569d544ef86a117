"""Names and structure: which lane leads where, who stands above whom, and which lane each site is counted on to use.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..demand.base import places
from ..numerics.arrays import Array, rows
from ..numerics.bundles import Bundle
from ..scenario.recipe_checks import order_turns
from ..scenario.scenario import Customers, Lane, Scenario, Site
from ..scenario.topology import echelons
from .stacking import carried_by, lane_stack


@dataclass(frozen=True)
class Topology:
    """Who is there, and how they hang together. Sites are ordered downstream first, as their orders are worked out."""

    stays_in_numpy: ClassVar = (
        "source",
        "destination",
        "customer_site",
        "main_lane",
        "main_lanes",
        "is_lateral",
        "is_made",
        "turn",
    )

    sites: tuple[str, ...]
    lanes: tuple[str, ...]
    products: tuple[str, ...]
    customers: tuple[str, ...]
    """`site/segment` of each customer row, those who are first at their site before those who are second."""
    sources: tuple[str, ...]
    """Site or outside supplier that each lane leads from; the site itself where goods are made."""
    echelon: tuple[int, ...]
    """How far each site stands above the customers."""
    source: NDArray[np.int64]
    """Source site of each lane (L,), −1 for an outside supplier, and where what it brings is made."""
    destination: NDArray[np.int64]
    customer_site: NDArray[np.int64]
    is_lateral: NDArray[np.bool_]
    """Which lanes lead from peer to peer (L,)."""
    is_made: NDArray[np.bool_]
    """Which lanes make goods (L,)."""
    turn: NDArray[np.int64]
    """In which of its site's turns each product is ordered (N, K): what is made there before its parts."""
    main_lane: NDArray[np.int64]
    """The lane each site is counted on to use on the whole (N,): its cheapest regular one, of equals the slowest, then the
    first; −1 where no lane leads."""
    main_lanes: NDArray[np.int64]
    """The same for each product, among the lanes that bring it (N, K)."""
    is_outside: Array
    """1 for lanes from an outside supplier (L, 1, 1)."""
    is_inside: Array
    """1 for lanes from site to site (L, 1, 1)."""
    into: Any
    """Row of each lane's destination site, as an index of (N, …) arrays."""
    inbound: Bundle
    outbound: Bundle
    buyers: Bundle

    @cached_property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, L, K, C)."""
        return len(self.sites), len(self.lanes), len(self.products), len(self.customers)

    @cached_property
    def product_place(self) -> dict[str, int]:
        """The number of each product."""
        return places(self.products)

    @cached_property
    def is_main(self) -> NDArray[np.bool_]:
        """Which lanes their sites are counted on to use for a product (L, K)."""
        found: NDArray[np.bool_] = self.main_lanes[self.destination] == np.arange(len(self.lanes))[:, None]
        return found

    @cached_property
    def main_sources(self) -> NDArray[np.int64]:
        """Each product's main source at every site (N, K), −1 where that is an outside supplier, or no lane brings it."""
        found: NDArray[np.int64] = np.where(self.main_lanes >= 0, self.source[self.main_lanes], -1)
        return found

    @cached_property
    def parts(self) -> NDArray[np.int64]:
        """Which of M networks, that no lane joins, each site belongs to (N,)."""
        inside, count = self.source >= 0, len(self.sites)
        joined = coo_array((np.ones(inside.sum()), (self.source[inside], self.destination[inside])), shape=(count, count))
        found: NDArray[np.int64] = connected_components(joined, directed=False)[1].astype(np.int64)
        return found

    def lanes_of(self, scenario: Scenario) -> list[Lane]:
        """The scenario's entries of the lanes, in this order."""
        found = {lane.label: lane for lane in scenario.lanes}
        return [found[label] for label in self.lanes]

    def sites_of(self, scenario: Scenario) -> list[Site]:
        """The scenario's entries of the sites, in this order."""
        return [scenario.sites[name] for name in self.sites]

    def customers_of(self, scenario: Scenario) -> list[list[Customers]]:
        """The scenario's entries of each customer row: several where its products are described apart."""
        found: dict[str, list[Customers]] = {name: [] for name in self.customers}
        for entry in scenario.customers:
            found[f"{entry.site}/{entry.segment}"].append(entry)
        return list(found.values())


def compile_topology(scenario: Scenario) -> Topology:
    """The names and the structure of a scenario's network."""
    echelon = echelons(scenario)
    sites, products = tuple(sorted(scenario.sites, key=lambda name: echelon[name])), tuple(scenario.products)
    lanes = sorted(
        scenario.lanes, key=lambda lane: (not lane.lateral, echelon[lane.destination], sites.index(lane.destination))
    )
    customers = _customer_rows(scenario, sites)
    is_made = np.array([lane.makes for lane in lanes])
    source = np.array([sites.index(lane.source) if lane.source in sites and not lane.makes else -1 for lane in lanes])
    destination = np.array([sites.index(lane.destination) for lane in lanes])
    customer_site = np.array([sites.index(site) for site, _ in customers])
    return Topology(
        sites=sites,
        lanes=tuple(lane.label for lane in lanes),
        products=products,
        customers=tuple(f"{site}/{segment}" for site, segment in customers),
        sources=tuple(lane.source for lane in lanes),
        echelon=tuple(echelon[name] for name in sites),
        source=source,
        destination=destination,
        customer_site=customer_site,
        is_lateral=np.array([lane.lateral for lane in lanes]),
        is_made=is_made,
        turn=_turn(scenario, sites, products),
        main_lane=np.array([_main_lane(lanes, sites, name) for name in sites]),
        main_lanes=_main_lanes(lanes, sites, products),
        is_outside=((source < 0) & ~is_made).astype(float)[:, None, None],
        is_inside=(source >= 0).astype(float)[:, None, None],
        into=rows(destination),
        inbound=Bundle.of(destination, len(sites)),
        outbound=Bundle.of(source, len(sites)),
        buyers=Bundle.of(customer_site, len(sites)),
    )


def _customer_rows(scenario: Scenario, sites: Sequence[str]) -> list[tuple[str, str]]:
    """Site and segment of customer rows: first every site's most important segment, then the second of those that have one."""
    priority: dict[tuple[str, str], int] = {}
    for entry in scenario.customers:
        segment = (entry.site, entry.segment)
        priority[segment] = min(priority.get(segment, entry.priority), entry.priority)
    lines = [sorted((rank, segment[1]) for segment, rank in priority.items() if segment[0] == site) for site in sites]
    longest = max(map(len, lines))
    return [
        (site, line[turn][1]) for turn in range(longest) for site, line in zip(sites, lines, strict=True) if turn < len(line)
    ]


def _turn(scenario: Scenario, sites: Sequence[str], products: tuple[str, ...]) -> NDArray[np.int64]:
    found = order_turns(scenario)
    return np.array([[found.get((site, product), 0) for product in products] for site in sites], dtype=np.int64)


def _main_lanes(lanes: list[Lane], sites: tuple[str, ...], products: tuple[str, ...]) -> NDArray[np.int64]:
    """Main lane of each product at each site (N, K), −1 where none brings it."""
    costs, carried = (values[:, :, 0] for values in (lane_stack(lanes, "unit_cost", products), carried_by(lanes, products)))
    return np.stack([_counted_on(lanes, _inbound(lanes, name), costs, carried > 0, sites) for name in sites])


def _main_lane(lanes: list[Lane], sites: Sequence[str], site: str) -> int:
    """The lane a site is counted on to use for what it gets on the whole; −1 where no lane brings it anything."""
    costs = np.array([[_mean_cost(lane)] for lane in lanes])
    return int(_counted_on(lanes, _inbound(lanes, site), costs, np.ones_like(costs, dtype=bool), sites)[0])


def _inbound(lanes: list[Lane], site: str) -> NDArray[np.int64]:
    return np.array([number for number, lane in enumerate(lanes) if lane.destination == site], dtype=np.int64)


def _mean_cost(lane: Lane) -> float:
    return sum(lane.unit_cost.values()) / len(lane.unit_cost) if isinstance(lane.unit_cost, Mapping) else lane.unit_cost


def _counted_on(
    lanes: list[Lane], inbound: NDArray[np.int64], costs: NDArray[np.float64], carried: NDArray[np.bool_], sites: Sequence[str]
) -> NDArray[np.int64]:
    """Of the lanes into a site that carry a product the one to count on (K,): the cheapest, of equals the slowest, the first.

    Lanes from peers come after all others; so, before these, does what only customers bring back.
    """
    none = np.full(costs.shape[1], -1)
    if not inbound.size:
        return none
    collecting = set(sites) - {lane.destination for lane in lanes}
    ranks = np.array([2 * lanes[number].lateral + (lanes[number].source in collecting) for number in inbound])
    slowest = np.array([-lanes[number].known_lead_time.longest for number in inbound])
    turn = np.argsort(np.lexsort((inbound, slowest)))
    left = carried[inbound]
    for key in (ranks[:, None], costs[inbound], turn[:, None]):
        values = np.where(left, key, np.inf)
        left = left & (values == values.min(axis=0))
    return np.where(left.any(axis=0), inbound[left.argmax(axis=0)], none)
